package dev.weir.warm;

import dev.weir.cache.CacheWarmth;
import dev.weir.cache.Caches;
import dev.weir.http.ClientTls;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.lock.Locks;
import dev.weir.redis.ChangeBus;
import dev.weir.redis.Keys;
import dev.weir.redis.Redis;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Stopping;
import dev.weir.warm.WarmersConfig.WarmerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduler;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Puts the warmers of the configuration together, and has them run when they are due. */
final class WarmBeans {

    private static final int AFTER_REDIS = 5_000;
    private static final int BEFORE_LOCKS_END = 100;
    private static final int MAX_HOT = 10_000;
    private static final String EVERY = "every ";

    private final Vertx vertx;
    private final WarmersConfig config;
    private final TlsConfigurationRegistry tls;

    WarmBeans(Vertx vertx, WarmersConfig config, TlsConfigurationRegistry tls) {
        this.vertx = vertx;
        this.config = config;
        this.tls = tls;
    }

    @Produces
    @Singleton
    Warmers warmers(
            Caches caches,
            Locks locks,
            Redis redis,
            Keys keys,
            ChangeBus bus,
            Availability availability,
            MeterRegistry registry) {
        Failover<WarmStore> store = new Failover<>(
                redis.connection()
                        .map(connection -> (WarmStore) new RedisWarmStore(connection.gateway(), keys))
                        .orElse(null),
                new MemoryWarmStore(System::currentTimeMillis),
                Failover.Policy.MEMORY,
                availability);
        Warmers all = new Warmers(vertx, store);
        WarmFigures figures = new WarmFigures(registry);
        config.byName().forEach((name, settings) -> {
            if (!Names.isName(name)) {
                throw new IllegalArgumentException(
                        "weir.warmers: '" + Names.shorten(name) + "' is no name: 1 to 64 of A-Z a-z 0-9 . _ - are");
            }
            String at = "weir.warmers." + name + '.';
            CacheWarmth cache;
            try {
                cache = caches.warmth(settings.cache());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(at + "cache: " + e.getMessage(), e);
            }
            check(at, settings);
            KeySource source = source(at, settings, cache, store, all);
            Set<String> after = new LinkedHashSet<>(settings.orderAfter().orElse(List.of()));
            Warmer warmer = new Warmer(
                    vertx,
                    new Warmer.Settings(
                            name,
                            settings.cache(),
                            schedule(at, settings),
                            loadBefore(settings, cache),
                            settings.concurrency(),
                            settings.retries(),
                            settings.backoff()),
                    bus.instance(),
                    cache,
                    source,
                    locks,
                    store,
                    figures);
            figures.announce(name);
            all.add(new Warmers.Member(warmer, after, settings.atStart()));
        });
        all.checkOrder();
        return all;
    }

    private static void check(String at, WarmerSettings settings) {
        if (settings.concurrency() < 1 || settings.concurrency() > 1000) {
            throw new IllegalArgumentException(
                    at + "concurrency: " + settings.concurrency() + " is not within 1 and 1000");
        }
        if (settings.retries() < 0 || settings.retries() > 100) {
            throw new IllegalArgumentException(at + "retries: " + settings.retries() + " is not within 0 and 100");
        }
        if (settings.backoff().isNegative()) {
            throw new IllegalArgumentException(at + "backoff: must not be negative");
        }
    }

    /** What is fresh until the next run is left as it is; where nobody knows when that is, all is loaded anew. */
    private static Duration loadBefore(WarmerSettings settings, CacheWarmth cache) {
        return settings.every()
                .map(every -> every.multipliedBy(11).dividedBy(10))
                .orElse(cache.ttl());
    }

    /** Two warmers with the same text run together. */
    private static String schedule(String at, WarmerSettings settings) {
        if (settings.every().isPresent() && settings.cron().isPresent()) {
            throw new IllegalArgumentException(at + "cron: the warmer has " + at + "every too: one of them is enough");
        }
        if (settings.every().isPresent()) {
            Duration every = settings.every().get();
            if (every.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException(at + "every: must be a second or more");
            }
            return EVERY + every;
        }
        try {
            ZoneId zone = ZoneId.of(settings.timeZone());
            // Of other words the scheduler thinks that they switch the job off.
            settings.cron().ifPresent(cron -> requireFiveFields(at, cron));
            return settings.cron().map(cron -> zone + " " + cron.strip()).orElse("");
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    at + "time-zone: '" + settings.timeZone() + "' is none, such as Europe/Berlin", e);
        }
    }

    private static void requireFiveFields(String at, String cron) {
        if (cron.strip().split("\\s+").length != 5) {
            throw new IllegalArgumentException(at + "cron: '" + cron + "' is none: five fields are, as 0 3 * * 1-5");
        }
    }

    private KeySource source(
            String at, WarmerSettings settings, CacheWarmth cache, Failover<WarmStore> store, Warmers all) {
        long sources = settings.keys().stream().count()
                + settings.keysFrom().stream().count()
                + settings.hot().stream().count();
        if (sources != 1) {
            throw new IllegalArgumentException(
                    at + "keys: exactly one of keys, keys-from and hot says which keys are to be warmed");
        }
        if (settings.keys().isPresent()) {
            List<String> keys =
                    settings.keys().get().stream().map(String::strip).distinct().toList();
            keys.forEach(key -> check(at, key));
            return () -> Future.succeededFuture(keys);
        }
        if (settings.keysFrom().isPresent()) {
            String url = settings.keysFrom().get();
            if (!isUrl(url)) {
                throw new IllegalArgumentException(at + "keys-from: it is no http:// or https:// URL");
            }
            Optional<TlsConfiguration> trusted =
                    ClientTls.require(tls, at + "keys-tls-configuration", settings.keysTlsConfiguration(), url);
            JsonPaths paths;
            try {
                paths = JsonPaths.parse(settings.keysPointer());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(at + "keys-pointer: " + e.getMessage(), e);
            }
            return new HttpKeys(vertx, url, settings.keysHeaders(), trusted, paths);
        }
        int most = settings.hot().getAsInt();
        if (most < 1 || most > MAX_HOT) {
            throw new IllegalArgumentException(at + "hot: " + most + " is not within 1 and " + MAX_HOT);
        }
        all.count(settings.cache(), cache);
        return () -> store.call(each -> each.hot(settings.cache(), most)).map(found -> found.value());
    }

    private static void check(String at, String key) {
        try {
            Names.requireKey(at + "keys", key);
        } catch (Problem e) {
            throw new IllegalArgumentException(at + "keys: " + e.getMessage(), e);
        }
    }

    private static boolean isUrl(String text) {
        try {
            URI uri = new URI(text);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getPort() <= 65_535
                    && uri.getRawUserInfo() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** After Redis was tried. */
    void onStart(@Observes @Priority(AFTER_REDIS) StartupEvent event, Warmers all, Scheduler scheduler) {
        all.bySchedule().forEach((schedule, warmers) -> {
            Scheduler.JobDefinition<?> job = scheduler.newJob("weir warmers " + schedule);
            if (schedule.startsWith(EVERY)) {
                Duration period = Duration.parse(schedule.substring(EVERY.length()));
                job.setInterval(period.toString())
                        .setDelayed(period.toString())
                        .setTask(fired -> all.due(warmers, fired.getScheduledFireTime(), period));
            } else {
                String[] zoneAndCron = schedule.split(" ", 2);
                job.setTimeZone(zoneAndCron[0])
                        .setCron(zoneAndCron[1])
                        .setTask(fired -> all.due(warmers, fired.getScheduledFireTime(), null));
            }
            try {
                job.schedule();
            } catch (IllegalStateException | IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "weir.warmers." + warmers.getFirst().settings().name() + ".cron: '" + schedule
                                + "' is none: five fields are, as 0 3 * * 1-5",
                        e);
            }
        });
        all.start();
    }

    /** Whoever waits for a run is told of its end while it can be. */
    void onStopping(@Observes ShutdownDelayInitiatedEvent event, Warmers all) {
        all.stop();
    }

    /** Before the locks can no longer be given back. */
    void onStop(@Observes @Priority(BEFORE_LOCKS_END) ShutdownEvent event, Warmers all) {
        Stopping.await(all.stop());
    }
}
