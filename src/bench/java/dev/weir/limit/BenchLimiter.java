package dev.weir.limit;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/** One of the limiters that are measured side by side, with the keys and the limit of one load. */
interface BenchLimiter {

    /** How much may be spent of how many keys. */
    record Load(String name, int keys, long limit, Duration window) {}

    /** What becomes of a check: a verdict, or a failure. */
    interface Answer {
        void answered(@Nullable Boolean admitted, @Nullable Throwable failure);
    }

    /** Spends one of the key of this number. */
    void ask(int key, Answer answer);

    /** Where the caller of this number begins, and where it goes on after it was answered at once for a while. */
    default Executor home(int caller) {
        return ForkJoinPool.commonPool();
    }

    /** The subject, under the same name for all of them. */
    static String subject(int key) {
        return "user:" + key;
    }
}
