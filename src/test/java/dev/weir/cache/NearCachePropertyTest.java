package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cache.CacheStore.Condition;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.http.Correlation;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Settled;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/**
 * The coherence of the near cache, on the real {@link NamedCache}, {@link Loader}, {@link Caches} and {@link Failover}:
 * two instances over one store and one bus, every step of which a seed puts in an order of its own.
 *
 * <p>Values are numbers that only grow. An invalidation of number n is acknowledged on one instance: a read that starts
 * there later must not return less than n; on the other instance, one that starts after it has been told, or after it
 * is told again what it has missed being told.
 */
class NearCachePropertyTest {

    private static final int KEYS = 3;
    private static final AtomicInteger READS = new AtomicInteger();
    private static final AtomicInteger NEAR_HITS = new AtomicInteger();
    private static final AtomicInteger INVALIDATIONS = new AtomicInteger();

    private static Vertx vertx;

    @BeforeContainer
    static void start() {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    }

    @AfterContainer
    static void stop() {
        Settled.value(vertx.close());
        // Otherwise the properties would hold of nothing.
        assertThat(READS.get()).isGreaterThan(5_000);
        assertThat(NEAR_HITS.get()).isGreaterThan(READS.get() / 20);
        assertThat(INVALIDATIONS.get()).isGreaterThan(1_000);
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void noReadIsOlderThanAnAcknowledgedInvalidationAllows(@ForAll long seed) {
        run(() -> new Simulation(seed, false, 0).run());
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void noReadIsOlderAlsoWhereReadsRefreshAhead(@ForAll long seed) {
        run(() -> new Simulation(seed, false, 0.999).run());
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void aLostSubscriptionCostsNoCoherenceOnceItIsNoticed(@ForAll long seed) {
        run(() -> new Simulation(seed, true, 0).run());
    }

    /** On one event loop: everything that completes there does so in place, and the seed alone decides the order. */
    private static void run(Runnable simulation) {
        Promise<Void> done = Promise.promise();
        vertx.runOnContext(go -> {
            try {
                simulation.run();
                done.complete();
            } catch (Throwable e) {
                done.fail(e);
            }
        });
        try {
            Settled.value(done.future());
        } catch (java.util.concurrent.CompletionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    /** One instance of Weir. */
    private static final class Instance {
        final Deque<Runnable> inbox = new ArrayDeque<>();
        final int[] floor = new int[KEYS];

        /** What it has to have been told of, but was not since its subscription was lost. */
        final int[] missed = new int[KEYS];

        NearCache near;
        Loader loader;
        NamedCache cache;
        Caches caches;
        boolean cut;
        boolean noticed;
        int cuts;
    }

    private static final class Simulation {
        final long seed;
        final Random random;
        final boolean cuts;
        final List<Runnable> steps = new ArrayList<>();
        final List<String> trace = new ArrayList<>();
        final int[] truth = new int[KEYS];
        final boolean[] busy = new boolean[KEYS];
        final ChangeBus bus = new ChangeBus("unused");
        final MemoryCacheStore memory = new MemoryCacheStore(bus, 64 << 20, () -> 1_000_000, cache -> {});
        final List<Instance> instances;

        @Nullable
        Instance speaking;

        Simulation(long seed, boolean cuts, double refreshAhead) {
            this.seed = seed;
            this.random = new Random(seed);
            this.cuts = cuts;
            this.instances = List.of(instance(refreshAhead), instance(refreshAhead));
            bus.addListener(new ChangeBus.Listener() {
                @Override
                public void onMessage(String topic, String payload, boolean own) {
                    Instance speaker = speaking;
                    for (Instance each : instances) {
                        if (!each.cut) {
                            each.inbox.add(() -> each.caches.onMessage(topic, payload, each == speaker));
                        }
                    }
                }

                @Override
                public void onLost() {}

                @Override
                public void onRestored() {}
            });
        }

        private Instance instance(double refreshAhead) {
            Instance it = new Instance();
            Availability availability = Availability.of(true, new SimpleMeterRegistry());
            Failover<CacheStore> store =
                    new Failover<>(new SlowStore(this, it), memory, Failover.Policy.MEMORY, availability);
            CachePolicy policy =
                    new CachePolicy(Entries.LONG, new Lifetimes(5_000, 0, 0), refreshAhead, false, 1 << 20, 1 << 20);
            CacheFigures figures = new CacheFigures("users", new SimpleMeterRegistry());
            Gzip gzip = new Gzip(vertx);
            Origin origin = new SlowOrigin(this);
            it.near = new NearCache(Duration.ofHours(1), 1_000, 1 << 20, () -> {});
            Leases leases = new Leases(vertx, "users", store);
            it.loader =
                    new Loader(vertx, policy, origin, Duration.ofSeconds(60), store, leases, it.near, gzip, figures);
            it.cache = new NamedCache("users", policy, store, it.near, gzip, figures, leases, origin, it.loader, false);
            it.caches = new Caches(
                    List.of("users"),
                    CacheConfig.Undeclared.DENY,
                    store,
                    name -> name.equals("users") ? it.cache : other());
            availability.addListener(it.caches);
            availability.up();
            return it;
        }

        private NamedCache other() {
            Failover<CacheStore> store = new Failover<>(
                    null, memory, Failover.Policy.MEMORY, Availability.of(false, new SimpleMeterRegistry()));
            return new NamedCache(
                    "default",
                    CacheRig.POLICY,
                    store,
                    new NearCache(Duration.ZERO, 0, 0, () -> {}),
                    new Gzip(vertx),
                    new CacheFigures("default", new SimpleMeterRegistry()),
                    new Leases(vertx, "default", store),
                    null,
                    null,
                    false);
        }

        void run() {
            for (int i = 0; i < 250; i++) {
                int choice = random.nextInt(100);
                if (choice < 55 && !steps.isEmpty()) {
                    steps.remove(random.nextInt(steps.size())).run();
                } else if (choice < 75) {
                    deliver(instances.get(random.nextInt(2)));
                } else if (choice < 93) {
                    read(instances.get(random.nextInt(2)), random.nextInt(KEYS));
                } else if (choice < 98) {
                    change(instances.get(random.nextInt(2)));
                } else if (cuts) {
                    cutOrMend(instances.get(random.nextInt(2)));
                }
            }
            while (!steps.isEmpty() || instances.stream().anyMatch(each -> !each.inbox.isEmpty())) {
                instances.forEach(this::deliver);
                if (!steps.isEmpty()) {
                    steps.remove(random.nextInt(steps.size())).run();
                }
            }
        }

        private void deliver(Instance to) {
            Runnable message = to.inbox.poll();
            if (message != null) {
                message.run();
            }
        }

        private void cutOrMend(Instance it) {
            if (!it.cut) {
                trace.add("cut " + name(it));
                it.cut = true;
                it.noticed = false;
                it.cuts++;
            } else if (!it.noticed) {
                trace.add("noticed " + name(it));
                it.noticed = true;
                it.inbox.clear();
                it.caches.onLost();
            } else {
                trace.add("mended " + name(it));
                it.cut = false;
                it.cuts++;
                it.caches.onRestored();
            }
        }

        private void read(Instance on, int key) {
            boolean deaf = on.noticed && on.cut;
            if (on.noticed && !on.cut) {
                on.floor[key] = Math.max(on.floor[key], on.missed[key]);
            }
            int least = on.floor[key];
            int id = READS.incrementAndGet();
            trace.add("read " + id + " of " + key + " on " + name(on) + ", at least " + least);
            on.cache.get("k" + key).onSuccess(answer -> {
                int got = Integer.parseInt(CacheRig.text(answer));
                trace.add("read " + id + " got " + got + " from " + answer.source());
                if (answer.source() == Answer.Source.NEAR) {
                    NEAR_HITS.incrementAndGet();
                }
                if (deaf && answer.source() == Answer.Source.NEAR) {
                    throw new AssertionError("seed " + seed + ": read " + id + " was answered near although " + name(on)
                            + " knew that it is told nothing\n" + String.join("\n", trace));
                }
                if (got < least) {
                    throw new AssertionError("seed " + seed + ": read " + id + " returned " + got + " where " + least
                            + " was the oldest allowed\n" + String.join("\n", trace));
                }
            });
        }

        /** The truth changes, and somebody says so. Who changes one key does it one after the other. */
        private void change(Instance on) {
            int key = random.nextInt(KEYS);
            int how = random.nextInt(4);
            boolean all = how >= 2;
            for (int k = 0; k < KEYS; k++) {
                if (busy[k] && (all || k == key)) {
                    return;
                }
            }
            int[] now = new int[KEYS];
            for (int k = 0; k < KEYS; k++) {
                if (all || k == key) {
                    busy[k] = true;
                    now[k] = ++truth[k];
                }
            }
            INVALIDATIONS.incrementAndGet();
            int[] cutsBefore = instances.stream().mapToInt(each -> each.cuts).toArray();
            trace.add("change " + how + " of " + key + " on " + name(on) + " to " + truth[key]);
            Future<?> acknowledged =
                    switch (how) {
                        case 0 -> on.cache.remove(new Selection.Key("users", "k" + key));
                        case 1 ->
                            on.cache.put(CacheRig.put("k" + key, String.valueOf(truth[key])), new Condition.Always());
                        case 2 -> on.cache.remove(new Selection.Pattern("users", "k*"));
                        default -> on.caches.clear();
                    };
            acknowledged.onSuccess(done -> {
                trace.add("acknowledged " + how + " of " + key + " on " + name(on));
                for (int k = 0; k < KEYS; k++) {
                    if (now[k] > 0) {
                        busy[k] = false;
                        on.floor[k] = Math.max(on.floor[k], now[k]);
                    }
                }
                for (Instance other : instances) {
                    if (other != on) {
                        owe(other, now, other.cuts != cutsBefore[instances.indexOf(other)]);
                    }
                }
            });
        }

        /** From when on an instance has to know of a change: once it is told, or once it noticed that it was not. */
        private void owe(Instance other, int[] now, boolean perhapsMissed) {
            if (other.cut) {
                raise(other.missed, now);
            } else {
                other.inbox.add(() -> raise(perhapsMissed ? other.missed : other.floor, now));
            }
        }

        private static void raise(int[] floor, int[] now) {
            for (int k = 0; k < KEYS; k++) {
                floor[k] = Math.max(floor[k], now[k]);
            }
        }

        private String name(Instance it) {
            return it == instances.getFirst() ? "A" : "B";
        }

        /** Completes with what {@code action} returns: one step later it is done, another step later that is known. */
        <T> Future<T> slowly(Supplier<T> action) {
            Promise<T> promise = Promise.promise();
            steps.add(() -> {
                T result = action.get();
                steps.add(() -> promise.complete(result));
            });
            return promise.future();
        }
    }

    private record SlowOrigin(Simulation simulation) implements Origin {

        @Override
        public void check(String key) {}

        @Override
        public Future<Answer> load(String key, Correlation cause) {
            return simulation.slowly(() -> new Answer.Found(
                    Buffer.buffer(String.valueOf(simulation.truth[key.charAt(1) - '0'])), "text/plain"));
        }

        @Override
        public Future<Void> write(String key, Buffer body, String contentType) {
            throw new AssertionError("nothing is written through");
        }
    }

    /** The shared store as one instance sees it: every call takes effect at some time, and is answered at a later one. */
    private record SlowStore(Simulation simulation, Instance owner) implements CacheStore {

        private <T> Future<T> slowly(Supplier<Future<T>> call) {
            return simulation
                    .slowly(() -> {
                        simulation.speaking = owner;
                        return call.get();
                    })
                    .compose(future -> future);
        }

        @Override
        public Future<@Nullable Entry> get(CacheKey key, boolean renew) {
            return slowly(() -> simulation.memory.get(key, renew));
        }

        @Override
        public Future<PutOutcome> put(CacheKey key, Entry entry, Condition condition) {
            return slowly(() -> simulation.memory.put(key, entry, condition));
        }

        @Override
        public Future<Lease> lease(CacheKey key, @Nullable Entry seen, Duration length) {
            return slowly(() -> simulation.memory.lease(key, seen, length));
        }

        @Override
        public Future<Boolean> extend(CacheKey key, long token, Duration length) {
            return slowly(() -> simulation.memory.extend(key, token, length));
        }

        @Override
        public Future<Boolean> fill(CacheKey key, long token, @Nullable Entry entry) {
            return slowly(() -> simulation.memory.fill(key, token, entry));
        }

        @Override
        public Future<Long> remove(Selection selection) {
            return slowly(() -> simulation.memory.remove(selection));
        }

        @Override
        public Future<Page> list(String cache, String glob, @Nullable String cursor, int limit) {
            return simulation.memory.list(cache, glob, cursor, limit);
        }

        @Override
        public Future<@Nullable String> resolve(String cache, String alias) {
            return simulation.memory.resolve(cache, alias);
        }

        @Override
        public long now() {
            return simulation.memory.now();
        }
    }

    /** The same guarantee where it matters: real threads, on the instance that acknowledged. */
    @org.junit.jupiter.api.Test
    void noThreadReadsWhatIsOlderThanAnAcknowledgedInvalidation() throws InterruptedException {
        Vertx loops = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        AtomicIntegerArray truth = new AtomicIntegerArray(4);
        AtomicIntegerArray floor = new AtomicIntegerArray(4);
        AtomicReference<String> wrong = new AtomicReference<>();
        AtomicInteger reads = new AtomicInteger();
        ThreadedOrigin origin = new ThreadedOrigin(loops, truth);
        CacheRig rig = new CacheRig(loops, CacheRig.POLICY);
        Failover<CacheStore> store = new Failover<>(
                null, rig.memory, Failover.Policy.MEMORY, Availability.of(false, new SimpleMeterRegistry()));
        Gzip gzip = new Gzip(loops);
        Leases leases = new Leases(loops, "users", store);
        Loader loader = new Loader(
                loops, CacheRig.POLICY, origin, Duration.ofSeconds(3), store, leases, rig.near, gzip, rig.figures);
        NamedCache cache = new NamedCache(
                "users", CacheRig.POLICY, store, rig.near, gzip, rig.figures, leases, origin, loader, false);
        long end = System.nanoTime() + Duration.ofMillis(1_500).toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            Random random = new Random(t);
            threads.add(Thread.ofPlatform().start(() -> {
                while (System.nanoTime() < end && wrong.get() == null) {
                    int key = random.nextInt(4);
                    int least = floor.get(key);
                    int got = Integer.parseInt(CacheRig.text(Settled.value(cache.get("k" + key))));
                    reads.incrementAndGet();
                    if (got < least) {
                        wrong.compareAndSet(null, "k" + key + " was " + got + ", at least " + least + " was due");
                    }
                }
            }));
        }
        threads.add(Thread.ofPlatform().start(() -> {
            Random random = new Random(42);
            while (System.nanoTime() < end && wrong.get() == null) {
                int key = random.nextInt(4);
                int now = truth.incrementAndGet(key);
                Settled.value(cache.remove(
                        random.nextInt(3) == 0
                                ? new Selection.Pattern("users", "k" + key)
                                : new Selection.Key("users", "k" + key)));
                floor.set(key, now);
            }
        }));
        for (Thread thread : threads) {
            thread.join();
        }
        Settled.value(loops.close());
        assertThat(wrong.get()).isNull();
        assertThat(reads.get()).isGreaterThan(500);
        assertThat(rig.figures.near.count()).isPositive();
    }

    private record ThreadedOrigin(Vertx loops, AtomicIntegerArray truth) implements Origin {

        @Override
        public void check(String key) {}

        @Override
        public Future<Answer> load(String key, Correlation cause) {
            Promise<Answer> promise = Promise.promise();
            loops.runOnContext(go -> promise.complete(
                    new Answer.Found(Buffer.buffer(String.valueOf(truth.get(key.charAt(1) - '0'))), "text/plain")));
            return promise.future();
        }

        @Override
        public Future<Void> write(String key, Buffer body, String contentType) {
            throw new AssertionError("nothing is written through");
        }
    }
}
