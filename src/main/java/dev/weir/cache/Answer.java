package dev.weir.cache;

import dev.weir.store.Scope;
import org.jspecify.annotations.Nullable;

/**
 * What a read of a cache came to.
 *
 * @param held the entry, perhaps one that says that the origin has none; null if there is nothing
 * @param source who had it
 * @param result hit, miss or stale
 * @param expired after a load, whether an entry was there that would not do any more
 * @param stored after a load, whether the entry is kept now
 * @param collapsed whether another's load was waited for
 * @param now the time of the store's clock at which this holds
 */
record Answer(
        NearCache.@Nullable Held held,
        Source source,
        Result result,
        Scope scope,
        boolean expired,
        boolean stored,
        boolean collapsed,
        long now) {

    /** Who had it. */
    enum Source {
        NEAR("near"),
        SHARED("shared"),
        MEMORY("memory"),
        ORIGIN("origin"),
        NOBODY("");

        private final String detail;

        Source(String detail) {
            this.detail = detail;
        }

        String detail() {
            return detail;
        }

        static Source of(Scope scope) {
            return scope == Scope.SHARED ? SHARED : MEMORY;
        }
    }

    /** What the caller is told. */
    enum Result {
        HIT,
        MISS,
        STALE
    }

    static Answer nothing(Scope scope, long now) {
        return new Answer(null, Source.NOBODY, Result.MISS, scope, false, false, false, now);
    }

    /** The value, or null if there is none. */
    @Nullable
    Entry value() {
        return held == null || held.entry().negative() ? null : held.entry();
    }
}
