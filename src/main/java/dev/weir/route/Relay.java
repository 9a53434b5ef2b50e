package dev.weir.route;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/** Hands an origin's answer on to the client as it comes; a client that reads slowly slows the origin. */
final class Relay {

    private Relay() {}

    /** Writes the head of the answer. */
    static void head(Visit visit, int status, MultiMap fields) {
        HttpServerResponse response = visit.response();
        response.setStatusCode(status);
        response.headers().addAll(fields);
        boolean http1 = visit.request().version() != HttpVersion.HTTP_2;
        if (http1 && !visit.request().isEnded()) {
            // The origin has heard enough: what the client still sends is not waited for.
            response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        boolean bodiless = visit.isHead() || status == 204 || status == 304;
        if (!bodiless && !fields.contains(HttpHeaders.CONTENT_LENGTH)) {
            if (visit.request().version() == HttpVersion.HTTP_1_0) {
                // Only the end of the connection tells such a client where the body ends.
                visit.closeAfterwards();
            } else {
                response.setChunked(true);
            }
        }
    }

    /** Sends the body of an answer, whose head has been written, from here to its end. */
    static void body(Visit visit, OriginClient.Call call) {
        HttpServerResponse response = visit.response();
        visit.whenGone(call::cancel);
        // The answer ends when all of it has been written: until then the request counts as under way.
        Future<?>[] last = {Future.succeededFuture()};
        call.read(
                chunk -> {
                    if (visit.isGone()) {
                        return;
                    }
                    last[0] = response.write(chunk);
                    if (response.writeQueueFull()) {
                        call.pause();
                        response.drainHandler(drained -> call.resume());
                    }
                },
                () -> {
                    if (!visit.isGone()) {
                        last[0].onComplete(written -> response.end().onComplete(sent -> visit.finish()));
                    }
                },
                e -> broken(visit, call, e));
    }

    /** Nobody must take half an answer for a whole one. */
    static void broken(Visit visit, OriginClient.Call call, Throwable cause) {
        call.cancel();
        if (visit.response().headWritten()) {
            visit.breakOff();
        } else {
            visit.forgetHead();
            visit.fail(OriginClient.problem(cause));
        }
    }
}
