package dev.weir.cache;

import dev.weir.cache.CacheStore.Selection;
import dev.weir.store.Failover;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What another feature needs of a named cache: entries whose content, lifetimes and loading it decides itself, with the
 * near cache, the failover, the leases and the invalidation that every entry has.
 *
 * <p>A read that starts after an invalidation was acknowledged here never finds the older entry, and what was loaded
 * under a lease from before it is not stored.
 */
public final class CacheAccess {

    /** An entry that was found, and the time by the clock of the store that it was found in. */
    public static final class Found {
        private final NearCache.Held held;
        private final Answer.Source source;
        private final long now;

        private Found(NearCache.Held held, Answer.Source source, long now) {
            this.held = held;
            this.source = source;
            this.now = now;
        }

        public long nowMs() {
            return now;
        }

        public long createdMs() {
            return held.entry().created();
        }

        public long freshUntilMs() {
            return held.entry().freshUntil();
        }

        /** Until then it may be served stale while it is refreshed. */
        public long staleUntilMs() {
            return held.entry().staleUntil();
        }

        public String contentType() {
            return held.entry().contentType();
        }

        public Scope scope() {
            return held.scope();
        }

        /** Which tier had it: near, shared or memory. */
        public String detail() {
            return source.detail();
        }

        /** What {@link #keepView} left; shared by all who find the same copy. */
        public @Nullable Object view() {
            return held.view();
        }

        /** Keeps what was made of the content beside it, so that it is made once per copy. */
        public void keepView(Object view) {
            held.keepView(view);
        }
    }

    /** What a look into the store came to. */
    public record Look(@Nullable Found found, Scope scope) {}

    /** The right to load an entry. */
    public static final class Lease {
        private final Leases.Held held;
        private final long ticket;

        private Lease(Leases.Held held, long ticket) {
            this.held = held;
            this.ticket = ticket;
        }

        public Scope scope() {
            return held.scope();
        }
    }

    /** What became of the wish to load an entry. */
    public sealed interface Claim {
        /** It is the caller's to load, and to end by {@link #fill} or {@link #giveBack}. */
        record Granted(Lease lease) implements Claim {}

        /** Another loads it; {@link CacheAccess#await} says when to look again. */
        record Busy(Future<Void> wake, long remainingMs) implements Claim {}

        /** It is not the one that the caller saw. */
        record Changed(Found found) implements Claim {}
    }

    /** What is to be stored; durations in milliseconds. */
    public record Content(
            Buffer body, String contentType, long freshMs, long staleMs, long keepMs, List<String> tags) {}

    private final NamedCache cache;
    private final CachePolicy policy;
    private final Failover<CacheStore> store;
    private final NearCache near;
    private final Gzip gzip;
    private final CacheFigures figures;
    private final Leases leases;

    CacheAccess(NamedCache cache, Failover<CacheStore> store, Gzip gzip, Leases leases) {
        this.cache = cache;
        this.policy = cache.policy();
        this.store = store;
        this.near = cache.near();
        this.gzip = gzip;
        this.figures = cache.figures();
        this.leases = leases;
    }

    /** How long an entry of this cache is fresh if nothing else says it. */
    public long ttlMs() {
        return policy.lifetimes().ttlMs();
    }

    /** For how long after that it is served while one request refreshes it. */
    public long staleWhileRevalidateMs() {
        return policy.lifetimes().staleMs();
    }

    /** For how long after its TTL it is served because the origin fails. */
    public long staleIfErrorMs() {
        return policy.lifetimes().errorMs();
    }

    /** How long it is remembered that there is nothing. */
    public long negativeTtlMs() {
        return policy.negative().ttlMs();
    }

    public long maxEntryBytes() {
        return policy.maxEntryBytes();
    }

    /** True if the entry is in that last share of its life in which a read is to refresh it. */
    public boolean isToBeRefreshed(Found found) {
        return found.held.entry().isNearItsEnd(found.now, policy.refreshAhead());
    }

    /** The copy in this process, fresh or not, if there is one. */
    public @Nullable Found near(String key) {
        NearCache.Held held = near.get(key);
        return held == null
                ? null
                : new Found(held, Answer.Source.NEAR, store.on(held.scope()).now());
    }

    /** Looks into the store, past the near cache, which then has a copy. */
    public Future<Look> look(String key) {
        long ticket = near.ticket(key);
        return store.call(s -> s.get(new CacheKey(cache.name(), key), false)).map(found -> {
            Entry entry = found.value();
            return new Look(
                    entry == null || entry.negative() ? null : kept(key, entry, found.scope(), ticket), found.scope());
        });
    }

    private Found kept(String key, Entry entry, Scope scope, long ticket) {
        return new Found(
                near.fill(key, entry, scope, ticket),
                Answer.Source.of(scope),
                store.on(scope).now());
    }

    /** The content as it was stored. */
    public Future<Buffer> content(Found found) {
        Buffer raw = found.held.raw();
        return raw != null
                ? Future.succeededFuture(raw)
                : gzip.unpack(found.held.entry()).onSuccess(found.held::keepRaw);
    }

    /** Asks for the right to load an entry of which the caller saw {@code seen}. */
    public Future<Claim> claim(String key, @Nullable Found seen, Scope scope, Duration length) {
        long ticket = near.ticket(key);
        Future<Void> wake = leases.wakes().listen(key);
        return leases.ask(key, seen == null ? null : seen.held.entry(), scope, length)
                .<Claim>map(asked -> switch (asked.value()) {
                    case CacheStore.Lease.Granted(long token) ->
                        new Claim.Granted(new Lease(leases.hold(key, token, asked.scope()), ticket));
                    // Also if the caller does not wait: nothing is to be kept of the key for longer.
                    case CacheStore.Lease.Busy(long remainingMs) ->
                        new Claim.Busy(leases.wakes().await(key, wake, remainingMs), remainingMs);
                    case CacheStore.Lease.Changed(Entry entry) ->
                        new Claim.Changed(kept(key, entry, asked.scope(), ticket));
                })
                .onComplete(claimed -> {
                    if (claimed.failed() || !(claimed.result() instanceof Claim.Busy)) {
                        leases.wakes().wake(key);
                    }
                });
    }

    /** Waits until somebody has changed the entry or given up loading it, or until it is time to look again. */
    public Future<Void> await(Claim.Busy busy) {
        return busy.wake;
    }

    /** Has a lease last for {@code length} from now, unless it was lost. */
    public Future<?> extend(Lease lease, Duration length) {
        return leases.extend(lease.held, length);
    }

    /** Ends a lease with what was loaded. Null if the lease was lost meanwhile; then nothing was stored. */
    public Future<@Nullable Found> fill(Lease lease, Content content) {
        if (!lease.held.mayStore()) {
            return Future.succeededFuture();
        }
        Leases.Held held = lease.held;
        String key = held.key().key();
        return pack(content).compose(packed -> {
            Entry entry =
                    Entry.of(packed, lifetimes(content), store.on(held.scope()).now());
            return leases.fill(held, entry).map(filled -> {
                if (!filled.value()) {
                    return null;
                }
                figures.stored(entry);
                return kept(key, entry, filled.scope(), lease.ticket);
            });
        });
    }

    /** Ends a lease without anything. */
    public Future<?> giveBack(Lease lease) {
        return leases.giveBack(lease.held);
    }

    /** Stores without a lease, replacing what is there. */
    public Future<?> put(String key, Scope scope, Content content) {
        return pack(content)
                .compose(packed -> store.stay(
                        scope,
                        s -> s.put(
                                new CacheKey(cache.name(), key),
                                Entry.of(packed, lifetimes(content), s.now()),
                                new CacheStore.Condition.Always())));
    }

    private Future<Entry.Content> pack(Content content) {
        return gzip.pack(content.body, content.contentType, content.tags, List.of(), policy.compressOver());
    }

    private static Lifetimes lifetimes(Content content) {
        return new Lifetimes(content.freshMs, content.staleMs, Math.max(content.keepMs, content.staleMs));
    }

    /** Removes one entry, here and on every instance. */
    public Future<Scoped<Long>> remove(String key) {
        return cache.remove(new Selection.Key(cache.name(), key));
    }

    /** Removes the entries that bear the tag, here and on every instance. */
    public Future<Scoped<Long>> removeTagged(String tag) {
        return cache.remove(new Selection.Tag(cache.name(), tag));
    }

    /** Counts a read that was answered with an entry. */
    public void countHit(Found found, boolean stale, long nanos) {
        if (stale) {
            figures.stale.increment();
        } else {
            switch (found.source) {
                case NEAR -> figures.near.increment();
                case SHARED -> figures.shared.increment();
                default -> figures.memory.increment();
            }
        }
        figures.get.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts a read that had to go to the origin. */
    public void countMiss(long nanos) {
        figures.miss.increment();
        figures.get.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts a call of the origin. */
    public void countLoad(boolean succeeded, long nanos) {
        (succeeded ? figures.load : figures.loadFailed).record(nanos, TimeUnit.NANOSECONDS);
    }
}
