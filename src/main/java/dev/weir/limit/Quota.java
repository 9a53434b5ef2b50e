package dev.weir.limit;

import java.time.Duration;

/**
 * How much may be spent.
 *
 * @param limit within a window
 * @param windowMicros a whole number of milliseconds
 * @param burst at once; equals the limit but for token buckets
 */
public record Quota(long limit, long windowMicros, long burst) {

    /** One whose burst is its limit. */
    static Quota of(long limit, Duration window) {
        return new Quota(limit, window.toMillis() * 1000, limit);
    }

    long windowMs() {
        return windowMicros / 1000;
    }
}
