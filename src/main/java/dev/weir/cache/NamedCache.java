package dev.weir.cache;

import dev.weir.cache.CacheStore.Condition;
import dev.weir.cache.CacheStore.PutOutcome;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.http.Problem;
import dev.weir.store.Failover;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One named cache: reads through the near cache, the store and the origin in turn; writes and invalidates in the store
 * and near at once.
 *
 * <p>A read that starts after an invalidation was acknowledged here never returns the older value here. On other
 * instances that holds as soon as the change bus has told them, and in any case after the near cache's TTL.
 */
final class NamedCache {

    /** A value that a caller hands over. */
    record Put(
            String key, Buffer raw, String contentType, Lifetimes lifetimes, List<String> tags, List<String> aliases) {}

    /** What became of it. */
    record Stored(PutOutcome outcome, Entry entry, Scope scope) {}

    private final String name;
    private final CachePolicy policy;
    private final Failover<CacheStore> store;
    private final NearCache near;
    private final Gzip gzip;
    private final CacheFigures figures;
    private final Leases leases;
    private final @Nullable Origin origin;
    private final @Nullable Loader loader;
    private final boolean writeThrough;
    private final List<Loads> loads = new CopyOnWriteArrayList<>();
    private volatile @Nullable HotKeys hot;

    NamedCache(
            String name,
            CachePolicy policy,
            Failover<CacheStore> store,
            NearCache near,
            Gzip gzip,
            CacheFigures figures,
            Leases leases,
            @Nullable Origin origin,
            @Nullable Loader loader,
            boolean writeThrough) {
        this.name = name;
        this.policy = policy;
        this.store = store;
        this.near = near;
        this.gzip = gzip;
        this.figures = figures;
        this.origin = origin;
        this.loader = loader;
        this.writeThrough = writeThrough;
        this.leases = leases;
        if (loader != null) {
            loads.add(loader);
        }
    }

    String name() {
        return name;
    }

    CachePolicy policy() {
        return policy;
    }

    CacheFigures figures() {
        return figures;
    }

    NearCache near() {
        return near;
    }

    /** The value itself, uncompressed; remembered near, so that it is expanded once. */
    Future<Buffer> raw(NearCache.Held held) {
        Buffer raw = held.raw();
        if (raw != null) {
            return Future.succeededFuture(raw);
        }
        return gzip.unpack(held.entry()).onSuccess(held::keepRaw);
    }

    /** Reads an entry. */
    Future<Answer> get(String key) {
        long began = System.nanoTime();
        HotKeys counting = hot;
        if (counting != null) {
            counting.count(key);
        }
        Answer hit = near(key);
        if (hit != null) {
            figures.near.increment();
            figures.get.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
            return Future.succeededFuture(hit);
        }
        if (origin != null) {
            origin.check(key);
        }
        long ticket = near.ticket(key);
        return store.call(s -> s.get(new CacheKey(name, key), policy.sliding()))
                .compose(found -> decide(key, ticket, found))
                .onSuccess(answer -> {
                    count(answer);
                    figures.get.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
                });
    }

    private @Nullable Answer near(String key) {
        NearCache.Held held = near.get(key);
        if (held == null) {
            return null;
        }
        long now = store.on(held.scope()).now();
        Entry entry = held.entry();
        if (!entry.isFresh(now)) {
            return null;
        }
        if (loader != null && !entry.negative() && entry.isNearItsEnd(now, policy.refreshAhead())) {
            loader.refresh(key, entry, held.scope());
        }
        if (policy.sliding() && !entry.negative() && held.isToBeRenewed(now)) {
            // The store renews the entry; nobody waits for that, and a copy never outlives its own short TTL.
            store.stay(held.scope(), s -> s.get(new CacheKey(name, key), true));
        }
        return new Answer(held, Answer.Source.NEAR, Answer.Result.HIT, held.scope(), false, false, false, now);
    }

    private Future<Answer> decide(String key, long ticket, Scoped<@Nullable Entry> found) {
        Scope scope = found.scope();
        long now = store.on(scope).now();
        Entry entry = found.value();
        if (entry != null && entry.isFresh(now)) {
            NearCache.Held held = near.fill(key, entry, scope, ticket);
            if (loader != null && !entry.negative() && entry.isNearItsEnd(now, policy.refreshAhead())) {
                loader.refresh(key, entry, scope);
            }
            return Future.succeededFuture(hit(held, Answer.Result.HIT, now));
        }
        if (entry != null && entry.isServable(now)) {
            if (loader != null) {
                loader.refresh(key, entry, scope);
            }
            return Future.succeededFuture(hit(new NearCache.Held(entry, scope), Answer.Result.STALE, now));
        }
        if (loader == null) {
            return Future.succeededFuture(Answer.nothing(scope, now));
        }
        return loader.load(key, entry, scope).map(loaded -> {
            long then = store.on(loaded.held().scope()).now();
            return loaded.fate() == Loader.Fate.STALE
                    ? hit(loaded.held(), Answer.Result.STALE, then)
                    : new Answer(
                            loaded.held(),
                            Answer.Source.ORIGIN,
                            Answer.Result.MISS,
                            loaded.held().scope(),
                            entry != null,
                            loaded.fate() == Loader.Fate.STORED,
                            loaded.collapsed(),
                            then);
        });
    }

    private static Answer hit(NearCache.Held held, Answer.Result result, long now) {
        Scope scope = held.scope();
        return new Answer(held, Answer.Source.of(scope), result, scope, false, false, false, now);
    }

    private void count(Answer answer) {
        switch (answer.result()) {
            case MISS -> figures.miss.increment();
            case STALE -> figures.stale.increment();
            case HIT -> (answer.scope() == Scope.SHARED ? figures.shared : figures.memory).increment();
        }
    }

    /**
     * Stores a value, at the origin first if the cache writes through.
     *
     * @throws Problem if it is too large
     */
    Future<Stored> put(Put put, Condition condition) {
        if (put.raw.length() > policy.maxEntryBytes()) {
            throw new Problem(
                            Problem.Kind.TOO_LARGE,
                            "the value has " + put.raw.length() + " bytes, more than the " + policy.maxEntryBytes()
                                    + " of this cache's max-entry-size")
                    .with("maxBytes", policy.maxEntryBytes());
        }
        if (origin != null) {
            origin.check(put.key);
        }
        Future<Entry.Content> packed =
                gzip.pack(put.raw, put.contentType, put.tags, put.aliases, policy.compressOver());
        return writeThrough && origin != null
                ? holds(put.key, condition)
                        .compose(good -> good
                                ? writeThrough(origin, put, packed, condition)
                                : packed.compose(content -> store(put, content, NEVER)))
                : packed.compose(content -> store(put, content, condition));
    }

    private Future<Stored> writeThrough(Origin to, Put put, Future<Entry.Content> packed, Condition condition) {
        return to.write(put.key, put.raw, put.contentType)
                .compose(written -> packed)
                .compose(content -> store(put, content, condition))
                .transform(result -> {
                    Future<Stored> answer = result.succeeded()
                            ? Future.succeededFuture(result.result())
                            : Future.failedFuture(result.cause());
                    boolean stored = result.succeeded() && result.result().outcome() != PutOutcome.REFUSED;
                    // The origin may have the new value, or not: the old one is not to be trusted either way.
                    return stored
                            ? answer
                            : remove(new Selection.Key(name, put.key)).transform(removed -> answer);
                });
    }

    private static final Condition NEVER = new Condition.Matching(List.of());

    /** Whether the condition holds before the origin is written to; it is checked again, atomically, afterwards. */
    private Future<Boolean> holds(String key, Condition condition) {
        if (condition instanceof Condition.Always) {
            return Future.succeededFuture(true);
        }
        return store.call(s -> s.get(new CacheKey(name, key), false)).map(found -> {
            Entry entry = found.value();
            boolean there = entry != null
                    && !entry.negative()
                    && entry.isServable(store.on(found.scope()).now());
            return condition.holds(there ? entry : null);
        });
    }

    private Future<Stored> store(Put put, Entry.Content content, Condition condition) {
        Entry[] made = new Entry[1];
        return store.change(s -> {
                    Entry entry = Entry.of(content, put.lifetimes, s.now());
                    made[0] = entry;
                    return s.put(new CacheKey(name, put.key), entry, condition);
                })
                .onComplete(done -> forget(put.key))
                .map(outcome -> {
                    if (outcome.value() != PutOutcome.REFUSED) {
                        figures.stored(made[0]);
                    }
                    return new Stored(outcome.value(), made[0], outcome.scope());
                });
    }

    /** Removes what is selected of this cache, and returns how many values a caller would have seen. */
    Future<Scoped<Long>> remove(Selection selection) {
        return store.change(s -> s.remove(selection)).onComplete(done -> {
            if (selection instanceof Selection.Tag) {
                // A copy may be older than the value that bore the tag: which keys those were only the store knows.
                near.clear();
            }
            apply(Change.of(selection));
        });
    }

    Future<Scoped<CacheStore.Page>> list(String glob, @Nullable String cursor, int limit) {
        return store.call(s -> {
            try {
                return s.list(name, glob, cursor, limit);
            } catch (IllegalArgumentException e) {
                throw Problem.badRequest("cursor", "cursor is none that a listing returned: begin without one");
            }
        });
    }

    Future<Scoped<@Nullable String>> resolve(String alias) {
        return store.call(s -> s.resolve(name, alias));
    }

    private void forget(String key) {
        near.evict(key);
        loads.forEach(each -> each.cutOff(key));
    }

    /** Does here what a change of this cache's entries requires. */
    void apply(Change change) {
        switch (change.op()) {
            case PUT, REMOVE -> forget(change.subject());
            case RELEASE -> {}
            case REMOVE_TAG -> {
                near.evictTagged(change.subject());
                cutOffAll();
            }
            case REMOVE_PATTERN -> {
                near.evictMatching(change.subject());
                cutOffAll();
            }
            case CLEAR_ALL -> {
                near.clear();
                cutOffAll();
            }
        }
    }

    void cutOffAll() {
        loads.forEach(Loads::cutOffAll);
    }

    /** Gives back what this instance holds in the store on behalf of loads under way. */
    Future<?> close() {
        return leases.close();
    }

    /** Has those look again who wait for what the change tells of. */
    void wake(Change change) {
        switch (change.op()) {
            case PUT, REMOVE, RELEASE -> leases.wakes().wake(change.subject());
            case REMOVE_TAG, REMOVE_PATTERN, CLEAR_ALL -> leases.wakes().wakeAll();
        }
    }

    /** Loads an entry, unless it is fresh for so long yet. */
    Future<CacheWarmth.Outcome> warm(String key, long atLeastMs) {
        Loader through = loader;
        if (origin == null || through == null) {
            return Future.failedFuture(new IllegalStateException(name + " has no origin"));
        }
        origin.check(key);
        return store.call(s -> s.get(new CacheKey(name, key), false)).compose(found -> {
            Entry entry = found.value();
            long now = store.on(found.scope()).now();
            if (entry != null && !entry.negative() && entry.isFresh(now + atLeastMs)) {
                return Future.succeededFuture(CacheWarmth.Outcome.FRESH);
            }
            return through.load(key, entry, found.scope())
                    .map(loaded -> loaded.held().entry().negative()
                            ? CacheWarmth.Outcome.MISSING
                            : switch (loaded.fate()) {
                                case STORED -> CacheWarmth.Outcome.LOADED;
                                case STALE -> CacheWarmth.Outcome.STALE;
                                case UNKEPT, OVERTAKEN -> CacheWarmth.Outcome.UNKEPT;
                            });
        });
    }

    /** The way of those who fill it. */
    CacheWarmth warmth() {
        return new CacheWarmth(this);
    }

    /** Counts reads from now on. */
    HotKeys countReads() {
        HotKeys counting = hot;
        if (counting == null) {
            counting = new HotKeys();
            hot = counting;
        }
        return counting;
    }

    boolean hasOrigin() {
        return origin != null;
    }

    /** The way of another feature to this cache; {@code itsLoads} are cut off by whatever cuts off this cache's own. */
    CacheAccess access(Loads itsLoads) {
        loads.add(itsLoads);
        return new CacheAccess(this, store, gzip, leases);
    }
}
