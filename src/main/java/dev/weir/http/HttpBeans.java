package dev.weir.http;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/** Makes what every resource shares. */
final class HttpBeans {

    private static final String PROXIES = "weir.trusted-proxies";

    @Produces
    @Singleton
    TrustedProxies trustedProxies(Config config) {
        return new TrustedProxies(
                config.getOptionalValues(PROXIES, String.class).orElse(List.of()));
    }
}
