package dev.weir.route;

import dev.weir.cache.CacheAccess;
import dev.weir.cache.Caches;
import dev.weir.cache.Removals;
import dev.weir.http.ClientTls;
import dev.weir.http.Names;
import dev.weir.http.TrustedProxies;
import dev.weir.limit.Limits;
import dev.weir.limit.Policy;
import dev.weir.limit.RateLimitFields;
import dev.weir.route.CachingRules.Settings;
import dev.weir.route.RoutesConfig.RouteSettings;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Puts the routes of the configuration together, or says what is wrong with it. */
final class RouteBeans {

    private final Vertx vertx;
    private final RoutesConfig config;
    private final MeterRegistry registry;
    private final TlsConfigurationRegistry tls;
    private final Limits limits;
    private final RateLimitFields fields;

    RouteBeans(
            Vertx vertx,
            RoutesConfig config,
            MeterRegistry registry,
            TlsConfigurationRegistry tls,
            Limits limits,
            RateLimitFields fields) {
        this.limits = limits;
        this.fields = fields;
        this.vertx = vertx;
        this.config = config;
        this.registry = registry;
        this.tls = tls;
    }

    @Produces
    @Singleton
    Routes routes(TrustedProxies proxies, Caches caches) {
        Routes routes = new Routes();
        config.byName().forEach((name, route) -> {
            if (!Names.isName(name)) {
                throw new IllegalArgumentException(
                        "weir.routes: '" + Names.shorten(name) + "' is no name: 1 to 64 of A-Z a-z 0-9 . _ - are");
            }
            routes.add(new Making("weir.routes." + name + '.', name, route, proxies, routes, caches).route());
        });
        return routes;
    }

    /** Makes one route. */
    private final class Making {
        private final String at;
        private final String name;
        private final RouteSettings settings;
        private final TrustedProxies proxies;
        private final Routes routes;
        private final Caches caches;

        Making(String at, String name, RouteSettings settings, TrustedProxies proxies, Routes routes, Caches caches) {
            this.at = at;
            this.name = name;
            this.settings = settings;
            this.proxies = proxies;
            this.routes = routes;
            this.caches = caches;
        }

        Route route() {
            PathPattern path = path();
            if (!settings.timeout().isPositive()) {
                throw new IllegalArgumentException(at + "timeout: must be positive");
            }
            if (settings.maxConcurrent() < 1) {
                throw new IllegalArgumentException(at + "max-concurrent: must be 1 or more");
            }
            settings.headers().forEach((field, value) -> {
                if (!RequestTarget.isToken(field)) {
                    throw new IllegalArgumentException(at + "headers: '" + field + "' is no name of a header");
                }
                if (value.chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7F)) {
                    throw new IllegalArgumentException(at + "headers." + field + ": it has a control character");
                }
            });
            Optional<TlsConfiguration> trusted =
                    ClientTls.require(tls, at + "tls-configuration", settings.tlsConfiguration(), settings.origin());
            OriginClient origin = new OriginClient(vertx, origin(), settings, trusted);
            RouteFigures figures = new RouteFigures(name, registry);
            Removals removals =
                    Removals.parse(at + "invalidates", settings.invalidates().orElse(List.of()), caches);
            removals.placeholders()
                    .forEach(placeholder -> named("invalidates", () -> {
                        KeyTemplate.check(placeholder);
                        return placeholder;
                    }));
            Route route = new Route(name, path, methods(), origin, proxies, removals, figures, routes::cacheOf);
            limit(route);
            if (settings.cache().isPresent()) {
                route.cache(cache(settings.cache().get(), origin, figures, route));
            } else if (settings.key().isPresent() || settings.overrideTtl().isPresent()) {
                throw new IllegalArgumentException(
                        at + (settings.key().isPresent() ? "key" : "override-ttl") + ": the route has no cache");
            }
            return route;
        }

        private void limit(Route route) {
            List<String> names = settings.limit().orElse(List.of());
            if (names.isEmpty()) {
                if (settings.limitKey().isPresent()) {
                    throw new IllegalArgumentException(at + "limit-key: the route has no limit");
                }
                return;
            }
            List<Policy> policies = new ArrayList<>();
            for (String each : names) {
                Policy policy = limits.find(each.strip());
                if (policy == null) {
                    throw new IllegalArgumentException(at + "limit: there is no weir.limits." + each.strip());
                }
                if (policies.contains(policy)) {
                    throw new IllegalArgumentException(at + "limit: '" + policy.name() + "' is named twice");
                }
                policies.add(policy);
            }
            KeyTemplate key = named(
                    "limit-key", () -> KeyTemplate.parse(settings.limitKey().orElse("{client-ip}")));
            route.limit(new RouteLimit(limits, fields, List.copyOf(policies), key));
        }

        private <T> T named(String setting, java.util.function.Supplier<T> parsing) {
            try {
                return parsing.get();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(at + setting + ": " + e.getMessage(), e);
            }
        }

        private PathPattern path() {
            String text = settings.path();
            for (String own : List.of("/v1", "/q")) {
                if (text.equals(own) || text.startsWith(own + "/")) {
                    throw new IllegalArgumentException(at + "path: what is below " + own + " is Weir's own");
                }
            }
            return named("path", () -> new PathPattern(text));
        }

        private Set<String> methods() {
            Set<String> methods = new HashSet<>();
            for (String method : settings.methods().orElse(List.of())) {
                String upper = method.strip().toUpperCase(Locale.ROOT);
                if (!RequestTarget.isToken(upper)) {
                    throw new IllegalArgumentException(at + "methods: '" + method + "' is no method");
                }
                methods.add(upper);
            }
            return Set.copyOf(methods);
        }

        private URI origin() {
            String text = settings.origin();
            try {
                URI origin = new URI(text);
                boolean http = "http".equals(origin.getScheme()) || "https".equals(origin.getScheme());
                if (http
                        && origin.getHost() != null
                        && origin.getRawQuery() == null
                        && origin.getRawFragment() == null
                        && origin.getRawUserInfo() == null) {
                    return origin;
                }
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException(at + "origin: '" + shown(text) + "' is no URL: " + e.getReason(), e);
            }
            throw new IllegalArgumentException(
                    at + "origin: '" + shown(text) + "' is no http:// or https:// URL of a host, with a path at most");
        }

        /** Without what may be a password. */
        private static String shown(String url) {
            return url.replaceAll(".*@", "…@");
        }

        private SharedCache cache(String cacheName, OriginClient origin, RouteFigures figures, Route route) {
            Flights flights = new Flights(vertx);
            CacheAccess cache = named("cache", () -> caches.access(cacheName, flights));
            KeyTemplate template = settings.key()
                    .map(text -> named("key", () -> KeyTemplate.parse(text)))
                    .orElse(KeyTemplate.TARGET_URI);
            settings.overrideTtl().ifPresent(ttl -> {
                if (!ttl.isPositive()) {
                    throw new IllegalArgumentException(at + "override-ttl: must be positive");
                }
            });
            if (settings.preserveHost() && !template.hasHeader("host")) {
                throw new IllegalArgumentException(at + "preserve-host: answers may then depend on the host,"
                        + " so the key has to hold {header.Host}");
            }
            Settings rules = new Settings(
                    cache.ttlMs(),
                    cache.negativeTtlMs(),
                    cache.staleWhileRevalidateMs(),
                    cache.staleIfErrorMs(),
                    settings.overrideTtl().map(ttl -> ttl.toMillis()).orElse(null),
                    template.hasHeader("authorization"),
                    template.hasCookies());
            return new SharedCache(
                    vertx,
                    origin,
                    cache,
                    flights,
                    new CachingRules(rules),
                    template,
                    proxies,
                    settings.timeout(),
                    figures,
                    pass -> route.pass(pass.visit(), pass.reason()));
        }
    }
}
