package dev.weir.cache;

import dev.weir.cache.CachesConfig.CacheSettings;
import dev.weir.cache.CachesConfig.OriginSettings;
import dev.weir.http.ClientTls;
import dev.weir.redis.ChangeBus;
import dev.weir.redis.Keys;
import dev.weir.redis.Redis;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Stopping;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Puts the caches of the configuration together. */
final class CacheBeans {

    private final Vertx vertx;
    private final CachesConfig caches;
    private final CacheConfig config;
    private final MeterRegistry registry;
    private final TlsConfigurationRegistry tls;

    CacheBeans(
            Vertx vertx,
            CachesConfig caches,
            CacheConfig config,
            MeterRegistry registry,
            TlsConfigurationRegistry tls) {
        this.vertx = vertx;
        this.caches = caches;
        this.config = config;
        this.registry = registry;
        this.tls = tls;
    }

    @Produces
    @Singleton
    Caches caches(Redis redis, Keys keys, ChangeBus bus, Availability availability) {
        caches.byName().forEach(CacheChecks::check);
        CacheChecks.check(config);
        Map<String, CacheFigures> figures = new ConcurrentHashMap<>();
        MemoryCacheStore memory = new MemoryCacheStore(
                bus,
                config.memoryMaxBytes()
                        .map(size -> size.bytes())
                        .orElse(Runtime.getRuntime().maxMemory() / 4),
                System::currentTimeMillis,
                cache -> figures.computeIfAbsent(cache, this::figuresOf)
                        .memoryEvictions
                        .increment());
        Failover<CacheStore> store = store(redis, keys, bus, availability, memory);
        Gzip gzip = new Gzip(vertx);
        Caches all = new Caches(
                caches.byName().keySet(),
                config.undeclared(),
                store,
                name -> cache(name, figures.computeIfAbsent(name, this::figuresOf), store, gzip));
        bus.addListener(all);
        availability.addListener(all);
        return all;
    }

    /** Before the connection to Redis is closed. */
    void onStop(@Observes ShutdownEvent event, Caches all) {
        Stopping.await(all.close());
    }

    private CacheFigures figuresOf(String cache) {
        return new CacheFigures(cache, registry);
    }

    private Failover<CacheStore> store(
            Redis redis, Keys keys, ChangeBus bus, Availability availability, MemoryCacheStore memory) {
        if (redis.connection().isEmpty()) {
            return new Failover<>(null, memory, Failover.Policy.MEMORY, availability);
        }
        Redis.Connection connection = redis.connection().get();
        CacheStore shared = new RedisCacheStore(connection.gateway(), keys, bus);
        CacheStore unguarded = new RedisCacheStore(connection.gateway().unguarded(), keys, bus);
        Journal journal = new Journal(config.journalMaxEntries(), unguarded);
        connection.recovery().addReplay(journal);
        availability.addListener(new Availability.Listener() {
            @Override
            public void onDown() {
                memory.clear();
            }

            @Override
            public void onUp() {
                memory.clear();
            }
        });
        return new Failover<>(
                shared,
                new JournalingCacheStore(memory, journal, shared, availability),
                Failover.Policy.MEMORY,
                availability);
    }

    private NamedCache cache(String name, CacheFigures figures, Failover<CacheStore> store, Gzip gzip) {
        CacheSettings settings = caches.settingsOf(name);
        CachePolicy policy = CachePolicy.of(settings);
        NearCache near = new NearCache(
                settings.near().ttl(),
                settings.near().maxEntries(),
                settings.near().maxBytes().bytes(),
                figures.nearEvictions::increment);
        CacheFigures.bindNear(name, near, registry);
        Leases leases = new Leases(vertx, name, store);
        @Nullable Origin origin = null;
        @Nullable Loader loader = null;
        boolean writeThrough = false;
        if (settings.origin().isPresent()) {
            OriginSettings to = settings.origin().get();
            writeThrough = to.writeThrough();
            Optional<TlsConfiguration> trusted = ClientTls.require(
                    tls, "weir.caches." + name + ".origin.tls-configuration", to.tlsConfiguration(), to.url());
            origin = new HttpOrigin(vertx, new UrlTemplate(to.url()), to, trusted, policy.maxEntryBytes());
            loader = new Loader(vertx, policy, origin, to.timeout(), store, leases, near, gzip, figures);
        }
        return new NamedCache(name, policy, store, near, gzip, figures, leases, origin, loader, writeThrough);
    }

    @Produces
    @Singleton
    Events events(EventsConfig events, Caches all) {
        return new Events(events, all);
    }

    @Produces
    @Singleton
    CacheReport report() {
        return new CacheReport(caches);
    }
}
