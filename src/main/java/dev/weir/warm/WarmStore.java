package dev.weir.warm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where it is kept what warmers have done. */
interface WarmStore {

    /** For how long a run is known. */
    Duration KNOWN = Duration.ofDays(1);

    /** How many of a warmer's runs are known at most: those that began last. */
    int MAX_RUNS = 1000;

    /** A run as it is shown. */
    record Kept(String warmer, String id, long startedMs, ObjectNode shown) {}

    Future<Void> save(Kept run);

    Future<@Nullable ObjectNode> find(String warmer, String id);

    /** The latest runs first, so many at most. */
    Future<List<ObjectNode>> list(String warmer, int most);

    /** True for the first who asks within that time: it is the one to do what the schedule says. */
    Future<Boolean> claim(String warmer, String tick, Duration within);

    /** Adds to how often a cache's keys were read; the rest is forgotten in time. */
    Future<Void> countReads(String cache, Map<String, Long> reads);

    /** The keys of a cache that were read most of late. */
    Future<List<String>> hot(String cache, int most);
}
