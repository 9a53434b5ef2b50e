package dev.weir.cache;

import dev.weir.http.Exchange;
import dev.weir.http.Problem;
import dev.weir.store.Scope;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How an entry is written as an HTTP answer, after RFC 9110 (conditions, representations) and RFC 9211 (Cache-Status). */
final class EntryAnswers {

    static final CharSequence SCOPE = HttpHeaders.createOptimized("Weir-Scope");

    private static final CharSequence X_CACHE = HttpHeaders.createOptimized("X-Cache");
    private static final CharSequence CACHE_STATUS = HttpHeaders.createOptimized("Cache-Status");
    private static final CharSequence ACCEPT_ENCODING = HttpHeaders.createOptimized("Accept-Encoding");
    private static final CharSequence GZIP = HttpHeaders.createOptimized("gzip");
    private static final String GZIP_SUFFIX = "-gzip";

    private EntryAnswers() {}

    /** Writes what a read came to. */
    static Future<?> write(Exchange exchange, NamedCache cache, Answer answer) {
        Entry entry = answer.value();
        if (entry == null) {
            describe(exchange.response(), answer);
            return Future.failedFuture(new Problem(
                    Problem.Kind.NOT_FOUND,
                    answer.held() == null
                            ? "the cache has no entry under this key"
                            : "the origin has nothing under this key"));
        }
        NearCache.Held held = Objects.requireNonNull(answer.held());
        boolean gzip = entry.gzip() && acceptsGzip(exchange.header(ACCEPT_ENCODING));
        HttpServerResponse response = exchange.response();
        describe(response, answer);
        var headers = response.headers();
        headers.set(HttpHeaders.ETAG, gzip ? compressed(held.entityTag()) : held.entityTag());
        headers.set(HttpHeaders.AGE, Long.toString(Math.max(0, answer.now() - entry.created()) / 1000));
        if (entry.gzip()) {
            headers.set(HttpHeaders.VARY, ACCEPT_ENCODING);
        }
        String ifNoneMatch = exchange.header(HttpHeaders.IF_NONE_MATCH);
        if (ifNoneMatch != null && matches(ifNoneMatch, held.entityTag())) {
            return response.setStatusCode(304).end();
        }
        headers.set(HttpHeaders.CONTENT_TYPE, entry.contentType());
        if (gzip) {
            headers.set(HttpHeaders.CONTENT_ENCODING, GZIP);
        }
        if (HttpMethod.HEAD.equals(exchange.request().method())) {
            headers.set(
                    HttpHeaders.CONTENT_LENGTH,
                    Integer.toString(gzip ? entry.body().length() : entry.rawLength()));
            return response.end();
        }
        if (gzip) {
            return Exchange.end(response, entry.body());
        }
        Buffer raw = held.raw();
        return raw != null
                ? Exchange.end(response, raw)
                : cache.raw(held).compose(expanded -> Exchange.end(response, expanded));
    }

    private static void describe(HttpServerResponse response, Answer answer) {
        var headers = response.headers();
        headers.set(SCOPE, answer.scope().headerValue());
        headers.set(X_CACHE, answer.result().name());
        headers.set(CACHE_STATUS, cacheStatus(answer));
    }

    static void scope(Exchange exchange, Scope scope) {
        exchange.response().headers().set(SCOPE, scope.headerValue());
    }

    private static String cacheStatus(Answer answer) {
        NearCache.Held held = answer.held();
        if (held == null) {
            return "weir; fwd=uri-miss";
        }
        StringBuilder status = new StringBuilder(48).append("weir");
        if (answer.result() == Answer.Result.MISS) {
            status.append(answer.expired() ? "; fwd=stale" : "; fwd=uri-miss");
            if (answer.stored()) {
                status.append("; stored");
            }
            if (answer.collapsed()) {
                status.append("; collapsed");
            }
        } else {
            status.append("; hit");
        }
        long left = Math.floorDiv(held.entry().freshUntil() - answer.now(), 1000L);
        return status.append("; ttl=")
                .append(left)
                .append("; detail=")
                .append(answer.source().detail())
                .toString();
    }

    /** The tag of the compressed representation: another sequence of bytes needs a tag of its own. */
    private static String compressed(String tag) {
        return tag.substring(0, tag.length() - 1) + GZIP_SUFFIX + '"';
    }

    /** Weak comparison, as {@code If-None-Match} asks for: any representation of the value is as good. */
    private static boolean matches(String header, String tag) {
        if (header.strip().equals("*")) {
            return true;
        }
        String opaque = tag.substring(1, tag.length() - 1);
        for (String each : header.split(",", -1)) {
            if (opaque.equals(opaque(each))) {
                return true;
            }
        }
        return false;
    }

    /** What stands between the quotation marks of an entity tag, whatever its representation; null if it is none. */
    static @Nullable String opaque(String tag) {
        String text = tag.strip();
        if (text.startsWith("W/")) {
            text = text.substring(2);
        }
        if (text.length() < 2 || !text.startsWith("\"") || !text.endsWith("\"")) {
            return null;
        }
        text = text.substring(1, text.length() - 1);
        return text.endsWith(GZIP_SUFFIX) ? text.substring(0, text.length() - GZIP_SUFFIX.length()) : text;
    }

    /** Whether an {@code Accept-Encoding} allows gzip: named, or by {@code *}, and not with a quality of zero. */
    static boolean acceptsGzip(@Nullable String header) {
        if (header == null) {
            return false;
        }
        boolean byStar = false;
        for (String each : header.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = each.split(";", 2);
            String coding = parts[0].strip();
            boolean refused = parts.length == 2 && parts[1].strip().matches("q=0(\\.0{0,3})?");
            if (coding.equals("gzip") || coding.equals("x-gzip")) {
                return !refused;
            }
            byStar |= coding.equals("*") && !refused;
        }
        return byStar;
    }
}
