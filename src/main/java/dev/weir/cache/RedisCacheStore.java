package dev.weir.cache;

import dev.weir.redis.ChangeBus;
import dev.weir.redis.Command;
import dev.weir.redis.Keys;
import dev.weir.redis.LuaScript;
import dev.weir.redis.RedisGateway;
import dev.weir.redis.Reply;
import dev.weir.store.Loop;
import io.vertx.core.Future;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Entries on Redis: one string each, read by one {@code GET}, changed by scripts. */
final class RedisCacheStore implements CacheStore {

    private static final LuaScript GET = LuaScript.load("cache/get");
    private static final LuaScript PUT = LuaScript.load("cache/put");
    private static final LuaScript LEASE = LuaScript.load("cache/lease");
    private static final LuaScript EXTEND = LuaScript.load("cache/extend");
    private static final LuaScript FILL = LuaScript.load("cache/fill");
    private static final LuaScript REMOVE = LuaScript.load("cache/remove");
    private static final LuaScript ALIAS = LuaScript.load("cache/alias");
    private static final LuaScript TAG = LuaScript.load("cache/tag");
    private static final LuaScript UNTAG = LuaScript.load("cache/untag");

    private static final int SCAN_COUNT = 1000;
    private static final int TAG_CHUNK = 500;

    /** An alias outlives its entry, so that an origin can be asked by it again. */
    private static final long ALIAS_EXTRA_MS = Duration.ofHours(24).toMillis();

    private final RedisGateway redis;
    private final Keys keys;
    private final ChangeBus bus;
    private final RedisCacheListing listing;

    RedisCacheStore(RedisGateway redis, Keys keys, ChangeBus bus) {
        this.redis = redis;
        this.keys = keys;
        this.bus = bus;
        this.listing = new RedisCacheListing(redis, keys);
    }

    @Override
    public Future<@Nullable Entry> get(CacheKey key, boolean renew) {
        String name = name(key);
        if (!renew) {
            return redis.send(Command.of("GET", name)).map(reply -> EntryCodec.decode(reply.bytes()));
        }
        return redis.run(GET, name).map(reply -> {
            Entry entry = EntryCodec.decode(reply.bytes());
            if (entry != null) {
                index(key, entry, "keep"); // its tags and aliases live on with it; nobody has to wait for that
            }
            return entry;
        });
    }

    @Override
    public Future<PutOutcome> put(CacheKey key, Entry entry, Condition condition) {
        Object wire =
                switch (condition) {
                    case Condition.Always always -> "";
                    case Condition.Absent absent -> "absent";
                    case Condition.Present present -> "present";
                    case Condition.Matching(List<byte[]> etags) -> join(etags);
                };
        Future<PutOutcome> put = redis.run(
                        PUT,
                        name(key),
                        EntryCodec.encode(entry),
                        keepMs(entry),
                        wire,
                        bus.channel(),
                        message(Change.Op.PUT, key))
                .compose(reply -> {
                    List<Reply> parts = reply.items();
                    PutOutcome outcome =
                            switch ((int) parts.getFirst().integer()) {
                                case 1 -> PutOutcome.CREATED;
                                case 0 -> PutOutcome.REPLACED;
                                default -> PutOutcome.REFUSED;
                            };
                    return dropAliases(key, parts.get(1).text(), entry.aliases())
                            .map(outcome);
                });
        // The index is written after the entry: an invalidation between the two then belongs before this call, which
        // nobody has been told of, while the other order would let it take the index away and leave the entry.
        if (condition instanceof Condition.Always) {
            Future<?> indexed = index(key, entry, "take");
            return put.compose(outcome -> indexed.map(outcome));
        }
        return put.compose(outcome -> outcome == PutOutcome.REFUSED
                ? Future.succeededFuture(outcome)
                : index(key, entry, "take").map(outcome));
    }

    /** The aliases of a value that was replaced go with it, but for those that its successor has too. */
    private Future<?> dropAliases(CacheKey key, @Nullable String joined, List<String> kept) {
        if (joined == null || joined.isEmpty()) {
            return Future.succeededFuture();
        }
        return Future.all(Stream.of(joined.split("\0"))
                .filter(alias -> !kept.contains(alias))
                .map(alias -> redis.run(ALIAS, keys.alias(key.cache(), alias), key.key(), 0, "drop"))
                .toList());
    }

    private static byte[] join(List<byte[]> etags) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        etags.forEach(joined::writeBytes);
        // No etag that could ever match must not read as "no condition".
        return joined.size() == 0 ? new byte[16] : joined.toByteArray();
    }

    private Future<?> index(CacheKey key, Entry entry, String takeOrKeep) {
        if (entry.tags().isEmpty() && entry.aliases().isEmpty()) {
            return Future.succeededFuture();
        }
        List<Future<Reply>> sent = new ArrayList<>();
        long keep = keepMs(entry);
        for (String tag : entry.tags()) {
            String fraction = "0." + ThreadLocalRandom.current().nextInt(1000, 10_000);
            sent.add(redis.run(TAG, keys.tag(key.cache(), tag), key.key(), keep, fraction));
        }
        for (String alias : entry.aliases()) {
            String name = keys.alias(key.cache(), alias);
            sent.add(redis.run(ALIAS, name, key.key(), keep + ALIAS_EXTRA_MS, takeOrKeep));
        }
        return Future.all(sent);
    }

    @Override
    public Future<Lease> lease(CacheKey key, @Nullable Entry seen, Duration length) {
        long token = token();
        Object version = seen == null ? "" : bytes(seen.version());
        return redis.run(LEASE, name(key), bytes(token), length.toMillis(), version)
                .map(reply -> {
                    List<Reply> parts = reply.items();
                    return switch ((int) parts.getFirst().integer()) {
                        case 0 -> new Lease.Granted(token);
                        case 1 -> new Lease.Busy(parts.get(1).integer());
                        default -> {
                            Entry entry = EntryCodec.decode(parts.get(1).bytes());
                            yield entry == null ? new Lease.Busy(1) : new Lease.Changed(entry);
                        }
                    };
                });
    }

    @Override
    public Future<Boolean> extend(CacheKey key, long token, Duration length) {
        return redis.run(EXTEND, name(key), bytes(token), length.toMillis()).map(reply -> reply.integer() == 1);
    }

    @Override
    public Future<Boolean> fill(CacheKey key, long token, @Nullable Entry entry) {
        Object bytes = entry == null ? "" : EntryCodec.encode(entry);
        long keep = entry == null ? 0 : keepMs(entry);
        Change.Op op = entry == null ? Change.Op.RELEASE : Change.Op.PUT;
        return redis.run(FILL, name(key), bytes(token), bytes, keep, bus.channel(), message(op, key))
                .compose(reply -> {
                    boolean stored = reply.integer() == 1;
                    return stored && entry != null
                            ? index(key, entry, "keep").map(true)
                            : Future.succeededFuture(stored);
                });
    }

    @Override
    public Future<Long> remove(Selection selection) {
        String message = bus.encode(Change.TOPIC, Change.of(selection).encode());
        return switch (selection) {
            case Selection.Key(String cache, String key) ->
                redis.run(REMOVE, keys.entry(cache, key), "", bus.channel(), message)
                        .map(Reply::integer);
            case Selection.Tag(String cache, String tag) ->
                removeTagged(cache, tag).compose(removed -> publish(message).map(removed));
            case Selection.Pattern(String cache, String glob) ->
                removeMatching(keys.entries(cache, glob))
                        .compose(removed -> publish(message).map(removed));
            case Selection.Everything() ->
                removeMatching(keys.allEntries())
                        .compose(removed -> publish(message).map(removed));
        };
    }

    private Future<?> publish(String message) {
        return redis.send(Command.of("PUBLISH", bus.channel(), message));
    }

    /** Where a removal in many steps has come to; the next step's cursor is null at the end. */
    private record Progress(@Nullable String next, long removed) {

        static Future<Long> repeat(String first, Function<Progress, Future<Progress>> step) {
            return Loop.until(new Progress(first, 0), progress -> progress.next == null, step)
                    .map(Progress::removed);
        }
    }

    private Future<Long> removeMatching(String pattern) {
        return Progress.repeat("0", progress -> redis.scan(String.valueOf(progress.next), pattern, SCAN_COUNT)
                .compose(step -> {
                    List<Future<Reply>> removals = step.keys().stream()
                            .map(name -> redis.run(REMOVE, name, "", "", ""))
                            .toList();
                    return sum(removals, progress.removed)
                            .map(removed -> new Progress(step.isLast() ? null : step.next(), removed));
                }));
    }

    /** Walks the tag's index; what is noted while it walks belongs to later calls. */
    private Future<Long> removeTagged(String cache, String tag) {
        String index = keys.tag(cache, tag);
        return Progress.repeat("0", progress -> redis.send(
                        Command.of("ZSCAN", index, String.valueOf(progress.next), "COUNT", TAG_CHUNK))
                .compose(reply -> {
                    String cursor = String.valueOf(reply.items().getFirst().text());
                    String next = cursor.equals("0") ? null : cursor;
                    List<String> pairs = reply.items().get(1).items().stream()
                            .flatMap(item -> Stream.ofNullable(item.text()))
                            .toList();
                    return pairs.isEmpty()
                            ? Future.succeededFuture(new Progress(next, progress.removed))
                            : removeTagged(cache, tag, pairs, new Progress(next, progress.removed));
                }));
    }

    private Future<Progress> removeTagged(String cache, String tag, List<String> pairs, Progress progress) {
        List<Future<Reply>> removals = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i += 2) {
            String key = pairs.get(i);
            String message = message(Change.Op.REMOVE, new CacheKey(cache, key));
            removals.add(redis.run(REMOVE, keys.entry(cache, key), tag, bus.channel(), message));
        }
        return sum(removals, progress.removed)
                .compose(removed -> redis.run(UNTAG, keys.tag(cache, tag), pairs.toArray())
                        .map(new Progress(progress.next, removed)));
    }

    private static Future<Long> sum(List<Future<Reply>> removals, long before) {
        return Future.all(removals)
                .map(done -> before
                        + removals.stream()
                                .mapToLong(each -> each.result().integer())
                                .sum());
    }

    @Override
    public Future<Page> list(String cache, String glob, @Nullable String cursor, int limit) {
        return listing.page(cache, glob, cursor, limit);
    }

    @Override
    public Future<@Nullable String> resolve(String cache, String alias) {
        return redis.send(Command.of("GET", keys.alias(cache, alias))).map(Reply::text);
    }

    @Override
    public long now() {
        return redis.now();
    }

    private String name(CacheKey key) {
        return keys.entry(key.cache(), key.key());
    }

    private String message(Change.Op op, CacheKey key) {
        return bus.encode(Change.TOPIC, new Change(op, key.cache(), key.key()).encode());
    }

    private long keepMs(Entry entry) {
        return Math.max(1, entry.keepUntil() - redis.now());
    }

    private static long token() {
        long token;
        do {
            token = ThreadLocalRandom.current().nextLong();
        } while (token == 0); // zeros in a header mean that there is no lease
        return token;
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }
}
