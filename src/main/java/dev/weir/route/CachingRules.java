package dev.weir.route;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a shared cache may do with an answer: RFC 9111, sections 3 (storing), 4.2 (freshness) and 5.2 (directives), and RFC
 * 5861 (stale answers). Where the origin says nothing about freshness, the cache's own TTL takes the place of a heuristic.
 *
 * <p>Two things are stricter than the RFC asks for, since a mistake would show one user's data to another: an answer that
 * sets a cookie is kept only if it says {@code public} or {@code s-maxage}; and an answer to a request with a cookie is
 * kept only if the origin says for how long, or the route's key holds cookies.
 */
final class CachingRules {

    /**
     * What the route and its cache add to the rules; durations in milliseconds.
     *
     * @param overrideMs in place of everything that the origin says of caching; null to heed that
     * @param credentialsInKey the key holds {@code Authorization}: an entry is for one caller only
     * @param cookiesInKey the key holds cookies
     */
    record Settings(
            long ttlMs,
            long negativeTtlMs,
            long staleWhileRevalidateMs,
            long staleIfErrorMs,
            @Nullable Long overrideMs,
            boolean credentialsInKey,
            boolean cookiesInKey) {}

    /**
     * What may be done with one answer; durations in milliseconds.
     *
     * @param ageMs its age when it was received
     * @param freshMs for how long it is fresh yet; negative if it has been stale for so long
     * @param staleMs for how long after that it may be served while it is refreshed
     * @param keepMs for how long after being fresh it is of use at all
     * @param withheld fields, in lower case, that are not for others
     */
    record Judgement(boolean storable, long ageMs, long freshMs, long staleMs, long keepMs, Set<String> withheld) {
        static final Judgement REFUSED = new Judgement(false, 0, 0, 0, 0, Set.of());
    }

    /** Statuses that may be kept without being told (RFC 9110, section 15.1); 206 is not kept at all. */
    private static final Set<Integer> CACHEABLE_BY_DEFAULT =
            Set.of(200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501);

    private static final Set<Integer> NEGATIVE = Set.of(404, 405, 410, 414, 501);

    /** The final statuses of RFC 9110, which is what {@code must-understand} asks about. */
    private static final Set<Integer> UNDERSTOOD = Set.of(
            200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408,
            409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505);

    private static final long MIN_KEEP_MS = 60_000;
    private static final long MAX_KEEP_MS = 86_400_000;

    private final Settings settings;

    CachingRules(Settings settings) {
        this.settings = settings;
    }

    /** True if what clients and origins say of caching is set aside. */
    boolean isOverridden() {
        return settings.overrideMs != null;
    }

    /**
     * Judges an answer.
     *
     * @param requestedAt when the request was sent, in milliseconds since the epoch
     * @param receivedAt when the answer's head came
     */
    Judgement judge(MultiMap request, int status, MultiMap answer, long requestedAt, long receivedAt) {
        if (status < 200
                || status == 206
                || status == 304
                || StoredResponse.varyOf(answer).contains("*")) {
            return Judgement.REFUSED;
        }
        CacheControl control = CacheControl.parse(answer.getAll(HttpHeaders.CACHE_CONTROL));
        long age = age(answer, requestedAt, receivedAt);
        if (settings.overrideMs != null) {
            return overridden(settings.overrideMs, status, age);
        }
        if (!mayBeStored(control, request, status, answer)) {
            return Judgement.REFUSED;
        }
        boolean validatable = answer.contains(HttpHeaders.ETAG)
                || HttpDate.parse(answer.get(HttpHeaders.LAST_MODIFIED)) != HttpDate.NONE;
        boolean alwaysValidated = control.hasUnqualified("no-cache");
        long lifetime = explicitLifetime(control, answer, receivedAt);
        long fresh;
        if (lifetime >= 0) {
            fresh = lifetime - age;
        } else if (mayBeGivenTtl(control, request, status, answer)) {
            // The TTL is the operator's and counts from here: an origin's clock has no part in it.
            fresh = NEGATIVE.contains(status) ? settings.negativeTtlMs : settings.ttlMs;
        } else if (alwaysValidated) {
            fresh = 0;
        } else {
            return Judgement.REFUSED;
        }
        fresh = alwaysValidated ? Math.min(0, fresh) : fresh;
        long stale = staleWhileRevalidateMs(control);
        long keep = Math.max(stale, staleIfErrorMs(control));
        if (validatable) {
            long useful = Math.clamp(Math.max(fresh, settings.ttlMs), MIN_KEEP_MS, MAX_KEEP_MS);
            keep = Math.max(keep, useful - Math.min(0, fresh));
        }
        return fresh + keep <= 0 ? Judgement.REFUSED : new Judgement(true, age, fresh, stale, keep, withheld(control));
    }

    private Judgement overridden(long ttl, int status, long age) {
        if (!CACHEABLE_BY_DEFAULT.contains(status)) {
            return Judgement.REFUSED;
        }
        long fresh = NEGATIVE.contains(status) ? Math.min(ttl, settings.negativeTtlMs) : ttl;
        long keep = Math.max(settings.staleWhileRevalidateMs, settings.staleIfErrorMs);
        return fresh + keep <= 0
                ? Judgement.REFUSED
                // A session is never for others, whatever was set aside.
                : new Judgement(
                        true, age, fresh, settings.staleWhileRevalidateMs, keep, Set.of("set-cookie", "set-cookie2"));
    }

    private boolean mayBeStored(CacheControl control, MultiMap request, int status, MultiMap answer) {
        boolean understood = UNDERSTOOD.contains(status);
        boolean mustUnderstand = control.has("must-understand");
        if (mustUnderstand && !understood || control.has("no-store") && !mustUnderstand) {
            return false;
        }
        if (control.hasUnqualified("private")) {
            return false;
        }
        if (request.contains(HttpHeaders.AUTHORIZATION) && !settings.credentialsInKey && !permitsCredentials(control)) {
            return false;
        }
        return !answer.contains(HttpHeaders.SET_COOKIE) || control.has("public") || control.has("s-maxage");
    }

    /** RFC 9111, section 3.5. */
    static boolean permitsCredentials(CacheControl control) {
        return control.has("public") || control.has("s-maxage") || control.has("must-revalidate");
    }

    /** What the answer says itself, in milliseconds; negative if it says nothing (section 4.2.1). */
    private static long explicitLifetime(CacheControl control, MultiMap answer, long receivedAt) {
        for (String directive : List.of("s-maxage", "max-age")) {
            long seconds = control.seconds(directive);
            if (seconds != CacheControl.ABSENT) {
                return Math.max(0, seconds) * 1000;
            }
        }
        List<String> expires = answer.getAll(HttpHeaders.EXPIRES);
        if (expires.isEmpty()) {
            return -1;
        }
        long until = expires.size() > 1 ? HttpDate.NONE : HttpDate.parse(expires.getFirst());
        return until == HttpDate.NONE ? 0 : Math.max(0, until - dateOf(answer, receivedAt));
    }

    private boolean mayBeGivenTtl(CacheControl control, MultiMap request, int status, MultiMap answer) {
        boolean isPublic = control.has("public");
        String type = answer.get(HttpHeaders.CONTENT_TYPE);
        return (CACHEABLE_BY_DEFAULT.contains(status) || isPublic)
                && (isPublic || settings.cookiesInKey || !request.contains(HttpHeaders.COOKIE))
                && (type == null || !type.startsWith("text/event-stream"));
    }

    /** RFC 9111, section 4.2.3: the age by the origin's clock and by those of the caches on the way. */
    private static long age(MultiMap answer, long requestedAt, long receivedAt) {
        long apparent = Math.max(0, receivedAt - dateOf(answer, receivedAt));
        String field = answer.get(HttpHeaders.AGE);
        // Of a list the first counts (section 5.1).
        String first = field == null ? "" : field.split(",", 2)[0].strip();
        long said = Math.max(0, CacheControl.parseSeconds(first)) * 1000;
        return Math.max(apparent, said + receivedAt - requestedAt);
    }

    private static long dateOf(MultiMap answer, long receivedAt) {
        long date = HttpDate.parse(answer.get(HttpHeaders.DATE));
        // A date says no more than its second.
        return date == HttpDate.NONE || Math.abs(receivedAt - date) < 1000 ? receivedAt : date;
    }

    private static Set<String> withheld(CacheControl control) {
        Set<String> fields = new HashSet<>(control.fields("private"));
        fields.addAll(control.fields("no-cache"));
        return fields;
    }

    /** For how long after being fresh an answer may be served while it is refreshed (RFC 5861, section 3). */
    private long staleWhileRevalidateMs(CacheControl control) {
        return staleMs(control, "stale-while-revalidate", settings.staleWhileRevalidateMs);
    }

    /** For how long after being fresh an answer may be served in place of an error (RFC 5861, section 4). */
    long staleIfErrorMs(CacheControl control) {
        return staleMs(control, "stale-if-error", settings.staleIfErrorMs);
    }

    private long staleMs(CacheControl control, String directive, long otherwise) {
        if (settings.overrideMs != null) {
            return otherwise;
        }
        if (forbidsStale(control)) {
            return 0;
        }
        long seconds = control.seconds(directive);
        // s-maxage forbids stale answers like proxy-revalidate, unless the origin allows them in the same breath.
        return seconds >= 0 ? seconds * 1000 : control.has("s-maxage") ? 0 : otherwise;
    }

    private static boolean forbidsStale(CacheControl control) {
        return control.has("must-revalidate") || control.has("proxy-revalidate") || control.hasUnqualified("no-cache");
    }

    /** True if a client that accepts a stale answer may have one (section 4.2.4). */
    static boolean mayBeStale(CacheControl control) {
        return !forbidsStale(control) && !control.has("s-maxage");
    }
}
