package dev.weir.cache;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.auth.Role;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Json;
import dev.weir.http.Problem;
import dev.weir.http.Resource;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;

/** {@code /v1/caches}: whole caches, and many entries at once. */
@Singleton
final class CacheResource implements Resource {

    private static final String ENTRIES = "/v1/caches/{cache}/entries";
    private static final int MAX_PAGE = 1000;
    private static final int DEFAULT_PAGE = 100;

    private final Caches caches;
    private final CacheReport report;
    private final Batch batch;

    CacheResource(Caches caches, CacheReport report, Vertx vertx) {
        this.caches = caches;
        this.report = report;
        this.batch = new Batch(vertx);
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.GET, "/v1/caches", Role.READ, this::listCaches)
                .on(HttpMethod.DELETE, "/v1/caches", Role.ADMIN, this::clearAll)
                .on(HttpMethod.GET, "/v1/caches/{cache}", Role.READ, this::showCache)
                .on(HttpMethod.DELETE, "/v1/caches/{cache}", Role.ADMIN, this::clear)
                .on(HttpMethod.GET, ENTRIES, Role.READ, this::listEntries)
                .on(HttpMethod.DELETE, ENTRIES, Role.WRITE, this::removeEntries)
                .on(HttpMethod.POST, "/v1/caches/{cache}/batch", Role.WRITE, this::batch);
    }

    private Future<?> listCaches(Exchange exchange) {
        exchange.allowQuery(Set.of());
        ObjectNode body = Json.object();
        ArrayNode all = body.putArray("caches");
        caches.all().forEach(cache -> all.add(report.of(cache)));
        return exchange.json(200, body);
    }

    private Future<?> showCache(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return exchange.json(200, report.of(caches.require(exchange.name("cache", 0))));
    }

    private Future<?> clearAll(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return caches.clear().compose(removed -> answerRemoved(exchange, removed));
    }

    private Future<?> clear(Exchange exchange) {
        exchange.allowQuery(Set.of());
        NamedCache cache = caches.require(exchange.name("cache", 0));
        return cache.remove(new Selection.Pattern(cache.name(), "*"))
                .compose(removed -> answerRemoved(exchange, removed));
    }

    private Future<?> removeEntries(Exchange exchange) {
        exchange.allowQuery(Set.of("tag", "pattern"));
        NamedCache cache = caches.require(exchange.name("cache", 0));
        Optional<String> tag = exchange.query("tag");
        Optional<String> pattern = exchange.query("pattern");
        if (tag.isPresent() == pattern.isPresent()) {
            throw Problem.badRequest("tag", "exactly one of tag and pattern must say what to remove");
        }
        Selection selection = tag.isPresent()
                ? new Selection.Tag(cache.name(), CacheInput.requireTag("tag", tag.get()))
                : new Selection.Pattern(cache.name(), CacheInput.requirePattern("pattern", pattern.orElseThrow()));
        return cache.remove(selection).compose(removed -> answerRemoved(exchange, removed));
    }

    static Future<?> answerRemoved(Exchange exchange, Scoped<Long> removed) {
        EntryAnswers.scope(exchange, removed.scope());
        return exchange.json(200, Json.object().put("removed", removed.value()));
    }

    private Future<?> listEntries(Exchange exchange) {
        exchange.allowQuery(Set.of("pattern", "cursor", "limit"));
        NamedCache cache = caches.require(exchange.name("cache", 0));
        String pattern =
                CacheInput.requirePattern("pattern", exchange.query("pattern").orElse("*"));
        int limit = exchange.queryInt("limit", DEFAULT_PAGE, 1, MAX_PAGE);
        String cursor = exchange.query("cursor").filter(text -> !text.isEmpty()).orElse(null);
        return cache.list(pattern, cursor, limit).compose(page -> {
            ObjectNode body = Json.object();
            ArrayNode entries = body.putArray("entries");
            for (CacheStore.Listed listed : page.value().entries()) {
                ObjectNode entry = entries.addObject()
                        .put("key", listed.key())
                        .put("ttlMs", listed.ttlMs())
                        .put("bytes", listed.bytes());
                ArrayNode tags = entry.putArray("tags");
                listed.tags().forEach(tags::add);
            }
            body.put("cursor", page.value().cursor());
            EntryAnswers.scope(exchange, page.scope());
            return exchange.json(200, body);
        });
    }

    private Future<?> batch(Exchange exchange) {
        exchange.allowQuery(Set.of());
        NamedCache cache = caches.require(exchange.name("cache", 0));
        return exchange.body(Batch.MAX_BODY)
                .compose(body -> batch.run(cache, body))
                .compose(done -> {
                    done.scope().ifPresent(scope -> EntryAnswers.scope(exchange, scope));
                    return exchange.json(200, done.body());
                });
    }
}
