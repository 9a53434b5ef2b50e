package dev.weir.http;

import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/** Something that answers requests outside {@code /v1}. */
public interface Site {

    /** Answers the request and says true, or says false and does nothing if it is not its. */
    boolean handle(HttpServerRequest request);

    /** What the request is called in the log if it is this site's, with nothing of what a client sent; else null. */
    @Nullable
    String nameOf(HttpServerRequest request);
}
