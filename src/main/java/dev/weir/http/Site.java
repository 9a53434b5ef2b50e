package dev.weir.http;

import io.vertx.core.http.HttpServerRequest;

/** Something that answers requests outside {@code /v1}. */
public interface Site {

    /** Answers the request and says true, or says false and does nothing if it is not its. */
    boolean handle(HttpServerRequest request);
}
