package dev.weir.limit;

import dev.weir.auth.Role;
import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.http.Resource;
import dev.weir.http.TrustedProxies;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

/**
 * {@code /v1/gate/{policy}}: the limiter as a proxy asks it whether a request may pass. What comes after the policy in the
 * path, as Envoy's {@code ext_authz} appends the original path, says nothing, and neither does the query there: both are
 * the client's.
 */
@Singleton
final class GateResource implements Resource {

    private static final String GATE = "/v1/gate/{policy}";
    private static final String WITH_ORIGINAL_PATH = "/v1/gate/{policy}/{path...}";
    private static final List<HttpMethod> METHODS = List.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.PATCH,
            HttpMethod.DELETE,
            HttpMethod.OPTIONS);

    private final Limits limits;
    private final RateLimitFields fields;
    private final TrustedProxies proxies;

    GateResource(Limits limits, RateLimitFields fields, TrustedProxies proxies) {
        this.limits = limits;
        this.fields = fields;
        this.proxies = proxies;
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.GET, GATE, Role.READ, this::ask);
        for (HttpMethod method : METHODS) {
            api.on(method, WITH_ORIGINAL_PATH, Role.READ, exchange -> gate(exchange, client(exchange), 1, 429));
        }
    }

    private Future<?> ask(Exchange exchange) {
        exchange.allowQuery(Set.of("key", "cost", "deny"));
        String key =
                exchange.query("key").map(text -> Names.requireKey("key", text)).orElseGet(() -> client(exchange));
        int cost = exchange.queryInt("cost", 1, 1, LimitResource.MAX_COST);
        int deny =
                switch (exchange.query("deny").orElse("429")) {
                    case "429" -> 429;
                    case "403" -> 403;
                    default -> throw Problem.badRequest("deny", "deny is neither 429 nor 403");
                };
        return gate(exchange, key, cost, deny);
    }

    private String client(Exchange exchange) {
        return proxies.clientIp(exchange.request());
    }

    private Future<?> gate(Exchange exchange, String key, int cost, int deny) {
        Policy policy = limits.require(exchange.name("policy", 0));
        return limits.spend(List.of(new Check(policy, key, cost))).compose(ruling -> {
            fields.tell(exchange.response(), ruling);
            if (ruling.isAllowed()) {
                return exchange.empty(204);
            }
            return Future.failedFuture(ruling.problem().withStatus(deny));
        });
    }
}
