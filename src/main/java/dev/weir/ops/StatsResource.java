package dev.weir.ops;

import dev.weir.auth.Role;
import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Resource;
import dev.weir.store.Scope;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;

/** {@code /v1/stats} and {@code /v1/health/redis}. */
@Singleton
final class StatsResource implements Resource {

    private static final CharSequence SCOPE = HttpHeaders.createOptimized("Weir-Scope");

    private final Stats stats;
    private final StatsStreams streams;
    private final Instances instances;
    private final RedisHealth health;

    StatsResource(Stats stats, StatsStreams streams, Instances instances, RedisHealth health) {
        this.stats = stats;
        this.streams = streams;
        this.instances = instances;
        this.health = health;
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.GET, "/v1/stats", Role.READ, this::show)
                .on(HttpMethod.DELETE, "/v1/stats", Role.ADMIN, this::reset)
                .on(HttpMethod.GET, "/v1/stats/events", Role.READ, this::watch)
                .on(HttpMethod.GET, "/v1/health/redis", Role.READ, this::redis);
    }

    private Future<?> show(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return stats.now().compose(now -> {
            scope(exchange.response(), now.scope());
            return exchange.json(200, now.value());
        });
    }

    private Future<?> reset(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return instances.reset().compose(scope -> {
            scope(exchange.response(), scope);
            return exchange.empty(204);
        });
    }

    private Future<?> watch(Exchange exchange) {
        exchange.allowQuery(Set.of());
        exchange.waitsOnPurpose();
        HttpServerResponse response = exchange.response();
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Accel-Buffering", "no");
        Future<Void> connected = response.write(": connected\n\n");
        streams.add(response);
        return connected;
    }

    private Future<?> redis(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return health.state().compose(state -> {
            scope(exchange.response(), state.answers() ? Scope.SHARED : Scope.LOCAL);
            return exchange.json(200, state.toJson());
        });
    }

    private static void scope(HttpServerResponse response, Scope scope) {
        response.headers().set(SCOPE, scope.headerValue());
    }

    void onStop(@Observes ShutdownDelayInitiatedEvent event) {
        streams.stop();
    }
}
