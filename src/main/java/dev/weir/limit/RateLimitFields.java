package dev.weir.limit;

import dev.weir.limit.LimitConfig.Headers;
import dev.weir.store.Scope;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/**
 * The header fields that tell a client how much is left: {@code RateLimit} and {@code RateLimit-Policy} after
 * draft-ietf-httpapi-ratelimit-headers, and their forerunners. Of several limits the forerunners tell of the one that has
 * least left.
 */
public final class RateLimitFields {

    private static final CharSequence POLICY = HttpHeaders.createOptimized("RateLimit-Policy");
    private static final CharSequence STATE = HttpHeaders.createOptimized("RateLimit");
    private static final CharSequence LIMIT = HttpHeaders.createOptimized("X-RateLimit-Limit");
    private static final CharSequence REMAINING = HttpHeaders.createOptimized("X-RateLimit-Remaining");
    private static final CharSequence RESET = HttpHeaders.createOptimized("X-RateLimit-Reset");
    private static final CharSequence SCOPE = HttpHeaders.createOptimized("Weir-Scope");

    private final Headers which;

    RateLimitFields(Headers which) {
        this.which = which;
    }

    /** Says in an answer's head what a ruling came to. */
    public void tell(HttpServerResponse response, Ruling ruling) {
        MultiMap headers = response.headers();
        scope(headers, ruling.scope());
        if (which != Headers.LEGACY) {
            StringBuilder policies = new StringBuilder(48);
            StringBuilder states = new StringBuilder(48);
            for (Ruling.Part part : ruling.parts()) {
                append(policies, part.check().policy(), part.verdict().quota());
                append(states, part.check().policy(), part.verdict());
            }
            headers.set(POLICY, policies.toString()).set(STATE, states.toString());
        }
        if (which != Headers.DRAFT) {
            Verdict least = ruling.parts().getFirst().verdict();
            for (Ruling.Part part : ruling.parts()) {
                least = part.verdict().remaining() < least.remaining() ? part.verdict() : least;
            }
            headers.set(LIMIT, Long.toString(least.quota().limit()))
                    .set(REMAINING, Long.toString(least.remaining()))
                    .set(RESET, Long.toString(Ruling.seconds(least.resetMicros())));
        }
    }

    static void scope(MultiMap headers, Scope scope) {
        headers.set(SCOPE, scope.headerValue());
    }

    private static void append(StringBuilder out, Policy policy, Quota quota) {
        name(out, policy)
                .append(";q=")
                .append(quota.limit())
                .append(";w=")
                .append(Ruling.seconds(quota.windowMicros()));
    }

    private static void append(StringBuilder out, Policy policy, Verdict verdict) {
        name(out, policy)
                .append(";r=")
                .append(verdict.remaining())
                .append(";t=")
                .append(Ruling.seconds(verdict.resetMicros()));
    }

    private static StringBuilder name(StringBuilder out, Policy policy) {
        return (out.isEmpty() ? out : out.append(", "))
                .append('"')
                .append(policy.name())
                .append('"');
    }
}
