package dev.weir.route;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What one route has done in this process since its start. */
final class RouteFigures {

    /** How a request was answered. */
    enum Result {
        HIT,
        STALE,
        /** The origin said that what is kept is still good. */
        VALIDATED,
        MISS,
        /** It passed through: nothing was looked for. */
        PASS,
        /** Weir itself had to say that something is wrong. */
        ERROR
    }

    private final Map<Result, Counter> requests = new EnumMap<>(Result.class);

    RouteFigures(String route, MeterRegistry registry) {
        for (Result result : Result.values()) {
            requests.put(
                    result,
                    Counter.builder("weir_route_requests")
                            .description("Requests of a route by how they were answered")
                            .tag("route", route)
                            .tag("result", result.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    void count(Result result) {
        Objects.requireNonNull(requests.get(result)).increment();
    }
}
