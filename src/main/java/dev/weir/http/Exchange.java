package dev.weir.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.util.AttributeKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One request and its answer, as an endpoint sees it. Used on the request's own event loop. */
public final class Exchange {

    /** What an endpoint returns that has already answered. */
    public static final Future<Void> DONE = Future.succeededFuture();

    private static final AttributeKey<Boolean> CONDEMNED = AttributeKey.valueOf("weir.condemned");

    private static final long LINGER_MS = 1_000;

    /** What is shorter fits into the buffers of a connection. */
    private static final int LONG = 64 * 1024;

    private static final long MAX_PRESIZE = 1 << 20;

    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    private static final CharSequence PROBLEM_JSON = HttpHeaders.createOptimized("application/problem+json");

    private final HttpServerRequest request;
    private final List<String> captured;
    private final @Nullable Measured measured;
    private @Nullable Map<String, List<String>> query;

    Exchange(HttpServerRequest request, List<String> captured, @Nullable Measured measured) {
        this.request = request;
        this.captured = captured;
        this.measured = measured;
    }

    /** One whose path names nothing. */
    public static Exchange of(HttpServerRequest request) {
        return new Exchange(request, List.of(), null);
    }

    /** Says that this request may take long because it waits for something, so that its time says nothing of Weir's. */
    public void waitsOnPurpose() {
        if (measured != null) {
            measured.waitsOnPurpose();
        }
    }

    public HttpServerRequest request() {
        return request;
    }

    public HttpServerResponse response() {
        return request.response();
    }

    /** The n-th name that the path captured, checked. */
    public String name(String field, int index) {
        return Names.requireName(field, Percent.decode(field, captured.get(index), false));
    }

    /** The n-th part of the path as a key: percent-decoded once, checked. */
    public String key(String field, int index) {
        return Names.requireKey(field, Percent.decode(field, captured.get(index), false));
    }

    public @Nullable String header(CharSequence name) {
        return request.getHeader(name);
    }

    /** The parameters of the query; a request that has others than {@code known} is refused with their name. */
    public Exchange allowQuery(Set<String> known) {
        if (request.query() != null) {
            for (String name : query().keySet()) {
                if (!known.contains(name)) {
                    String words = known.isEmpty()
                            ? "none is known here"
                            : "known are "
                                    + String.join(", ", known.stream().sorted().toList());
                    throw Problem.badRequest(
                            Names.shorten(name), Names.shorten(name) + " is an unknown query parameter: " + words);
                }
            }
        }
        return this;
    }

    /** The only value of a parameter. */
    public Optional<String> query(String name) {
        List<String> values = queryAll(name);
        if (values.size() > 1) {
            throw Problem.badRequest(name, name + " is given " + values.size() + " times, once is enough");
        }
        return values.stream().findFirst();
    }

    /** All values of a parameter, in their order. */
    public List<String> queryAll(String name) {
        return request.query() == null ? List.of() : query().getOrDefault(name, List.of());
    }

    public Optional<Duration> queryDuration(String name) {
        return query(name).map(text -> Durations.require(name, text));
    }

    /** The whole number that a parameter holds. */
    public int queryInt(String name, int fallback, int min, int max) {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            int number = Integer.parseInt(text.get());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw notANumber(name, text.get(), min, max);
        }
        throw notANumber(name, text.get(), min, max);
    }

    private static Problem notANumber(String name, String text, int min, int max) {
        return Problem.badRequest(
                name, name + " is '" + Names.shorten(text) + "', not a whole number from " + min + " to " + max);
    }

    private Map<String, List<String>> query() {
        Map<String, List<String>> parsed = query;
        if (parsed == null) {
            parsed = new LinkedHashMap<>();
            for (String pair : String.valueOf(request.query()).split("&", -1)) {
                if (pair.isEmpty()) {
                    continue;
                }
                int equals = pair.indexOf('=');
                String name = Percent.decode("the query", equals < 0 ? pair : pair.substring(0, equals), true);
                String value = equals < 0 ? "" : Percent.decode(name, pair.substring(equals + 1), true);
                parsed.computeIfAbsent(name, n -> new ArrayList<>(1)).add(value);
            }
            query = parsed;
        }
        return parsed;
    }

    /**
     * The whole body, of at most {@code limit} bytes.
     *
     * @return fails with {@code too-large} as soon as the limit is passed; what comes after is not read
     */
    public Future<Buffer> body(long limit) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return Future.failedFuture(new Problem(
                    Problem.Kind.UNSUPPORTED,
                    "Content-Encoding is '" + Names.shorten(encoding) + "': send the content as it is"));
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null && length.length() > 9 || length != null && Long.parseLong(length) > limit) {
            return Future.failedFuture(tooLarge(limit));
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        return collect(limit);
    }

    private Future<Buffer> collect(long limit) {
        Promise<Buffer> promise = Promise.promise();
        Buffer whole = Buffer.buffer(expectedLength(limit));
        request.handler(chunk -> {
            if (whole.length() + chunk.length() > limit) {
                request.handler(ignored -> {});
                promise.tryFail(tooLarge(limit));
            } else {
                whole.appendBuffer(chunk);
            }
        });
        request.endHandler(end -> promise.tryComplete(whole));
        request.exceptionHandler(
                e -> promise.tryFail(Problem.badRequest("body", "the body broke off: " + e.getMessage())));
        request.resume();
        return promise.future();
    }

    private int expectedLength(long limit) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length == null ? 0 : (int) Math.min(limit, Math.min(MAX_PRESIZE, Long.parseLong(length)));
    }

    private static Problem tooLarge(long limit) {
        return new Problem(Problem.Kind.TOO_LARGE, "the body has more than the " + limit + " bytes that are allowed")
                .with("maxBytes", limit)
                .withHeader("Connection", "close");
    }

    /**
     * Ends an answer with its body. A long one is ended only when it has been written: until then the request counts as
     * under way, and a process that is to end waits for it.
     */
    public static Future<Void> end(HttpServerResponse response, Buffer body) {
        if (body.length() <= LONG) {
            return response.end(body);
        }
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        return response.write(body).compose(written -> response.end());
    }

    /** Answers without content. */
    public Future<Void> empty(int status) {
        return response().setStatusCode(status).end();
    }

    /** Answers with JSON. */
    public Future<Void> json(int status, JsonNode body) {
        Buffer text = Json.write(body);
        HttpServerResponse response = response().setStatusCode(status);
        response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
        return response.end(text);
    }

    /** Answers with a problem, unless the answer has begun; then the connection is cut, so that nobody trusts it. */
    public Future<Void> problem(Problem problem) {
        HttpServerResponse response = response();
        if (response.ended() || response.closed()) {
            return DONE;
        }
        if (response.headWritten()) {
            response.reset();
            return DONE;
        }
        Buffer text = Json.write(json(problem));
        response.setStatusCode(problem.status()).putHeader(HttpHeaders.CONTENT_TYPE, PROBLEM_JSON);
        problem.headers().forEach(response::putHeader);
        boolean close = "close".equals(problem.headers().get("Connection"));
        if (close && request.version() == HttpVersion.HTTP_2) {
            // One stream's trouble is not the others': there is no such header, and no reason to close.
            response.headers().remove(HttpHeaders.CONNECTION);
            close = false;
        }
        if (close) {
            condemn(request);
        }
        Future<Void> sent = response.end(text);
        return close ? sent.onComplete(done -> closeSoon()) : sent;
    }

    /** With the request's id, so that who keeps nothing but the body can name it. */
    private ObjectNode json(Problem problem) {
        ObjectNode json = problem.toJson();
        String id = Correlation.idOf(response());
        return id == null ? json : json.put("requestId", id);
    }

    /** Where a request that could not be told from the next is refused, what follows on the connection is nobody's. */
    private static void condemn(HttpServerRequest request) {
        if (request.connection() instanceof ConnectionBase connection) {
            connection.channel().attr(CONDEMNED).set(true);
        }
    }

    /** True if the connection is about to be closed and no further request on it is to be believed. */
    static boolean isCondemned(HttpServerRequest request) {
        return request.connection() instanceof ConnectionBase connection
                && connection.channel().hasAttr(CONDEMNED);
    }

    /**
     * Closes the connection once the client has sent all it meant to, or after a while: closed at once, with unread data
     * on the way, the answer could be lost to it.
     */
    private void closeSoon() {
        HttpConnection connection = request.connection();
        Context context = Vertx.currentContext();
        if (request.isEnded() || context == null) {
            connection.close();
            return;
        }
        request.endHandler(end -> connection.close());
        context.owner().setTimer(LINGER_MS, id -> connection.close());
    }
}
