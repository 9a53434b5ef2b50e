package dev.weir.ops;

import dev.weir.ops.Instances.Identity;
import dev.weir.redis.ChangeBus;
import dev.weir.redis.Keys;
import dev.weir.redis.Redis;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Stopping;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.config.Config;

/** Puts the operator's view together, and keeps it going. */
final class OpsBeans {

    private static final int AFTER_REDIS = 5_000;
    private static final long BEAT_MS = 1_000;

    /** Telling costs Redis nine commands: as seldom as two tellings and some delay fit into {@link Stats#LOST}. */
    private static final long TOLD_EACH_MS = 2_000;

    private static final int MAX_HOST = 100;

    @Produces
    @Singleton
    RedisHealth health(Vertx vertx, Redis redis, Availability availability, Config config, MeterRegistry registry) {
        RedisHealth health = new RedisHealth(
                vertx,
                redis.connection().map(Redis.Connection::gateway).orElse(null),
                availability,
                config.getOptionalValue("redis.mode", String.class).orElse("standalone"));
        new RedisGauges(health, registry);
        return health;
    }

    @Produces
    @Singleton
    Instances instances(
            Vertx vertx,
            OpsConfig settings,
            Config config,
            Redis redis,
            Keys keys,
            ChangeBus bus,
            Availability availability,
            MeterRegistry registry) {
        String id = settings.instance().orElseGet(OpsBeans::hostAndMore);
        if (!id.matches("[A-Za-z0-9._-]{1,128}")) {
            throw new IllegalArgumentException("weir.ops.instance: it is not 1 to 128 of A-Z a-z 0-9 . _ -");
        }
        String version = config.getOptionalValue("quarkus.application.version", String.class)
                .orElse("unknown");
        Failover<InstanceStore> store = new Failover<>(
                redis.connection()
                        .map(connection -> (InstanceStore) new RedisInstanceStore(connection.gateway(), keys))
                        .orElse(null),
                new MemoryInstanceStore(System::currentTimeMillis),
                Failover.Policy.MEMORY,
                availability);
        Identity identity =
                new Identity(bus.instance(), id, version, Instant.now().truncatedTo(ChronoUnit.MILLIS));
        return new Instances(vertx, identity, new Meters(registry), store, availability);
    }

    /** Replicas on one host, and starts of one replica, are told apart. */
    private static String hostAndMore() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
        } catch (UnknownHostException e) {
            host = "weir";
        }
        String more = Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36, 36 * 36 * 36 * 36), 36);
        return (host.length() > MAX_HOST ? host.substring(0, MAX_HOST) : host) + '-' + more;
    }

    @Produces
    @Singleton
    Stats stats(Vertx vertx, Instances instances, RedisHealth health) {
        return new Stats(vertx, instances, health);
    }

    @Produces
    @Singleton
    StatsStreams streams(Vertx vertx, Stats stats) {
        return new StatsStreams(vertx, stats);
    }

    /** After Redis was tried. */
    void onStart(
            @Observes @Priority(AFTER_REDIS) StartupEvent event,
            Vertx vertx,
            Instances instances,
            RedisHealth health,
            StatsStreams streams) {
        instances.publish();
        health.keepUp();
        vertx.setPeriodic(TOLD_EACH_MS, id -> instances.publish());
        vertx.setPeriodic(BEAT_MS, id -> {
            health.keepUp();
            streams.tick();
        });
    }

    /** From now on the others need not count on this one. */
    void onStopping(@Observes ShutdownDelayInitiatedEvent event, Instances instances) {
        instances.leave();
    }

    /** Before the way to Redis is closed. */
    void onStop(@Observes ShutdownEvent event, Instances instances) {
        instances.leave();
        Stopping.await(instances.left());
    }
}
