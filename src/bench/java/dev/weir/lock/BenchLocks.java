package dev.weir.lock;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Measures locks beside Redisson's in the same JVM, on the same Redis, by turns. For {@code src/bench/locks}, which makes
 * tables of what this prints: {@code pairs SUBJECT ROUND RATE COMMANDS} and {@code handover-WAITERS SUBJECT ROUND COUNT P50
 * P99 COMMANDS}, in microseconds.
 */
public final class BenchLocks {

    private static final int NAMES = 10_000;
    private static final int[] WAITERS = {2, 16};
    private static final long WAIT_MS = 60_000;
    private static final long PATIENCE_S = 20;

    /** So long that all others wait again before a lock is given back. */
    private static final long HELD_MS = 5;

    private final BenchWeir weir;
    private final Map<String, List<BenchLock>> uncontended = new LinkedHashMap<>();
    private final Map<String, List<BenchLock>> contended = new LinkedHashMap<>();

    private BenchLocks(int port) throws Exception {
        this.weir = new BenchWeir(port);
        BenchWeir otherWeir = new BenchWeir(port);
        BenchRedisson redisson = new BenchRedisson(port);
        BenchRedisson otherRedisson = new BenchRedisson(port);
        uncontended.put("weir", List.of(weir));
        uncontended.put("redisson", List.of(redisson.lock()));
        uncontended.put("redisson-fenced", List.of(redisson.fencedLock()));
        contended.put("weir", List.of(weir, otherWeir));
        contended.put("redisson", List.of(redisson.lock(), otherRedisson.lock()));
        contended.put("redisson-fair", List.of(redisson.fairLock(), otherRedisson.fairLock()));
    }

    /** {@code PORT CALLERS ROUNDS SECONDS WARMUP SUBJECT...}. */
    public static void main(String[] args) throws Exception {
        int status = 0;
        try {
            BenchLocks bench = new BenchLocks(Integer.parseInt(args[0]));
            List<String> names = List.of(args).subList(5, args.length);
            bench.uncontended.keySet().retainAll(names);
            bench.contended.keySet().retainAll(names);
            int rounds = Integer.parseInt(args[2]);
            for (int round = 0; round <= rounds; round++) {
                bench.round(round, Integer.parseInt(args[1]), Integer.parseInt(args[round == 0 ? 4 : 3]));
            }
        } catch (Exception e) {
            e.printStackTrace();
            status = 1;
        }
        // The libraries' threads would keep the process.
        System.exit(status);
    }

    private void round(int round, int callers, int seconds) throws Exception {
        for (Map.Entry<String, List<BenchLock>> subject : uncontended.entrySet()) {
            weir.flush();
            long before = weir.commandsOfRedis();
            Run run = new Pairs(subject.getValue(), callers, seconds);
            double took = run.run();
            long pairs = run.done.sum();
            double commands = (double) (weir.commandsOfRedis() - before - 1) / pairs;
            print(
                    round,
                    String.format(
                            Locale.ROOT, "pairs %s %d %.1f %.3f", subject.getKey(), round, pairs / took, commands));
        }
        for (int waiters : WAITERS) {
            for (Map.Entry<String, List<BenchLock>> subject : contended.entrySet()) {
                weir.flush();
                long before = weir.commandsOfRedis();
                HandOvers run = new HandOvers(subject.getValue(), waiters + 1, seconds);
                run.run();
                double[] micros = run.micros();
                double commands = (double) (weir.commandsOfRedis() - before - 1) / run.done.sum();
                print(
                        round,
                        String.format(
                                Locale.ROOT,
                                "handover-%d %s %d %d %.1f %.1f %.3f",
                                waiters,
                                subject.getKey(),
                                round,
                                micros.length,
                                micros[micros.length / 2],
                                micros[(int) (micros.length * 0.99)],
                                commands));
            }
        }
    }

    private static void print(int round, String line) {
        System.err.println((round == 0 ? "Warming up: " : "Round: ") + line);
        if (round > 0) {
            System.out.println(line);
        }
    }

    /** So many callers at once, who get and give back until the time is over. */
    private abstract static class Run {

        final LongAdder done = new LongAdder();
        private final List<BenchLock> instances;
        private final int callers;
        private final int seconds;
        private final CountDownLatch under;
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private long end;

        Run(List<BenchLock> instances, int callers, int seconds) {
            this.instances = instances;
            this.callers = callers;
            this.seconds = seconds;
            this.under = new CountDownLatch(callers);
        }

        /** How long it took; fails if a single call fails, or is not answered. */
        final double run() throws InterruptedException {
            long start = System.nanoTime();
            end = start + seconds * 1_000_000_000L;
            for (int caller = 0; caller < callers; caller++) {
                int number = caller;
                BenchLock lock = lock(number);
                lock.home(number).execute(() -> next(lock, number));
            }
            if (!under.await(seconds + PATIENCE_S, TimeUnit.SECONDS)) {
                failure.compareAndSet(null, new IllegalStateException("some callers were not answered"));
            }
            Throwable trouble = failure.get();
            if (trouble != null) {
                throw new IllegalStateException("a call failed", trouble);
            }
            return (System.nanoTime() - start) / 1e9;
        }

        final BenchLock lock(int caller) {
            return instances.get(caller % instances.size());
        }

        final void fail(Throwable trouble) {
            failure.compareAndSet(null, trouble);
            under.countDown();
        }

        final void next(BenchLock lock, int caller) {
            if (System.nanoTime() - end >= 0 || failure.get() != null) {
                under.countDown();
            } else {
                go(lock, caller);
            }
        }

        abstract void go(BenchLock lock, int caller);

        final void release(BenchLock lock, int caller, BenchLock.Held held) {
            held.release().whenComplete((released, trouble) -> {
                if (trouble != null) {
                    fail(trouble);
                } else {
                    done.increment();
                    next(lock, caller);
                }
            });
        }
    }

    /** Each caller has its share of the names: no lock is asked for that another holds. */
    private static final class Pairs extends Run {

        private final List<List<String>> names = new ArrayList<>();
        private final List<SplittableRandom> randoms = new ArrayList<>();

        Pairs(List<BenchLock> instances, int callers, int seconds) {
            super(instances, callers, seconds);
            for (int caller = 0; caller < callers; caller++) {
                names.add(new ArrayList<>());
                randoms.add(new SplittableRandom(caller));
            }
            for (int name = 0; name < NAMES; name++) {
                names.get(name % callers).add("job:" + name);
            }
        }

        @Override
        void go(BenchLock lock, int caller) {
            List<String> own = names.get(caller);
            String name = own.get(randoms.get(caller).nextInt(own.size()));
            lock.acquire(caller, name, 0).whenComplete((held, trouble) -> {
                if (trouble != null) {
                    fail(trouble);
                } else {
                    release(lock, caller, held);
                }
            });
        }
    }

    /** All callers want one lock, through either instance; the time runs from a release to the grant that follows. */
    private static final class HandOvers extends Run {

        private final List<Long> nanos = new ArrayList<>();
        private final AtomicInteger holders = new AtomicInteger();
        private volatile long released;

        HandOvers(List<BenchLock> instances, int callers, int seconds) {
            super(instances, callers, seconds);
        }

        @Override
        void go(BenchLock lock, int caller) {
            lock.acquire(caller, "wanted", WAIT_MS).whenComplete((held, trouble) -> {
                long now = System.nanoTime();
                if (trouble != null) {
                    fail(trouble);
                    return;
                }
                if (holders.incrementAndGet() != 1) {
                    fail(new IllegalStateException("two hold one lock"));
                    return;
                }
                if (released != 0) {
                    synchronized (nanos) {
                        nanos.add(now - released);
                    }
                }
                CompletableFuture.delayedExecutor(HELD_MS, TimeUnit.MILLISECONDS, lock.home(caller))
                        .execute(() -> giveBack(lock, caller, held));
            });
        }

        private void giveBack(BenchLock lock, int caller, BenchLock.Held held) {
            holders.decrementAndGet();
            released = System.nanoTime();
            release(lock, caller, held);
        }

        double[] micros() {
            synchronized (nanos) {
                double[] sorted = nanos.stream().mapToDouble(nano -> nano / 1e3).toArray();
                Arrays.sort(sorted);
                return sorted;
            }
        }
    }
}
