package dev.weir.http;

import dev.weir.http.RequestFigures.Kind;
import io.quarkus.vertx.http.runtime.filters.QuarkusRequestWrapper;
import io.vertx.core.Handler;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * One request from its arrival to its end, which is counted once, however it ends: answered, broken off, or left by its
 * client. Used on the request's own event loop.
 */
final class Measured implements Handler<Void> {

    /** A stream that has ended sooner does no harm among the others. */
    private static final long SOON_NANOS = 1_000_000_000;

    private static final long UNDER_WAY = -1;

    private final RequestFigures figures;
    private final HttpServerRequest request;
    private final long began = System.nanoTime();
    private long tookNanos = UNDER_WAY;
    private boolean waiting;
    private @Nullable Kind kind;

    private Measured(RequestFigures figures, HttpServerRequest request) {
        this.figures = figures;
        this.request = request;
    }

    /**
     * Begins. An answer has one handler for each of its ends, which belong to whoever answers; the server's own notice of the
     * end, for which it waits when the process is to end, comes beside them.
     */
    static Measured of(HttpServerRequest arrived, RequestFigures figures) {
        Cookie hidden = arrived.getCookie(QuarkusRequestWrapper.FAKE_COOKIE_NAME);
        Measured measured;
        if (hidden instanceof QuarkusRequestWrapper.QuarkusCookie way) {
            measured = new Measured(figures, arrived);
            way.getRequestWrapper().addRequestDoneHandler(measured);
        } else {
            // The server does not wait where quarkus.shutdown.timeout is switched off.
            QuarkusRequestWrapper noticed = new QuarkusRequestWrapper(arrived, null);
            measured = new Measured(figures, noticed);
            noticed.addRequestDoneHandler(measured);
        }
        return measured;
    }

    /** The request, for whoever answers it. */
    HttpServerRequest request() {
        return request;
    }

    /** Says of what kind the request is; one of no kind is not counted. */
    void is(Kind which) {
        kind = which;
        if (tookNanos != UNDER_WAY) {
            count(which);
        }
    }

    /** Says that the request takes its time because that is what it is for: that says nothing of how quick Weir is. */
    void waitsOnPurpose() {
        waiting = true;
    }

    @Override
    public void handle(Void end) {
        tookNanos = System.nanoTime() - began;
        Kind known = kind;
        if (known != null) {
            count(known);
        }
    }

    private void count(Kind which) {
        HttpServerResponse response = request.response();
        // One that left before its answer had begun gave up; the status is not to be believed then.
        int status = response.headWritten() || response.ended() ? response.getStatusCode() : 499;
        if (waiting || tookNanos > SOON_NANOS && isStream(response)) {
            figures.countLong(which, status);
        } else {
            figures.count(which, status, tookNanos);
        }
    }

    private static boolean isStream(HttpServerResponse response) {
        String type = response.headers().get(HttpHeaders.CONTENT_TYPE);
        return type != null && type.startsWith("text/event-stream");
    }
}
