package dev.weir.cache;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** A cache's settings and figures, as {@code GET /v1/caches/{cache}} shows them. Headers of origins are not among them. */
final class CacheReport {

    private final CachesConfig config;

    CacheReport(CachesConfig config) {
        this.config = config;
    }

    ObjectNode of(NamedCache cache) {
        CacheFigures figures = cache.figures();
        ObjectNode json = Json.object().put("name", cache.name());
        json.set("settings", settings(config.settingsOf(cache.name())));
        json.set(
                "hits",
                Json.object()
                        .put("near", whole(figures.near.count()))
                        .put("shared", whole(figures.shared.count()))
                        .put("memory", whole(figures.memory.count()))
                        .put("stale", whole(figures.stale.count())));
        json.put("misses", whole(figures.miss.count())).put("requests", whole(figures.requests()));
        if (figures.requests() == 0) {
            json.putNull("hitRate");
        } else {
            json.put("hitRate", figures.hits() / figures.requests());
        }
        json.put("loads", figures.load.count()).put("loadFailures", figures.loadFailed.count());
        json.set("loadLatency", latency(figures.load));
        json.set("getLatency", latency(figures.get));
        json.set(
                "stored",
                Json.object()
                        .put("values", whole(figures.storedValues.count()))
                        .put("bytes", whole(figures.storedBytes.count()))
                        .put("savedBytes", whole(figures.savedBytes.count())));
        json.set(
                "evictions",
                Json.object()
                        .put("near", whole(figures.nearEvictions.count()))
                        .put("memory", whole(figures.memoryEvictions.count())));
        json.set(
                "near",
                Json.object()
                        .put("entries", cache.near().size())
                        .put("bytes", cache.near().bytes()));
        return json;
    }

    private static long whole(double count) {
        return Math.round(count);
    }

    private static ObjectNode latency(Timer timer) {
        return Json.object()
                .put("meanMs", timer.mean(TimeUnit.MILLISECONDS))
                .put("maxMs", timer.max(TimeUnit.MILLISECONDS));
    }

    private static ObjectNode settings(CachesConfig.CacheSettings settings) {
        ObjectNode json = Json.object()
                .put("ttlMs", settings.ttl().toMillis())
                .put("staleWhileRevalidateMs", settings.staleWhileRevalidate().toMillis())
                .put("staleIfErrorMs", settings.staleIfError().toMillis())
                .put("refreshAhead", settings.refreshAhead())
                .put("sliding", settings.sliding())
                .put("negativeTtlMs", settings.negativeTtl().toMillis())
                .put("compressOverBytes", settings.compressOver().bytes())
                .put("maxEntryBytes", settings.maxEntrySize().bytes());
        json.set(
                "near",
                Json.object()
                        .put("ttlMs", settings.near().ttl().toMillis())
                        .put("maxEntries", settings.near().maxEntries())
                        .put("maxBytes", settings.near().maxBytes().bytes()));
        settings.origin()
                .ifPresentOrElse(
                        origin -> json.set(
                                "origin",
                                Json.object()
                                        .put("url", origin.url())
                                        .put("timeoutMs", origin.timeout().toMillis())
                                        .put("retries", origin.retries())
                                        .put("maxConcurrent", origin.maxConcurrent())
                                        .put("writeThrough", origin.writeThrough())),
                        () -> json.putNull("origin"));
        return json;
    }
}
