package dev.weir.cache;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.auth.Role;
import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Json;
import dev.weir.http.Resource;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.util.Set;

/** {@code /v1/events/{event}}: what happened outside. */
@Singleton
final class EventResource implements Resource {

    private static final int MAX_BODY = 64 * 1024;

    private final Events events;

    EventResource(Events events) {
        this.events = events;
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.POST, "/v1/events/{event}", Role.WRITE, this::post);
    }

    private Future<?> post(Exchange exchange) {
        exchange.allowQuery(Set.of());
        String event = exchange.name("event", 0);
        return exchange.body(MAX_BODY)
                .compose(body -> {
                    var parsed = body.length() == 0 ? Json.object() : Json.parse(body);
                    if (!(parsed instanceof ObjectNode values)) {
                        throw Json.wrongType("body", "an object", parsed);
                    }
                    return events.happened(event, values);
                })
                .compose(removed -> CacheResource.answerRemoved(exchange, removed));
    }
}
