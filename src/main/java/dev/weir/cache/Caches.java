package dev.weir.cache;

import dev.weir.cache.CacheStore.Selection;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** All caches by name, and what concerns them all: changes on other instances, and Redis going and coming. */
public final class Caches implements ChangeBus.Listener, Availability.Listener {

    /** Names cost memory and a set of metrics each; who may invent them must not invent them without end. */
    private static final int MAX_UNDECLARED = 256;

    private final Map<String, NamedCache> caches = new ConcurrentHashMap<>();
    private final Function<String, NamedCache> factory;
    private final CacheConfig.Undeclared undeclared;
    private final Failover<CacheStore> store;
    private final int limit;

    Caches(
            Collection<String> declared,
            CacheConfig.Undeclared undeclared,
            Failover<CacheStore> store,
            Function<String, NamedCache> factory) {
        this.factory = factory;
        this.undeclared = undeclared;
        this.store = store;
        declared.forEach(name -> caches.put(name, factory.apply(name)));
        caches.computeIfAbsent("default", factory);
        limit = caches.size() + MAX_UNDECLARED;
    }

    /** @throws Problem if there is no such cache */
    NamedCache require(String name) {
        NamedCache cache = caches.get(name);
        if (cache != null) {
            return cache;
        }
        if (undeclared == CacheConfig.Undeclared.DENY) {
            throw new Problem(
                    Problem.Kind.NOT_FOUND,
                    "no cache has the name '" + Names.shorten(name) + "': declare weir.caches." + Names.shorten(name)
                            + ".ttl, or set weir.cache.undeclared=allow");
        }
        if (caches.size() >= limit) {
            throw new Problem(
                    Problem.Kind.UNPROCESSABLE,
                    "more than " + MAX_UNDECLARED + " undeclared caches: declare those that are meant to be");
        }
        return caches.computeIfAbsent(name, factory);
    }

    /** The cache of that name if there is one. */
    @Nullable
    NamedCache find(String name) {
        return caches.get(name);
    }

    /**
     * The way of another feature to a cache that is declared.
     *
     * @param itsLoads are cut off by whatever makes the cache's entries stale
     * @throws IllegalArgumentException if there is no such cache
     */
    public CacheAccess access(String name, Loads itsLoads) {
        NamedCache cache = caches.get(name);
        if (cache == null) {
            throw new IllegalArgumentException("the cache '" + name + "' is not declared");
        }
        return cache.access(itsLoads);
    }

    /**
     * The way of those who fill a cache that is declared and has an origin.
     *
     * @throws IllegalArgumentException if there is none such
     */
    public CacheWarmth warmth(String name) {
        NamedCache cache = caches.get(name);
        if (cache == null || !cache.hasOrigin()) {
            throw new IllegalArgumentException(
                    cache == null
                            ? "the cache '" + name + "' is not declared"
                            : "the cache '" + name + "' has no origin to be filled from");
        }
        return cache.warmth();
    }

    /** All caches in the order of their names. */
    Collection<NamedCache> all() {
        return new TreeMap<>(caches).values();
    }

    /** Removes every entry of every cache. */
    Future<Scoped<Long>> clear() {
        Selection everything = new Selection.Everything();
        return store.change(s -> s.remove(everything)).onComplete(done -> apply(Change.of(everything)));
    }

    /** Gives back what this instance holds in the store; it is about to end. */
    Future<?> close() {
        return Future.join(caches.values().stream().map(NamedCache::close).toList());
    }

    private void apply(Change change) {
        caches.values().forEach(cache -> cache.apply(change));
    }

    @Override
    public void onMessage(String topic, String payload, boolean own) {
        if (!topic.equals(Change.TOPIC)) {
            return;
        }
        Change change = Change.decode(payload).orElse(null);
        if (change == null) {
            return;
        }
        if (change.op() == Change.Op.CLEAR_ALL) {
            caches.values().forEach(cache -> receive(cache, change, own));
            return;
        }
        NamedCache cache = caches.get(change.cache());
        if (cache != null) {
            receive(cache, change, own);
        }
    }

    /** What this instance changed itself it has applied before it answered; its load would now evict its own result. */
    private static void receive(NamedCache cache, Change change, boolean own) {
        if (!own) {
            cache.apply(change);
        }
        cache.wake(change);
    }

    @Override
    public void onLost() {
        caches.values().forEach(cache -> {
            cache.near().suspend();
            cache.cutOffAll();
        });
    }

    @Override
    public void onRestored() {
        caches.values().forEach(cache -> {
            cache.near().resume();
            cache.cutOffAll();
        });
    }

    /** What stands in for Redis knows nothing of the entries near. */
    @Override
    public void onDown() {
        transition(Scope.LOCAL);
    }

    @Override
    public void onUp() {
        transition(Scope.SHARED);
    }

    /** A load that began on one store must not be joined by those who are to read from the other. */
    private void transition(Scope scope) {
        caches.values().forEach(cache -> {
            cache.near().accept(scope);
            cache.cutOffAll();
        });
    }
}
