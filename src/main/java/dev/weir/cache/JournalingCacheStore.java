package dev.weir.cache;

import dev.weir.store.Availability;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store in memory as it stands in for Redis: notes every invalidation, so that Redis can be told when it is back. A
 * value that was put here is an invalidation too: it replaced what Redis still has.
 *
 * <p>It may be asked although Redis is not known to be away, by a single call that Redis did not answer. Then it has
 * nothing and keeps nothing: what it kept, an invalidation that Redis answers would not reach.
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
        return availability.isUp() ? Future.succeededFuture(null) : memory.get(key, renew);
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
        return memory.lease(key, availability.isUp() ? null : seen, length);
    }

    @Override
    public Future<Boolean> extend(CacheKey key, long token, Duration length) {
        return memory.extend(key, token, length);
    }

    @Override
    public Future<Boolean> fill(CacheKey key, long token, @Nullable Entry entry) {
        return availability.isUp() ? memory.fill(key, token, null).map(false) : memory.fill(key, token, entry);
    }

    @Override
    public Future<Long> remove(Selection selection) {
        return memory.remove(selection).compose(removed -> note(selection).map(removed));
    }

    @Override
    public Future<Page> list(String cache, String glob, @Nullable String cursor, int limit) {
        return availability.isUp()
                ? Future.succeededFuture(new Page(List.of(), null))
                : memory.list(cache, glob, cursor, limit);
    }

    @Override
    public Future<@Nullable String> resolve(String cache, String alias) {
        return availability.isUp() ? Future.succeededFuture(null) : memory.resolve(cache, alias);
    }

    @Override
    public long now() {
        return memory.now();
    }

    /** Keeps an invalidation for Redis; tells it at once if it came back while this one was on its way. */
    private Future<Void> note(Selection selection) {
        journal.add(selection);
        if (!availability.isUp()) {
            return Future.succeededFuture();
        }
        return shared.remove(selection).transform(told -> {
            if (told.succeeded()) {
                journal.discard(selection);
            } else {
                journal.add(selection);
                availability.down("an invalidation was not answered");
            }
            return Future.succeededFuture();
        });
    }
}
