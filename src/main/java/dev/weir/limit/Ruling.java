package dev.weir.limit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import dev.weir.http.Problem;
import dev.weir.store.Scope;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What becomes of a request for which one or more limits were asked. */
public final class Ruling {

    /** One limit's part in it; {@code fallback} says how it came about if not by Redis, though Redis is configured. */
    record Part(Check check, Verdict verdict, @Nullable WhenUnavailable fallback) {

        boolean denies() {
            return !verdict.allowed() && !check.policy().shadow();
        }

        ObjectNode toJson() {
            Policy policy = check.policy();
            ObjectNode json = Json.object()
                    .put("allowed", !denies())
                    .put("policy", policy.name())
                    .put("limit", verdict.quota().limit())
                    .put("remaining", verdict.remaining())
                    .put("resetMs", millis(verdict.resetMicros()))
                    .put("retryAfterMs", millis(Math.max(0, verdict.retryMicros())));
            if (policy.shadow()) {
                json.put("shadow", true).put("wouldDeny", !verdict.allowed());
            }
            if (verdict.slot() != null) {
                json.put("slot", verdict.slot()).put("leaseMs", verdict.quota().windowMs());
            }
            if (fallback != null) {
                json.put("fallback", fallback.name().toLowerCase(Locale.ROOT));
            }
            return json;
        }
    }

    private static final long MICROS_PER_SECOND = 1_000_000;

    private final Scope scope;
    private final List<Part> parts;

    Ruling(Scope scope, List<Part> parts) {
        this.scope = scope;
        this.parts = parts;
    }

    /** True if none denies. */
    public boolean isAllowed() {
        return parts.stream().noneMatch(Part::denies);
    }

    public Scope scope() {
        return scope;
    }

    /** True if slots were taken, which are to be given back. */
    public boolean holdsSlots() {
        return parts.stream().anyMatch(part -> part.verdict.slot() != null);
    }

    List<Part> parts() {
        return parts;
    }

    /** What a refused client is told; of several limits what the one says that keeps it waiting longest. */
    public Problem problem() {
        Part worst = parts.getFirst();
        for (Part part : parts) {
            if (part.denies() && (!worst.denies() || part.verdict.retryMicros() > worst.verdict.retryMicros())) {
                worst = part;
            }
        }
        Verdict verdict = worst.verdict;
        String policy = worst.check.policy().name();
        long waitMs = millis(verdict.retryMicros());
        Problem problem = new Problem(
                        Problem.Kind.LIMIT_EXCEEDED,
                        "the limit '" + policy + "' is used up: try again in " + waitMs + " ms")
                .withHeader("Retry-After", Long.toString(seconds(verdict.retryMicros())));
        worst.toJson().properties().forEach(member -> problem.with(member.getKey(), member.getValue()));
        return problem;
    }

    /** Each limit's part, in the order of the checks, with the keys. */
    ArrayNode partsToJson() {
        ArrayNode array = Json.object().arrayNode();
        for (Part part : parts) {
            array.add(part.toJson().put("key", part.check.key()));
        }
        return array;
    }

    static long millis(long micros) {
        return Math.ceilDiv(micros, 1000);
    }

    /** Rounded up: a client that waits for so long does not come too early. */
    static long seconds(long micros) {
        return Math.ceilDiv(micros, MICROS_PER_SECOND);
    }
}
