package dev.weir.route;

import dev.weir.cache.CacheAccess;
import dev.weir.store.Scope;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the answer to a request belongs, and what is there.
 *
 * @param primary the key that the route makes of the request
 * @param variants what stands under it if answers vary
 * @param key the primary key, or that of the request's variant
 * @param found what was found under {@code key}, whatever it is
 * @param scope of the store that was asked
 */
record Slot(String primary, @Nullable Variants variants, String key, CacheAccess.@Nullable Found found, Scope scope) {

    static Slot of(String primary) {
        return new Slot(primary, null, primary, null, Scope.LOCAL);
    }

    Slot variant(Variants of, MultiMap request) {
        return new Slot(primary, of, of.keyOf(primary, request), null, scope);
    }

    Slot with(CacheAccess.@Nullable Found what, Scope where) {
        return new Slot(primary, variants, key, what, where);
    }

    /** Why a request that finds nothing here goes on to the origin (RFC 9211, section 2.2). */
    String missReason() {
        return variants == null ? "uri-miss" : "vary-miss";
    }
}
