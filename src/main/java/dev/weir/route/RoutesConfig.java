package dev.weir.route;

import dev.weir.http.StrictBoolean;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code weir.routes.<name>.*}: the APIs that Weir stands in front of. */
@ConfigMapping(prefix = "weir.routes")
public interface RoutesConfig {

    @WithParentName
    Map<String, RouteSettings> byName();

    /** One route. */
    interface RouteSettings {

        /** {@code /api/users/me}, {@code /api/users/*}, {@code /api/*}{@code /items}. */
        String path();

        /** The methods that the route takes; all if none is named. */
        Optional<List<String>> methods();

        /** Where it leads: scheme, host, port, and what is to stand before the path. */
        String origin();

        /** Where answers to GET and HEAD are kept; without it everything passes through. */
        Optional<String> cache();

        /** What the key is made of; path and sorted query if nothing is said. */
        Optional<String> key();

        /** For how long answers are fresh, whatever the origin and the client say of caching. */
        Optional<Duration> overrideTtl();

        /** The policies of {@code weir.limits} of which each request spends one. */
        Optional<List<String>> limit();

        /** By what those policies tell subjects apart, of the same parts as a key; {@code {client-ip}} if nothing is said. */
        Optional<String> limitKey();

        /** What else a successful unsafe request makes stale, besides its own target. */
        Optional<List<String>> invalidates();

        /** Until the head of the answer is there, and between two parts of its body. */
        @WithDefault("30s")
        Duration timeout();

        /** How many calls may be under way at once; more wait for their turn. */
        @WithDefault("256")
        int maxConcurrent();

        /** The origin is sent the client's Host instead of its own. */
        @WithDefault("false")
        @WithConverter(StrictBoolean.class)
        boolean preserveHost();

        /** The name of a configuration under {@code quarkus.tls}, for {@code https://} with certificates of one's own. */
        Optional<String> tlsConfiguration();

        /** Headers of every call. */
        Map<String, String> headers();
    }
}
