package dev.weir.cache;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;

/** The way to a cache for those who fill it before anybody asks. */
public final class CacheWarmth {

    /** What became of a key. */
    public enum Outcome {
        /** It was loaded from the origin, and kept. */
        LOADED,
        /** It was fresh for long enough. */
        FRESH,
        /** The origin has no such thing. */
        MISSING,
        /** It was loaded and not kept, since it was changed meanwhile or the store has no room. */
        UNKEPT,
        /** The origin failed, and what is there is stale. */
        STALE
    }

    private final NamedCache cache;

    CacheWarmth(NamedCache cache) {
        this.cache = cache;
    }

    /** How long an entry of the cache is fresh. */
    public Duration ttl() {
        return Duration.ofMillis(cache.policy().lifetimes().ttlMs());
    }

    /**
     * Loads an entry, unless it is fresh for a while yet. However many do so at once, on all instances, the origin is asked
     * once. Fails with the origin's problem.
     *
     * @param atLeast how long it must be fresh yet to be left as it is
     */
    public Future<Outcome> warm(String key, Duration atLeast) {
        return cache.warm(key, atLeast.toMillis());
    }

    /** Has reads be counted from now on. */
    public void countReads() {
        cache.countReads();
    }

    /** The keys that were read here since the last time, and how often, the rare ones left out. */
    public Map<String, Long> takeReads() {
        return cache.countReads().take();
    }
}
