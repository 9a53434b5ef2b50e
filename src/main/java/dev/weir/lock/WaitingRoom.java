package dev.weir.lock;

import dev.weir.lock.LockStore.Lock;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Those who wait at this instance, by the locks they wait for, and when each of these is to be looked after. */
final class WaitingRoom {

    /** Those who wait for one lock, in the order in which they came. */
    private static final class Crowd {
        final Map<String, Waiter> waiters = new LinkedHashMap<>();
        long timer = -1;

        /** When the timer is due. */
        long due;
    }

    private final Vertx vertx;
    private final long sweepMs;
    private final Consumer<Lock> sweep;
    private final Map<String, Crowd> crowds = new ConcurrentHashMap<>();

    /**
     * @param sweepMs how often at least a lock is looked after for which somebody waits
     * @param sweep looks after a lock
     */
    WaitingRoom(Vertx vertx, long sweepMs, Consumer<Lock> sweep) {
        this.vertx = vertx;
        this.sweepMs = sweepMs;
        this.sweep = sweep;
    }

    void add(Waiter waiter) {
        crowds.compute(waiter.lock.name(), (name, crowd) -> {
            Crowd now = crowd == null ? new Crowd() : crowd;
            Waiter before;
            synchronized (now) {
                before = now.waiters.put(waiter.token, waiter);
            }
            if (before != null && before.settle()) {
                // The same request has come again: the earlier one is told what this one is.
                cancelTimer(before);
                waiter.clients = before.clients;
                waiter.clients.add(waiter);
                waiter.promise.future().onSuccess(before.promise::tryComplete).onFailure(before.promise::tryFail);
            }
            return now;
        });
    }

    private void cancelTimer(Waiter waiter) {
        if (waiter.timer >= 0) {
            vertx.cancelTimer(waiter.timer);
        }
    }

    /** The client of this waiter has left. Returns the waiter that is in vain by that, null if there is none. */
    @Nullable
    Waiter clientLeft(Waiter waiter) {
        @Nullable Waiter[] inVain = {waiter};
        crowds.computeIfPresent(waiter.lock.name(), (name, crowd) -> {
            waiter.clients.remove(waiter);
            synchronized (crowd) {
                Waiter now = crowd.waiters.get(waiter.token);
                if (!waiter.clients.isEmpty()) {
                    inVain[0] = null;
                } else if (now != null && now.clients.isEmpty()) {
                    inVain[0] = now;
                }
            }
            return crowd;
        });
        return inVain[0];
    }

    /** Has the waiter no longer be one of those who wait; false if it was not, or is replaced by another. */
    boolean remove(Waiter waiter) {
        cancelTimer(waiter);
        boolean[] removed = new boolean[1];
        crowds.computeIfPresent(waiter.lock.name(), (name, crowd) -> {
            synchronized (crowd) {
                removed[0] = crowd.waiters.remove(waiter.token, waiter);
                if (!crowd.waiters.isEmpty()) {
                    return crowd;
                }
                vertx.cancelTimer(crowd.timer);
                return null;
            }
        });
        return removed[0];
    }

    @Nullable
    Waiter find(String name, String token) {
        Crowd crowd = crowds.get(name);
        if (crowd == null) {
            return null;
        }
        synchronized (crowd) {
            return crowd.waiters.get(token);
        }
    }

    /** Has the lock looked after in so long, unless that is to happen sooner; not at all if nobody waits for it. */
    void scheduleSweep(Lock lock, long inMs) {
        long delay = Math.clamp(inMs, 1, sweepMs);
        crowds.computeIfPresent(lock.name(), (name, crowd) -> {
            long due = System.nanoTime() + delay * 1_000_000;
            if (crowd.timer < 0 || due < crowd.due) {
                vertx.cancelTimer(crowd.timer);
                crowd.due = due;
                crowd.timer = vertx.setTimer(delay, id -> sweep.accept(lock));
            }
            return crowd;
        });
    }

    /** Those who wait for a lock that is looked after now instead of when that was due. */
    List<Waiter> sweepNow(String name) {
        Crowd crowd = crowds.computeIfPresent(name, (same, present) -> {
            vertx.cancelTimer(present.timer);
            present.timer = -1;
            return present;
        });
        return crowd == null ? List.of() : waiters(crowd);
    }

    private static List<Waiter> waiters(Crowd crowd) {
        synchronized (crowd) {
            return List.copyOf(crowd.waiters.values());
        }
    }

    /** The locks that somebody waits for. */
    Set<String> names() {
        return Set.copyOf(crowds.keySet());
    }

    List<Waiter> everyone() {
        List<Waiter> all = new ArrayList<>();
        crowds.values().forEach(crowd -> all.addAll(waiters(crowd)));
        return all;
    }

    int size() {
        return crowds.values().stream()
                .mapToInt(crowd -> {
                    synchronized (crowd) {
                        return crowd.waiters.size();
                    }
                })
                .sum();
    }
}
