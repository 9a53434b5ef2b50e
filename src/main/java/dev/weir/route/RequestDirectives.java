package dev.weir.route;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/**
 * What a request says of the caches on its way (RFC 9111, section 5.2.1), in milliseconds; negative where it says
 * nothing. A {@code Pragma: no-cache} counts where there is no {@code Cache-Control} (section 5.4).
 */
record RequestDirectives(
        boolean noStore, boolean noCache, boolean onlyIfCached, long maxAgeMs, long minFreshMs, long maxStaleMs) {

    static final RequestDirectives NONE = new RequestDirectives(false, false, false, -1, -1, -1);

    private static final CharSequence PRAGMA = HttpHeaders.createOptimized("pragma");

    static RequestDirectives of(MultiMap headers) {
        if (!headers.contains(HttpHeaders.CACHE_CONTROL)) {
            return headers.contains(PRAGMA)
                            && CacheControl.parse(headers.getAll(PRAGMA)).has("no-cache")
                    ? new RequestDirectives(false, true, false, -1, -1, -1)
                    : NONE;
        }
        CacheControl control = CacheControl.parse(headers.getAll(HttpHeaders.CACHE_CONTROL));
        return new RequestDirectives(
                control.has("no-store"),
                control.has("no-cache"),
                control.has("only-if-cached"),
                millis(control, "max-age"),
                millis(control, "min-fresh"),
                // Without a number a stale answer of any age will do.
                control.hasUnqualified("max-stale") ? Long.MAX_VALUE : millis(control, "max-stale"));
    }

    private static long millis(CacheControl control, String directive) {
        long seconds = control.seconds(directive);
        return seconds < 0 ? -1 : seconds * 1000;
    }

    /** True if an answer of this age, with so much of its freshness left, is fresh enough for this request. */
    boolean acceptsFresh(long ageMs, long leftMs) {
        return !noCache && leftMs > 0 && isYoungEnough(ageMs) && (minFreshMs < 0 || leftMs >= minFreshMs);
    }

    /** True if an answer that has been stale for so long will do. */
    boolean acceptsStale(long ageMs, long staleForMs) {
        return !noCache && minFreshMs < 0 && isYoungEnough(ageMs) && staleForMs <= maxStaleMs;
    }

    /** An answer that was kept within this very millisecond is still none from the origin, which max-age=0 asks for. */
    private boolean isYoungEnough(long ageMs) {
        return maxAgeMs < 0 || maxAgeMs > 0 && ageMs <= maxAgeMs;
    }

    /** True if it accepts whatever the cache deems good. */
    boolean leavesItToTheCache() {
        return !noCache && maxAgeMs < 0 && minFreshMs < 0;
    }
}
