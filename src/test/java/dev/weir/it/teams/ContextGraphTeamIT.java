package dev.weir.it.teams;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static dev.weir.it.teams.Example.awaitMode;
import static dev.weir.it.teams.Example.get;
import static dev.weir.it.teams.Example.put;
import static dev.weir.it.teams.Example.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.it.WarmerRuns;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.Watcher;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Nodes of graphs by session, on three instances: near copies, short ids, warmed sessions, and what others change. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ContextGraphTeamIT {

    private static final int LAST = 100;
    private static final int WARM = 60;

    private static RedisServer redis;
    private static Origin origin;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        origin.on("/api/nodes/").status(404);
        origin.on("/api/nodes/warm/").reply(request -> Reply.of(200, node(request.path())));
        origin.on("/api/open-nodes")
                .reply(request -> Reply.of(
                        200,
                        IntStream.range(0, WARM)
                                .mapToObj(number -> "\"warm/n" + number + "\"")
                                .collect(Collectors.joining(",", "[", "]"))));
        weirs = Stream.of(
                        // Here a near copy lasts for so long that only who was told of a change drops it in time.
                        Example.mounted("context-graph", origin.url()).property("weir.caches.nodes.near.ttl", "10m"),
                        Example.mounted("context-graph", origin.url()).property("weir.caches.nodes.near.ttl", "10m"),
                        Example.mounted("context-graph", origin.url()))
                .map(weir -> weir.redis(redis).launch())
                .toList();
        weirs.forEach(WeirProcess::awaitReady);
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        origin.close();
        redis.close();
    }

    /** JSON as graphs have it: names that repeat, values that do not. */
    private static String node(String id) {
        return IntStream.range(0, 20)
                .mapToObj(number -> String.format(
                        Locale.ROOT,
                        "{\"id\":\"%s-%d\",\"type\":\"decision\",\"weight\":%d,\"links\":[\"%x\"]}",
                        id,
                        number,
                        number * 7919 % 1000,
                        (id + number).hashCode()))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static boolean isNear(WeirProcess weir, String key) {
        return String.valueOf(Http.header(get(weir, "nodes", key), "Cache-Status"))
                .endsWith("detail=near");
    }

    private static JsonNode figures(WeirProcess weir) {
        return json(Http.get(weir.url("/v1/caches/nodes")), 200);
    }

    @Test
    @Order(1)
    void aSessionIsWarmedInOneRunAndNineOfTenReadsAreHits() {
        JsonNode run = WarmerRuns.whole(weirs.getFirst(), "nodes");
        assertThat(run.path("total").asInt()).as(run.toString()).isEqualTo(WARM);
        assertThat(run.path("failed").asInt()).as(run.toString()).isZero();
        int calls = origin.calls();
        for (int i = 0; i < WARM; i++) {
            for (WeirProcess weir : weirs) {
                assertThat(xCache(get(weir, "nodes", "warm/n" + i))).isEqualTo("HIT");
            }
        }
        assertThat(origin.calls()).isEqualTo(calls);
        weirs.forEach(weir -> assertThat(figures(weir).path("hitRate").asDouble())
                .as("hit rate")
                .isGreaterThanOrEqualTo(0.9));
    }

    @Test
    @Order(2)
    void eachTierIsAsItShouldBe() {
        JsonNode settings = figures(weirs.getLast()).path("settings");
        assertThat(settings.path("ttlMs").asInt()).isEqualTo(900_000);
        assertThat(settings.at("/near/ttlMs").asInt()).isEqualTo(5_000);
        assertThat(settings.at("/near/maxEntries").asInt()).isEqualTo(50);
        put(weirs.getFirst(), "nodes", "tiers/n1", "x");
        assertThat(Example.left(weirs.getLast(), "nodes", "tiers/n1"))
                .isBetween(Duration.ofMinutes(14), Duration.ofMinutes(15));
        assertThat(redis.command("KEYS", "*"))
                .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                .contains("context-graph:c:{nodes:tiers/n1}")
                .allMatch(key -> key.startsWith("context-graph:"));
    }

    @Test
    @Order(2)
    void fiftyNodesStayNearAndTheRestIsCountedAsEvicted() {
        WeirProcess weir = weirs.get(1);
        double before = metric(weir, "weir_cache_evictions_total", "tier=\"near\"", "cache=\"nodes\"");
        for (int i = 0; i < 120; i++) {
            put(weir, "nodes", "many/n" + i, "node " + i);
            get(weir, "nodes", "many/n" + i);
        }
        soon().until(() -> figures(weir).at("/near/entries").asInt() <= 50);
        assertThat(metric(weir, "weir_cache_evictions_total", "tier=\"near\"", "cache=\"nodes\"") - before)
                .isGreaterThanOrEqualTo(70);
        assertThat(text(get(weir, "nodes", "many/n0"), 200))
                .as("still in Redis")
                .isEqualTo("node 0");
    }

    @Test
    @Order(2)
    void whatOneWritesTheOthersSeeAndWhoWatchesASessionIsTold() {
        weirs.forEach(weir -> put(weir, "nodes", "shared/n1", "old"));
        weirs.forEach(weir -> soon().until(() -> isNear(weir, "shared/n1")));
        try (Watcher watcher = new Watcher(weirs.get(1), "/v1/changes?cache=nodes&pattern=shared/*")) {
            put(weirs.getFirst(), "nodes", "aside/n1", "another session");
            put(weirs.getFirst(), "nodes", "shared/n1", "new");
            weirs.forEach(weir -> soon().until(
                            () -> text(get(weir, "nodes", "shared/n1"), 200).equals("new")));
            soon().until(() -> !watcher.events().isEmpty());
            assertThat(watcher.events()).containsExactly("put {\"cache\":\"nodes\",\"key\":\"shared/n1\"}");
        }
    }

    @Test
    @Order(2)
    void compressionSavesTwoFifthsOfNodesAsJson() {
        JsonNode before = figures(weirs.getFirst()).path("stored");
        for (int i = 0; i < 20; i++) {
            String url = weirs.getFirst().url(Example.entry("nodes", "json/n" + i));
            assertThat(Http.put(url, node("json/n" + i), "application/json").statusCode())
                    .isEqualTo(201);
        }
        JsonNode after = figures(weirs.getFirst()).path("stored");
        double saved =
                after.path("savedBytes").asDouble() - before.path("savedBytes").asDouble();
        double kept = after.path("bytes").asDouble() - before.path("bytes").asDouble();
        assertThat(saved / (saved + kept)).as(after.toString()).isGreaterThanOrEqualTo(0.4);
        assertThat(text(get(weirs.getLast(), "nodes", "json/n7"), 200)).isEqualTo(node("json/n7"));
    }

    @Test
    @Order(2)
    void sessionsAreApartAndShortIdsHoldAcrossThem() {
        put(weirs.getFirst(), "nodes", "left/n1?alias=a1b2", "of the left");
        put(weirs.get(1), "nodes", "right/n1?alias=c3d4", "of the right");
        put(weirs.get(1), "edges", "right/n1", "an edge");
        WeirProcess last = weirs.getLast();
        assertThat(text(Http.get(last.url("/v1/caches/nodes/aliases/a1b2")), 200))
                .isEqualTo("of the left");
        assertThat(text(Http.get(last.url("/v1/caches/nodes/aliases/c3d4")), 200))
                .isEqualTo("of the right");

        assertThat(Example.happened(last, "session-ended", "{\"session\":\"right\"}"))
                .isEqualTo(2);
        assertThat(get(last, "nodes", "right/n1").statusCode()).isEqualTo(404);
        assertThat(Http.get(last.url("/v1/caches/nodes/aliases/c3d4")).statusCode())
                .isEqualTo(404);
        assertThat(text(get(last, "nodes", "left/n1"), 200)).isEqualTo("of the left");
    }

    @Test
    @Order(2)
    void aBatchPutsAndGetsTheNodesOfASession() {
        String puts =
                "{\"put\":[{\"key\":\"batch/n1\",\"value\":{\"n\":1}},{\"key\":\"batch/n2\",\"value\":{\"n\":2}}]}";
        json(Http.post(weirs.getFirst().url("/v1/caches/nodes/batch"), puts, "application/json"), 200);
        JsonNode read = json(
                Http.post(
                        weirs.getLast().url("/v1/caches/nodes/batch"),
                        "{\"get\":[\"batch/n1\",\"batch/n2\",\"batch/n3\"]}",
                        "application/json"),
                200);
        assertThat(read.findValuesAsText("n")).containsExactly("1", "2");
        assertThat(read.findValues("problem")).as(read.toString()).hasSize(1);
    }

    @Test
    @Order(3)
    void healthAndFiguresOfAllThreeAreThere() {
        JsonNode health = Example.health(weirs.getFirst());
        assertThat(health.path("status").asText()).as(health.toString()).isEqualTo("up");
        assertThat(health.path("mode").asText()).isEqualTo("standalone");
        assertThat(health.path("latencyMs").asDouble()).isPositive();
        assertThat(health.at("/memory/usedBytes").asLong()).isPositive();

        soon().until(() -> {
            JsonNode cache = Example.stats(weirs.getFirst()).path("cache");
            return cache.at("/evictions/near").asLong() >= 70
                    && cache.path("operations").asLong() >= 3 * WARM;
        });
        JsonNode stats = Example.stats(weirs.getLast());
        assertThat(stats.path("instances").findValuesAsText("state")).containsExactly("live", "live", "live");
        assertThat(stats.at("/cache/hitRate").asDouble()).as(stats.toString()).isGreaterThan(0.5);
        assertThat(stats.at("/cache/avgTimeMs").asDouble()).isPositive();
        assertThat(stats.at("/cache/savedBytes").asLong()).isPositive();
        assertThat(stats.at("/redis/status").asText()).isEqualTo("up");
    }

    @Test
    @Order(LAST)
    void withoutRedisNodesAreKeptAndLocksAreNotGiven() {
        String lock = "/v1/locks/merge%2Fs1";
        JsonNode held = json(lock(weirs.getFirst(), lock), 201);
        problem(lock(weirs.get(1), lock), 423, "locked");
        text(
                Http.delete(
                        weirs.getFirst().url(lock),
                        "Weir-Lock-Token",
                        held.path("token").asText()),
                204);

        redis.kill();
        awaitMode(weirs, "degraded");
        for (WeirProcess weir : weirs) {
            put(weir, "nodes", "alone/n1", "in memory");
            HttpResponse<byte[]> answer = get(weir, "nodes", "alone/n1");
            assertThat(text(answer, 200)).isEqualTo("in memory");
            assertThat(scope(answer)).isEqualTo("local");
            problem(lock(weir, lock), 503, "store-unavailable");
        }
        redis.restart();
        awaitMode(weirs, "shared");
        text(lock(weirs.getLast(), lock), 201);
    }

    private static HttpResponse<byte[]> lock(WeirProcess weir, String lock) {
        return Http.post(weir.url(lock), "{\"ttl\":\"1m\"}", "application/json");
    }
}
