package dev.weir.cache;

import dev.weir.store.Failover;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The leases of one cache's store, and those of them that this process holds. */
final class Leases {

    /** In place of a lease's token: what is loaded is not to be stored. */
    static final long NONE = 0;

    /** The right to load an entry, as long as nothing takes it away. */
    record Held(CacheKey key, long token, Scope scope) {

        boolean mayStore() {
            return token != NONE;
        }
    }

    private final String cache;
    private final Failover<CacheStore> store;
    private final Wakes wakes;
    private final Set<Held> held = ConcurrentHashMap.newKeySet();

    Leases(Vertx vertx, String cache, Failover<CacheStore> store) {
        this.wakes = new Wakes(vertx);
        this.cache = cache;
        this.store = store;
    }

    /** Where those wait who did not get a lease. */
    Wakes wakes() {
        return wakes;
    }

    /** Asks for the right to load. A store that refuses to keep even that, for want of room, keeps nobody from it. */
    Future<Scoped<CacheStore.Lease>> ask(String key, @Nullable Entry seen, Scope scope, Duration length) {
        return store.stay(scope, s -> s.lease(new CacheKey(cache, key), seen, length))
                .recover(e -> e instanceof StoreUnavailable unavailable && unavailable.isRefused()
                        ? Future.succeededFuture(new Scoped<>(new CacheStore.Lease.Granted(NONE), scope))
                        : Future.failedFuture(e));
    }

    /** What was granted, to be ended by {@link #fill} or {@link #giveBack}. */
    Held hold(String key, long token, Scope scope) {
        Held lease = new Held(new CacheKey(cache, key), token, scope);
        if (lease.mayStore()) {
            held.add(lease);
        }
        return lease;
    }

    /** Has a lease last for {@code length} from now, unless it was lost. */
    Future<?> extend(Held lease, Duration length) {
        return lease.mayStore()
                ? store.stay(lease.scope, s -> s.extend(lease.key, lease.token, length))
                        .otherwiseEmpty()
                : Future.succeededFuture();
    }

    /** Ends a lease by storing what was loaded; false if it was lost meanwhile. */
    Future<Scoped<Boolean>> fill(Held lease, Entry entry) {
        return store.stay(lease.scope, s -> s.fill(lease.key, lease.token, entry))
                .onComplete(done -> held.remove(lease));
    }

    /** Ends a lease without anything. */
    Future<?> giveBack(Held lease) {
        return lease.mayStore()
                ? store.stay(lease.scope, s -> s.fill(lease.key, lease.token, null))
                        .otherwiseEmpty()
                        .onComplete(done -> held.remove(lease))
                : Future.succeededFuture();
    }

    /** Gives back every lease, so that no other instance waits for what this one will not finish. */
    Future<?> close() {
        return Future.join(held.stream().map(this::giveBack).toList());
    }
}
