package dev.weir.cache;

import dev.weir.auth.Role;
import dev.weir.cache.CacheStore.Condition;
import dev.weir.cache.CacheStore.PutOutcome;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.http.Resource;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /v1/caches/{cache}/entries/{key}}: one entry. */
@Singleton
final class EntryResource implements Resource {

    private static final String ENTRY = "/v1/caches/{cache}/entries/{key...}";
    private static final String ALIAS = "/v1/caches/{cache}/aliases/{alias...}";
    private static final Set<String> NO_QUERY = Set.of();
    private static final Set<String> PUT_QUERY = Set.of("ttl", "stale", "tag", "alias");
    private static final String BINARY = "application/octet-stream";

    private final Caches caches;

    EntryResource(Caches caches) {
        this.caches = caches;
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.GET, ENTRY, Role.READ, this::get)
                .on(HttpMethod.HEAD, ENTRY, Role.READ, this::get)
                .on(HttpMethod.PUT, ENTRY, Role.WRITE, this::put)
                .on(HttpMethod.DELETE, ENTRY, Role.WRITE, this::delete)
                .on(HttpMethod.GET, ALIAS, Role.READ, this::getByAlias)
                .on(HttpMethod.HEAD, ALIAS, Role.READ, this::getByAlias);
    }

    private Future<?> get(Exchange exchange) {
        exchange.allowQuery(NO_QUERY);
        NamedCache cache = caches.require(exchange.name("cache", 0));
        return read(exchange, cache, exchange.key("key", 1));
    }

    private static Future<?> read(Exchange exchange, NamedCache cache, String key) {
        return cache.get(key).compose(answer -> EntryAnswers.write(exchange, cache, answer));
    }

    private Future<?> getByAlias(Exchange exchange) {
        exchange.allowQuery(NO_QUERY);
        NamedCache cache = caches.require(exchange.name("cache", 0));
        String alias = exchange.key("alias", 1);
        return cache.resolve(alias).compose(found -> {
            String key = found.value();
            if (key != null) {
                return read(exchange, cache, key);
            }
            EntryAnswers.scope(exchange, found.scope());
            return Future.failedFuture(new Problem(Problem.Kind.NOT_FOUND, "no entry has this alias"));
        });
    }

    private Future<?> put(Exchange exchange) {
        exchange.allowQuery(PUT_QUERY);
        NamedCache cache = caches.require(exchange.name("cache", 0));
        String key = exchange.key("key", 1);
        Condition condition = condition(exchange);
        Lifetimes lifetimes = CacheInput.lifetimes(
                cache.policy(),
                exchange.queryDuration("ttl").orElse(null),
                exchange.queryDuration("stale").orElse(null));
        List<String> tags = CacheInput.tags("tag", exchange.queryAll("tag"));
        List<String> aliases = CacheInput.aliases("alias", exchange.queryAll("alias"));
        String type = contentType(exchange);
        return exchange.body(cache.policy().maxEntryBytes())
                .compose(body -> cache.put(new NamedCache.Put(key, body, type, lifetimes, tags, aliases), condition))
                .compose(stored -> answerPut(exchange, stored));
    }

    private static String contentType(Exchange exchange) {
        String type = exchange.header(HttpHeaders.CONTENT_TYPE);
        return type == null || type.isBlank() ? BINARY : CacheInput.requireContentType("Content-Type", type);
    }

    private static Future<?> answerPut(Exchange exchange, NamedCache.Stored stored) {
        EntryAnswers.scope(exchange, stored.scope());
        if (stored.outcome() == PutOutcome.REFUSED) {
            throw new Problem(
                    Problem.Kind.PRECONDITION_FAILED,
                    "the entry is not as If-Match or If-None-Match wants it: read it again");
        }
        exchange.response().putHeader(HttpHeaders.ETAG, stored.entry().entityTag());
        return exchange.empty(stored.outcome() == PutOutcome.CREATED ? 201 : 204);
    }

    private static Condition condition(Exchange exchange) {
        String ifMatch = exchange.header(HttpHeaders.IF_MATCH);
        String ifNoneMatch = exchange.header(HttpHeaders.IF_NONE_MATCH);
        if (ifMatch != null && ifNoneMatch != null) {
            throw Problem.badRequest(
                    "If-Match", "If-Match and If-None-Match contradict each other on a PUT: send one of them");
        }
        if (ifNoneMatch != null) {
            if (!ifNoneMatch.strip().equals("*")) {
                throw Problem.badRequest(
                        "If-None-Match", "If-None-Match of a PUT must be *: it creates only, whatever is there");
            }
            return new Condition.Absent();
        }
        return ifMatch == null ? new Condition.Always() : matching(ifMatch);
    }

    private static Condition matching(String ifMatch) {
        if (ifMatch.strip().equals("*")) {
            return new Condition.Present();
        }
        List<byte[]> etags = new ArrayList<>();
        for (String tag : ifMatch.split(",", -1)) {
            String opaque = EntryAnswers.opaque(tag);
            if (opaque == null) {
                throw Problem.badRequest(
                        "If-Match",
                        "If-Match is '" + Names.shorten(ifMatch) + "', neither * nor a list of quoted entity tags");
            }
            byte @Nullable [] bytes = tag.strip().startsWith("W/") ? null : Entry.tagBytes(opaque);
            if (bytes != null) {
                etags.add(bytes); // a weak tag, or a foreign one, can never match
            }
        }
        return new Condition.Matching(etags);
    }

    private Future<?> delete(Exchange exchange) {
        exchange.allowQuery(NO_QUERY);
        if (exchange.header(HttpHeaders.IF_MATCH) != null) {
            throw Problem.badRequest("If-Match", "If-Match is not supported on DELETE: an entry is removed as it is");
        }
        NamedCache cache = caches.require(exchange.name("cache", 0));
        String key = exchange.key("key", 1);
        return cache.remove(new Selection.Key(cache.name(), key)).compose(removed -> {
            EntryAnswers.scope(exchange, removed.scope());
            return exchange.empty(204);
        });
    }
}
