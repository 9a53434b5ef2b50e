package dev.weir.limit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.auth.Role;
import dev.weir.http.Api;
import dev.weir.http.Durations;
import dev.weir.http.Exchange;
import dev.weir.http.Json;
import dev.weir.http.Problem;
import dev.weir.http.Resource;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;

/** What is below a subject of {@code /v1/limits}: its override, and the slots that it holds. */
@Singleton
final class SubjectResource implements Resource {

    private static final String OVERRIDE = "/v1/limits/{policy}/{key...}/override";
    private static final String SLOT = "/v1/limits/{policy}/{key...}/slot";
    private static final int MAX_BODY = 16 * 1024;
    private static final Duration DEFAULT_TTL = Duration.ofDays(1);
    private static final Duration MAX_TTL = Duration.ofDays(366);

    private final Limits limits;

    SubjectResource(Limits limits) {
        this.limits = limits;
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.GET, OVERRIDE, Role.READ, this::showOverride)
                .on(HttpMethod.PUT, OVERRIDE, Role.ADMIN, this::override)
                .on(HttpMethod.DELETE, OVERRIDE, Role.ADMIN, this::dropOverride)
                .on(HttpMethod.PUT, SLOT, Role.READ, this::renew)
                .on(HttpMethod.DELETE, SLOT, Role.READ, this::giveBack);
    }

    private Policy policy(Exchange exchange) {
        return limits.require(exchange.name("policy", 0));
    }

    private static String key(Exchange exchange) {
        return exchange.key("key", 1);
    }

    private Future<?> showOverride(Exchange exchange) {
        exchange.allowQuery(Set.of());
        Policy policy = policy(exchange);
        String key = key(exchange);
        return limits.overrideOf(policy, key).compose(found -> {
            scope(exchange, found.scope());
            LimitStore.OwnLimit override = found.value();
            if (override == null) {
                throw new Problem(
                        Problem.Kind.NOT_FOUND, "the key has no override: the policy's own limit holds for it");
            }
            return exchange.json(
                    200,
                    describe(policy, key, override.limit(), override.windowMicros() / 1000)
                            .put("ttlMs", override.ttlMs()));
        });
    }

    private static ObjectNode describe(Policy policy, String key, long limit, long windowMs) {
        return Json.object()
                .put("policy", policy.name())
                .put("key", key)
                .put("limit", limit)
                .put("windowMs", windowMs);
    }

    private Future<?> override(Exchange exchange) {
        exchange.allowQuery(Set.of());
        Policy policy = policy(exchange);
        String key = key(exchange);
        return exchange.body(MAX_BODY).compose(body -> override(exchange, policy, key, body));
    }

    private Future<?> override(Exchange exchange, Policy policy, String key, Buffer body) {
        ObjectNode wanted = Json.parseObject(body, "limit", "window", "ttl");
        long limit = Json.wholeNumber(
                "limit", wanted, "limit", 0, 1, policy.algorithm().maxLimit());
        if (limit == 0) {
            throw Problem.badRequest("limit", "limit is missing");
        }
        Duration window =
                duration(wanted, "window", Duration.ofMillis(policy.quota().windowMs()));
        Duration ttl = duration(wanted, "ttl", DEFAULT_TTL);
        long burst = policy.overridden(limit, 0).burst();
        String trouble = Policy.troubleOfWindow(policy.algorithm(), burst, window);
        if (trouble != null) {
            throw Problem.badRequest("window", "window: " + trouble);
        }
        if (ttl.compareTo(Duration.ofMillis(1)) < 0 || ttl.compareTo(MAX_TTL) > 0) {
            throw Problem.badRequest("ttl", "ttl: it is not within 1ms and 366d");
        }
        return limits.override(policy, key, limit, window, ttl).compose(scope -> {
            scope(exchange, scope);
            return exchange.json(
                    200, describe(policy, key, limit, window.toMillis()).put("ttlMs", ttl.toMillis()));
        });
    }

    private static Duration duration(ObjectNode body, String name, Duration fallback) {
        String text = Json.optionalText(name, body, name);
        return text == null ? fallback : Durations.require(name, text);
    }

    private Future<?> dropOverride(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return limits.dropOverride(policy(exchange), key(exchange)).compose(dropped -> {
            scope(exchange, dropped.scope());
            return exchange.empty(204);
        });
    }

    private Future<?> renew(Exchange exchange) {
        Policy policy = policyOfSlots(exchange);
        return limits.renew(policy, key(exchange), slot(exchange)).compose(renewed -> {
            requireHeld(exchange, renewed);
            return exchange.json(
                    200,
                    Json.object()
                            .put("policy", policy.name())
                            .put("slot", slot(exchange))
                            .put("leaseMs", policy.quota().windowMs()));
        });
    }

    private Future<?> giveBack(Exchange exchange) {
        Policy policy = policyOfSlots(exchange);
        return limits.giveBack(policy, key(exchange), slot(exchange)).compose(held -> {
            requireHeld(exchange, held);
            return exchange.empty(204);
        });
    }

    private Policy policyOfSlots(Exchange exchange) {
        exchange.allowQuery(Set.of("id"));
        Policy policy = policy(exchange);
        if (policy.algorithm() != Algorithm.CONCURRENCY) {
            throw new Problem(
                            Problem.Kind.UNPROCESSABLE,
                            "the policy '" + policy.name() + "' has no slots: its algorithm is "
                                    + policy.algorithm().wireName())
                    .with("policy", policy.name());
        }
        return policy;
    }

    private static String slot(Exchange exchange) {
        return exchange.query("id")
                .filter(text -> SlotName.parse(text) != null)
                .orElseThrow(() -> Problem.badRequest("id", "id is not the slot that a check has answered with"));
    }

    private static void requireHeld(Exchange exchange, Scoped<Boolean> held) {
        scope(exchange, held.scope());
        if (!held.value()) {
            throw new Problem(Problem.Kind.NOT_FOUND, "the slot is not held: it was given back, or its lease was over");
        }
    }

    private static void scope(Exchange exchange, Scope scope) {
        RateLimitFields.scope(exchange.response().headers(), scope);
    }
}
