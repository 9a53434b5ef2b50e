package dev.weir.ops;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Objects;
import java.util.function.Supplier;

/** Where what would hold up an event loop is done. */
final class Aside {

    private Aside() {}

    /** The result, on the caller's own context. */
    static <T> Future<T> run(Vertx vertx, Supplier<T> work) {
        return vertx.executeBlocking(work::get, false).map(Objects::requireNonNull);
    }
}
