package dev.weir.cache;

/**
 * How long a value lives, in milliseconds.
 *
 * @param staleMs for how long after that it may be served while it is refreshed
 * @param errorMs for how long after that it may be served because the origin fails
 */
record Lifetimes(long ttlMs, long staleMs, long errorMs) {

    long keepMs() {
        return ttlMs + Math.max(staleMs, errorMs);
    }
}
