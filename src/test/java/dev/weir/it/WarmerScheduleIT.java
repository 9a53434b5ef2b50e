package dev.weir.it;

import static dev.weir.it.WarmerRuns.counts;
import static dev.weir.it.WarmerRuns.runs;
import static dev.weir.it.WarmerRuns.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Warmers that run by themselves. */
class WarmerScheduleIT {

    private static final int RUNS = 6;

    private static List<Instant> started(WeirProcess weir, String warmer) {
        return runs(weir, warmer).stream()
                .filter(run -> run.path("trigger").asText().equals("schedule"))
                .map(run -> Instant.parse(run.path("started").asText()))
                .sorted()
                .toList();
    }

    /** By themselves two instances would be due twice in a period. */
    @Test
    void ofTwoInstancesOneRunsWhatIsDueInItsOrder() {
        List<String> asked = java.util.Collections.synchronizedList(new ArrayList<>());
        try (RedisServer redis = RedisServer.start();
                Origin origin = Origin.open()) {
            for (String path : List.of("/first/", "/second/")) {
                origin.on(path).body(request -> {
                    asked.add(path);
                    return new byte[] {'x'};
                });
            }
            WeirProcess.Builder settings = WeirProcess.builder()
                    .redis(redis)
                    .property("weir.redis.timeout", "5s")
                    .property("weir.caches.first.ttl", "1s")
                    .property("weir.caches.first.origin.url", origin.url("/first/{key}"))
                    .property("weir.caches.second.ttl", "1s")
                    .property("weir.caches.second.origin.url", origin.url("/second/{key}"))
                    .property("weir.warmers.z.cache", "first")
                    .property("weir.warmers.z.every", "1s")
                    .property("weir.warmers.z.keys", "k")
                    .property("weir.warmers.a.cache", "second")
                    .property("weir.warmers.a.every", "1s")
                    .property("weir.warmers.a.keys", "k")
                    .property("weir.warmers.a.order-after", "z");
            List<WeirProcess> weirs = Stream.generate(settings::launch).limit(2).toList();
            try {
                weirs.forEach(WeirProcess::awaitReady);
                int before = started(weirs.getFirst(), "a").size();
                await().atMost(Duration.ofSeconds(40))
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> started(weirs.getLast(), "a").size() >= before + RUNS);
                List<Instant> times = started(weirs.getFirst(), "z");
                Duration span = Duration.between(times.getFirst(), times.getLast());
                // Nine tenths of a period lie between two of them, as far as Redis and a busy machine tell the time.
                assertThat(span).isGreaterThan(Duration.ofMillis(900L * (times.size() - 1) - 1_000));
                assertThat(runs(weirs.getFirst(), "z"))
                        .as("a busy machine may be late for one")
                        .allMatch(run -> List.of("done", "running", "skipped").contains(state(run)))
                        .filteredOn(run -> state(run).equals("done"))
                        .allMatch(run -> counts(run).equals("1 1 0 0"));
            } finally {
                weirs.forEach(WeirProcess::close);
            }
        }
        int ahead = 0;
        for (String path : List.copyOf(asked)) {
            ahead += path.equals("/first/") ? 1 : -1;
            assertThat(ahead).as("%s", asked).isNotNegative();
        }
    }

    @Test
    void whatIsFreshUntilTheNextRunIsLeftAsItIs() {
        try (Origin origin = Origin.open()) {
            origin.on("/c/").body("x");
            WeirProcess.Builder settings = WeirProcess.builder()
                    .property("weir.caches.c.ttl", "1h")
                    .property("weir.caches.c.origin.url", origin.url("/c/{key}"))
                    .property("weir.warmers.w.cache", "c")
                    .property("weir.warmers.w.every", "1s")
                    .property("weir.warmers.w.keys", "k");
            try (WeirProcess weir = settings.start()) {
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> runs(weir, "w").stream()
                                        .filter(run -> counts(run).equals("1 1 1 0"))
                                        .count()
                                >= 2);
            }
            assertThat(origin.calls("/c/k")).isEqualTo(1);
        }
    }

    @Test
    void cronIsUnderstoodWithAllItsFields() {
        Map<String, String> crons = new TreeMap<>(Map.of(
                "every-minute", "* * * * *",
                "lists", "0,15,30 1,2 1,15 1,6 1,3",
                "ranges", "0-10 3-5 1-7 1-3 1-5",
                "steps", "*/15 */2 */3 */4 *",
                "names", "0 3 * JAN-MAR MON-FRI",
                "sunday", "0 0 * * 0",
                "padded", " 30 4 1 1 * "));
        try (Origin origin = Origin.open()) {
            WeirProcess.Builder settings =
                    WeirProcess.builder().property("weir.caches.c.origin.url", origin.url("/c/{key}"));
            crons.forEach((name, cron) -> settings.property("weir.warmers." + name + ".cache", "c")
                    .property("weir.warmers." + name + ".keys", "k")
                    .property("weir.warmers." + name + ".time-zone", "Europe/Berlin")
                    .property("weir.warmers." + name + ".cron", cron));
            try (WeirProcess weir = settings.start()) {
                crons.forEach((name, cron) -> assertThat(Seen.json(Http.get(weir.url("/v1/warmers/" + name)), 200)
                                .path("schedule")
                                .asText())
                        .isEqualTo("Europe/Berlin " + cron.strip()));
                assertThat(weir.logLinesMatching(" (WARN|ERROR) ")).isEmpty();
            }
        }
    }
}
