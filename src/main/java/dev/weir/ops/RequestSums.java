package dev.weir.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests that were answered.
 *
 * @param times of those that did not wait on purpose
 */
record RequestSums(long total, long errors, Distribution times) {

    private static final String SERVER_ERROR = "server_error";

    static RequestSums of(Figures figures, Collection<String> kinds) {
        long total = 0;
        Distribution times = Distribution.NONE;
        for (String outcome : List.of("success", "client_error", SERVER_ERROR)) {
            times = times.plus(figures.time(Meters.REQUESTS, kinds, outcome));
            total += figures.count(Meters.REQUESTS, kinds, Meters.LONG + outcome);
        }
        long errors = figures.time(Meters.REQUESTS, kinds, SERVER_ERROR).count()
                + figures.count(Meters.REQUESTS, kinds, Meters.LONG + SERVER_ERROR);
        return new RequestSums(total + times.count(), errors, times);
    }

    /** Null if there was none. */
    @Nullable
    Double errorRate() {
        return total == 0 ? null : (double) errors / total;
    }

    ObjectNode toJson() {
        return Json.object()
                .put("total", total)
                .put("errors", errors)
                .put("errorRate", errorRate())
                .put("p50Ms", times.percentileMs(0.50))
                .put("p95Ms", times.percentileMs(0.95))
                .put("p99Ms", times.percentileMs(0.99));
    }
}
