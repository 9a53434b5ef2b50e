package dev.weir.ops;

import dev.weir.redis.Keys;
import dev.weir.redis.LuaScript;
import dev.weir.redis.RedisGateway;
import dev.weir.redis.Reply;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Reports of all instances that share a Redis, with the times at which they came by Redis' own clock. */
final class RedisInstanceStore implements InstanceStore {

    private static final LuaScript PUBLISH = LuaScript.load("ops/publish");
    private static final LuaScript REMOVE = LuaScript.load("ops/remove");
    private static final LuaScript RESET = LuaScript.load("ops/reset");
    private static final LuaScript LIST = LuaScript.load("ops/list");

    private final RedisGateway redis;
    private final List<String> keys;

    RedisInstanceStore(RedisGateway redis, Keys keys) {
        this.redis = redis;
        this.keys = List.of(keys.instances(), keys.instancesSeen());
    }

    @Override
    public Future<Long> publish(String process, String report) {
        return redis.run(PUBLISH, keys, process, report, FORGOTTEN.toMillis()).map(Reply::integer);
    }

    @Override
    public Future<Void> remove(String process) {
        return redis.run(REMOVE, keys, process).mapEmpty();
    }

    @Override
    public Future<Long> reset() {
        return redis.run(RESET, keys, FORGOTTEN.toMillis()).map(Reply::integer);
    }

    @Override
    public Future<Listing> list() {
        return redis.run(LIST, keys, FORGOTTEN.toMillis()).map(reply -> {
            List<Reply> parts = reply.items();
            List<Seen> seen = new ArrayList<>();
            for (int i = 2; i + 2 < parts.size(); i += 3) {
                seen.add(new Seen(
                        Objects.requireNonNull(parts.get(i).text()),
                        Objects.requireNonNull(parts.get(i + 1).text()),
                        parts.get(i + 2).integer()));
            }
            return new Listing(parts.get(0).integer(), parts.get(1).integer(), seen);
        });
    }
}
