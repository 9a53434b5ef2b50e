package dev.weir.lock;

import dev.weir.lock.LocksConfig.LockSettings;
import dev.weir.lock.RedisLockStore.Confirmation;
import dev.weir.redis.ChangeBus;
import dev.weir.redis.Keys;
import dev.weir.redis.PipelinedGateway;
import dev.weir.redis.Redis;
import dev.weir.redis.RedisConfig;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Puts the locks together. */
final class LockBeans {

    @Produces
    @Singleton
    Locks locks(
            Vertx vertx,
            LocksConfig config,
            LockConfig common,
            RedisConfig redisConfig,
            Redis redis,
            Keys keys,
            ChangeBus bus,
            Availability availability,
            MeterRegistry registry) {
        config.byName().forEach((name, settings) -> {
            if (settings.permits() < 1 || settings.permits() > 1000) {
                throw new IllegalArgumentException(
                        "weir.locks." + name + ".permits: " + settings.permits() + " is not within 1 and 1000");
            }
        });
        if (common.replicas() < 0) {
            throw new IllegalArgumentException("weir.lock.replicas: must be 0 or more");
        }
        long start = System.nanoTime();
        long epoch = System.currentTimeMillis();
        Failover<LockStore> store = new Failover<>(
                redis.connection()
                        .map(connection ->
                                store(connection.gateway(), keys, bus, common.replicas(), redisConfig.timeout()))
                        .orElse(null),
                new MemoryLockStore(bus, () -> epoch + (System.nanoTime() - start) / 1_000_000),
                Failover.Policy.REFUSE,
                availability);
        Locks locks = new Locks(
                vertx,
                store,
                name -> {
                    LockSettings settings = config.byName().get(name);
                    return settings == null ? 1 : settings.permits();
                },
                bus.instance(),
                new LockFigures(registry));
        bus.addListener(locks);
        if (availability.isShared()) {
            availability.addListener(locks);
        }
        return locks;
    }

    private static LockStore store(PipelinedGateway gateway, Keys keys, ChangeBus bus, int replicas, Duration timeout) {
        // Two thirds of a command's deadline, so that the replicas' silence is told from Redis' own.
        Confirmation confirmation = replicas == 0
                ? null
                : new Confirmation(
                        gateway.separate(), replicas, timeout.multipliedBy(2).dividedBy(3));
        return new RedisLockStore(gateway, keys, bus, confirmation);
    }

    void onStop(@Observes ShutdownDelayInitiatedEvent event, Locks locks) {
        locks.stop();
    }
}
