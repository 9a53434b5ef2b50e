package dev.weir.warm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.auth.Role;
import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Json;
import dev.weir.http.Problem;
import dev.weir.http.Resource;
import dev.weir.store.Scope;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.util.Set;

/** {@code /v1/warmers}. */
@Singleton
final class WarmResource implements Resource {

    private static final CharSequence SCOPE = HttpHeaders.createOptimized("Weir-Scope");
    private static final String RUNS = "/v1/warmers/{name}/runs";

    private static final int MAX_LISTED = 100;

    private final Warmers warmers;

    WarmResource(Warmers warmers) {
        this.warmers = warmers;
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.GET, "/v1/warmers", Role.READ, this::list)
                .on(HttpMethod.GET, "/v1/warmers/{name}", Role.READ, this::show)
                .on(HttpMethod.GET, RUNS, Role.READ, this::runs)
                .on(HttpMethod.POST, RUNS, Role.WRITE, this::begin)
                .on(HttpMethod.GET, RUNS + "/{id}", Role.READ, this::run);
    }

    private Future<?> list(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return Future.join(warmers.all().stream()
                        .map(warmer -> describe(exchange, warmer))
                        .toList())
                .compose(all -> {
                    ObjectNode body = Json.object();
                    ArrayNode array = body.putArray("warmers");
                    all.<ObjectNode>list().forEach(array::add);
                    return exchange.json(200, body);
                });
    }

    private Future<?> show(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return describe(exchange, warmers.require(exchange.name("name", 0))).compose(body -> exchange.json(200, body));
    }

    private Future<ObjectNode> describe(Exchange exchange, Warmer warmer) {
        return warmers.runs(warmer, 1).map(runs -> {
            scope(exchange, runs.scope());
            Warmer.Settings settings = warmer.settings();
            ObjectNode json = Json.object()
                    .put("name", settings.name())
                    .put("cache", settings.cache())
                    .put("schedule", settings.schedule().isEmpty() ? null : settings.schedule())
                    .put("concurrency", settings.concurrency())
                    .put("retries", settings.retries())
                    .put("backoffMs", settings.backoff().toMillis());
            json.set("lastRun", runs.value().isEmpty() ? null : runs.value().getFirst());
            return json;
        });
    }

    private Future<?> runs(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return warmers.runs(warmers.require(exchange.name("name", 0)), MAX_LISTED)
                .compose(runs -> {
                    ObjectNode body = Json.object();
                    ArrayNode array = body.putArray("runs");
                    runs.value().forEach(array::add);
                    scope(exchange, runs.scope());
                    return exchange.json(200, body);
                });
    }

    private Future<?> begin(Exchange exchange) {
        exchange.allowQuery(Set.of("wait"));
        Warmer warmer = warmers.require(exchange.name("name", 0));
        boolean wait =
                switch (exchange.query("wait").orElse("false")) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw Problem.badRequest("wait", "wait is neither true nor false");
                };
        if (wait) {
            exchange.waitsOnPurpose();
        }
        Warmer.Begun begun = warmer.begin("call", warmer.ttl());
        String location = "/v1/warmers/" + warmer.settings().name() + "/runs/"
                + begun.run().id();
        exchange.response().putHeader(HttpHeaders.LOCATION, location);
        return begun.known().compose(scope -> {
            scope(exchange, scope);
            return wait
                    ? begun.done().compose(run -> finished(exchange, run))
                    : exchange.json(202, begun.run().record().shown());
        });
    }

    private static Future<Void> finished(Exchange exchange, Run run) {
        if (run.state() != Run.State.FAILED) {
            return exchange.json(200, run.record().shown());
        }
        Problem problem = run.cause() instanceof StoreUnavailable away
                ? Api.problemOf(away)
                : new Problem(Problem.Kind.ORIGIN_FAILED, "the run failed: " + run.reason());
        throw problem.with("run", run.record().shown());
    }

    private Future<?> run(Exchange exchange) {
        exchange.allowQuery(Set.of());
        Warmer warmer = warmers.require(exchange.name("name", 0));
        String id = exchange.name("id", 1);
        return warmers.find(warmer, id).compose(found -> {
            scope(exchange, found.scope());
            ObjectNode run = found.value();
            if (run == null) {
                throw new Problem(
                        Problem.Kind.NOT_FOUND,
                        "the warmer '" + warmer.settings().name()
                                + "' has no run of this id, or it was over a day ago");
            }
            return exchange.json(200, run);
        });
    }

    private static void scope(Exchange exchange, Scope scope) {
        exchange.response().headers().set(SCOPE, scope.headerValue());
    }
}
