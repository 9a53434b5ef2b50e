package dev.weir.it.teams;

import static dev.weir.it.Checks.atOnce;
import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.mode;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static dev.weir.it.teams.Example.awaitMode;
import static dev.weir.it.teams.Example.entry;
import static dev.weir.it.teams.Example.get;
import static dev.weir.it.teams.Example.put;
import static dev.weir.it.teams.Example.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.it.WarmerRuns;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.LoadResult;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.Ports;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents and chat, on two instances: limits before the API, a cache of queries, and a Redis that comes and goes. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ChatTeamIT {

    private static final int LAST = 100;
    private static final String PASSWORD = "chat-and-documents";
    private static final int MEMORY = 16 << 20;
    private static final Map<String, Duration> TTLS = Map.of(
            "user", Duration.ofSeconds(300),
            "chat", Duration.ofSeconds(180),
            "messages", Duration.ofSeconds(120),
            "documents", Duration.ofSeconds(60),
            "stats", Duration.ofSeconds(30));

    private static int port;
    private static Origin origin;
    private static List<WeirProcess> weirs;
    private static RedisServer redis;

    @BeforeAll
    static void start() {
        port = Ports.free();
        origin = Origin.open();
        origin.on("/api/").reply(request -> Reply.of(201, "done"));
        origin.on("/api/documents")
                .reply(request -> Reply.of(200, "[{\"id\":\"d0\"},{\"id\":\"d1\"},{\"id\":\"d2\"}]"));
        origin.on("/api/documents/").reply(request -> Reply.of(200, "document at " + request.path()));
        weirs = Stream.of(settings(), settings().property("weir.caches.stats.ttl", "2s"))
                .map(WeirProcess.Builder::launch)
                .toList();
        weirs.forEach(WeirProcess::awaitReady);
    }

    private static WeirProcess.Builder settings() {
        return Example.mounted("chat", origin.url())
                .property("weir.trusted-proxies", "127.0.0.1")
                .env("REDIS_HOST", "127.0.0.1")
                .env("REDIS_PORT", Integer.toString(port))
                .env("REDIS_PASSWORD", PASSWORD)
                .env("REDIS_DB", "3");
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        origin.close();
        if (redis != null) {
            redis.close();
        }
    }

    private static WeirProcess one() {
        return weirs.getFirst();
    }

    private static WeirProcess other() {
        return weirs.getLast();
    }

    static Stream<Limit> limits() {
        return Stream.of(
                Limit.of("chat", 20, "PT1M"),
                Limit.of("auth", 5, "PT15M"),
                Limit.of("upload", 5, "PT1M"),
                Limit.of("search", 30, "PT1M"));
    }

    /** A request that spends one of this policy, on its route. */
    private static HttpResponse<byte[]> request(WeirProcess weir, String policy, String client) {
        return Http.post(weir.url("/api/" + policy), "{}", "application/json", "X-Forwarded-For", client);
    }

    @Test
    @Order(1)
    void startsWithoutRedisAndConnectsWhenItComes() {
        weirs.forEach(weir -> assertThat(mode(weir)).isEqualTo("degraded"));
        put(one(), "user", "early", "in memory");
        assertThat(scope(get(one(), "user", "early"))).isEqualTo("local");

        redis = RedisServer.startOn(port, "--requirepass", PASSWORD);
        awaitMode(weirs, "shared");
        put(one(), "user", "late", "in Redis");
        assertThat(text(get(other(), "user", "late"), 200)).isEqualTo("in Redis");
        assertThat(String.valueOf(redis.command("INFO", "keyspace")))
                .contains("db3:keys=")
                .doesNotContain("db0:");
        weirs.forEach(weir -> assertThat(weir.logLinesMatching("WARN.*\\bRedis is unavailable \\("))
                .hasSize(1));
    }

    @ParameterizedTest
    @MethodSource("limits")
    @Order(2)
    void whatIsOneTooManyIsRefusedAndNeverReachesTheApi(Limit limit) {
        limit.assertDeclared(one(), "local");
        int before = origin.calls("/api/" + limit.policy());
        limit.useUp(one(), (number, client) -> request(weirs.get(number % 2), limit.policy(), client));
        assertThat(origin.calls("/api/" + limit.policy()) - before).isEqualTo(limit.limit());
        assertThat(text(request(one(), limit.policy(), Limit.subject()), 201))
                .as("another client")
                .isEqualTo("done");
    }

    @Test
    @Order(2)
    void theRestOfTheApiHasNoLimit() {
        String client = Limit.subject();
        for (int i = 0; i < 50; i++) {
            assertThat(request(one(), "settings", client).statusCode()).isEqualTo(201);
        }
    }

    @Test
    @Order(2)
    void eachCacheEndsWhatItKeepsOnTime() {
        TTLS.forEach((cache, ttl) -> {
            assertThat(Example.ttl(one(), cache)).as(cache).isEqualTo(ttl);
            put(one(), cache, "ends", "later");
            assertThat(Example.left(other(), cache, "ends"))
                    .as(cache)
                    .isLessThanOrEqualTo(ttl)
                    .isGreaterThan(ttl.dividedBy(2));
        });
        // There the figures of the other instance live for two seconds.
        put(other(), "stats", "soon", "gone");
        assertThat(text(get(one(), "stats", "soon"), 200)).isEqualTo("gone");
        weirs.forEach(weir -> soon().until(() -> get(weir, "stats", "soon").statusCode() == 404));
        assertThat(text(get(other(), "stats", "ends"), 200)).isEqualTo("later");
    }

    @Test
    @Order(2)
    void aPatternEndsManyAndABatchDoesManyAtOnce() {
        String batch = "{\"put\":[{\"key\":\"room1/a\",\"value\":{\"n\":1}},{\"key\":\"room1/b\",\"value\":{\"n\":2}},"
                + "{\"key\":\"room2/a\",\"value\":{\"n\":3}}],\"get\":[\"room1/b\",\"room9/z\"]}";
        JsonNode done = json(Http.post(one().url("/v1/caches/messages/batch"), batch, "application/json"), 200);
        assertThat(done.findValuesAsText("status")).contains("201", "404");
        assertThat(json(get(other(), "messages", "room1/b"), 200).path("n").asInt())
                .isEqualTo(2);

        HttpResponse<byte[]> removed = Http.delete(one().url("/v1/caches/messages/entries?pattern=room1/*"));
        assertThat(json(removed, 200).path("removed").asInt()).isEqualTo(2);
        assertThat(get(one(), "messages", "room1/a").statusCode()).isEqualTo(404);
        assertThat(json(get(one(), "messages", "room2/a"), 200).path("n").asInt())
                .isEqualTo(3);
    }

    @Test
    @Order(2)
    void documentsAreWarmWhenSomebodyAskedForThat() {
        JsonNode run = WarmerRuns.whole(one(), "documents");
        assertThat(run.path("failed").asInt()).as(run.toString()).isZero();
        int calls = origin.calls();
        for (int i = 0; i < 3; i++) {
            HttpResponse<byte[]> answer = get(other(), "documents", "d" + i);
            assertThat(text(answer, 200)).isEqualTo("document at /api/documents/d" + i);
            assertThat(xCache(answer)).isEqualTo("HIT");
        }
        assertThat(origin.calls()).isEqualTo(calls);
    }

    /** What five scripts did. */
    @Test
    @Order(3)
    void theFiveVerbsOfTheCommandLine() {
        put(one(), "messages", "room7/a", "gone soon");
        List<List<String>> verbs = List.of(
                List.of("health"),
                List.of("monitor", "--count", "1"),
                List.of("warm", "documents"),
                List.of("clear", "messages", "--pattern", "room7/*"),
                List.of("stats"));
        List<Exit> exits = atOnce(
                verbs.size(),
                number -> WeirProcess.runToExit(WeirProcess.builder()
                        .env("WEIR_URL", one().url())
                        .args(verbs.get(number).toArray(String[]::new))));
        assertThat(exits).allSatisfy(exit -> {
            assertThat(exit.code()).as(exit.toString()).isZero();
            assertThat(exit.stdout()).as(exit.toString()).isNotEmpty();
        });
        assertThat(exits.get(2).stdout()).anyMatch(line -> line.contains("3 keys"));
        assertThat(get(one(), "messages", "room7/a").statusCode()).isEqualTo(404);
    }

    @Test
    @Order(LAST)
    void noRequestFailsWhileRedisIsKilledAndReturns() {
        Load load = Load.builder()
                .connections(2)
                .against(one().url(), other().url())
                .requests(ChatTeamIT::underLoad)
                .start();
        awaitAnswers(load, 200);
        redis.kill();
        awaitMode(weirs, "degraded");
        awaitAnswers(load, 200);
        for (WeirProcess weir : weirs) {
            limits().forEach(limit -> limit.useUp(weir, (number, client) -> request(weir, limit.policy(), client)));
        }
        memoryIsBounded(other());
        redis.restart();
        awaitMode(weirs, "shared");
        awaitAnswers(load, 200);
        LoadResult result = load.stop();

        assertThat(result.failureCount()).as(result.toString()).isZero();
        limits().forEach(limit ->
                limit.useUp(one(), (number, client) -> request(weirs.get(number % 2), limit.policy(), client)));
        weirs.forEach(weir -> assertThat(weir.logLinesMatching("WARN.*\\bRedis is unavailable \\("))
                .as("one at the start, one now")
                .hasSize(2));
    }

    private static Load.Request underLoad(int number) {
        String client = "X-Forwarded-For: 198.51." + number / 250 % 250 + "." + number % 250;
        return switch (number % 3) {
            case 0 -> Load.Request.get(entry("documents", "d" + number % 7));
            case 1 -> Load.Request.of("PUT", entry("messages", "m" + number % 50), "hello", "Content-Type: text/plain");
            default -> Load.Request.of("POST", "/api/search", "{}", "Content-Type: application/json", client);
        };
    }

    /** What does not compress, more of it than there may be. */
    private static void memoryIsBounded(WeirProcess weir) {
        byte[] value = new byte[1_000_000];
        new Random(42).nextBytes(value);
        IntStream.range(0, 20).forEach(number -> {
            String url = weir.url(entry("chat", "large-" + number));
            assertThat(Http.put(url, value, "application/octet-stream").statusCode())
                    .isEqualTo(201);
        });
        assertThat(metric(weir, "weir_cache_evictions_total", "tier=\"memory\""))
                .isPositive();
        long kept = IntStream.range(0, 20)
                .filter(number ->
                        Http.head(weir.url(entry("chat", "large-" + number))).statusCode() == 200)
                .count();
        assertThat(kept * value.length).isBetween(1L, (long) MEMORY);
    }

    private static void awaitAnswers(Load load, int count) {
        long target = load.finished() + count;
        soon().until(() -> load.finished() >= target);
    }
}
