package dev.weir.warm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import dev.weir.redis.Command;
import dev.weir.redis.Keys;
import dev.weir.redis.LuaScript;
import dev.weir.redis.RedisGateway;
import dev.weir.redis.Reply;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs and counts in Redis, for all instances. */
final class RedisWarmStore implements WarmStore {

    private static final LuaScript SAVE = LuaScript.load("warm/save");
    private static final LuaScript HOT = LuaScript.load("warm/hot");
    private static final int MAX_COUNTED = 10_000;

    private final RedisGateway redis;
    private final Keys keys;

    RedisWarmStore(RedisGateway redis, Keys keys) {
        this.redis = redis;
        this.keys = keys;
    }

    @Override
    public Future<Void> save(Kept run) {
        return redis.run(
                        SAVE,
                        List.of(keys.warmer(run.warmer(), "run:" + run.id()), keys.warmer(run.warmer(), "runs")),
                        Json.write(run.shown()),
                        KNOWN.toMillis(),
                        run.id(),
                        run.startedMs(),
                        MAX_RUNS,
                        keys.warmer(run.warmer(), "run:"))
                .mapEmpty();
    }

    @Override
    public Future<@Nullable ObjectNode> find(String warmer, String id) {
        return redis.send(Command.of("GET", keys.warmer(warmer, "run:" + id))).map(RedisWarmStore::read);
    }

    private static @Nullable ObjectNode read(Reply reply) {
        byte[] text = reply.bytes();
        return text == null ? null : (ObjectNode) Json.parse(Buffer.buffer(text));
    }

    @Override
    public Future<List<ObjectNode>> list(String warmer, int most) {
        return redis.send(Command.of("ZREVRANGE", keys.warmer(warmer, "runs"), 0, most - 1))
                .compose(ids -> Future.join(ids.items().stream()
                        .map(id -> find(warmer, Objects.requireNonNull(id.text())))
                        .toList()))
                .map(all -> all.<@Nullable ObjectNode>list().stream()
                        .filter(Objects::nonNull)
                        .map(Objects::requireNonNull)
                        .toList());
    }

    @Override
    public Future<Boolean> claim(String warmer, String tick, Duration within) {
        return redis.send(Command.of(
                        "SET", keys.warmer(warmer, "tick:" + tick), "", "NX", "PX", Math.max(1, within.toMillis())))
                .map(reply -> !reply.isNil());
    }

    @Override
    public Future<Void> countReads(String cache, Map<String, Long> reads) {
        List<Object> arguments = new ArrayList<>(1 + reads.size() * 2);
        arguments.add(MAX_COUNTED);
        reads.forEach((key, count) -> {
            arguments.add(key);
            arguments.add(count);
        });
        return redis.run(HOT, keys.hot(cache), arguments.toArray()).mapEmpty();
    }

    @Override
    public Future<List<String>> hot(String cache, int most) {
        return redis.send(Command.of("ZREVRANGEBYSCORE", keys.hot(cache), "+inf", "(0", "LIMIT", 0, most))
                .map(found -> found.items().stream()
                        .map(key -> Objects.requireNonNull(key.text()))
                        .toList());
    }
}
