package dev.weir.bench;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** A constant out of a Vert.x route before all others: what the server itself costs. */
@Singleton
public class BenchRoute {

    /** Before every filter of Quarkus, after nothing but the handlers that one switches on by configuration. */
    private static final int ORDER = -2000;

    private static final CharSequence OCTET_STREAM = HttpHeaders.createOptimized("application/octet-stream");

    void init(@Observes Router router) {
        serve(router, 256);
        serve(router, 16384);
    }

    private static void serve(Router router, int size) {
        Buffer value = Buffer.buffer(BenchValues.ofSize(size));
        router.get("/bench/bare/" + size).order(ORDER).handler(context -> context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, OCTET_STREAM)
                .end(value));
    }
}
