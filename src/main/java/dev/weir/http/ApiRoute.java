package dev.weir.http;

import dev.weir.auth.Access;
import dev.weir.auth.Role;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Puts the {@link Api} before everything else that this process answers over HTTP, guards what is not part of it, and
 * answers in the API's manner where nobody else does.
 */
@Singleton
public final class ApiRoute {

    private static final int FIRST = -10_000;

    private static final String OWN = "/q/";

    /** In the log, what no endpoint answers. */
    private static final String NAMELESS = "-";

    private final Api api;
    private final List<Site> sites;
    private final Listeners listeners;
    private final boolean logged;
    private final RequestFigures figures;

    ApiRoute(
            Access access,
            Listeners listeners,
            LogConfig log,
            RequestFigures figures,
            @Any Instance<Resource> resources,
            @Any Instance<Site> sites) {
        api = new Api(access);
        this.listeners = listeners;
        logged = log.requests();
        this.figures = figures;
        this.sites = sites.stream().toList();
        resources.forEach(resource -> resource.register(api));
    }

    public Api api() {
        return api;
    }

    void init(@Observes Router router) {
        router.route().order(FIRST).handler(rc -> Correlation.during(rc.request(), () -> first(rc)));
        router.route()
                .order(Integer.MAX_VALUE)
                .handler(rc -> refuse(
                        rc,
                        new Problem(
                                Problem.Kind.NOT_FOUND,
                                "no endpoint has this path: see /q/swagger-ui for those that do")));
        router.route().order(FIRST).failureHandler(ApiRoute::failed);
    }

    private void first(RoutingContext rc) {
        listeners.note(rc.request());
        if (Exchange.isCondemned(rc.request())) {
            // It was sent behind one that was refused; the connection's end is its answer.
            return;
        }
        if (logged) {
            RequestLog.watch(rc.request(), nameOf(rc.request()));
        }
        if (!isOwn(rc.request()) && isAnswered(Measured.of(rc.request(), figures))) {
            return;
        }
        try {
            // Figures are for those who may read; health is for the orchestrator, and documents hold no data.
            if (rc.normalizedPath().startsWith("/q/metrics")) {
                api.authorize(rc.request(), Role.READ);
            }
        } catch (Problem e) {
            refuse(rc, e);
            return;
        } catch (IllegalArgumentException e) {
            refuse(rc, Problem.badRequest("path", "path is not percent-encoded as it should be: " + e.getMessage()));
            return;
        }
        rc.next();
    }

    private static boolean isOwn(HttpServerRequest request) {
        String path = request.path();
        return path == null || path.startsWith(OWN);
    }

    private boolean isAnswered(Measured measured) {
        if (api.handle(measured.request(), measured)) {
            return true;
        }
        for (Site site : sites) {
            if (site.handle(measured.request())) {
                measured.is(RequestFigures.Kind.ROUTE);
                return true;
            }
        }
        return false;
    }

    /** What a request is called in the log. */
    private String nameOf(HttpServerRequest request) {
        String name = api.templateOf(request);
        if (name != null) {
            return name;
        }
        String path = request.path();
        if (path != null && path.startsWith(OWN)) {
            return OWN;
        }
        for (Site site : sites) {
            name = site.nameOf(request);
            if (name != null) {
                return name;
            }
        }
        return NAMELESS;
    }

    private static void failed(RoutingContext rc) {
        switch (rc.statusCode()) {
            case 400 -> refuse(rc, new Problem(Problem.Kind.BAD_REQUEST, "the path cannot be understood"));
            case 404 -> refuse(rc, new Problem(Problem.Kind.NOT_FOUND, "no endpoint has this path"));
            case 405 -> refuse(rc, new Problem(Problem.Kind.METHOD_NOT_ALLOWED, "this method is not allowed here"));
            case 413 -> refuse(rc, new Problem(Problem.Kind.TOO_LARGE, "the body is too large"));
            default -> {
                Throwable failure = rc.failure();
                if (failure == null) {
                    rc.next();
                } else {
                    // Quarkus would name the request's URI in the log.
                    refuse(rc, Api.problemOf(rc.request(), failure));
                }
            }
        }
    }

    private static void refuse(RoutingContext rc, Problem problem) {
        rc.request().resume();
        Exchange.of(rc.request()).problem(problem);
    }
}
