package dev.weir.redis;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** {@code weir.redis.*}: how Weir uses Redis. Where Redis is stands in {@code REDIS_URL} and its kin. */
@ConfigMapping(prefix = "weir.redis")
public interface RedisConfig {

    /** The deadline of every command. */
    @WithDefault("250ms")
    Duration timeout();

    /** How long a connection and its handshake may take. */
    @WithDefault("1s")
    Duration connectTimeout();

    /** What every key begins with; one per deployment that shares a Redis. */
    @WithDefault("weir:")
    String prefix();

    /** The name of a configuration under {@code quarkus.tls}, for {@code rediss://} with certificates of one's own. */
    Optional<String> tlsConfiguration();
}
