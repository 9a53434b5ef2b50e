package dev.weir.route;

import dev.weir.http.Problem;
import dev.weir.limit.Check;
import dev.weir.limit.Limits;
import dev.weir.limit.Policy;
import dev.weir.limit.RateLimitFields;
import dev.weir.limit.Ruling;
import io.vertx.core.http.HttpHeaders;
import java.util.List;

/**
 * The limits of a route: each request spends one of each, whoever answers it, or is refused and never reaches the cache or
 * the origin.
 */
final class RouteLimit {

    /** A refused body that is longer is not waited for. */
    private static final int SHORT_DIGITS = 4;

    private final Limits limits;
    private final RateLimitFields fields;
    private final List<Policy> policies;
    private final KeyTemplate key;

    RouteLimit(Limits limits, RateLimitFields fields, List<Policy> policies, KeyTemplate key) {
        this.limits = limits;
        this.fields = fields;
        this.policies = policies;
        this.key = key;
    }

    /** Runs {@code admitted} if the request may pass, and answers it otherwise. */
    void guard(Visit visit, Runnable admitted) {
        String subject = key.key(visit.request(), visit.target(), visit.clientIp());
        limits.spend(policies.stream()
                        .map(policy -> new Check(policy, subject, 1))
                        .toList())
                .onComplete(ruled -> {
                    if (ruled.failed()) {
                        visit.fail(ruled.cause());
                        return;
                    }
                    Ruling ruling = ruled.result();
                    // The slots of a concurrency limit are this request's for as long as it is under way.
                    if (ruling.holdsSlots()) {
                        visit.whenDone(() -> limits.giveBack(ruling));
                    }
                    if (visit.isGone()) {
                        return;
                    }
                    fields.tell(visit.response(), ruling);
                    if (ruling.isAllowed()) {
                        try {
                            admitted.run();
                        } catch (RuntimeException e) {
                            visit.fail(e);
                        }
                    } else {
                        visit.fail(refusal(visit, ruling));
                    }
                });
    }

    private static Problem refusal(Visit visit, Ruling ruling) {
        String length = visit.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        boolean isLong = visit.hasBody() && (length == null || length.length() > SHORT_DIGITS);
        return isLong ? ruling.problem().withHeader("Connection", "close") : ruling.problem();
    }
}
