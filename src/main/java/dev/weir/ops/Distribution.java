package dev.weir.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How often something took how long, as a histogram with fixed bounds. It is a value.
 *
 * @param buckets by its upper bound in nanoseconds how often a bucket was hit; {@link #OVERFLOW} stands for what took
 *     longer than the last bound
 * @param totalNanos what all of it took together
 */
record Distribution(NavigableMap<Long, Long> buckets, long totalNanos) {

    /** The bound of the bucket that has none. */
    static final long OVERFLOW = Long.MAX_VALUE;

    static final Distribution NONE = new Distribution(new TreeMap<>(), 0);

    private static final double NANOS_PER_MS = 1e6;

    long count() {
        return buckets.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Both together; where their bounds differ, those of both are kept. */
    Distribution plus(Distribution other) {
        return combine(other, Math::addExact);
    }

    /** What has been added since {@code earlier}; never less than nothing. */
    Distribution minus(Distribution earlier) {
        return combine(earlier, (now, before) -> Math.max(0, now - before));
    }

    private Distribution combine(Distribution other, LongBinaryOperator how) {
        NavigableMap<Long, Long> combined = new TreeMap<>(buckets);
        other.buckets.forEach(
                (bound, count) -> combined.put(bound, how.applyAsLong(buckets.getOrDefault(bound, 0L), count)));
        return new Distribution(combined, how.applyAsLong(totalNanos, other.totalNanos));
    }

    /** The mean in milliseconds, null if nothing was counted. */
    @Nullable
    Double meanMs() {
        long count = count();
        return count == 0 ? null : totalNanos / NANOS_PER_MS / count;
    }

    /**
     * What a share {@code p} of all took at most, in milliseconds: interpolated within the bucket that it falls into, as
     * if that were evenly filled. Of what lies beyond the last bound no more is known than that, so that bound is the answer.
     *
     * @param p from 0 to 1
     * @return null if nothing was counted
     */
    @Nullable
    Double percentileMs(double p) {
        long count = count();
        if (count == 0) {
            return null;
        }
        double rank = p * count;
        double lower = 0;
        long below = 0;
        for (Map.Entry<Long, Long> bucket : buckets.entrySet()) {
            long inside = bucket.getValue();
            if (bucket.getKey() == OVERFLOW) {
                break;
            }
            if (inside > 0 && below + inside >= rank) {
                return (lower + (bucket.getKey() - lower) * (rank - below) / inside) / NANOS_PER_MS;
            }
            below += inside;
            lower = bucket.getKey();
        }
        return lower / NANOS_PER_MS;
    }

    /** As {@link #fromJson} reads it. */
    ObjectNode toJson() {
        ObjectNode json = Json.object().put("total", totalNanos);
        ArrayNode pairs = json.putArray("buckets");
        buckets.forEach((bound, count) -> pairs.add(bound).add(count));
        return json;
    }

    /** Lenient, since another version may have written it. */
    static Distribution fromJson(JsonNode json) {
        NavigableMap<Long, Long> buckets = new TreeMap<>();
        JsonNode pairs = json.path("buckets");
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            buckets.put(pairs.get(i).asLong(), Math.max(0, pairs.get(i + 1).asLong()));
        }
        return new Distribution(buckets, Math.max(0, json.path("total").asLong()));
    }
}
