package dev.weir.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How Redis does, as this instance sees it.
 *
 * @param mode {@code standalone}, {@code sentinel} or {@code cluster}, or {@code memory} if no Redis is configured
 * @param latencyMs how long the last {@code PING} took
 * @param since when it began to answer, or ceased to
 * @param evictedLately how many keys it has evicted of late for want of memory
 * @param reasons what is wrong, a sentence each
 */
record RedisState(
        Status status,
        String mode,
        @Nullable Double latencyMs,
        RedisInfo info,
        @Nullable Instant since,
        long evictedLately,
        List<String> reasons) {

    /** How it is in a word. */
    enum Status {
        UP,
        /** It answers, and something is wrong. */
        DEGRADED,
        /** It is configured and does not answer. */
        DOWN;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** None is configured, which is how it is meant. */
    static RedisState none() {
        return new RedisState(Status.UP, "memory", null, RedisInfo.UNKNOWN, null, 0, List.of());
    }

    static RedisState down(String mode, Instant since) {
        return new RedisState(Status.DOWN, mode, null, RedisInfo.UNKNOWN, since, 0, List.of("Redis does not answer"));
    }

    /** It answers as far as is known, but not this question. */
    static RedisState silent(String mode, @Nullable Double latencyMs, Instant since, String reason) {
        return new RedisState(Status.DEGRADED, mode, latencyMs, RedisInfo.UNKNOWN, since, 0, List.of(reason));
    }

    static RedisState of(String mode, double latencyMs, RedisInfo info, Instant since, long evictedLately) {
        List<String> reasons = info.reasons();
        return new RedisState(
                reasons.isEmpty() ? Status.UP : Status.DEGRADED, mode, latencyMs, info, since, evictedLately, reasons);
    }

    /** True if this is what Redis itself said. */
    boolean answers() {
        return !info.fields().isEmpty();
    }

    /** As {@code GET /v1/health/redis} shows it. */
    ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("status", status.word())
                .put("mode", mode)
                .put("latencyMs", latencyMs)
                .put("version", info.version())
                .put("uptimeMs", info.uptimeMs())
                .put("clients", info.clients());
        json.set(
                "memory",
                Json.object()
                        .put("usedBytes", info.usedBytes())
                        .put("maxBytes", info.maxBytes())
                        .put("ratio", info.memoryRatio()));
        json.put("opsPerSecond", info.opsPerSecond())
                .put("hitRate", info.hitRate())
                .put("evictedKeys", info.evictedKeys())
                .put("since", since == null ? null : since.toString())
                .put("evictionPolicy", info.evictionPolicy());
        ArrayNode words = json.putArray("reasons");
        reasons.forEach(words::add);
        return json;
    }
}
