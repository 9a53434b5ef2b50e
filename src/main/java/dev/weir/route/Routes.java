package dev.weir.route;

import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Problem;
import dev.weir.http.Site;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All routes, the most specific first. */
public final class Routes implements Site {

    private final List<Route> routes = new ArrayList<>();

    Routes() {}

    /** @throws IllegalArgumentException if two routes claim the same requests */
    void add(Route route) {
        for (Route other : routes) {
            boolean same = other.path().toString().equals(route.path().toString());
            boolean meet = other.methods().isEmpty() && route.methods().isEmpty()
                    || other.methods().stream().anyMatch(route.methods()::contains);
            if (same && meet) {
                throw new IllegalArgumentException("weir.routes." + route.name() + ".path: '" + route.path()
                        + "' is that of the route '" + other.name() + "', too");
            }
        }
        routes.add(route);
        // One that names its methods goes before one that takes all.
        routes.sort((a, b) -> {
            int byPath = PathPattern.bySpecificity(a.path(), b.path());
            return byPath != 0
                    ? byPath
                    : Boolean.compare(a.methods().isEmpty(), b.methods().isEmpty());
        });
    }

    private @Nullable Route find(String method, String path) {
        for (Route route : routes) {
            if (route.takes(method) && route.path().matches(path)) {
                return route;
            }
        }
        return null;
    }

    /** The cache that a GET of this path is answered from. */
    @Nullable
    SharedCache cacheOf(String path) {
        Route route = find("GET", RequestTarget.comparable(path));
        return route == null ? null : route.cache();
    }

    private @Nullable Route find(HttpServerRequest request) {
        String path = request.path();
        return path == null ? null : find(request.method().name(), RequestTarget.comparable(path));
    }

    @Override
    public @Nullable String nameOf(HttpServerRequest request) {
        Route route = find(request);
        return route == null ? null : "route " + route.name();
    }

    @Override
    public boolean handle(HttpServerRequest request) {
        Route route = find(request);
        if (route == null) {
            return false;
        }
        try {
            String method = request.method().name();
            if (method.equals("TRACE") || method.equals("CONNECT")) {
                throw new Problem(Problem.Kind.METHOD_NOT_ALLOWED, method + " is not passed on");
            }
            route.serve(request);
        } catch (RuntimeException e) {
            Exchange.of(request).problem(Api.problemOf(request, e));
            request.resume();
        }
        return true;
    }
}
