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
 * nothing and keeps nothing: what it kept, an invalidation that Redis answers would not reach. And an invalidation that
 * Redis did not answer makes Redis count as away, until it has been told.
 */
final class JournalingCacheStore implements CacheStore {

    private static final String UNANSWERED = "an invalidation was not answered";

    private final MemoryCacheStore memory;
    private final Journal journal;
    private final Availability availability;

    JournalingCacheStore(MemoryCacheStore memory, Journal journal, Availability availability) {
        this.memory = memory;
        this.journal = journal;
        this.availability = availability;
    }

    @Override
    public Future<@Nullable Entry> get(CacheKey key, boolean renew) {
        return availability.isUp() ? Future.succeededFuture(null) : memory.get(key, renew);
    }

    @Override
    public Future<PutOutcome> put(CacheKey key, Entry entry, Condition condition) {
        availability.down(UNANSWERED);
        return memory.put(key, entry, condition).onSuccess(outcome -> {
            if (outcome != PutOutcome.REFUSED) {
                note(new Selection.Key(key.cache(), key.key()));
            }
        });
    }

    @Override
    public Future<Lease> lease(CacheKey key, @Nullable Entry seen, Duration length) {
        return memory.lease(key, availability.isUp() ? null : seen, length);
    }

    @Override
    public Future<Boolean> fill(CacheKey key, long token, @Nullable Entry entry) {
        return availability.isUp() ? memory.fill(key, token, null).map(false) : memory.fill(key, token, entry);
    }

    @Override
    public Future<Long> remove(Selection selection) {
        availability.down(UNANSWERED);
        return memory.remove(selection).onSuccess(removed -> note(selection));
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

    /** Redis cannot be taken for back between the two lines without the journal's consent, which then was empty. */
    private void note(Selection selection) {
        journal.add(selection);
        availability.down(UNANSWERED);
    }
}
