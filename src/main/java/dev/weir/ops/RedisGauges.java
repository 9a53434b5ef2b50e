package dev.weir.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Redis' own figures for who scrapes this instance; not a number while they are not known. */
final class RedisGauges {

    private final RedisHealth health;

    RedisGauges(RedisHealth health, MeterRegistry registry) {
        this.health = health;
        gauge(registry, "weir_redis_memory_used_bytes", "Memory that Redis uses", state -> state.info()
                .usedBytes());
        gauge(registry, "weir_redis_memory_max_bytes", "Memory that Redis may use", state -> state.info()
                .maxBytes());
        gauge(
                registry,
                "weir_redis_memory_ratio",
                "The share of the memory that Redis may use which it uses",
                state -> state.info().memoryRatio());
        gauge(registry, "weir_redis_clients", "Connections to Redis", state -> state.info()
                .clients());
        gauge(registry, "weir_redis_ops_per_second", "Commands that Redis answers in a second", state -> state.info()
                .opsPerSecond());
        gauge(registry, "weir_redis_hit_ratio", "The share of look-ups that found a key in Redis", state -> state.info()
                .hitRate());
        gauge(registry, "weir_redis_latency_seconds", "The time in which Redis answered a PING", state -> {
            Double latency = state.latencyMs();
            return latency == null ? null : latency / 1000;
        });
        FunctionCounter.builder(
                        "weir_redis_evicted_keys_total",
                        this,
                        gauges -> gauges.value(state -> state.info().evictedKeys()))
                .description("Keys that Redis had to evict for want of memory")
                .register(registry);
    }

    private void gauge(
            MeterRegistry registry, String name, String description, Function<RedisState, @Nullable Number> figure) {
        Gauge.builder(name, this, gauges -> gauges.value(figure))
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private double value(Function<RedisState, @Nullable Number> figure) {
        RedisState state = health.known();
        Number value = state == null ? null : figure.apply(state);
        return value == null ? Double.NaN : value.doubleValue();
    }
}
