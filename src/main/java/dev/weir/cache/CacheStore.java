package dev.weir.cache;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where entries are kept. Each call is one atomic decision. What changes an entry also tells the {@code ChangeBus}.
 *
 * <p>Loading an entry from its origin needs a lease, of which there is one per entry at a time. Whatever replaces or
 * removes the entry ends the lease, so that a value loaded before an invalidation cannot be stored after it.
 */
interface CacheStore {

    /** The condition on which a value is stored. */
    sealed interface Condition {
        /** None. */
        record Always() implements Condition {}

        /** Nothing that a caller would see may be there. */
        record Absent() implements Condition {}

        /** Something that a caller would see must be there. */
        record Present() implements Condition {}

        /** A value with one of these entity tags must be there. */
        record Matching(List<byte[]> etags) implements Condition {}

        /** @param there the value that a caller would see, null if none */
        default boolean holds(@Nullable Entry there) {
            return switch (this) {
                case Always always -> true;
                case Absent absent -> there == null;
                case Present present -> there != null;
                case Matching(List<byte[]> etags) ->
                    there != null && etags.stream().anyMatch(etag -> Arrays.equals(etag, there.etag()));
            };
        }
    }

    /** What became of a value that was to be stored. */
    enum PutOutcome {
        CREATED,
        REPLACED,
        REFUSED
    }

    /** What became of the wish to load an entry. */
    sealed interface Lease {
        /** The right is the asker's until {@link CacheStore#fill} or its end. */
        record Granted(long token) implements Lease {}

        /** Somebody else has it, for at most so long yet. */
        record Busy(long remainingMs) implements Lease {}

        /** The entry is not the one that the asker saw. */
        record Changed(Entry entry) implements Lease {}
    }

    /** What is to be removed. */
    sealed interface Selection {
        /** One entry. */
        record Key(String cache, String key) implements Selection {}

        /** The entries of a cache that bear a tag. */
        record Tag(String cache, String tag) implements Selection {}

        /** The entries of a cache whose keys match a glob. */
        record Pattern(String cache, String glob) implements Selection {}

        /** All entries of all caches. */
        record Everything() implements Selection {}
    }

    /** An entry as a listing shows it. */
    record Listed(String key, long ttlMs, int bytes, List<String> tags) {}

    /** One page of a listing, and the cursor of the next; null after the last. */
    record Page(List<Listed> entries, @Nullable String cursor) {}

    /** The entry, stale or not, or null. If {@code renew}, a fresh one starts its life anew. */
    Future<@Nullable Entry> get(CacheKey key, boolean renew);

    Future<PutOutcome> put(CacheKey key, Entry entry, Condition condition);

    /**
     * Asks for the right to load an entry.
     *
     * @param seen the entry that the asker saw, null if none
     */
    Future<Lease> lease(CacheKey key, @Nullable Entry seen, Duration length);

    /** Has a lease last for {@code length} from now; false if it was lost. */
    Future<Boolean> extend(CacheKey key, long token, Duration length);

    /**
     * Ends a lease with what was loaded, or, with null, without anything.
     *
     * @return false if the lease was lost meanwhile; then nothing was stored
     */
    Future<Boolean> fill(CacheKey key, long token, @Nullable Entry entry);

    /** Removes what is selected, and returns how many values a caller would have seen. */
    Future<Long> remove(Selection selection);

    /**
     * A page of a cache's entries, in no order. An entry that is there during the whole walk is listed; one that comes
     * or goes meanwhile may be.
     *
     * @param cursor what the page before returned, null to begin
     * @throws IllegalArgumentException if the cursor is none
     */
    Future<Page> list(String cache, String glob, @Nullable String cursor, int limit);

    /** The key that an alias names, or null. */
    Future<@Nullable String> resolve(String cache, String alias);

    /** The clock by which entries of this store live: milliseconds since the epoch. */
    long now();
}
