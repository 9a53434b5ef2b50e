package dev.weir.lock;

import dev.weir.redis.ChangeBus;
import dev.weir.redis.Command;
import dev.weir.redis.Keys;
import dev.weir.redis.LuaScript;
import dev.weir.redis.RedisGateway;
import dev.weir.redis.Reply;
import dev.weir.store.Loop;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Locks on Redis, by Redis' clock. */
final class RedisLockStore implements LockStore {

    private static final LuaScript ACQUIRE = script("acquire");
    private static final LuaScript EXTEND = script("extend");
    private static final LuaScript RELEASE = script("release");
    private static final LuaScript LEAVE = script("leave");
    private static final LuaScript SWEEP = script("sweep");
    private static final LuaScript DESCRIBE = script("describe");

    /** For how long an instance that waits is taken to be alive; it says so several times in that time. */
    private static final long ALIVE_MS = 2500;

    /** For how long the same release is understood again. */
    private static final long REMEMBER_MS = 60_000;

    private static final int SCAN_COUNT = 1000;

    private final RedisGateway redis;
    private final Keys keys;
    private final ChangeBus bus;
    private final @Nullable Confirmation confirmation;

    /**
     * A lock is given only if so many replicas have it too within that time.
     *
     * @param gateway over a connection of its own
     */
    record Confirmation(RedisGateway gateway, int replicas, Duration within) {}

    /** @param confirmation null if no replica is asked */
    RedisLockStore(RedisGateway redis, Keys keys, ChangeBus bus, @Nullable Confirmation confirmation) {
        this.redis = redis;
        this.confirmation = confirmation;
        this.keys = keys;
        this.bus = bus;
    }

    private static LuaScript script(String verb) {
        return LuaScript.assemble("lock", List.of("lock/common"), "lock/" + verb);
    }

    private Future<Reply> run(LuaScript script, Lock lock, @Nullable String released, Object... arguments) {
        return redis.run(script, names(lock, released), all(lock, arguments));
    }

    /** Runs what gives or prolongs a lock, and waits until the replicas have it that are to. */
    private Future<Reply> runConfirmed(LuaScript script, Lock lock, @Nullable String released, Object... arguments) {
        Confirmation asked = confirmation;
        if (asked == null) {
            return run(script, lock, released, arguments);
        }
        // Right behind it on the same connection: WAIT asks for what this connection has written.
        Command wait = Command.of("WAIT", asked.replicas, asked.within.toMillis());
        return asked.gateway
                .runBefore(wait, script, names(lock, released), all(lock, arguments))
                .map(both -> {
                    long count = both.second().integer();
                    if (count < asked.replicas) {
                        throw StoreUnavailable.refused("the lock was confirmed by " + count + " of the "
                                + asked.replicas + " replicas that weir.lock.replicas demands");
                    }
                    return both.first();
                });
    }

    private List<String> names(Lock lock, @Nullable String released) {
        List<String> names = new ArrayList<>(5);
        names.add(keys.lock(lock.name()));
        names.add(keys.lockPart(lock.name(), "queue"));
        names.add(keys.lockPart(lock.name(), "waiters"));
        names.add(keys.lockPart(lock.name(), "fence"));
        if (released != null) {
            names.add(keys.lockPart(lock.name(), "released:" + released));
        }
        return names;
    }

    private Object[] all(Lock lock, Object... arguments) {
        Object[] all = new Object[3 + arguments.length];
        all[0] = lock.permits();
        all[1] = bus.channel();
        all[2] = bus.encode(Locks.TOPIC, lock.name() + '\0');
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return all;
    }

    @Override
    public Future<Outcome> acquire(Lock lock, String token, String owner, long ttlMs, long waitMs) {
        return givenUp(
                lock,
                token,
                runConfirmed(ACQUIRE, lock, token, token, owner, ttlMs, waitMs, bus.instance(), ALIVE_MS)
                        .map(reply -> {
                            List<Reply> items = reply.items();
                            return switch ((int) items.getFirst().integer()) {
                                case 1 ->
                                    new Outcome.Held(
                                            items.get(1).integer(), items.get(2).integer());
                                case 2 -> new Outcome.Waiting(items.get(1).integer());
                                default ->
                                    new Outcome.Locked(
                                            Objects.requireNonNull(items.get(2).text()),
                                            items.get(1).integer());
                            };
                        }));
    }

    /** A lock that too few replicas have is not kept on the master either. */
    private Future<Outcome> givenUp(Lock lock, String token, Future<Outcome> outcome) {
        return outcome.onFailure(e -> {
            if (e instanceof StoreUnavailable unavailable && unavailable.isRefused()) {
                leave(lock, token, false);
                release(lock, token);
            }
        });
    }

    @Override
    public Future<@Nullable Long> extend(Lock lock, String token, long ttlMs) {
        return runConfirmed(EXTEND, lock, null, token, ttlMs)
                .map(reply -> reply.items().isEmpty()
                        ? null
                        : (Long) reply.items().getFirst().integer());
    }

    @Override
    public Future<Boolean> release(Lock lock, String token) {
        return run(RELEASE, lock, token, token, REMEMBER_MS).map(reply -> reply.integer() == 1);
    }

    @Override
    public Future<Boolean> leave(Lock lock, String token, boolean keep) {
        return run(LEAVE, lock, null, token, keep ? "1" : "0", bus.instance()).map(reply -> reply.integer() == 1);
    }

    @Override
    public Future<Swept> sweep(Lock lock, List<Waiter> waiters) {
        Object[] arguments = new Object[2 + waiters.size() * 3];
        arguments[0] = bus.instance();
        arguments[1] = ALIVE_MS;
        int at = 2;
        for (Waiter waiter : waiters) {
            arguments[at++] = waiter.token();
            arguments[at++] = waiter.owner();
            arguments[at++] = waiter.waitMs();
        }
        return run(SWEEP, lock, null, arguments).map(reply -> {
            List<Reply> items = reply.items();
            return new Swept(
                    items.getFirst().integer(),
                    items.stream()
                            .skip(1)
                            .map(token -> Objects.requireNonNull(token.text()))
                            .toList());
        });
    }

    @Override
    public Future<State> describe(Lock lock) {
        return run(DESCRIBE, lock, null).map(reply -> {
            List<Reply> items = reply.items();
            List<Holder> holders = new ArrayList<>();
            for (int i = 1; i < items.size(); i += 3) {
                holders.add(new Holder(
                        Objects.requireNonNull(items.get(i).text()),
                        items.get(i + 1).integer(),
                        items.get(i + 2).integer()));
            }
            return new State(items.getFirst().integer(), holders);
        });
    }

    private record Walk(String cursor, boolean done, TreeSet<String> names) {}

    @Override
    public Future<List<String>> names() {
        return Loop.until(new Walk("0", false, new TreeSet<>()), Walk::done, walk -> redis.scan(
                                walk.cursor, keys.allLocks(), SCAN_COUNT)
                        .map(step -> {
                            step.keys().forEach(name -> walk.names.add(keys.lockOf(name)));
                            return new Walk(step.next(), step.isLast(), walk.names);
                        }))
                .map(walk -> List.copyOf(walk.names));
    }
}
