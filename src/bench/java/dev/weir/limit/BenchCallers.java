package dev.weir.limit;

import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * So many callers at once, each of which asks for a random key again as soon as it is answered, on the thread on which it
 * is: none of them costs a thread of its own.
 */
final class BenchCallers {

    /** What came of a while of asking. */
    record Outcome(long checks, long admitted, double seconds) {
        double rate() {
            return checks / seconds;
        }

        double share() {
            return checks == 0 ? 0 : (double) admitted / checks;
        }
    }

    private static final long PATIENCE_S = 10;

    private final BenchLimiter limiter;
    private final int keys;
    private final long end;
    private final CountDownLatch under;
    private final LongAdder checks = new LongAdder();
    private final LongAdder admitted = new LongAdder();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private BenchCallers(BenchLimiter limiter, int keys, int callers, long nanos) {
        this.limiter = limiter;
        this.keys = keys;
        this.end = System.nanoTime() + nanos;
        this.under = new CountDownLatch(callers);
    }

    /** @throws IllegalStateException if a single check fails, or is not answered */
    static Outcome run(BenchLimiter limiter, int keys, int callers, double seconds) throws InterruptedException {
        long start = System.nanoTime();
        BenchCallers all = new BenchCallers(limiter, keys, callers, (long) (seconds * 1e9));
        for (int i = 0; i < callers; i++) {
            Executor home = limiter.home(i);
            home.execute(all.new Caller(home, i)::goOn);
        }
        // A library may wait for a Redis that is gone for as long as one lets it.
        if (!all.under.await((long) seconds + PATIENCE_S, TimeUnit.SECONDS)) {
            all.failure.compareAndSet(null, new IllegalStateException("some callers were not answered"));
        }
        double took = (System.nanoTime() - start) / 1e9;
        Throwable trouble = all.failure.get();
        if (trouble != null) {
            throw new IllegalStateException("a check failed", trouble);
        }
        return new Outcome(all.checks.sum(), all.admitted.sum(), took);
    }

    private final class Caller implements BenchLimiter.Answer {

        private static final int ASKING = 0;
        private static final int WAITING = 1;
        private static final int ANSWERED = 2;

        /** After so many answers at once, others that live on the same thread have their turn. */
        private static final int AT_ONCE = 64;

        private final Executor home;
        private final SplittableRandom random;
        private final AtomicInteger state = new AtomicInteger();

        Caller(Executor home, int number) {
            this.home = home;
            this.random = new SplittableRandom(new Random(number).nextLong());
        }

        /** In a loop, since an answer that is there at once would otherwise nest one call in the other. */
        void goOn() {
            for (int i = 0; i < AT_ONCE; i++) {
                if (System.nanoTime() - end >= 0 || failure.get() != null) {
                    under.countDown();
                    return;
                }
                state.set(ASKING);
                try {
                    limiter.ask(keys == 1 ? 0 : random.nextInt(keys), this);
                } catch (RuntimeException e) {
                    answered(null, e);
                }
                if (state.compareAndSet(ASKING, WAITING)) {
                    return;
                }
            }
            home.execute(this::goOn);
        }

        @Override
        public void answered(@Nullable Boolean verdict, @Nullable Throwable trouble) {
            if (verdict == null) {
                failure.compareAndSet(null, trouble == null ? new IllegalStateException("no verdict") : trouble);
            } else {
                checks.increment();
                if (verdict) {
                    admitted.increment();
                }
            }
            if (!state.compareAndSet(ASKING, ANSWERED)) {
                goOn();
            }
        }
    }
}
