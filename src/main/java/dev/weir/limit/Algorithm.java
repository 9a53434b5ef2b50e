package dev.weir.limit;

/** How a policy measures what was spent; each is a script for Redis and a sibling in memory of equal verdicts. */
public enum Algorithm {
    /** Exact: no window of the policy's length ever holds more than the limit. 16 bytes for each admitted request. */
    SLIDING_LOG("sliding-log", 100_000),
    /** Two counters, weighted: 24 bytes, and up to nearly twice the limit where traffic is uneven. */
    SLIDING_WINDOW("sliding-window", 1_000_000_000),
    /** GCRA: spent at an even rate, with a burst after a pause. */
    TOKEN_BUCKET("token-bucket", 1_000_000_000),
    /** One counter from a key's first request to the window's end. */
    FIXED_WINDOW("fixed-window", 1_000_000_000),
    /** Slots that are held until they are given back or their lease is over. */
    CONCURRENCY("concurrency", 10_000);

    private final String wireName;
    private final long maxLimit;

    Algorithm(String wireName, long maxLimit) {
        this.wireName = wireName;
        this.maxLimit = maxLimit;
    }

    /** As configuration and scripts name it. */
    public String wireName() {
        return wireName;
    }

    /** The highest limit: what one key may weigh, and what whole numbers of 53 bits can count. */
    long maxLimit() {
        return maxLimit;
    }

    /** Nothing spent yet. */
    Meter newMeter() {
        return switch (this) {
            case SLIDING_LOG -> new SlidingLog();
            case SLIDING_WINDOW -> new SlidingWindow();
            case TOKEN_BUCKET -> new TokenBucket();
            case FIXED_WINDOW -> new FixedWindow();
            case CONCURRENCY -> new Slots();
        };
    }
}
