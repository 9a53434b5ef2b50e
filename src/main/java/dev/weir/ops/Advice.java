package dev.weir.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * That something is not as it should be, and what to do about it.
 *
 * @param subject what it is about: {@code cache} or {@code policy} and its name, {@code requests} and their
 *     kind, or {@code store}
 * @param figure what was measured, null where there is no number to it
 * @param threshold what the figure has passed, null where there is no number to it
 * @param message what is the matter, in half a sentence
 * @param change what to change, with the setting's name; the other half
 */
record Advice(
        Kind kind,
        Severity severity,
        Map.Entry<String, String> subject,
        @Nullable Double figure,
        @Nullable Double threshold,
        String message,
        String change) {

    /** What is not as it should be. */
    enum Kind {
        HIT_RATE,
        MEMORY,
        ERRORS,
        LATENCY,
        EVICTIONS,
        NEAR_CACHE,
        EVICTION_POLICY,
        FALLBACKS,
        DEGRADED
    }

    /** How bad it is, the worst last. */
    enum Severity {
        WARNING,
        CRITICAL
    }

    /** Both halves. */
    String sentence() {
        return message + ": " + change;
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object().put("kind", word(kind)).put("severity", word(severity));
        json.set("subject", Json.object().put(subject.getKey(), subject.getValue()));
        return json.put("figure", figure)
                .put("threshold", threshold)
                .put("message", message)
                .put("change", change);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
