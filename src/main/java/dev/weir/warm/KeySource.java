package dev.weir.warm;

import io.vertx.core.Future;
import java.util.List;

/** Where a warmer's keys come from. */
@FunctionalInterface
interface KeySource {

    /** The keys of one run. Fails with what is to be reported if they cannot be had. */
    Future<List<String>> keys();
}
