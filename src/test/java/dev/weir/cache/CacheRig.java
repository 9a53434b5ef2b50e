package dev.weir.cache;

import dev.weir.http.Correlation;
import dev.weir.http.Problem;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** One cache of one instance, put together as Weir does it, over a store, an origin and a clock that the test holds. */
final class CacheRig {

    static final String NAME = "users";

    static final CachePolicy POLICY = policy(new Lifetimes(60_000, 0, 0));

    /** An origin whose answers the test gives, one by one. */
    static final class ManualOrigin implements Origin {

        final List<String> loads = new CopyOnWriteArrayList<>();
        final List<Promise<Origin.Answer>> pending = new CopyOnWriteArrayList<>();
        final List<String> writes = new CopyOnWriteArrayList<>();
        final List<Promise<Void>> pendingWrites = new CopyOnWriteArrayList<>();

        @Override
        public void check(String key) {
            if (key.equals("..")) {
                throw Problem.badRequest("key", "astray");
            }
        }

        @Override
        public Future<Origin.Answer> load(String key, Correlation cause) {
            Promise<Origin.Answer> promise = Promise.promise();
            loads.add(key);
            pending.add(promise);
            return promise.future();
        }

        @Override
        public Future<Void> write(String key, Buffer body, String contentType) {
            Promise<Void> promise = Promise.promise();
            writes.add(key + "=" + body + " " + contentType);
            pendingWrites.add(promise);
            return promise.future();
        }

        void answer(int load, String text) {
            pending.get(load).complete(new Origin.Answer.Found(Buffer.buffer(text), "text/plain"));
        }

        void miss(int load) {
            pending.get(load).complete(new Origin.Answer.Missing());
        }

        void fail(int load) {
            pending.get(load).fail(new Problem(Problem.Kind.ORIGIN_FAILED, "the origin is down"));
        }
    }

    final AtomicLong clock = new AtomicLong(1_000_000);
    final ChangeBus bus = new ChangeBus("unused");
    final MemoryCacheStore memory = new MemoryCacheStore(bus, 64 << 20, clock::get, cache -> {});
    final ManualOrigin origin = new ManualOrigin();
    final CacheFigures figures = new CacheFigures(NAME, new SimpleMeterRegistry());
    final NearCache near;
    final Leases leases;
    final Loader loader;
    final NamedCache cache;
    final Caches caches;

    CacheRig(Vertx vertx, CachePolicy policy) {
        this(vertx, policy, true, false, store -> store);
    }

    CacheRig(
            Vertx vertx,
            CachePolicy policy,
            boolean readThrough,
            boolean writeThrough,
            UnaryOperator<CacheStore> between) {
        near = new NearCache(Duration.ofHours(1), 1_000, 1 << 20, () -> {});
        Availability availability = Availability.of(false, new SimpleMeterRegistry());
        Failover<CacheStore> store = new Failover<>(null, between.apply(memory), Failover.Policy.MEMORY, availability);
        Gzip gzip = new Gzip(vertx);
        leases = new Leases(vertx, NAME, store);
        loader = readThrough
                ? new Loader(vertx, policy, origin, Duration.ofSeconds(3), store, leases, near, gzip, figures)
                : null;
        cache = new NamedCache(
                NAME, policy, store, near, gzip, figures, leases, readThrough ? origin : null, loader, writeThrough);
        caches = new Caches(
                List.of(NAME),
                CacheConfig.Undeclared.DENY,
                store,
                name -> name.equals(NAME)
                        ? cache
                        : new NamedCache(
                                name,
                                policy,
                                store,
                                new NearCache(Duration.ZERO, 0, 0, () -> {}),
                                gzip,
                                new CacheFigures(name, new SimpleMeterRegistry()),
                                new Leases(vertx, name, store),
                                null,
                                null,
                                false));
        bus.addListener(caches);
    }

    static CachePolicy policy(Lifetimes lifetimes) {
        return new CachePolicy(lifetimes, new Lifetimes(5_000, 0, 0), 0, false, 1 << 20, 1 << 20);
    }

    static NamedCache.Put put(String key, String text, String... tags) {
        return new NamedCache.Put(key, Buffer.buffer(text), "text/plain", POLICY.lifetimes(), List.of(tags), List.of());
    }

    static String text(dev.weir.cache.Answer answer) {
        Entry value = answer.value();
        return value == null ? null : value.body().toString();
    }
}
