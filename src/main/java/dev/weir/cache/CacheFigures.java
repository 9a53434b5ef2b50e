package dev.weir.cache;

import dev.weir.http.Latencies;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** What one cache has done in this process since its start; the same figures that Prometheus scrapes. */
final class CacheFigures {

    final Counter near;
    final Counter shared;
    final Counter memory;
    final Counter stale;
    final Counter miss;
    final Timer get;
    final Timer load;
    final Timer loadFailed;
    final Counter storedValues;
    final Counter storedBytes;
    final Counter savedBytes;
    final Counter nearEvictions;
    final Counter memoryEvictions;

    CacheFigures(String cache, MeterRegistry registry) {
        near = requests(cache, "near", registry);
        shared = requests(cache, "shared", registry);
        memory = requests(cache, "memory", registry);
        stale = requests(cache, "stale", registry);
        miss = requests(cache, "miss", registry);
        get = timer("weir_cache_get_seconds", "Time to answer a read, loading included", cache)
                .register(registry);
        load = timer("weir_cache_load_seconds", "Time to load an entry from its origin", cache)
                .tag("outcome", "success")
                .register(registry);
        loadFailed = timer("weir_cache_load_seconds", "Time to load an entry from its origin", cache)
                .tag("outcome", "failure")
                .register(registry);
        storedValues = counter("weir_cache_stored_values_total", "Values stored", cache)
                .register(registry);
        storedBytes = counter("weir_cache_stored_bytes_total", "Bytes of values as they were stored", cache)
                .register(registry);
        savedBytes = counter("weir_cache_saved_bytes_total", "Bytes that compression saved", cache)
                .register(registry);
        nearEvictions = evictions(cache, "near", registry);
        memoryEvictions = evictions(cache, "memory", registry);
    }

    private static Counter requests(String cache, String result, MeterRegistry registry) {
        return counter("weir_cache_requests_total", "Reads by where they were answered", cache)
                .tag("result", result)
                .register(registry);
    }

    private static Counter evictions(String cache, String tier, MeterRegistry registry) {
        return counter("weir_cache_evictions_total", "Entries that had to go for want of room", cache)
                .tag("tier", tier)
                .register(registry);
    }

    private static Counter.Builder counter(String name, String description, String cache) {
        return Counter.builder(name).description(description).tag("cache", cache);
    }

    private static Timer.Builder timer(String name, String description, String cache) {
        return Timer.builder(name)
                .description(description)
                .tag("cache", cache)
                .serviceLevelObjectives(Latencies.bounds());
    }

    static void bindNear(String cache, NearCache near, MeterRegistry registry) {
        Gauge.builder("weir_cache_near_entries", near, NearCache::size)
                .description("Entries in the near cache")
                .tag("cache", cache)
                .register(registry);
    }

    void stored(Entry entry) {
        storedValues.increment();
        storedBytes.increment(entry.body().length());
        if (entry.gzip()) {
            savedBytes.increment(entry.rawLength() - entry.body().length());
        }
    }

    double hits() {
        return near.count() + shared.count() + memory.count() + stale.count();
    }

    double requests() {
        return hits() + miss.count();
    }
}
