package dev.weir.cache;

import dev.weir.store.Availability;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The store in memory as it stands in for Redis: notes every invalidation, so that Redis can be told when it is back. A
 * value that was put here is an invalidation too: it replaced what Redis still has.
 */
final class JournalingCacheStore implements CacheStore {

    private final MemoryCacheStore memory;
    private final Journal journal;
    private final CacheStore shared;
    private final Availability availability;

    JournalingCacheStore(MemoryCacheStore memory, Journal journal, CacheStore shared, Availability availability) {
        this.memory = memory;
        this.journal = journal;
        this.shared = shared;
        this.availability = availability;
    }

    @Override
    public Future<@Nullable Entry> get(CacheKey key, boolean renew) {
        return memory.get(key, renew);
    }

    @Override
    public Future<PutOutcome> put(CacheKey key, Entry entry, Condition condition) {
        return memory.put(key, entry, condition)
                .compose(outcome -> outcome == PutOutcome.REFUSED
                        ? Future.succeededFuture(outcome)
                        : note(new Selection.Key(key.cache(), key.key())).map(outcome));
    }

    @Override
    public Future<Lease> lease(CacheKey key, @Nullable Entry seen, Duration length) {
        return memory.lease(key, seen, length);
    }

    @Override
    public Future<Boolean> fill(CacheKey key, long token, @Nullable Entry entry) {
        return memory.fill(key, token, entry);
    }

    @Override
    public Future<Long> remove(Selection selection) {
        return memory.remove(selection).compose(removed -> note(selection).map(removed));
    }

    @Override
    public Future<Page> list(String cache, String glob, @Nullable String cursor, int limit) {
        return memory.list(cache, glob, cursor, limit);
    }

    @Override
    public Future<@Nullable String> resolve(String cache, String alias) {
        return memory.resolve(cache, alias);
    }

    @Override
    public long now() {
        return memory.now();
    }

    private Future<Void> note(Selection selection) {
        journal.add(selection);
        return journal.settle(shared, availability);
    }
}
