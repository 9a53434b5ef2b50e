package dev.weir.lock;

import dev.weir.lock.LockStore.Lock;
import dev.weir.lock.LockStore.Outcome;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Locks that one holder has at a time, or as many as there are permits.
 *
 * <p>On one Redis at most so many hold a lock whose time is not over by Redis' clock. Each holding has a fencing number
 * that is greater than that of any before it, also after everything that Redis knew of the lock is lost: it is no less than
 * Redis' clock in microseconds. A holder that was held up for longer than its time does not know it; whatever it writes to
 * has to refuse a number lower than one it has seen. While Redis is away every call fails with {@link StoreUnavailable}.
 *
 * <p>Who waits gets the lock in the order in which Redis took its request, and is woken by a message. Messages may get
 * lost and processes may die, so each instance also looks after the locks that are waited for through it.
 */
public final class Locks implements ChangeBus.Listener, Availability.Listener {

    static final String TOPIC = "lock";

    private static final Logger LOG = Logger.getLogger(Locks.class);

    /** How often a lock is looked after for which somebody waits: at least once while one who is handed it may confirm. */
    private static final long SWEEP_MS = LockStore.CONFIRM_MS / 2;

    /** Of how many waiters a sweep tells at once; who comes later has time. */
    private static final int SWEPT_AT_ONCE = 200;

    /** A lock that is held: by what, under which number, and for how long. */
    public record Holding(String token, long fence, long expiresInMs, Scope scope) {}

    /** What came of asking. */
    public sealed interface Answer {

        /** It is held now. */
        record Granted(Holding holding) implements Answer {}

        /** Another holds it, and the wait is over if there was one. */
        record Refused(String owner, long expiresInMs, Scope scope) implements Answer {}
    }

    private final Vertx vertx;
    private final Failover<LockStore> store;
    private final ToIntFunction<String> permits;
    private final String instance;
    private final LockFigures figures;
    private final WaitingRoom room;
    private volatile boolean stopping;
    private volatile boolean down;

    /**
     * @param permits how many may hold the lock of a name at once
     * @param instance this process' name on the change bus
     */
    Locks(Vertx vertx, Failover<LockStore> store, ToIntFunction<String> permits, String instance, LockFigures figures) {
        this.vertx = vertx;
        this.store = store;
        this.permits = permits;
        this.instance = instance;
        this.figures = figures;
        this.room = new WaitingRoom(vertx, SWEEP_MS, this::sweep);
        figures.bindWaiting(room::size);
    }

    private Lock lock(String name) {
        return new Lock(name, permits.applyAsInt(name));
    }

    /** An attempt that is under way. */
    public record Attempt(Future<Answer> answer, Runnable abandon) {}

    /**
     * Asks for a lock.
     *
     * @param token by which it is held; who asks again by the same one is told what it has
     * @param wait how long to wait for it; zero for not at all
     * @return the answer, and what to run when nobody waits for it any more: a lock that was handed over meanwhile is handed
     *     on
     */
    public Attempt acquire(String name, String token, String owner, Duration ttl, Duration wait) {
        Lock lock = lock(name);
        long waitMs = stopping ? 0 : wait.toMillis();
        if (waitMs == 0) {
            return new Attempt(
                    store.call(each -> each.acquire(lock, token, owner, ttl.toMillis(), 0))
                            .map(outcome -> {
                                Answer answer = answer(token, outcome);
                                figures.count(answer, 0);
                                return answer;
                            }),
                    () -> {});
        }
        long began = System.nanoTime();
        // The caller's own: whoever brings the news is on another event loop.
        Promise<Answer> promise = ((ContextInternal) vertx.getOrCreateContext()).promise();
        Waiter waiter = new Waiter(lock, token, owner, ttl.toMillis(), began + wait.toNanos(), promise);
        // Before it is asked for: word that it was handed over may come before the answer.
        room.add(waiter);
        store.call(each -> each.acquire(lock, token, owner, ttl.toMillis(), waitMs))
                .onComplete(asked -> {
                    if (asked.failed()) {
                        fail(waiter, asked.cause());
                    } else if (asked.result().value() instanceof Outcome.Waiting waiting) {
                        if (waiter.queuedInVain()) {
                            abandon(waiter);
                        } else {
                            wait(waiter, waitMs, waiting.expiresInMs());
                            turnAway(waiter);
                        }
                    } else if (waiter.settle()) {
                        room.remove(waiter);
                        answer(waiter, answer(token, asked.result()));
                    }
                });
        Future<Answer> answer = promise.future().onSuccess(got -> figures.count(got, System.nanoTime() - began));
        return new Attempt(answer, () -> clientLeft(waiter));
    }

    private static Answer answer(String token, Scoped<Outcome> outcome) {
        return switch (outcome.value()) {
            case Outcome.Held held ->
                new Answer.Granted(new Holding(token, held.fence(), held.expiresInMs(), outcome.scope()));
            case Outcome.Waiting waiting -> new Answer.Refused("", waiting.expiresInMs(), outcome.scope());
            case Outcome.Locked locked -> new Answer.Refused(locked.owner(), locked.expiresInMs(), outcome.scope());
        };
    }

    /** Who was told something else meanwhile does not hold what it was given now. */
    private void answer(Waiter waiter, Answer answer) {
        if (!waiter.promise.tryComplete(answer)
                && answer instanceof Answer.Granted
                && waiter.promise.future().failed()) {
            release(waiter.lock.name(), waiter.token);
        }
    }

    /** @param expiresInMs when the next holder's time is over */
    private void wait(Waiter waiter, long waitMs, long expiresInMs) {
        waiter.timer = vertx.setTimer(waitMs, id -> giveUp(waiter));
        room.scheduleSweep(waiter.lock, expiresInMs + 1);
    }

    /** The wait is over. */
    private void giveUp(Waiter waiter) {
        if (!waiter.settleAsOver()) {
            return;
        }
        store.call(each -> each.leave(waiter.lock, waiter.token, true)).onComplete(left -> {
            if (left.failed()) {
                fail(waiter, left.cause());
            } else if (left.result().value()) {
                confirm(waiter);
            } else {
                refuse(waiter, left.result().scope());
            }
        });
    }

    private void refuse(Waiter waiter, Scope scope) {
        room.remove(waiter);
        store.call(each -> each.describe(waiter.lock)).onComplete(described -> {
            List<LockStore.Holder> holders =
                    described.succeeded() ? described.result().value().holders() : List.of();
            waiter.promise.tryComplete(
                    holders.isEmpty()
                            ? new Answer.Refused("", 0, scope)
                            : new Answer.Refused(
                                    holders.getFirst().owner(),
                                    holders.getFirst().expiresInMs(),
                                    scope));
        });
    }

    private void fail(Waiter waiter, Throwable cause) {
        room.remove(waiter);
        waiter.promise.tryFail(cause);
    }

    /** The client has left; one that asked before by the same token may still be there. */
    private void clientLeft(Waiter waiter) {
        Waiter inVain = room.clientLeft(waiter);
        if (inVain != null) {
            abandon(inVain);
        }
    }

    /** All its clients have left. */
    private void abandon(Waiter waiter) {
        if (!waiter.settleAsAbandoned()) {
            return;
        }
        if (room.remove(waiter)) {
            leave(waiter.lock, waiter.token);
        }
        waiter.promise.tryFail(StoreUnavailable.refused("nobody waits any more"));
    }

    private void leave(Lock lock, String token) {
        store.call(each -> each.leave(lock, token, false))
                .onFailure(e -> LOG.debug("a waiter is forgotten when its time is over", e));
    }

    /** Says that a waiter which was handed the lock is still there. */
    private void confirm(Waiter waiter) {
        store.call(each -> each.extend(waiter.lock, waiter.token, waiter.ttlMs)).onComplete(extended -> {
            if (extended.failed()) {
                fail(waiter, extended.cause());
                release(waiter.lock.name(), waiter.token)
                        .onFailure(e -> LOG.debug("a lock is free when its time is over", e));
                return;
            }
            Long fence = extended.result().value();
            if (fence == null) {
                // Its turn has passed while it was not heard of; the next sweep puts it back where it was.
                if (waiter.unsettle()) {
                    giveUp(waiter);
                } else {
                    sweep(waiter.lock);
                    turnAway(waiter);
                }
                return;
            }
            room.remove(waiter);
            Holding holding = new Holding(
                    waiter.token, fence, waiter.ttlMs, extended.result().scope());
            answer(waiter, new Answer.Granted(holding));
        });
    }

    private void sweep(Lock lock) {
        List<Waiter> here = room.sweepNow(lock.name());
        if (here.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        List<LockStore.Waiter> waiters = here.stream()
                .limit(SWEPT_AT_ONCE)
                .map(waiter -> new LockStore.Waiter(
                        waiter.token, waiter.owner, Math.max(1, (waiter.deadline - now) / 1_000_000)))
                .toList();
        store.call(each -> each.sweep(lock, waiters)).onComplete(swept -> {
            if (swept.failed()) {
                room.scheduleSweep(lock, SWEEP_MS);
                return;
            }
            swept.result().value().holding().forEach(token -> handed(lock.name(), token));
            long next = swept.result().value().nextMs();
            room.scheduleSweep(lock, next < 0 ? SWEEP_MS : next + 1);
        });
    }

    private void handed(String name, String token) {
        Waiter waiter = room.find(name, token);
        if (waiter != null && waiter.settle()) {
            confirm(waiter);
        }
    }

    /** Who waited here for what was handed over, and does no more, must not keep the next one waiting. */
    private void told(String name, String token) {
        if (room.find(name, token) == null) {
            leave(lock(name), token);
        } else {
            handed(name, token);
        }
    }

    @Override
    public void onMessage(String topic, String payload, boolean own) {
        if (topic.equals(TOPIC)) {
            String[] told = payload.split("\0", -1);
            if (told.length == 3 && told[1].equals(instance)) {
                told(told[0], told[2]);
            }
        }
    }

    @Override
    public void onLost() {
        // Sweeps find what messages no longer tell.
    }

    @Override
    public void onRestored() {
        room.names().forEach(name -> sweep(lock(name)));
    }

    /** Has the holder hold it from now on for so long; nothing if it holds no more. */
    public Future<@Nullable Holding> extend(String name, String token, Duration ttl) {
        return store.call(each -> each.extend(lock(name), token, ttl.toMillis()))
                .map(extended -> {
                    Long fence = extended.value();
                    if (fence == null) {
                        figures.lost.increment();
                        return null;
                    }
                    return new Holding(token, fence, ttl.toMillis(), extended.scope());
                });
    }

    /** Gives a lock back; false if it was not held by this token. */
    public Future<Scoped<Boolean>> release(String name, String token) {
        return store.call(each -> each.release(lock(name), token)).map(released -> {
            if (!released.value()) {
                figures.lost.increment();
            }
            return released;
        });
    }

    Future<Scoped<LockStore.State>> describe(String name) {
        return call(each -> each.describe(lock(name)));
    }

    Future<Scoped<List<String>>> names() {
        return call(LockStore::names);
    }

    private <T> Future<Scoped<T>> call(Function<LockStore, Future<T>> operation) {
        return store.call(operation);
    }

    /** Nobody waits at a process that ends: clients are to go to another. */
    void stop() {
        stopping = true;
        room.everyone().forEach(this::turnAway);
    }

    @Override
    public void onDown() {
        down = true;
        room.everyone().forEach(this::turnAway);
    }

    @Override
    public void onUp() {
        // Whoever waited was told that Redis is away.
        down = false;
    }

    /** Ends a wait that would be in vain. Who has not been told yet whether it waits or holds is not told a third thing. */
    private void turnAway(Waiter waiter) {
        if (!(down || stopping) || !waiter.settleIfQueued()) {
            return;
        }
        if (down) {
            fail(waiter, StoreUnavailable.unreachable("Redis is unavailable"));
        } else {
            store.call(each -> each.leave(waiter.lock, waiter.token, false))
                    .onComplete(left -> fail(waiter, StoreUnavailable.refused("this instance ends: ask another")));
        }
    }
}
