package dev.weir.route;

import dev.weir.http.Api;
import dev.weir.http.Correlation;
import dev.weir.http.Exchange;
import dev.weir.store.Scope;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** One request on its way through a route, and what is said of it to the client. */
final class Visit {

    static final CharSequence CACHE_STATUS = HttpHeaders.createOptimized("Cache-Status");
    static final CharSequence X_CACHE = HttpHeaders.createOptimized("X-Cache");
    static final CharSequence SCOPE = HttpHeaders.createOptimized("Weir-Scope");

    private static final long LINGER_MS = 1_000;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final RequestTarget target;
    private final String clientIp;
    private final RequestDirectives directives;
    private final long began = System.nanoTime();
    private final List<Runnable> whenGone = new ArrayList<>(1);
    private @Nullable Scope scope;
    private boolean gone;
    private boolean closing;
    private int looks;
    private BiFunction<Integer, MultiMap, Future<?>> whenAnswered = (status, fields) -> Future.succeededFuture();

    Visit(HttpServerRequest request, RequestTarget target, String clientIp, RequestDirectives directives) {
        this.request = request;
        this.response = request.response();
        this.target = target;
        this.clientIp = clientIp;
        this.directives = directives;
    }

    HttpServerRequest request() {
        return request;
    }

    HttpServerResponse response() {
        return response;
    }

    @Nullable
    String requestId() {
        return Correlation.idOf(response);
    }

    RequestTarget target() {
        return target;
    }

    String clientIp() {
        return clientIp;
    }

    RequestDirectives directives() {
        return directives;
    }

    boolean isHead() {
        return HttpMethod.HEAD.equals(request.method());
    }

    long nanos() {
        return System.nanoTime() - began;
    }

    /** True if the request announces a body. */
    boolean hasBody() {
        MultiMap headers = request.headers();
        String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        return length != null && !length.equals("0")
                || headers.contains(HttpHeaders.TRANSFER_ENCODING)
                // HTTP/2 need not announce a body; whoever sends one with a read says how long it is.
                || length == null && request.version() == HttpVersion.HTTP_2 && !isRead();
    }

    /** True for the methods that are answered from what is kept. */
    boolean isRead() {
        return HttpMethod.GET.equals(request.method()) || isHead();
    }

    /** Remembers which store was asked on behalf of this request. */
    void asked(Scope where) {
        scope = where;
    }

    /** How often this request has had to look again at what is kept. */
    int looks() {
        return looks;
    }

    void countLook() {
        looks++;
    }

    /** Has {@code action} see the head of the origin's answer to this very request, before the client does. */
    void whenAnswered(BiFunction<Integer, MultiMap, Future<?>> action) {
        whenAnswered = action;
    }

    Future<?> answered(int status, MultiMap fields) {
        return whenAnswered.apply(status, fields);
    }

    /** Has {@code action} run if the client leaves before its answer is whole. */
    void whenGone(Runnable action) {
        if (response.closed()) {
            // No handler is told any more of a client that left before anybody asked.
            leave();
        }
        if (gone) {
            action.run();
            return;
        }
        if (whenGone.isEmpty()) {
            response.closeHandler(closed -> leave());
            response.exceptionHandler(e -> leave());
        }
        whenGone.add(action);
    }

    /** Has {@code action} run when the answer has ended, or the client has left; never twice. */
    void whenDone(Runnable action) {
        boolean[] ran = new boolean[1];
        Runnable once = () -> {
            if (!ran[0]) {
                ran[0] = true;
                action.run();
            }
        };
        response.endHandler(end -> once.run());
        whenGone(once);
        if (response.closed()) {
            once.run();
        }
    }

    /** Breaks the answer off, so that nobody takes half of it for a whole one; the client is as good as gone then. */
    void breakOff() {
        response.reset();
        // No handler is told of a connection that was closed from here.
        leave();
    }

    private void leave() {
        if (!gone && !response.ended()) {
            gone = true;
            whenGone.forEach(Runnable::run);
        }
    }

    boolean isGone() {
        return gone || response.closed();
    }

    /** Says how this cache took part (RFC 9211); what caches behind it said stays in front. */
    void say(String xCache, String cacheStatus) {
        MultiMap headers = response.headers();
        headers.set(X_CACHE, xCache);
        String before = headers.get(CACHE_STATUS);
        headers.set(CACHE_STATUS, before == null ? cacheStatus : before + ", " + cacheStatus);
        if (scope != null) {
            headers.set(SCOPE, scope.headerValue());
        }
    }

    /** Takes back what was put into the head of the answer, but for the request's id. */
    void forgetHead() {
        String id = requestId();
        response.headers().clear();
        if (id != null) {
            response.headers().set(Correlation.REQUEST_ID, id);
        }
    }

    /** Answers with the problem that stands for a failure. */
    void fail(Throwable cause) {
        request.resume();
        if (isGone()) {
            return;
        }
        if (response.headWritten() && !response.ended()) {
            breakOff();
        } else {
            Exchange.of(request).problem(Api.problemOf(request, cause));
        }
    }

    /** Has the connection end with the answer. */
    void closeAfterwards() {
        response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        closing = true;
    }

    /** Ends the connection after the answer if it is to, or if the client is still sending: that must not be read. */
    void finish() {
        HttpConnection connection = request.connection();
        if (request.isEnded() || request.version() == HttpVersion.HTTP_2) {
            if (closing) {
                connection.close();
            }
            return;
        }
        request.handler(ignored -> {});
        request.endHandler(end -> connection.close());
        request.resume();
        Context context = Vertx.currentContext();
        if (context == null) {
            connection.close();
        } else {
            context.owner().setTimer(LINGER_MS, id -> connection.close());
        }
    }
}
