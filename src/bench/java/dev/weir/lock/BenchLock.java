package dev.weir.lock;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/** One of the kinds of locks that are measured side by side. */
interface BenchLock {

    /** How long a lock is held at most. */
    long TTL_MS = 30_000;

    /** A lock that was got. */
    interface Held {

        /** Fails unless it was held. */
        CompletionStage<?> release();
    }

    /**
     * Gets a lock; fails if it is still another's when the wait is over.
     *
     * @param caller each has its own number
     * @param waitMs 0 for not to wait
     */
    CompletionStage<Held> acquire(int caller, String name, long waitMs);

    /** Where the caller of this number begins, and where it goes on after it has held a lock for a while. */
    default Executor home(int caller) {
        return ForkJoinPool.commonPool();
    }
}
