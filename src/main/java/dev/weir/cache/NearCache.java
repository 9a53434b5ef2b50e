package dev.weir.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.weir.store.Glob;
import dev.weir.store.Scope;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The first tier: copies of a cache's entries in this process, for a short time.
 *
 * <p>A copy that was fetched before an invalidation must not be kept after it. So whoever fetches takes a {@link #ticket}
 * first, and {@link #fill} keeps nothing whose ticket an invalidation has outdated meanwhile. Tickets are counters of a
 * few stripes of keys: two keys of one stripe cost each other a fill now and then, never a wrong answer. While the
 * change bus is lost nothing is kept at all.
 *
 * <p>The weight of an entry is its size in bytes, but no less than its share of the bytes if there are as many entries
 * as are allowed: this way Caffeine, which bounds one figure, bounds both.
 */
final class NearCache {

    /** A kept entry, where it came from, and its value as it was before compression, once somebody wanted that. */
    static final class Held {
        private final Entry entry;
        private final Scope scope;
        private final String entityTag;
        private volatile @Nullable Buffer raw;
        private volatile @Nullable Object view;
        private volatile long renewAfter;
        private volatile boolean confirmed;

        Held(Entry entry, Scope scope) {
            this.entry = entry;
            this.scope = scope;
            this.entityTag = entry.entityTag();
            this.raw = entry.gzip() ? null : entry.body();
        }

        Entry entry() {
            return entry;
        }

        Scope scope() {
            return scope;
        }

        /** {@link Entry#entityTag}, made once. */
        String entityTag() {
            return entityTag;
        }

        /** True now and then, so that reads of a sliding entry renew it without each of them costing a command. */
        boolean isToBeRenewed(long now) {
            if (now < renewAfter) {
                return false;
            }
            renewAfter = now + Math.min(MAX_RENEWAL_GAP_MS, entry.ttl() / 50);
            return true;
        }

        @Nullable
        Buffer raw() {
            return raw;
        }

        void keepRaw(Buffer uncompressed) {
            raw = uncompressed;
        }

        /** What a reader made of the value, to be made once per copy. */
        @Nullable
        Object view() {
            return view;
        }

        void keepView(Object made) {
            view = made;
        }
    }

    private static final int STRIPES = 256;
    private static final long MAX_RENEWAL_GAP_MS = 1_000;
    /** What an entry costs beside its key and its body: objects, references, the texts of its header. */
    private static final int OVERHEAD = 600;

    private final AtomicLongArray stamps = new AtomicLongArray(STRIPES);
    private final @Nullable Cache<String, Held> entries;
    private volatile boolean coherent = true;
    private volatile Scope accepted = Scope.LOCAL;

    /** @param maxEntries 0 for a near cache that keeps nothing */
    NearCache(Duration ttl, long maxEntries, long maxBytes, Runnable onEviction) {
        if (maxEntries == 0 || maxBytes == 0 || ttl.isZero()) {
            entries = null;
            return;
        }
        int share = (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(maxBytes, maxEntries));
        entries = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .<String, Held>weigher((key, held) -> Math.max(share, weigh(key, held.entry)))
                .expireAfterWrite(ttl)
                .evictionListener((@Nullable String key, @Nullable Held held, RemovalCause cause) -> {
                    if (cause == RemovalCause.SIZE) {
                        onEviction.run();
                    }
                })
                .executor(Runnable::run)
                .build();
    }

    private static int weigh(String key, Entry entry) {
        // A compressed body may come to be kept uncompressed as well.
        int body = entry.gzip() ? entry.body().length() + entry.rawLength() : entry.rawLength();
        return OVERHEAD + 2 * key.length() + body;
    }

    @Nullable
    Held get(String key) {
        Held held = entries == null ? null : entries.getIfPresent(key);
        return held != null && held.confirmed ? held : null;
    }

    /** To be taken before the fetch whose result is to be kept. */
    long ticket(String key) {
        return stamps.get(stripe(key));
    }

    /** Keeps what was fetched, unless an invalidation passed since the ticket was taken; returns it as it is held. */
    Held fill(String key, Entry entry, Scope scope, long ticket) {
        Held held = new Held(entry, scope);
        if (entries == null || !isValid(key, scope, ticket)) {
            return held;
        }
        entries.put(key, held);
        // Whoever invalidates outdates the tickets first and removes then: one of the two sees the other. Until that is
        // certain nobody is shown the copy.
        if (isValid(key, scope, ticket)) {
            held.confirmed = true;
        } else {
            entries.asMap().remove(key, held);
        }
        return held;
    }

    private boolean isValid(String key, Scope scope, long ticket) {
        // What came from this process' memory needs no bus to be coherent.
        return (coherent || scope == Scope.LOCAL) && scope == accepted && stamps.get(stripe(key)) == ticket;
    }

    void evict(String key) {
        stamps.incrementAndGet(stripe(key));
        if (entries != null) {
            entries.invalidate(key);
        }
    }

    void evictTagged(String tag) {
        evictIf((key, held) -> held.entry.tags().contains(tag));
    }

    void evictMatching(String glob) {
        Glob pattern = Glob.of(glob);
        evictIf((key, held) -> pattern.matches(key));
    }

    private void evictIf(BiPredicate<String, Held> condition) {
        outdateTickets();
        if (entries != null) {
            entries.asMap().forEach((key, held) -> {
                if (condition.test(key, held)) {
                    entries.asMap().remove(key, held);
                }
            });
        }
    }

    void clear() {
        outdateTickets();
        if (entries != null) {
            entries.invalidateAll();
        }
    }

    /** From now on invalidations may be missed: forgets all and keeps nothing until {@link #resume}. */
    void suspend() {
        coherent = false;
        clear();
    }

    void resume() {
        clear();
        coherent = true;
    }

    /** Forgets all and keeps from now on only what came from a store of this scope. */
    void accept(Scope scope) {
        accepted = scope;
        clear();
    }

    private void outdateTickets() {
        for (int i = 0; i < STRIPES; i++) {
            stamps.incrementAndGet(i);
        }
    }

    private static int stripe(String key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & STRIPES - 1;
    }

    long size() {
        return entries == null ? 0 : entries.estimatedSize();
    }

    long bytes() {
        return entries == null
                ? 0
                : entries.asMap().entrySet().stream()
                        .mapToLong(each -> weigh(each.getKey(), each.getValue().entry))
                        .sum();
    }
}
