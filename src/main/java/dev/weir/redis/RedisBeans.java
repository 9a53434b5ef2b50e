package dev.weir.redis;

import dev.weir.store.Availability;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.Config;

/** Makes the way to Redis that the configuration describes. */
final class RedisBeans {

    @Produces
    @Singleton
    Keys keys(RedisConfig config) {
        String prefix = config.prefix();
        if (prefix.isBlank() || !prefix.matches("[A-Za-z0-9._:-]{1,64}")) {
            throw new IllegalArgumentException(
                    "weir.redis.prefix: '" + prefix + "' is not 1 to 64 of A-Z a-z 0-9 . _ : -");
        }
        return new Keys(prefix);
    }

    @Produces
    @Singleton
    ChangeBus bus(Keys keys) {
        return new ChangeBus(keys.changes());
    }

    @Produces
    @Singleton
    Availability availability(Config config, MeterRegistry registry) {
        return Availability.of(RedisEnvironment.target(config).isPresent(), registry);
    }

    @Produces
    @Singleton
    Redis redis(
            Config config,
            RedisConfig settings,
            Vertx vertx,
            TlsConfigurationRegistry tls,
            Availability availability,
            ChangeBus bus) {
        if (!settings.timeout().isPositive() || !settings.connectTimeout().isPositive()) {
            throw new IllegalArgumentException("weir.redis.timeout and weir.redis.connect-timeout must be positive");
        }
        Optional<RedisTarget> target = RedisEnvironment.target(config);
        return new Redis(target.map(redis -> {
            NetClientOptions options = new NetClientOptions()
                    .setTcpNoDelay(true)
                    .setTcpKeepAlive(true)
                    .setHostnameVerificationAlgorithm("HTTPS")
                    .setSslHandshakeTimeout(settings.connectTimeout().toMillis())
                    .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                    .setConnectTimeout((int) settings.connectTimeout().toMillis());
            settings.tlsConfiguration().ifPresent(name -> secure(options, tls, name, redis));
            PipelinedGateway gateway = new PipelinedGateway(
                    vertx,
                    vertx.createNetClient(options),
                    redis,
                    availability,
                    settings.timeout(),
                    settings.connectTimeout());
            Recovery recovery = new Recovery(vertx, gateway, availability, bus, settings.timeout());
            return new Redis.Connection(gateway, recovery);
        }));
    }

    private static void secure(
            NetClientOptions options, TlsConfigurationRegistry registry, String name, RedisTarget target) {
        TlsConfiguration tls = registry.get(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "weir.redis.tls-configuration: no quarkus.tls." + name + " is configured"));
        if (!target.tls()) {
            throw new IllegalArgumentException("weir.redis.tls-configuration: REDIS_URL is no rediss:// URL");
        }
        TlsConfigUtils.configure(options, tls);
        // The connection is made in the clear and secured in place, as for every rediss:// URL.
        options.setSsl(false);
    }
}
