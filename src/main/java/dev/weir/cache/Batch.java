package dev.weir.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cache.CacheStore.Condition;
import dev.weir.cache.CacheStore.PutOutcome;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.http.Api;
import dev.weir.http.Durations;
import dev.weir.http.Json;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.store.Scope;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Many reads, writes and removals of one cache in one request: first all reads, then all writes, then all removals. What
 * is wrong with the request's form fails it as a whole, before anything is done; what is wrong with one item, or happens
 * to it, is that item's result alone.
 */
final class Batch {

    static final int MAX_BODY = 32 * 1024 * 1024;

    private static final int MAX_ITEMS = 1000;

    /** What the values of one answer may weigh together; it is made in memory. */
    private static final int MAX_ANSWER = 64 * 1024 * 1024;

    /** Longer requests are parsed on a worker. */
    private static final int INLINE = 256 * 1024;

    private static final String JSON_TYPE = "application/json";

    /** The answer, and where it came from; nothing if nothing was asked. */
    record Done(ObjectNode body, Optional<Scope> scope) {}

    private record Item(ObjectNode result, @Nullable Scope scope) {}

    private final Vertx vertx;

    Batch(Vertx vertx) {
        this.vertx = vertx;
    }

    Future<Done> run(NamedCache cache, Buffer text) {
        Function<Buffer, ObjectNode> parse = body -> Json.parseObject(body, "get", "put", "delete");
        Future<ObjectNode> parsed = text.length() <= INLINE
                ? Future.succeededFuture(text).map(parse)
                : vertx.<ObjectNode>executeBlocking(() -> parse.apply(text), false)
                        .map(Objects::requireNonNull);
        return parsed.compose(request -> run(cache, request));
    }

    private static Future<Done> run(NamedCache cache, ObjectNode request) {
        List<String> gets = Json.texts("get", request, "get");
        List<JsonNode> puts = Json.items("put", request, "put");
        List<String> deletes = Json.texts("delete", request, "delete");
        int count = gets.size() + puts.size() + deletes.size();
        if (count > MAX_ITEMS) {
            throw Problem.badRequest("body", "the batch has " + count + " items, more than " + MAX_ITEMS);
        }
        for (int i = 0; i < puts.size(); i++) {
            Json.requireObject("put[" + i + "]", puts.get(i), "key", "value", "ttl", "stale", "tags", "aliases");
        }
        List<Item> all = new ArrayList<>();
        ObjectNode body = Json.object();
        AtomicLong room = new AtomicLong(MAX_ANSWER);
        return each("get", gets, (field, key) -> get(cache, field, key, room), body, all)
                .compose(done -> each("put", puts, (field, put) -> put(cache, field, put), body, all))
                .compose(done -> each("delete", deletes, (field, key) -> delete(cache, field, key), body, all))
                .map(done -> new Done(body, scopeOf(all)));
    }

    /** What only some of the items shared was not shared. */
    private static Optional<Scope> scopeOf(List<Item> items) {
        return items.stream()
                .flatMap(item -> Optional.ofNullable(item.scope).stream())
                .max(Scope::compareTo);
    }

    private interface Step<T> {
        Future<Item> run(String field, T item);
    }

    private static <T> Future<?> each(String list, List<T> items, Step<T> step, ObjectNode body, List<Item> all) {
        List<Future<Item>> running = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            T item = items.get(i);
            String field = list + "[" + i + "]";
            running.add(safely(item, () -> step.run(field, item)));
        }
        return Future.all(running).map(done -> {
            ArrayNode results = body.putArray(list);
            for (Future<Item> each : running) {
                all.add(each.result());
                results.add(each.result().result);
            }
            return done;
        });
    }

    private static <T> Future<Item> safely(T item, Supplier<Future<Item>> step) {
        Future<Item> running;
        try {
            running = step.get();
        } catch (Problem e) {
            running = Future.failedFuture(e);
        }
        return running.otherwise(e -> {
            Problem problem = Api.problemOf(e);
            ObjectNode result = result(keyOf(item), problem.status());
            result.set("problem", problem.toJson());
            return new Item(result, null);
        });
    }

    private static String keyOf(Object item) {
        return item instanceof ObjectNode put ? put.path("key").asText("") : item.toString();
    }

    private static ObjectNode result(String key, int status) {
        return Json.object().put("key", key).put("status", status);
    }

    private static Future<Item> get(NamedCache cache, String field, String key, AtomicLong room) {
        Names.requireKey(field, key);
        return cache.get(key).compose(answer -> {
            NearCache.Held held = answer.held();
            Entry entry = answer.value();
            if (held == null || entry == null) {
                ObjectNode result = result(key, 404);
                result.set("problem", new Problem(Problem.Kind.NOT_FOUND, "there is no entry under this key").toJson());
                return Future.succeededFuture(new Item(result, answer.scope()));
            }
            if (room.addAndGet(-entry.rawLength()) < 0) {
                throw new Problem(
                        Problem.Kind.TOO_LARGE,
                        "the values before this one fill the answer: ask for it in another batch");
            }
            return cache.raw(held).map(raw -> {
                ObjectNode result = result(key, 200);
                result.set("value", value(entry.contentType(), raw));
                result.put("etag", entry.entityTag())
                        .put("ageMs", Math.max(0, answer.now() - entry.created()))
                        .put("cache", answer.result().name());
                return new Item(result, answer.scope());
            });
        });
    }

    private static JsonNode value(String contentType, Buffer raw) {
        String type = contentType.toLowerCase(Locale.ROOT).split(";", 2)[0].strip();
        boolean json = type.equals(JSON_TYPE) || type.endsWith("+json");
        return (json ? Json.tryParse(raw) : Optional.<JsonNode>empty()).orElseGet(() -> Json.object()
                .put("base64", Base64.getEncoder().encodeToString(raw.getBytes()))
                .put("contentType", contentType));
    }

    private static Future<Item> put(NamedCache cache, String field, JsonNode item) {
        ObjectNode put = (ObjectNode) item;
        String key = Json.optionalText(field + ".key", put, "key");
        if (key == null) {
            throw Problem.badRequest(field + ".key", field + ".key is missing");
        }
        Names.requireKey(field + ".key", key);
        JsonNode value = put.get("value");
        if (value == null) {
            throw Problem.badRequest(field + ".value", field + ".value is missing");
        }
        Lifetimes lifetimes = CacheInput.lifetimes(
                cache.policy(), duration(field + ".ttl", put, "ttl"), duration(field + ".stale", put, "stale"));
        List<String> tags = CacheInput.tags(field + ".tags", Json.texts(field + ".tags", put, "tags"));
        List<String> aliases = CacheInput.aliases(field + ".aliases", Json.texts(field + ".aliases", put, "aliases"));
        NamedCache.Put parsed = isBinary(value)
                ? new NamedCache.Put(
                        key,
                        decode(field, (ObjectNode) value),
                        CacheInput.requireContentType(
                                field + ".value.contentType",
                                value.path("contentType").asText("application/octet-stream")),
                        lifetimes,
                        tags,
                        aliases)
                : new NamedCache.Put(key, Json.write(value), JSON_TYPE, lifetimes, tags, aliases);
        return cache.put(parsed, new Condition.Always()).map(stored -> {
            ObjectNode result = result(key, stored.outcome() == PutOutcome.CREATED ? 201 : 204);
            result.put("etag", stored.entry().entityTag());
            return new Item(result, stored.scope());
        });
    }

    /** A JSON value of exactly this shape is meant to be bytes; one that only resembles it is a value. */
    private static boolean isBinary(JsonNode value) {
        boolean typed = value.path("contentType").isTextual();
        return value instanceof ObjectNode && value.path("base64").isTextual() && value.size() == (typed ? 2 : 1);
    }

    private static Buffer decode(String field, ObjectNode value) {
        try {
            return Buffer.buffer(Base64.getDecoder().decode(value.path("base64").textValue()));
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(field + ".value.base64", field + ".value.base64 is no base64");
        }
    }

    private static @Nullable Duration duration(String field, ObjectNode put, String name) {
        String text = Json.optionalText(field, put, name);
        return text == null ? null : Durations.require(field, text);
    }

    private static Future<Item> delete(NamedCache cache, String field, String key) {
        Names.requireKey(field, key);
        return cache.remove(new Selection.Key(cache.name(), key))
                .map(removed -> new Item(result(key, 204), removed.scope()));
    }
}
