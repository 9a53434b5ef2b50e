package dev.weir.lock;

import dev.weir.redis.ChangeBus;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Locks in this process' memory, for when no Redis is configured. Linearizable. */
final class MemoryLockStore implements LockStore {

    private static final long REMEMBER_MS = 60_000;

    /** Numbers are no less than the clock in microseconds, as they are on Redis. */
    private static final long MICROS = 1_000;

    /** After so many calls what nobody uses any more is forgotten. */
    private static final int CALLS_BETWEEN_CLEANINGS = 1024;

    private record Holding(String owner, long fence, long ends) {

        Holding until(long later) {
            return new Holding(owner, fence, later);
        }
    }

    private record Waiting(String owner, long till, long ticket) {}

    /** One lock. */
    private static final class Room {
        final Map<String, Holding> holders = new LinkedHashMap<>(2);
        /** The tokens by their tickets. */
        final TreeMap<Long, String> queue = new TreeMap<>();

        /** Who waits, and who was handed the lock and has not confirmed it. */
        final Map<String, Waiting> waiters = new HashMap<>();

        final Map<String, Long> released = new LinkedHashMap<>();
        long fence;
        long tickets;

        void purge(long now) {
            holders.values().removeIf(holding -> holding.ends <= now);
            released.values().removeIf(until -> until <= now);
        }

        boolean isIdle(long now) {
            purge(now);
            // The clock has to have left the last number behind, so that the next one is greater.
            return holders.isEmpty() && queue.isEmpty() && released.isEmpty() && fence < now * MICROS;
        }

        long grant(String token, String owner, long ttlMs, long now) {
            fence = Math.max(fence + 1, now * MICROS);
            holders.put(token, new Holding(owner, fence, now + ttlMs));
            return fence;
        }

        /** Whoever waits already keeps its place. */
        void enqueue(String token, String owner, long till) {
            Waiting before = waiters.get(token);
            long ticket = before == null ? ++tickets : before.ticket;
            queue.put(ticket, token);
            waiters.put(token, new Waiting(owner, till, ticket));
        }

        boolean isQueued(String token) {
            Waiting waiting = waiters.get(token);
            return waiting != null && queue.containsKey(waiting.ticket);
        }

        void forget(String token) {
            Waiting waiting = waiters.remove(token);
            if (waiting != null) {
                queue.remove(waiting.ticket);
            }
        }

        @Nullable
        Holding soonest() {
            Holding soonest = null;
            for (Holding holding : holders.values()) {
                soonest = soonest == null || holding.ends < soonest.ends ? holding : soonest;
            }
            return soonest;
        }
    }

    private final Map<String, Room> rooms = new HashMap<>();
    private final ChangeBus bus;
    private final LongSupplier clock;
    private final List<String> handed = new ArrayList<>();
    private int calls;

    /** @param clock milliseconds, which never go back */
    MemoryLockStore(ChangeBus bus, LongSupplier clock) {
        this.bus = bus;
        this.clock = clock;
    }

    /** Runs a step, and tells afterwards who was handed a lock: whoever hears it comes back at once. */
    private <T extends @Nullable Object> Future<T> step(Supplier<T> step) {
        List<String> messages;
        T result;
        synchronized (this) {
            if (++calls % CALLS_BETWEEN_CLEANINGS == 0) {
                long now = clock.getAsLong();
                rooms.values().removeIf(room -> room.isIdle(now));
            }
            result = step.get();
            messages = List.copyOf(handed);
            handed.clear();
        }
        messages.forEach(message -> bus.deliverLocally(Locks.TOPIC, message));
        return Future.succeededFuture(result);
    }

    private Room room(Lock lock) {
        return rooms.computeIfAbsent(lock.name(), name -> new Room());
    }

    /** Hands what is free to those who wait, in their order. */
    private void hand(Lock lock, Room room, long now) {
        room.purge(now);
        while (!room.queue.isEmpty() && room.holders.size() < lock.permits()) {
            String head = room.queue.pollFirstEntry().getValue();
            Waiting waiting = Objects.requireNonNull(room.waiters.get(head));
            if (waiting.till > now) {
                room.grant(head, waiting.owner, CONFIRM_MS, now);
                handed.add(lock.name() + '\0' + bus.instance() + '\0' + head);
            } else {
                room.waiters.remove(head);
            }
        }
    }

    private static @Nullable Outcome held(Room room, String token, long ttlMs, long now) {
        Holding mine = room.holders.get(token);
        if (mine == null) {
            return null;
        }
        if (room.waiters.containsKey(token)) {
            // It was handed over, and whoever waited for it has not heard of it.
            room.forget(token);
            mine = mine.until(now + ttlMs);
            room.holders.put(token, mine);
        }
        return new Outcome.Held(mine.fence, mine.ends - now);
    }

    @Override
    public Future<Outcome> acquire(Lock lock, String token, String owner, long ttlMs, long waitMs) {
        return step(() -> {
            long now = clock.getAsLong();
            Room room = room(lock);
            room.purge(now);
            Outcome held = held(room, token, ttlMs, now);
            if (held != null) {
                return held;
            }
            hand(lock, room, now);
            // It may have been this one's turn.
            held = held(room, token, ttlMs, now);
            if (held != null) {
                return held;
            }
            if (room.queue.isEmpty() && room.holders.size() < lock.permits()) {
                room.released.remove(token);
                return new Outcome.Held(room.grant(token, owner, ttlMs, now), ttlMs);
            }
            Holding soonest = room.soonest();
            long ends = soonest == null ? 0 : soonest.ends - now;
            if (waitMs > 0) {
                room.released.remove(token);
                room.enqueue(token, owner, now + waitMs);
                return new Outcome.Waiting(ends);
            }
            return new Outcome.Locked(soonest == null ? "" : soonest.owner, ends);
        });
    }

    @Override
    public Future<@Nullable Long> extend(Lock lock, String token, long ttlMs) {
        return this.<@Nullable Long>step(() -> {
            long now = clock.getAsLong();
            Room room = room(lock);
            room.purge(now);
            Holding mine = room.holders.get(token);
            if (mine == null) {
                return null;
            }
            room.holders.put(token, mine.until(now + ttlMs));
            room.forget(token);
            return mine.fence;
        });
    }

    @Override
    public Future<Boolean> release(Lock lock, String token) {
        return step(() -> {
            long now = clock.getAsLong();
            Room room = room(lock);
            room.purge(now);
            boolean held = room.holders.remove(token) != null;
            if (held) {
                room.forget(token);
                room.released.put(token, now + REMEMBER_MS);
            }
            hand(lock, room, now);
            return held || room.released.containsKey(token);
        });
    }

    @Override
    public Future<Boolean> leave(Lock lock, String token, boolean keep) {
        return step(() -> {
            long now = clock.getAsLong();
            Room room = room(lock);
            room.purge(now);
            boolean held = room.holders.containsKey(token);
            if (held && keep) {
                return true;
            }
            if (held && room.waiters.containsKey(token)) {
                room.holders.remove(token);
            }
            room.forget(token);
            hand(lock, room, now);
            return false;
        });
    }

    @Override
    public Future<Swept> sweep(Lock lock, List<Waiter> waiters) {
        return step(() -> {
            long now = clock.getAsLong();
            Room room = room(lock);
            room.purge(now);
            for (Waiter waiter : waiters) {
                String token = waiter.token();
                if (!room.holders.containsKey(token) && !room.isQueued(token)) {
                    room.enqueue(token, waiter.owner(), now + waiter.waitMs());
                }
            }
            hand(lock, room, now);
            List<String> holding = waiters.stream()
                    .map(Waiter::token)
                    .filter(room.holders::containsKey)
                    .toList();
            Holding soonest = room.soonest();
            return new Swept(soonest == null ? -1 : soonest.ends - now, holding);
        });
    }

    @Override
    public Future<State> describe(Lock lock) {
        return step(() -> {
            long now = clock.getAsLong();
            Room room = rooms.get(lock.name());
            if (room == null) {
                return new State(0, List.of());
            }
            room.purge(now);
            return new State(
                    room.queue.size(),
                    room.holders.values().stream()
                            .map(holding -> new Holder(holding.owner, holding.fence, holding.ends - now))
                            .toList());
        });
    }

    @Override
    public Future<List<String>> names() {
        return step(() -> {
            long now = clock.getAsLong();
            return rooms.entrySet().stream()
                    .filter(room -> {
                        room.getValue().purge(now);
                        return !room.getValue().holders.isEmpty();
                    })
                    .map(Map.Entry::getKey)
                    .sorted()
                    .toList();
        });
    }
}
