package dev.weir;

import dev.weir.auth.AuthConfig;
import dev.weir.auth.Tokens;
import dev.weir.redis.Redis;
import dev.weir.store.Stopping;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.EnvConfigSource;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jboss.logging.Logger;

/**
 * What happens before the first request is taken: settings that make no sense stop the start, and the first attempt to
 * reach Redis is waited for, whatever comes of it.
 */
@Singleton
final class StartUp {

    private static final Logger LOG = Logger.getLogger(StartUp.class);

    /** What may stand below {@code weir.}; each has a mapping that knows what may stand below it. */
    private static final Set<String> SECTIONS = Set.of(
            "auth",
            "cache",
            "caches",
            "events",
            "limit",
            "limits",
            "lock",
            "locks",
            "log",
            "ops",
            "redis",
            "routes",
            "trusted-proxies",
            "warmers");

    private static final long FIRST_ATTEMPT_S = 5;
    private static final int LAST = 10_000;

    void onStart(@Observes StartupEvent event, Config config, AuthConfig auth, Tokens tokens, Redis redis) {
        refuseUnknownSections(config);
        SettingVariables.refuseUnknown(config, SECTIONS);
        refuseOpenListening(config, auth, tokens);
        redis.connection()
                .ifPresentOrElse(
                        connection -> await(connection
                                .recovery()
                                .start()
                                .toCompletionStage()
                                .toCompletableFuture()),
                        () -> LOG.info("No REDIS_URL is set: everything is kept in this process' memory"));
    }

    private static void await(CompletableFuture<?> attempt) {
        try {
            attempt.get(FIRST_ATTEMPT_S, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("the first attempt to reach Redis is not over", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refuseUnknownSections(Config config) {
        for (ConfigSource source : config.getConfigSources()) {
            // Variables of the environment that begin with WEIR_ may be another's; SettingVariables knows them.
            if (!(source instanceof EnvConfigSource)) {
                source.getPropertyNames().forEach(StartUp::refuseUnknownSection);
            }
        }
    }

    private static void refuseUnknownSection(String name) {
        if (name.startsWith("weir.")) {
            String section = name.substring("weir.".length()).split("[.\\[\"]", 2)[0];
            if (!SECTIONS.contains(section)) {
                throw new ConfigurationException(name + ": there is no such setting");
            }
        }
    }

    private static void refuseOpenListening(Config config, AuthConfig auth, Tokens tokens) {
        String host = config.getValue("quarkus.http.host", String.class);
        if (tokens.isEmpty() && auth.open() != AuthConfig.Open.TRUE && !isLoopback(host)) {
            throw new ConfigurationException("quarkus.http.host: Weir would listen on " + host
                    + " with no token configured, open to everybody: configure weir.auth.tokens, or say"
                    + " weir.auth.open=true if that is meant");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** After every feature has given back what it held in Redis. */
    void onStop(@Observes @Priority(LAST) ShutdownEvent event, Redis redis) {
        redis.connection()
                .ifPresent(connection -> Stopping.await(connection.recovery().close()));
    }
}
