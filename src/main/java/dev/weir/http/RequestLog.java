package dev.weir.http;

import io.quarkus.vertx.http.runtime.filters.QuarkusRequestWrapper;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import org.jboss.logging.Logger;

/**
 * Writes a line for each request when its answer has ended, or its client has left before that. The line names the endpoint
 * or the route, never the path, the query, a field or the client: keys stand in paths, and addresses are people's.
 */
final class RequestLog {

    private static final Logger LOG = Logger.getLogger(RequestLog.class);

    private static final double NANOS_PER_MS = 1e6;

    private RequestLog() {}

    /** Has the line written when the request is over. */
    static void watch(HttpServerRequest request, String endpoint) {
        long began = System.nanoTime();
        // An answer has room for one handler of its end, and whoever answers may want it; Quarkus keeps a list.
        if (request.getCookie(QuarkusRequestWrapper.FAKE_COOKIE_NAME)
                instanceof QuarkusRequestWrapper.QuarkusCookie cookie) {
            cookie.getRequestWrapper().addRequestDoneHandler(done -> write(request, endpoint, began));
        }
    }

    private static void write(HttpServerRequest request, String endpoint, long began) {
        HttpServerResponse response = request.response();
        LOG.infof(
                "%s %s %s %d bytes %s ms",
                request.method(),
                endpoint,
                response.ended() ? response.getStatusCode() : "aborted",
                response.bytesWritten(),
                String.format(Locale.ROOT, "%.3f", (System.nanoTime() - began) / NANOS_PER_MS));
    }
}
