package dev.weir.ops;

import dev.weir.ops.Figures.Name;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Reads the features' figures from where they count them; it knows their meters by name and nothing else of them. */
final class Meters {

    static final String CACHE = "cache";
    static final String REQUESTS = "requests";
    static final String LIMIT = "limit";
    static final String LOCK = "lock";
    static final String WARMER = "warmer";
    static final String ROUTE = "route";

    /** What a warmer's runs are counted under, before the state in which they ended. */
    static final String RUN = "run ";

    /** What requests that wait on purpose are counted under, before their outcome. */
    static final String LONG = "long ";

    private final MeterRegistry registry;

    Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** What has been counted since the start of this process. */
    Figures read() {
        Reading reading = new Reading();
        registry.getMeters().forEach(reading::add);
        return new Figures(reading.counts, reading.levels, reading.times);
    }

    private static final class Reading {

        final Map<Name, Long> counts = new HashMap<>();
        final Map<Name, Long> levels = new HashMap<>();
        final Map<Name, Distribution> times = new HashMap<>();

        void add(Meter meter) {
            Meter.Id id = meter.getId();
            switch (id.getName()) {
                case "weir_cache_requests_total" -> count(meter, CACHE, "cache", tag(id, "result"));
                case "weir_cache_get_seconds" -> time(meter, CACHE, "cache", "get");
                case "weir_cache_load_seconds" ->
                    count(meter, CACHE, "cache", tag(id, "outcome").equals("success") ? "loads" : "loadFailures");
                case "weir_cache_stored_bytes_total" -> count(meter, CACHE, "cache", "storedBytes");
                case "weir_cache_saved_bytes_total" -> count(meter, CACHE, "cache", "savedBytes");
                case "weir_cache_evictions_total" -> count(meter, CACHE, "cache", tag(id, "tier") + "Evictions");
                case "weir_cache_near_entries" -> level(meter, CACHE, "cache", "nearEntries");
                case "weir_http_requests_seconds" -> time(meter, REQUESTS, "kind", tag(id, "outcome"));
                case "weir_http_long_requests_total" -> count(meter, REQUESTS, "kind", LONG + tag(id, "outcome"));
                case "weir_limit_checks_total" -> count(meter, LIMIT, "policy", tag(id, "verdict"));
                case "weir_limit_near_refusals_total" -> count(meter, LIMIT, "policy", "nearRefusals");
                case "weir_limit_fallbacks_total" -> count(meter, LIMIT, "policy", "fallbacks");
                case "weir_lock_acquisitions_total" -> count(meter, LOCK, "", tag(id, "outcome"));
                case "weir_lock_lost_total" -> count(meter, LOCK, "", "lost");
                case "weir_lock_waiting" -> level(meter, LOCK, "", "waiting");
                case "weir_warmer_keys_total" -> count(meter, WARMER, "warmer", tag(id, "outcome"));
                case "weir_warmer_runs_total" -> count(meter, WARMER, "warmer", RUN + tag(id, "state"));
                case "weir_route_requests" -> count(meter, ROUTE, "route", tag(id, "result"));
                default -> {
                    // Another's.
                }
            }
        }

        private static String tag(Meter.Id id, String name) {
            String value = name.isEmpty() ? null : id.getTag(name);
            return value == null ? "" : value;
        }

        private static Name name(Meter meter, String kind, String subjectTag, String member) {
            return new Name(kind, tag(meter.getId(), subjectTag), member);
        }

        private void count(Meter meter, String kind, String subjectTag, String member) {
            double value =
                    switch (meter) {
                        case Counter counter -> counter.count();
                        case Timer timer -> timer.count();
                        default -> 0;
                    };
            counts.merge(name(meter, kind, subjectTag, member), Math.round(value), Long::sum);
        }

        private void level(Meter meter, String kind, String subjectTag, String member) {
            if (meter instanceof Gauge gauge) {
                levels.merge(name(meter, kind, subjectTag, member), Math.round(gauge.value()), Long::sum);
            }
        }

        private void time(Meter meter, String kind, String subjectTag, String member) {
            if (meter instanceof Timer timer) {
                times.merge(name(meter, kind, subjectTag, member), distribution(timer), Distribution::plus);
            }
        }

        /** Micrometer's buckets each hold all below them, too. */
        private static Distribution distribution(Timer timer) {
            HistogramSnapshot snapshot = timer.takeSnapshot();
            NavigableMap<Long, Long> buckets = new TreeMap<>();
            long below = 0;
            for (CountAtBucket bucket : snapshot.histogramCounts()) {
                if (!Double.isInfinite(bucket.bucket())) {
                    long upTo = Math.round(bucket.count());
                    buckets.put(Math.round(bucket.bucket(TimeUnit.NANOSECONDS)), Math.max(0, upTo - below));
                    below = Math.max(below, upTo);
                }
            }
            buckets.put(Distribution.OVERFLOW, Math.max(0, snapshot.count() - below));
            return new Distribution(buckets, Math.round(snapshot.total(TimeUnit.NANOSECONDS)));
        }
    }
}
