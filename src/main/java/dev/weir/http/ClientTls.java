package dev.weir.http;

import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.vertx.core.http.HttpClientOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Whom a client of an origin trusts over TLS, and what it shows: what a configuration under {@code quarkus.tls} says. */
public final class ClientTls {

    private ClientTls() {}

    /**
     * The configuration of that name; nothing if none is named, which stands for what the process itself trusts.
     *
     * @param setting the full name of the setting that names it
     * @throws IllegalArgumentException that names the setting, if there is no such configuration or the URL has no use
     *     for it
     */
    public static Optional<TlsConfiguration> require(
            TlsConfigurationRegistry registry, String setting, Optional<String> name, String url) {
        if (name.isPresent() && !url.startsWith("https:")) {
            throw new IllegalArgumentException(setting + ": the origin's URL is no https:// URL");
        }
        return name.map(wanted -> registry.get(wanted)
                .orElseThrow(
                        () -> new IllegalArgumentException(setting + ": no quarkus.tls." + wanted + " is configured")));
    }

    /** @param handshake after that long a peer is given up that takes connections and shakes no hands */
    public static void apply(HttpClientOptions options, Optional<TlsConfiguration> tls, Duration handshake) {
        tls.ifPresent(configured -> TlsConfigUtils.configure(options, configured));
        // Each request says by its URL whether it is for TLS.
        options.setSsl(false)
                .setSslHandshakeTimeout(Math.max(1, handshake.toMillis()))
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    }
}
