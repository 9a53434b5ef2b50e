package dev.weir.it;

import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Stats.assertAddsUp;
import static dev.weir.it.Stats.entry;
import static dev.weir.it.Stats.instance;
import static dev.weir.it.Stats.instances;
import static dev.weir.it.Stats.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.Load.Request;
import dev.weir.testkit.LoadResult;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.Watcher;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Figures of three instances on one Redis. */
class StatsIT {

    private static final long LIMIT = 50;
    private static final int KEYS = 40;

    private static RedisServer redis;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        weirs = IntStream.range(0, 3)
                .mapToObj(i -> settings("weir-" + i).launch())
                .toList();
        weirs.forEach(WeirProcess::awaitReady);
    }

    private static WeirProcess.Builder settings(String id) {
        return WeirProcess.builder()
                .redis(redis)
                // A busy machine must not make an instance take Redis for gone.
                .property("weir.redis.timeout", "5s")
                .property("weir.ops.instance", id)
                .property("weir.caches.users.ttl", "1h")
                .property("weir.limits.chat.limit", Long.toString(LIMIT))
                .property("weir.limits.chat.window", "1h");
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        redis.close();
    }

    @BeforeEach
    void countFromZero() {
        HttpResponse<byte[]> answer = Http.delete(weirs.getFirst().url("/v1/stats"));
        assertThat(text(answer, 204)).isEmpty();
        assertThat(scope(answer)).isEqualTo("shared");
        // Whoever is asked follows at once.
        for (WeirProcess weir : weirs) {
            assertThat(Stats.of(weir).at("/cache/operations").asLong()).isZero();
        }
        weirs.forEach(
                weir -> soon().until(() -> instances(Stats.of(weir), "live").size() == 3));
    }

    @Test
    void theSumsAreWhatWasSentToAll() {
        redis.command("DEL", "weir:l:{chat:one}");
        for (int i = 0; i < KEYS; i += 2) {
            text(Http.put(weirs.getFirst().url("/v1/caches/users/entries/k" + i), "v", "text/plain"), 201);
        }
        LoadResult sent;
        try (Load load = Load.builder()
                .connections(6)
                .against(weirs.stream().map(WeirProcess::url).toArray(String[]::new))
                .requests(StatsIT::request)
                .success(status -> status == 200 || status == 404 || status == 429)
                .start()) {
            soon().until(() -> load.finished() > 600);
            sent = load.stop();
        }
        assertThat(sent.failureCount()).as(sent.toString()).isZero();
        long checks = (sent.total() + 2) / 3;
        long reads = sent.total() - checks;

        for (WeirProcess weir : weirs) {
            soon().untilAsserted(() -> {
                JsonNode stats = Stats.of(weir);
                assertThat(stats.path("scope").asText()).isEqualTo("shared");
                assertThat(stats.at("/cache/operations").asLong()).isEqualTo(reads);
                assertThat(stats.at("/cache/hits").asLong())
                        .isEqualTo(sent.statuses().get(200) - LIMIT);
                assertThat(stats.at("/cache/misses").asLong())
                        .isEqualTo(sent.statuses().get(404));
                JsonNode chat = entry(stats.path("limits"), "policy", "chat");
                assertThat(chat.path("allowed").asLong()).isEqualTo(LIMIT);
                assertThat(chat.path("denied").asLong()).isEqualTo(checks - LIMIT);
                assertThat(stats.at("/requests/total").asLong()).isGreaterThanOrEqualTo(sent.total() + KEYS / 2);
                assertThat(stats.at("/requests/errors").asLong()).isZero();
                assertAddsUp(stats);
            });
        }
        assertIsPlausible(Stats.of(weirs.getFirst()), reads);
    }

    /** Each third a check of the one limit, the rest reads of which half find something. */
    private static Request request(int number) {
        return number % 3 == 0
                ? Request.of("POST", "/v1/limits/chat/one", "")
                : Request.get("/v1/caches/users/entries/k" + number % KEYS);
    }

    private static void assertIsPlausible(JsonNode stats, long reads) {
        JsonNode cache = stats.path("cache");
        assertThat(cache.path("hitRate").asDouble())
                .isEqualTo(cache.path("hits").asDouble() / reads);
        assertThat(cache.path("hits").asLong())
                .isEqualTo(cache.path("near").asLong() + cache.path("shared").asLong());
        assertThat(cache.path("avgTimeMs").asDouble()).isPositive();
        assertThat(cache.path("p50Ms").asDouble()).isPositive();
        assertThat(cache.path("p95Ms").asDouble())
                .isGreaterThanOrEqualTo(cache.path("p50Ms").asDouble());
        assertThat(cache.path("p99Ms").asDouble())
                .isGreaterThanOrEqualTo(cache.path("p95Ms").asDouble());
        assertThat(cache.path("nearEntries").asLong()).isPositive();
        assertThat(cache.path("storedBytes").asLong()).isEqualTo(KEYS / 2);
        assertThat(stats.at("/recent/cache")).as("all of it was of late").isEqualTo(cache);
        assertThat(stats.at("/recent/requests")).isEqualTo(stats.path("requests"));
        JsonNode users = entry(stats.path("caches"), "name", "users");
        assertThat(users.path("operations").asLong()).isEqualTo(reads);
        assertThat(entry(stats.path("caches"), "name", "default")
                        .path("operations")
                        .asLong())
                .isZero();
        assertThat(entry(stats.path("caches"), "name", "default")
                        .path("hitRate")
                        .isNull())
                .isTrue();
        assertThat(stats.at("/requests/p50Ms").asDouble()).isPositive();
        assertThat(Instant.parse(stats.path("since").asText()))
                .isBetween(Instant.now().minusSeconds(60), Instant.now());
        assertThat(stats.at("/redis/status").asText()).isEqualTo("up");
        JsonNode self = stats.path("instances").get(0);
        assertThat(self.path("id").asText()).isEqualTo("weir-0");
        assertThat(self.path("self").asBoolean()).isTrue();
        stats.path("instances").forEach(each -> {
            assertThat(each.path("mode").asText()).isEqualTo("shared");
            assertThat(each.path("version").asText()).matches("\\d+\\.\\d+\\..*");
            assertThat(each.path("uptimeMs").asLong()).isPositive();
            assertThat(Instant.parse(each.path("startedAt").asText())).isBefore(Instant.now());
            assertThat(each.at("/cache/operations").asLong()).isPositive();
            assertThat(each.at("/requests/total").asLong()).isPositive();
        });
    }

    @Test
    void aResetByOneIsOneOfAllAndPrometheusGoesOn() {
        for (WeirProcess weir : weirs) {
            text(Http.get(weir.url("/v1/caches/users/entries/nobody")), 404);
        }
        weirs.forEach(
                weir -> soon().until(() -> Stats.of(weir).at("/cache/misses").asLong() == 3));
        double[] scraped = weirs.stream().mapToDouble(StatsIT::misses).toArray();

        text(Http.delete(weirs.get(1).url("/v1/stats")), 204);

        for (WeirProcess weir : weirs) {
            JsonNode stats = Stats.of(weir);
            assertThat(stats.at("/cache/operations").asLong()).isZero();
            assertThat(stats.at("/cache/hitRate").isNull()).isTrue();
        }
        text(Http.get(weirs.get(2).url("/v1/caches/users/entries/nobody")), 404);
        weirs.forEach(
                weir -> soon().until(() -> Stats.of(weir).at("/cache/misses").asLong() == 1));
        for (int i = 0; i < 3; i++) {
            assertThat(misses(weirs.get(i))).isEqualTo(i == 2 ? scraped[i] + 1 : scraped[i]);
        }
    }

    private static double misses(WeirProcess weir) {
        return Seen.metric(weir, "weir_cache_requests_total", "cache=\"users\"", "result=\"miss\"");
    }

    @Test
    void oneThatIsKilledIsLostAndItsFiguresAreNoLongerSummed() {
        WeirProcess asked = weirs.getFirst();
        text(Http.get(asked.url("/v1/caches/users/entries/nobody")), 404);
        try (WeirProcess victim = settings("victim").start()) {
            for (int i = 0; i < 7; i++) {
                text(Http.get(victim.url("/v1/caches/users/entries/nobody")), 404);
            }
            soon().until(() -> Stats.of(asked).at("/cache/misses").asLong() == 8);

            victim.kill();

            soon().until(() -> instances(Stats.of(asked), "lost").equals(List.of("victim")));
            JsonNode stats = Stats.of(asked);
            assertThat(stats.at("/cache/misses").asLong()).isEqualTo(1);
            assertAddsUp(stats);
            JsonNode lost = instance(stats, "victim");
            assertThat(lost.at("/cache/misses").asLong()).isEqualTo(7);
            assertThat(Instant.parse(lost.path("seenAt").asText())).isBefore(Instant.now());
        }
        // One that comes in its place is listed in its place.
        try (WeirProcess next = settings("victim").start()) {
            soon().until(() ->
                    instance(Stats.of(asked), "victim").path("state").asText().equals("live"));
            assertThat(instances(Stats.of(next), "lost")).isEmpty();
            next.terminate();
        }
    }

    @Test
    void oneThatEndsInOrderDisappearsAtOnce() {
        WeirProcess asked = weirs.getFirst();
        try (WeirProcess leaver = settings("leaver").start()) {
            text(Http.get(leaver.url("/v1/caches/users/entries/nobody")), 404);
            soon().until(() -> Stats.of(asked).at("/cache/misses").asLong() == 1);

            leaver.terminate();

            JsonNode stats = Stats.of(asked);
            assertThat(instance(stats, "leaver").isMissingNode())
                    .as(stats.toString())
                    .isTrue();
            assertThat(stats.at("/cache/misses").asLong()).isZero();
        }
    }

    @Test
    void whoWatchesIsToldEachSecond() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        try (Watcher watcher = new Watcher(weirs.getFirst(), "/v1/stats/events");
                Watcher another = new Watcher(weirs.getFirst(), "/v1/stats/events")) {
            soon().until(() -> !watcher.events().isEmpty());
            assertThat(event(mapper, watcher.events().getFirst())
                            .at("/cache/operations")
                            .asLong())
                    .isZero();
            text(Http.get(weirs.get(2).url("/v1/caches/users/entries/nobody")), 404);
            for (Watcher each : List.of(watcher, another)) {
                soon().until(() -> {
                    List<String> events = new ArrayList<>(each.events());
                    return event(mapper, events.getLast()).at("/cache/misses").asLong() == 1;
                });
            }
            int before = watcher.events().size();
            soon().until(() -> watcher.events().size() >= before + 2);
        }
        // What takes long because it is to last is counted, and not among the times.
        soon().until(() ->
                Seen.metric(weirs.getFirst(), "weir_http_long_requests_total", "kind=\"api\"", "outcome=\"success\"")
                        >= 2);
    }

    private static JsonNode event(ObjectMapper mapper, String event) throws IOException {
        assertThat(event).startsWith("stats {");
        return mapper.readTree(event.substring("stats ".length()));
    }

    /** Instances tell each other within a Redis that has no room for anything else. */
    @Test
    void aFullRedisHidesNobody() {
        redis.command("CONFIG", "SET", "maxmemory", "1");
        try {
            text(Http.get(weirs.get(1).url("/v1/caches/users/entries/nobody")), 404);
            soon().until(() -> Stats.of(weirs.get(2)).at("/cache/misses").asLong() == 1);
            JsonNode stats = Stats.of(weirs.getFirst());
            assertThat(instances(stats, "lost")).isEmpty();
            soon().until(() ->
                    Stats.kindsOfAdvice(Stats.of(weirs.getFirst())).containsAll(List.of("memory", "eviction-policy")));
            assertThat(text(Http.delete(weirs.getFirst().url("/v1/stats")), 204))
                    .isEmpty();
            assertThat(Stats.of(weirs.get(2)).at("/cache/misses").asLong()).isZero();
        } finally {
            redis.command("CONFIG", "SET", "maxmemory", "0");
        }
    }

    @Test
    void everythingThatIsKeptOfInstancesHasAnEnd() {
        for (String key : List.of("weir:o:{instances}", "weir:o:{instances}:seen")) {
            assertThat((Long) redis.command("PTTL", key))
                    .as(key)
                    .isBetween(1L, Duration.ofMinutes(10).toMillis());
        }
    }
}
