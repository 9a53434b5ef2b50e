package dev.weir.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What one cache has done, or several together. */
record CacheSums(
        long near,
        long shared,
        long memory,
        long stale,
        long misses,
        Distribution gets,
        long loads,
        long loadFailures,
        long storedBytes,
        long savedBytes,
        long nearEvictions,
        long memoryEvictions,
        long nearEntries) {

    static CacheSums of(Figures figures, Collection<String> caches) {
        return new CacheSums(
                figures.count(Meters.CACHE, caches, "near"),
                figures.count(Meters.CACHE, caches, "shared"),
                figures.count(Meters.CACHE, caches, "memory"),
                figures.count(Meters.CACHE, caches, "stale"),
                figures.count(Meters.CACHE, caches, "miss"),
                figures.time(Meters.CACHE, caches, "get"),
                figures.count(Meters.CACHE, caches, "loads"),
                figures.count(Meters.CACHE, caches, "loadFailures"),
                figures.count(Meters.CACHE, caches, "storedBytes"),
                figures.count(Meters.CACHE, caches, "savedBytes"),
                figures.count(Meters.CACHE, caches, "nearEvictions"),
                figures.count(Meters.CACHE, caches, "memoryEvictions"),
                figures.level(Meters.CACHE, caches, "nearEntries"));
    }

    long hits() {
        return near + shared + memory + stale;
    }

    long operations() {
        return hits() + misses;
    }

    /** Null if nothing was read. */
    @Nullable
    Double hitRate() {
        return operations() == 0 ? null : (double) hits() / operations();
    }

    ObjectNode toJson() {
        return into(Json.object());
    }

    ObjectNode into(ObjectNode json) {
        json.put("hits", hits())
                .put("near", near)
                .put("shared", shared)
                .put("memory", memory)
                .put("stale", stale)
                .put("misses", misses)
                .put("operations", operations())
                .put("hitRate", hitRate())
                .put("avgTimeMs", gets.meanMs())
                .put("p50Ms", gets.percentileMs(0.50))
                .put("p95Ms", gets.percentileMs(0.95))
                .put("p99Ms", gets.percentileMs(0.99))
                .put("loads", loads)
                .put("loadFailures", loadFailures)
                .put("storedBytes", storedBytes)
                .put("savedBytes", savedBytes);
        json.set("evictions", Json.object().put("near", nearEvictions).put("memory", memoryEvictions));
        return json.put("nearEntries", nearEntries);
    }
}
