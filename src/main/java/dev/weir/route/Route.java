package dev.weir.route;

import dev.weir.cache.Removals;
import dev.weir.http.Problem;
import dev.weir.http.TrustedProxies;
import dev.weir.route.RouteFigures.Result;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Weir in front of one API: what may be kept is answered by the {@link SharedCache}, all else passes through. */
final class Route {

    private static final int MAX_ROUNDS = 8;

    /** Stands for the status of an answer that nobody has waited for. */
    private static final int UNKNOWN_SUCCESS = 200;

    private final String name;
    private final PathPattern path;
    private final Set<String> methods;
    private final OriginClient origin;
    private final TrustedProxies proxies;
    private final Removals removals;
    private final RouteFigures figures;
    private final Function<String, @Nullable SharedCache> cacheOf;
    private @Nullable SharedCache cache;
    private @Nullable RouteLimit limit;

    /**
     * @param methods empty for all
     * @param cacheOf the cache that a GET of a path is answered from
     */
    Route(
            String name,
            PathPattern path,
            Set<String> methods,
            OriginClient origin,
            TrustedProxies proxies,
            Removals removals,
            RouteFigures figures,
            Function<String, @Nullable SharedCache> cacheOf) {
        this.name = name;
        this.path = path;
        this.methods = methods;
        this.origin = origin;
        this.proxies = proxies;
        this.removals = removals;
        this.figures = figures;
        this.cacheOf = cacheOf;
    }

    String name() {
        return name;
    }

    PathPattern path() {
        return path;
    }

    Set<String> methods() {
        return methods;
    }

    void cache(SharedCache made) {
        cache = made;
    }

    void limit(RouteLimit made) {
        limit = made;
    }

    @Nullable
    SharedCache cache() {
        return cache;
    }

    boolean takes(String method) {
        return methods.isEmpty() || methods.contains(method);
    }

    /** Answers a request of this route. */
    void serve(HttpServerRequest request) {
        RequestTarget target = RequestTarget.of(request);
        if (Fields.timesSeen(request) >= MAX_ROUNDS) {
            throw new Problem(
                    Problem.Kind.ORIGIN_FAILED,
                    "the request has come by here " + MAX_ROUNDS + " times: the route leads back to Weir");
        }
        Visit visit = new Visit(request, target, proxies.clientIp(request), RequestDirectives.of(request.headers()));
        RouteLimit guard = limit;
        if (guard == null) {
            serve(visit);
        } else {
            guard.guard(visit, () -> serve(visit));
        }
    }

    private void serve(Visit visit) {
        SharedCache mine = cache;
        if (visit.isRead() && mine != null && !visit.hasBody()) {
            visit.request().resume();
            mine.serve(visit);
        } else {
            pass(visit, visit.isRead() ? "bypass" : "method");
        }
    }

    /** Has the origin answer this request, body and all. */
    void pass(Visit visit, String reason) {
        HttpServerRequest request = visit.request();
        boolean body = visit.hasBody();
        if (!body) {
            request.resume();
        } else if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            visit.response().writeContinue();
        }
        OriginClient.Call call = origin.call(
                request.method(),
                visit.target(),
                Fields.forOrigin(request, visit.target(), proxies, visit.requestId()),
                body ? request : null);
        boolean[] known = new boolean[1];
        visit.whenGone(() -> {
            call.cancel();
            if (!known[0]) {
                // The origin may have done it all the same.
                invalidate(visit, UNKNOWN_SUCCESS, HttpHeaders.headers());
            }
        });
        call.answer().onComplete(answered -> {
            known[0] = answered.succeeded();
            orFail(visit, call, () -> heard(visit, call, reason, answered));
        });
    }

    private void heard(Visit visit, OriginClient.Call call, String reason, AsyncResult<HttpClientResponse> answered) {
        if (answered.failed()) {
            figures.count(Result.ERROR);
            visit.say(xCache(reason), "weir; fwd=" + reason);
            visit.fail(answered.cause());
            return;
        }
        int status = answered.result().statusCode();
        MultiMap fields = Fields.fromOrigin(answered.result().headers(), System.currentTimeMillis());
        // Whoever reads after this answer must not find what it made stale.
        Future<?> told = visit.answered(status, fields);
        Future.join(told, invalidate(visit, status, fields))
                .onComplete(done -> orFail(visit, call, () -> handOn(visit, call, reason, status, fields)));
    }

    private void handOn(Visit visit, OriginClient.Call call, String reason, int status, MultiMap fields) {
        if (visit.isGone()) {
            call.cancel();
            return;
        }
        figures.count(Result.PASS);
        Relay.head(visit, status, fields);
        visit.say(xCache(reason), "weir; fwd=" + reason + "; fwd-status=" + status);
        Relay.body(visit, call);
    }

    /** After what nobody foresaw: nobody else would answer the client, or let the origin go. */
    private static void orFail(Visit visit, OriginClient.Call call, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            call.cancel();
            if (!visit.response().headWritten()) {
                visit.forgetHead();
            }
            visit.fail(e);
        }
    }

    private static String xCache(String reason) {
        return reason.equals("method") ? "BYPASS" : "MISS";
    }

    /** RFC 9111, section 4.4: what an unsafe request has touched, and what the route says besides. */
    private Future<?> invalidate(Visit visit, int status, MultiMap fields) {
        if (OriginClient.isSafe(visit.request().method()) || status < 200 || status >= 400) {
            return Future.succeededFuture();
        }
        RequestTarget target = visit.target();
        Set<String> uris = new LinkedHashSet<>();
        uris.add(KeyTemplate.targetUri(target.path(), target.query()));
        for (CharSequence field : List.of(HttpHeaders.LOCATION, Fields.CONTENT_LOCATION)) {
            String uri = origin.targetOf(fields.get(field), target.host());
            if (uri != null) {
                uris.add(uri);
            }
        }
        List<Future<?>> running = new ArrayList<>();
        for (String uri : uris) {
            SharedCache other = cacheOf.apply(uri.split("\\?", 2)[0]);
            if (other != null) {
                running.add(other.invalidate(uri));
            }
        }
        running.add(removals.runWhatNamesEntries(
                placeholder -> KeyTemplate.value(placeholder, visit.request(), target, visit.clientIp())));
        return Future.join(running);
    }
}
