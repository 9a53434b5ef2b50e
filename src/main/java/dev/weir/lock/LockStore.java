package dev.weir.lock;

import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where it is kept who holds a lock, and who waits for it. Each call is one atomic step by the store's own clock.
 *
 * <p>Who waits and is handed the lock is told so by {@link Locks#TOPIC} on the change bus, and has {@value #CONFIRM_MS}
 * milliseconds to say by {@link #extend} that it is still there; then it is the next one's turn.
 */
interface LockStore {

    /** How long one may take that was handed the lock. As in {@code lua/lock/common.lua}. */
    long CONFIRM_MS = 1000;

    /** A lock, and how many may hold it at once. */
    record Lock(String name, int permits) {}

    /** What came of asking for a lock. */
    sealed interface Outcome {

        /** It is held. */
        record Held(long fence, long expiresInMs) implements Outcome {}

        /** It is waited for; {@code expiresInMs} tells when the next holder's time is over. */
        record Waiting(long expiresInMs) implements Outcome {}

        /** Another holds it. */
        record Locked(String owner, long expiresInMs) implements Outcome {}
    }

    /** One that holds a lock. */
    record Holder(String owner, long fence, long expiresInMs) {}

    /** How a lock stands. */
    record State(long waiting, List<Holder> holders) {}

    /** One that waits here: who it is, and how long it still does. */
    record Waiter(String token, String owner, long waitMs) {}

    /** What looking after a lock has found: when the next holder's time is over, -1 if nobody holds, and which tokens hold. */
    record Swept(long nextMs, List<String> holding) {}

    /**
     * Takes the lock, or a place in its queue.
     *
     * @param token who asks; one who has asked before is told what it got
     * @param waitMs 0 for no place in the queue
     */
    Future<Outcome> acquire(Lock lock, String token, String owner, long ttlMs, long waitMs);

    /** Has the holder hold it from now on for so long; the fencing number, or null if it holds no more. */
    Future<@Nullable Long> extend(Lock lock, String token, long ttlMs);

    /** Gives the lock back and hands it on; true if it was held, or given back before. */
    Future<Boolean> release(Lock lock, String token);

    /**
     * Stops waiting through this instance. What was handed over and not confirmed is handed on; what was confirmed is held.
     *
     * @param keep whether to keep a lock that was handed over meanwhile
     * @return true if it was, and is kept
     */
    Future<Boolean> leave(Lock lock, String token, boolean keep);

    /** Looks after a lock for those who wait here: the answer to messages that were lost and holders that died. */
    Future<Swept> sweep(Lock lock, List<Waiter> waiters);

    Future<State> describe(Lock lock);

    /** The names of locks that somebody holds or waits for. */
    Future<List<String>> names();
}
