package dev.weir.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.weir.testkit.Origin.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link Origin} answers below one prefix. Each setting replaces the one before, may be changed while requests
 * are under way, and holds from the next answer on; a HEAD gets the headers of the GET.
 */
public final class OriginRoute {

    static final OriginRoute NOT_FOUND = new OriginRoute().status(404).body("no such route");

    private final Map<String, String> headers = new ConcurrentHashMap<>();
    private volatile int status = 200;
    private volatile Duration delay = Duration.ZERO;
    private volatile Function<Received, byte[]> body = request -> new byte[0];
    private volatile @Nullable Function<Received, Reply> reply;
    private volatile @Nullable HttpHandler handler;

    OriginRoute() {}

    public OriginRoute status(int newStatus) {
        status = newStatus;
        return this;
    }

    /** How long each answer is held back. */
    public OriginRoute delay(Duration newDelay) {
        delay = newDelay;
        return this;
    }

    /** A header of each answer; it replaces an earlier one of the same name. */
    public OriginRoute header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Takes a header away. */
    public OriginRoute withoutHeader(String name) {
        headers.remove(name);
        return this;
    }

    public OriginRoute body(String text) {
        return body(text.getBytes(StandardCharsets.UTF_8));
    }

    public OriginRoute body(byte[] bytes) {
        return body(request -> bytes);
    }

    /** A body made for each request. */
    public OriginRoute body(Function<Received, byte[]> newBody) {
        body = newBody;
        return this;
    }

    /** A whole answer made for each request; the route's own status and body count for nothing then, its headers do. */
    public OriginRoute reply(Function<Received, Reply> newReply) {
        reply = newReply;
        return this;
    }

    /** Leaves the answer to this handler, for bodies that come in pieces or break off. The request's body is read. */
    public OriginRoute raw(HttpHandler newHandler) {
        handler = newHandler;
        return this;
    }

    Duration delay() {
        return delay;
    }

    void answer(HttpExchange exchange, Received request) throws IOException {
        HttpHandler raw = handler;
        if (raw != null) {
            raw.handle(exchange);
            return;
        }
        Function<Received, Reply> custom = reply;
        send(exchange, custom == null ? new Reply(status, body.apply(request), Map.of()) : custom.apply(request));
    }

    private void send(HttpExchange exchange, Reply answer) throws IOException {
        headers.forEach(exchange.getResponseHeaders()::set);
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        boolean head = "HEAD".equals(exchange.getRequestMethod());
        int length = answer.body().length;
        if (head && length > 0) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(length));
        }
        boolean bodiless = head || length == 0 || answer.status() == 204 || answer.status() == 304;
        exchange.sendResponseHeaders(answer.status(), bodiless ? -1 : length);
        if (!bodiless) {
            exchange.getResponseBody().write(answer.body());
        }
    }

    /** One answer of an origin. */
    public record Reply(int status, byte[] body, Map<String, String> headers) {

        /** An answer whose body is this text in UTF-8, without headers of its own. */
        public static Reply of(int status, String text) {
            return new Reply(status, text.getBytes(StandardCharsets.UTF_8), Map.of());
        }
    }
}
