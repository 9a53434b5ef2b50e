package dev.weir.limit;

import dev.weir.redis.ChangeBus;
import dev.weir.redis.Keys;
import dev.weir.redis.Redis;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** Puts the policies of the configuration together. */
final class LimitBeans {

    @Produces
    @Singleton
    Limits limits(
            LimitsConfig limits,
            LimitConfig config,
            Redis redis,
            Keys keys,
            ChangeBus bus,
            Availability availability,
            MeterRegistry registry) {
        List<Policy> policies = limits.byName().entrySet().stream()
                .map(entry -> Policy.of(entry.getKey(), entry.getValue()))
                .toList();
        if (config.nearMaxEntries() < 0) {
            throw new IllegalArgumentException("weir.limit.near-max-entries: must be 0 or more");
        }
        long start = System.nanoTime();
        long epoch = System.currentTimeMillis() * 1000;
        MemoryLimitStore memory = new MemoryLimitStore(
                config.memoryMaxBytes()
                        .map(size -> size.bytes())
                        .orElse(Runtime.getRuntime().maxMemory() / 8),
                bus,
                () -> epoch + (System.nanoTime() - start) / 1000,
                Counter.builder("weir_limit_evictions_total")
                        .description("Subjects forgotten in memory for want of room")
                        .register(registry)::increment);
        Refusals refusals = new Refusals(config.nearMaxEntries(), System::nanoTime);
        bus.addListener(refusals);
        Failover<LimitStore> store = new Failover<>(
                redis.connection()
                        .map(connection -> (LimitStore) new RedisLimitStore(connection.gateway(), keys, bus))
                        .orElse(null),
                memory,
                Failover.Policy.REFUSE,
                availability);
        Limits all = new Limits(
                policies,
                policy -> new LimitFigures(policy, registry),
                store,
                memory,
                refusals,
                availability.isShared());
        if (availability.isShared()) {
            availability.addListener(all);
        }
        return all;
    }

    @Produces
    @Singleton
    RateLimitFields fields(LimitConfig config) {
        return new RateLimitFields(config.headers());
    }
}
