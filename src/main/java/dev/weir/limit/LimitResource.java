package dev.weir.limit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.auth.Role;
import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Json;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.http.Resource;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** {@code /v1/limits}: the policies, and checks against them. */
@Singleton
final class LimitResource implements Resource {

    private static final String SUBJECT = "/v1/limits/{policy}/{key...}";
    private static final int MAX_BODY = 256 * 1024;
    private static final int MAX_CHECKS = 100;

    /** The most that any policy can allow. */
    static final int MAX_COST = 1_000_000_000;

    private final Limits limits;
    private final RateLimitFields fields;

    LimitResource(Limits limits, RateLimitFields fields) {
        this.limits = limits;
        this.fields = fields;
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.GET, "/v1/limits", Role.READ, this::list)
                .on(HttpMethod.POST, "/v1/limits", Role.READ, this::checkMany)
                .on(HttpMethod.GET, "/v1/limits/{policy}", Role.READ, this::show)
                .on(HttpMethod.POST, SUBJECT, Role.READ, this::check)
                .on(HttpMethod.GET, SUBJECT, Role.READ, this::peek)
                .on(HttpMethod.DELETE, SUBJECT, Role.ADMIN, this::reset);
    }

    private Future<?> list(Exchange exchange) {
        exchange.allowQuery(Set.of());
        ObjectNode body = Json.object();
        ArrayNode all = body.putArray("policies");
        limits.all().forEach(policy -> all.add(report(policy)));
        return exchange.json(200, body);
    }

    private Future<?> show(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return exchange.json(200, report(limits.require(exchange.name("policy", 0))));
    }

    private ObjectNode report(Policy policy) {
        LimitFigures figures = limits.figures(policy);
        double allowed = figures.allowed.count();
        double denied = figures.denied.count();
        double shadowed = figures.shadowed.count();
        return Json.object()
                .put("policy", policy.name())
                .put("algorithm", policy.algorithm().wireName())
                .put("limit", policy.quota().limit())
                .put("windowMs", policy.quota().windowMs())
                .put("burst", policy.quota().burst())
                .put("whenUnavailable", policy.whenUnavailable().name().toLowerCase(Locale.ROOT))
                .put("shadow", policy.shadow())
                .put("checks", (long) (allowed + denied + shadowed))
                .put("allowed", (long) allowed)
                .put("denied", (long) denied)
                .put("wouldDeny", (long) shadowed)
                .put("nearRefusals", (long) figures.near.count())
                .put("fallbacks", (long) figures.fallbacks.count());
    }

    private Future<?> check(Exchange exchange) {
        return limits.spend(List.of(asked(exchange))).compose(ruling -> answer(exchange, ruling));
    }

    private Future<?> peek(Exchange exchange) {
        return limits.peek(List.of(asked(exchange))).compose(ruling -> {
            fields.tell(exchange.response(), ruling);
            return exchange.json(200, ruling.parts().getFirst().toJson());
        });
    }

    private Check asked(Exchange exchange) {
        exchange.allowQuery(Set.of("cost"));
        Policy policy = limits.require(exchange.name("policy", 0));
        return new Check(policy, exchange.key("key", 1), exchange.queryInt("cost", 1, 1, MAX_COST));
    }

    private Future<?> answer(Exchange exchange, Ruling ruling) {
        fields.tell(exchange.response(), ruling);
        return ruling.isAllowed()
                ? exchange.json(200, ruling.parts().getFirst().toJson())
                : Future.failedFuture(ruling.problem());
    }

    private Future<?> checkMany(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return exchange.body(MAX_BODY)
                .compose(body -> limits.spend(checks(Json.parseObject(body, "checks"))))
                .compose(ruling -> {
                    fields.tell(exchange.response(), ruling);
                    if (!ruling.isAllowed()) {
                        return Future.failedFuture(ruling.problem().with("checks", ruling.partsToJson()));
                    }
                    ObjectNode answer = Json.object().put("allowed", true);
                    answer.set("checks", ruling.partsToJson());
                    return exchange.json(200, answer);
                });
    }

    private List<Check> checks(ObjectNode body) {
        List<JsonNode> items = Json.items("checks", body, "checks");
        if (items.isEmpty() || items.size() > MAX_CHECKS) {
            throw Problem.badRequest(
                    "checks", "checks has " + items.size() + " items: 1 to " + MAX_CHECKS + " are expected");
        }
        List<Check> checks = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            String at = "checks[" + i + "]";
            ObjectNode item = Json.requireObject(at, items.get(i), "policy", "key", "cost");
            Policy policy = limits.require(Names.requireName(at + ".policy", text(at, item, "policy")));
            String key = Names.requireKey(at + ".key", text(at, item, "key"));
            checks.add(new Check(policy, key, Json.wholeNumber(at + ".cost", item, "cost", 1, 1, MAX_COST)));
        }
        return checks;
    }

    private static String text(String at, ObjectNode item, String name) {
        String field = at + '.' + name;
        String text = Json.optionalText(field, item, name);
        if (text == null) {
            throw Problem.badRequest(field, field + " is missing");
        }
        return text;
    }

    private Future<?> reset(Exchange exchange) {
        exchange.allowQuery(Set.of());
        Policy policy = limits.require(exchange.name("policy", 0));
        return limits.reset(policy, exchange.key("key", 1)).compose(scope -> {
            RateLimitFields.scope(exchange.response().headers(), scope);
            return exchange.empty(204);
        });
    }
}
