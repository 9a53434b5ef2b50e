package dev.weir.cache;

import dev.weir.cache.CacheStore.Listed;
import dev.weir.cache.CacheStore.Page;
import dev.weir.redis.Keys;
import dev.weir.redis.LuaScript;
import dev.weir.redis.RedisGateway;
import dev.weir.redis.Reply;
import dev.weir.redis.Scan;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pages of a cache's entries, made of steps of {@code SCAN}. A step may find more than a page holds: what is over
 * travels in the page's cursor, so that no key is lost and no state is kept between two calls.
 */
final class RedisCacheListing {

    private static final LuaScript DESCRIBE = LuaScript.load("cache/describe");

    /** A step that finds little is repeated at once, but a page must end even where nothing matches. */
    private static final int MAX_STEPS = 100;

    private static final int MAX_COUNT = 1000;

    private record Position(String scan, List<String> over) {

        static final Position BEGIN = new Position("0", List.of());

        static Position parse(String cursor) {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            List<String> parts = List.of(text.split("\0", -1));
            Long.parseUnsignedLong(parts.getFirst()); // a NumberFormatException is an IllegalArgumentException
            return new Position(parts.getFirst(), parts.subList(1, parts.size()));
        }

        String format() {
            List<String> parts = new ArrayList<>(over.size() + 1);
            parts.add(scan);
            parts.addAll(over);
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(String.join("\0", parts).getBytes(StandardCharsets.UTF_8));
        }
    }

    private final RedisGateway redis;
    private final Keys keys;

    RedisCacheListing(RedisGateway redis, Keys keys) {
        this.redis = redis;
        this.keys = keys;
    }

    Future<Page> page(String cache, String glob, @Nullable String cursor, int limit) {
        Position position = cursor == null ? Position.BEGIN : Position.parse(cursor);
        boolean begun = cursor != null;
        return collect(cache, glob, position, begun, limit, new ArrayList<>(), 0);
    }

    private Future<Page> collect(
            String cache, String glob, Position position, boolean begun, int limit, List<Listed> found, int steps) {
        boolean scanned = begun && position.scan.equals("0");
        if (found.size() == limit || steps == MAX_STEPS || scanned && position.over.isEmpty()) {
            boolean done = scanned && position.over.isEmpty();
            return Future.succeededFuture(new Page(found, done ? null : position.format()));
        }
        int room = limit - found.size();
        if (!position.over.isEmpty()) {
            List<String> now = position.over.subList(0, Math.min(room, position.over.size()));
            List<String> later = position.over.subList(now.size(), position.over.size());
            Position next = new Position(position.scan, later);
            return describe(cache, now, found).compose(done -> collect(cache, glob, next, true, limit, found, steps));
        }
        return step(cache, glob, position, room, found.isEmpty() && steps > 1).compose(scan -> {
            List<String> names = scan.keys().stream()
                    .map(name -> keys.keyOf(cache, name))
                    .distinct()
                    .toList();
            Position next = new Position(scan.next(), names);
            return collect(cache, glob, next, true, limit, found, steps + 1);
        });
    }

    private Future<Scan> step(String cache, String glob, Position position, int room, boolean sparse) {
        return redis.scan(position.scan, keys.entries(cache, glob), Math.min(sparse ? room * 8 : room, MAX_COUNT));
    }

    private Future<?> describe(String cache, List<String> names, List<Listed> found) {
        List<Future<Reply>> replies = names.stream()
                .map(key -> redis.run(DESCRIBE, keys.entry(cache, key)))
                .toList();
        return Future.all(replies).map(done -> {
            for (int i = 0; i < names.size(); i++) {
                List<Reply> parts = replies.get(i).result().items();
                Entry head =
                        parts.isEmpty() ? null : EntryCodec.decode(parts.get(1).bytes());
                if (head != null) {
                    found.add(new Listed(names.get(i), parts.getFirst().integer(), head.rawLength(), head.tags()));
                }
            }
            return found;
        });
    }
}
