package dev.weir.ops;

import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Problem;
import dev.weir.ops.DashboardFiles.File;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The dashboard at {@code /q/dashboard/}, and at {@code /} unless a configured route takes that: routes are asked before.
 * The page is open to everybody, for it holds no figures: those it asks the API for, with the reader's token.
 *
 * <p>Its files are read when the first of them is asked for, so that an instance whose page nobody looks at neither
 * starts later nor holds them.
 */
@Singleton
final class Dashboard {

    private static final String PLACE = "/q/dashboard";

    /** Behind the API and the sites, before whatever else answers. */
    private static final int ORDER = -9_000;

    /**
     * Everything comes from this origin, nothing is written into the page as markup (so no name can become any), and no
     * other page frames this one.
     */
    private static final String POLICY = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'");

    private final Vertx vertx;
    private volatile @Nullable DashboardFiles files;

    Dashboard(Vertx vertx) {
        this.vertx = vertx;
    }

    void init(@Observes Router router) {
        router.route("/").order(ORDER).handler(this::handle);
        router.route(PLACE + "/*").order(ORDER).handler(this::handle);
    }

    private void handle(RoutingContext rc) {
        HttpServerRequest request = rc.request();
        request.resume();
        String path = rc.normalizedPath();
        if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
            Exchange.of(request)
                    .problem(new Problem(Problem.Kind.METHOD_NOT_ALLOWED, "the dashboard is there to be read")
                            .withHeader("Allow", "GET, HEAD"));
        } else if (path.equals(PLACE)) {
            request.response()
                    .setStatusCode(308)
                    .putHeader(HttpHeaders.LOCATION, PLACE + "/")
                    .end();
        } else {
            String name =
                    path.length() <= PLACE.length() + 1 ? DashboardFiles.INDEX : path.substring(PLACE.length() + 1);
            files().compose(all -> answer(request, all.find(name)))
                    .onFailure(e -> Exchange.of(request).problem(Api.problemOf(e)));
        }
    }

    /** On the caller's own event loop, whoever reads them. */
    private Future<DashboardFiles> files() {
        DashboardFiles known = files;
        return known != null
                ? Future.succeededFuture(known)
                : vertx.<DashboardFiles>executeBlocking(this::load, false).map(Objects::requireNonNull);
    }

    private synchronized DashboardFiles load() {
        DashboardFiles loaded = files;
        if (loaded == null) {
            loaded = DashboardFiles.load();
            files = loaded;
        }
        return loaded;
    }

    private static Future<Void> answer(HttpServerRequest request, @Nullable File file) {
        if (file == null) {
            throw new Problem(Problem.Kind.NOT_FOUND, "the dashboard has no such file");
        }
        boolean gzip = takesGzip(request.getHeader(HttpHeaders.ACCEPT_ENCODING));
        String tag = gzip ? file.gzipTag() : file.tag();
        HttpServerResponse response = request.response();
        MultiMap headers = response.headers()
                .set(HttpHeaders.CONTENT_TYPE, file.type())
                .set(HttpHeaders.ETAG, tag)
                .set(HttpHeaders.VARY, "Accept-Encoding")
                // A browser keeps a file, and asks each time whether it is still the one: after an update none is old.
                .set(HttpHeaders.CACHE_CONTROL, "no-cache")
                .set("Content-Security-Policy", POLICY)
                .set("X-Content-Type-Options", "nosniff")
                .set("Referrer-Policy", "no-referrer");
        if (holds(request.getHeader(HttpHeaders.IF_NONE_MATCH), tag)) {
            return response.setStatusCode(304).end();
        }
        if (gzip) {
            headers.set(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        var body = gzip ? file.gzip() : file.plain();
        if (HttpMethod.HEAD.equals(request.method())) {
            headers.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
            return response.end();
        }
        return Exchange.end(response, body);
    }

    /** Whether gzip is named and not refused by a weight of zero (RFC 9110, section 12.5.3). */
    static boolean takesGzip(@Nullable String accepted) {
        return accepted != null
                && Arrays.stream(accepted.toLowerCase(Locale.ROOT).split(","))
                        .map(coding -> coding.replaceAll("\\s", ""))
                        .anyMatch(coding -> coding.equals("gzip")
                                || coding.startsWith("gzip;q=") && !coding.matches("gzip;q=0(\\.0*)?"));
    }

    /** Whether a list of entity tags has this one, compared weakly (RFC 9110, section 13.1.2). */
    static boolean holds(@Nullable String tags, String tag) {
        return tags != null
                && Arrays.stream(tags.split(","))
                        .map(String::strip)
                        .anyMatch(each -> each.equals("*") || each.equals(tag) || each.equals("W/" + tag));
    }
}
