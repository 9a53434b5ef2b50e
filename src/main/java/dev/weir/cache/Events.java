package dev.weir.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;

/** What happened outside and makes entries stale: by configuration, so that who reports it needs to know no cache. */
final class Events {

    private final Map<String, Removals> events = new HashMap<>();

    /** @throws IllegalArgumentException that names the setting */
    Events(EventsConfig config, Caches caches) {
        config.byName().forEach((name, settings) -> {
            String where = "weir.events." + name + ".removes";
            if (!Names.isName(name)) {
                throw new IllegalArgumentException(where + ": '" + name + "' is no name");
            }
            events.put(name, Removals.parse(where, settings.removes(), caches));
        });
    }

    /**
     * Removes what the event makes stale.
     *
     * @throws Problem if there is no such event, or a value for one of its placeholders is missing
     */
    Future<Scoped<Long>> happened(String event, ObjectNode values) {
        Removals removals = events.get(event);
        if (removals == null) {
            throw new Problem(
                    Problem.Kind.NOT_FOUND,
                    "no event has the name '" + Names.shorten(event) + "': declare weir.events." + Names.shorten(event)
                            + ".removes");
        }
        return removals.run(name -> valueOf(name, values));
    }

    private static String valueOf(String name, ObjectNode values) {
        JsonNode value = values.get(name);
        if (value == null || value.isNull()) {
            throw Problem.badRequest(name, name + " is missing: this event needs it");
        }
        if (!value.isTextual() && !value.isIntegralNumber()) {
            throw Json.wrongType(name, "a string or a whole number", value);
        }
        return Names.requireKey(name, value.asText());
    }
}
