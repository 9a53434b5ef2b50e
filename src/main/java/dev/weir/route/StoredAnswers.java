package dev.weir.route;

import dev.weir.http.Exchange;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a kept answer, as the client's conditions and range want it (RFC 9110, sections 13 to 15). */
final class StoredAnswers {

    /** What a 304 says of the answer that it stands for (RFC 9110, section 15.4.5). */
    private static final List<CharSequence> WITH_304 = List.of(
            HttpHeaders.CACHE_CONTROL,
            Fields.CONTENT_LOCATION,
            HttpHeaders.DATE,
            HttpHeaders.ETAG,
            HttpHeaders.EXPIRES,
            HttpHeaders.LAST_MODIFIED,
            HttpHeaders.VARY,
            Fields.VIA);

    private StoredAnswers() {}

    /**
     * Answers.
     *
     * @param ageMs the answer's age
     * @param cacheStatus what is said of this cache's part (RFC 9211)
     */
    static Future<Void> write(Visit visit, StoredResponse stored, long ageMs, String xCache, String cacheStatus) {
        HttpServerResponse response = visit.response();
        MultiMap request = visit.request().headers();
        MultiMap headers = response.headers();
        boolean whole = stored.status() == 200;
        if (whole && Preconditions.isNotModified(request, stored)) {
            age(headers, ageMs);
            visit.say(xCache, cacheStatus);
            return notModified(visit, stored);
        }
        response.setStatusCode(stored.status());
        headers.addAll(stored.headers());
        age(headers, ageMs);
        visit.say(xCache, cacheStatus);
        Buffer body = stored.body();
        ByteRange range = whole ? rangeOf(visit, request, stored) : null;
        if (range != null) {
            return part(response, range, body);
        }
        if (visit.isHead()) {
            if (!headers.contains(HttpHeaders.CONTENT_LENGTH) && stored.status() != 204) {
                headers.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
            }
            return response.end();
        }
        headers.remove(HttpHeaders.CONTENT_LENGTH);
        return stored.status() == 204 ? response.end() : Exchange.end(response, body);
    }

    /** Answers 304 (RFC 9110, section 15.4.5). */
    static Future<Void> notModified(Visit visit, StoredResponse stored) {
        HttpServerResponse response = visit.response().setStatusCode(304);
        for (CharSequence name : WITH_304) {
            for (String value : stored.headers().getAll(name)) {
                response.headers().add(name, value);
            }
        }
        return response.end();
    }

    private static void age(MultiMap headers, long ageMs) {
        headers.set(HttpHeaders.AGE, Long.toString(ageMs / 1000));
    }

    private static @Nullable ByteRange rangeOf(Visit visit, MultiMap request, StoredResponse stored) {
        String field = visit.isHead() ? null : request.get(Fields.RANGE);
        return field != null && Preconditions.isRangeApplicable(request, stored)
                ? ByteRange.parse(field, stored.body().length())
                : null;
    }

    private static Future<Void> part(HttpServerResponse response, ByteRange range, Buffer body) {
        MultiMap headers = response.headers();
        headers.remove(HttpHeaders.CONTENT_LENGTH);
        if (!range.isSatisfiable()) {
            headers.remove(HttpHeaders.CONTENT_TYPE);
            headers.set(HttpHeaders.CONTENT_RANGE, "bytes */" + body.length());
            return response.setStatusCode(416).end();
        }
        headers.set(HttpHeaders.CONTENT_RANGE, "bytes " + range.first() + '-' + range.last() + '/' + body.length());
        return Exchange.end(response.setStatusCode(206), body.slice(range.first(), range.first() + range.length()));
    }
}
