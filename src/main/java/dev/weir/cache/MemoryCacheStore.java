package dev.weir.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Glob;
import dev.weir.store.WeightedLru;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Entries in this process' memory, of bounded weight: what Weir works with while there is no Redis. */
final class MemoryCacheStore implements CacheStore {

    /** What an entry costs beside its key and its body: objects, references, the texts of its header. */
    private static final int OVERHEAD = 600;

    /** What a cursor begins with; the last key that was listed follows. */
    private static final String AFTER = "after ";

    private static final int MAX_ALIASES = 100_000;

    /** What stands under a key: an entry, a lease, or both. */
    private record Slot(@Nullable Entry entry, long token, long leaseUntil) {

        boolean isLeased(long now) {
            return token != 0 && now < leaseUntil;
        }

        boolean isVisible(long now) {
            return entry != null && !entry.negative() && entry.isServable(now);
        }
    }

    private final ChangeBus bus;
    private final LongSupplier clock;
    private final WeightedLru<CacheKey, Slot> slots;
    private final Cache<CacheKey, String> aliases;

    /**
     * @param maxBytes what all entries together may weigh
     * @param onEviction told the cache whose entry had to go for want of room
     */
    MemoryCacheStore(ChangeBus bus, long maxBytes, LongSupplier clock, Consumer<String> onEviction) {
        this.bus = bus;
        this.clock = clock;
        this.slots =
                new WeightedLru<>(maxBytes, MemoryCacheStore::weigh, (key, slot) -> onEviction.accept(key.cache()));
        this.aliases = Caffeine.newBuilder()
                .maximumSize(MAX_ALIASES)
                .expireAfterWrite(24, TimeUnit.HOURS)
                .executor(Runnable::run)
                .build();
    }

    private static int weigh(CacheKey key, Slot slot) {
        int body = slot.entry == null ? 0 : slot.entry.body().length();
        return OVERHEAD + 2 * key.key().length() + body;
    }

    /** Forgets everything, leases included, so that no load that is under way can fill it. */
    void clear() {
        slots.clear();
        aliases.invalidateAll();
    }

    @Override
    public Future<@Nullable Entry> get(CacheKey key, boolean renew) {
        if (renew) {
            slots.compute(key, (k, old) -> {
                long now = now();
                Entry entry = old == null ? null : old.entry;
                return old == null || entry == null || entry.negative() || !entry.isFresh(now)
                        ? old
                        : new Slot(entry.renewed(now), old.token, old.leaseUntil);
            });
        }
        Slot slot = slots.get(key);
        Entry entry = slot == null ? null : slot.entry;
        return Future.succeededFuture(entry == null || now() >= entry.keepUntil() ? null : entry);
    }

    @Override
    public Future<PutOutcome> put(CacheKey key, Entry entry, Condition condition) {
        PutOutcome[] outcome = {PutOutcome.REFUSED};
        slots.compute(key, (k, old) -> {
            boolean there = old != null && old.isVisible(now());
            if (!condition.holds(there ? old.entry : null)) {
                return old;
            }
            outcome[0] = there ? PutOutcome.REPLACED : PutOutcome.CREATED;
            if (old != null && old.entry != null) {
                old.entry.aliases().forEach(alias -> aliases.asMap()
                        .remove(new CacheKey(key.cache(), alias), key.key()));
            }
            return new Slot(entry, 0, 0);
        });
        if (outcome[0] != PutOutcome.REFUSED) {
            name(key, entry);
            tell(Change.Op.PUT, key);
        }
        return Future.succeededFuture(outcome[0]);
    }

    private void name(CacheKey key, Entry entry) {
        entry.aliases().forEach(alias -> aliases.put(new CacheKey(key.cache(), alias), key.key()));
    }

    @Override
    public Future<Lease> lease(CacheKey key, @Nullable Entry seen, Duration length) {
        Lease[] lease = new Lease[1];
        slots.compute(key, (k, old) -> {
            long now = now();
            Entry entry = old == null || old.entry == null || now >= old.entry.keepUntil() ? null : old.entry;
            if (entry != null && (seen == null || entry.version() != seen.version())) {
                lease[0] = new Lease.Changed(entry);
                return old;
            }
            if (old != null && old.isLeased(now)) {
                lease[0] = new Lease.Busy(old.leaseUntil - now);
                return old;
            }
            long token = 1 + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE - 1);
            lease[0] = new Lease.Granted(token);
            return new Slot(entry, token, now + length.toMillis());
        });
        return Future.succeededFuture(lease[0]);
    }

    @Override
    public Future<Boolean> extend(CacheKey key, long token, Duration length) {
        boolean[] done = {false};
        slots.compute(key, (k, old) -> {
            if (old == null || old.token != token) {
                return old;
            }
            done[0] = true;
            return new Slot(old.entry, token, now() + length.toMillis());
        });
        return Future.succeededFuture(done[0]);
    }

    @Override
    public Future<Boolean> fill(CacheKey key, long token, @Nullable Entry entry) {
        boolean[] done = {false};
        slots.compute(key, (k, old) -> {
            if (old == null || old.token != token) {
                return old;
            }
            done[0] = true;
            Entry next = entry == null ? old.entry : entry;
            return next == null ? null : new Slot(next, 0, 0);
        });
        if (done[0]) {
            if (entry != null) {
                // An alias that another entry has taken meanwhile stays with that one.
                entry.aliases()
                        .forEach(alias -> aliases.asMap().putIfAbsent(new CacheKey(key.cache(), alias), key.key()));
            }
            tell(entry == null ? Change.Op.RELEASE : Change.Op.PUT, key);
        }
        return Future.succeededFuture(done[0]);
    }

    @Override
    public Future<Long> remove(Selection selection) {
        long removed =
                switch (selection) {
                    case Selection.Key(String cache, String key) -> remove(new CacheKey(cache, key), (k, slot) -> true);
                    case Selection.Tag(String cache, String tag) ->
                        removeIf((key, slot) -> key.cache().equals(cache)
                                && slot.entry != null
                                && slot.entry.tags().contains(tag));
                    case Selection.Pattern(String cache, String glob) -> {
                        Glob pattern = Glob.of(glob);
                        yield removeIf((key, slot) -> key.cache().equals(cache) && pattern.matches(key.key()));
                    }
                    case Selection.Everything() -> removeIf((key, slot) -> true);
                };
        bus.deliverLocally(Change.TOPIC, Change.of(selection).encode());
        return Future.succeededFuture(removed);
    }

    private long removeIf(BiPredicate<CacheKey, Slot> condition) {
        long removed = 0;
        for (CacheKey key : slots.snapshot().map(Map.Entry::getKey).toList()) {
            removed += remove(key, condition);
        }
        return removed;
    }

    private long remove(CacheKey key, BiPredicate<CacheKey, Slot> condition) {
        long[] removed = {0};
        slots.compute(key, (k, slot) -> {
            if (slot == null || !condition.test(k, slot)) {
                return slot;
            }
            removed[0] = slot.isVisible(now()) ? 1 : 0;
            return null;
        });
        return removed[0];
    }

    @Override
    public Future<Page> list(String cache, String glob, @Nullable String cursor, int limit) {
        String after = cursor == null ? null : after(cursor);
        Glob pattern = Glob.of(glob);
        long now = now();
        List<Listed> found = slots.snapshot()
                .filter(each -> each.getKey().cache().equals(cache))
                .filter(each -> after == null || each.getKey().key().compareTo(after) > 0)
                .filter(each -> each.getValue().isVisible(now)
                        && pattern.matches(each.getKey().key()))
                .sorted((a, b) -> a.getKey().key().compareTo(b.getKey().key()))
                .limit(limit + 1L)
                .map(each -> listed(each.getKey().key(), each.getValue(), now))
                .toList();
        if (found.size() <= limit) {
            return Future.succeededFuture(new Page(found, null));
        }
        List<Listed> page = found.subList(0, limit);
        String next = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((AFTER + page.getLast().key()).getBytes(StandardCharsets.UTF_8));
        return Future.succeededFuture(new Page(page, next));
    }

    private static String after(String cursor) {
        String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
        if (!text.startsWith(AFTER)) {
            throw new IllegalArgumentException("no cursor of a listing");
        }
        return text.substring(AFTER.length());
    }

    private static Listed listed(String key, Slot slot, long now) {
        Entry entry = Objects.requireNonNull(slot.entry);
        return new Listed(key, Math.max(entry.freshUntil(), entry.staleUntil()) - now, entry.rawLength(), entry.tags());
    }

    @Override
    public Future<@Nullable String> resolve(String cache, String alias) {
        return Future.succeededFuture(aliases.getIfPresent(new CacheKey(cache, alias)));
    }

    @Override
    public long now() {
        return clock.getAsLong();
    }

    private void tell(Change.Op op, CacheKey key) {
        bus.deliverLocally(Change.TOPIC, new Change(op, key.cache(), key.key()).encode());
    }
}
