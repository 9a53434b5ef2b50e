package dev.weir.it;

import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.mode;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.LoadResult;
import dev.weir.testkit.Origin;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redis goes and comes back: no request fails or waits for long, and nothing old rises again. */
class OutageIT {

    /** The ways in which Redis goes. */
    enum Outage {
        /** SIGKILL; back with all it had written. */
        KILLED(Duration.ofSeconds(10)),
        /** SIGSTOP: connections stay, and what was sent is carried out when it goes on. */
        FROZEN(Duration.ofSeconds(3));

        private final Duration length;

        Outage(Duration length) {
            this.length = length;
        }

        void begin() {
            if (this == KILLED) {
                redis.kill();
            } else {
                redis.freeze();
            }
        }

        void end() {
            if (this == KILLED) {
                redis.restart();
            } else {
                redis.thaw();
            }
        }
    }

    private static final Duration DEADLINE = Duration.ofMillis(250);
    private static final Duration ORIGIN_TIME = Duration.ofMillis(20);
    /** What two cores may take that run the load, Weir, Redis and the origin at the same time. */
    private static final Duration BUSY = Duration.ofSeconds(1);

    private static final Duration BACK = Duration.ofSeconds(2);

    private static RedisServer redis;
    private static Origin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
        origin = Origin.open();
        origin.on("/").delay(ORIGIN_TIME).body(request -> request.path().getBytes(StandardCharsets.UTF_8));
        weir = WeirProcess.builder()
                .redis(redis)
                .property("weir.caches.far.origin.url", origin.url("/far/{key}"))
                .property("weir.caches.far.near.max-entries", "0")
                .property("weir.caches.users.origin.url", origin.url("/users/{key}"))
                .property("weir.caches.plain.near.max-entries", "0")
                .property("weir.caches.kept.ttl", "1h")
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        origin.close();
        redis.close();
    }

    @BeforeEach
    void redisIsThere() {
        await().atMost(Duration.ofSeconds(10)).until(() -> mode(weir).equals("shared"));
    }

    @ParameterizedTest
    @EnumSource
    void noRequestFailsAndNoneWaitsForLong(Outage outage) {
        int linesBefore = weir.logLines().size();
        Load load = Load.builder()
                .connections(64)
                .against(weir.url())
                .requests(OutageIT::request)
                .start();
        awaitAnswers(load, 2_000);

        outage.begin();
        await().atMost(Duration.ofSeconds(5)).until(() -> mode(weir).equals("degraded"));
        assertThat(metric(weir, "weir_store_available")).isZero();
        await().during(outage.length).atMost(outage.length.plusSeconds(10)).until(() -> isAliveAndDegraded());
        outage.end();
        Instant back = Instant.now();
        await().atMost(Duration.ofSeconds(10)).until(() -> mode(weir).equals("shared"));
        assertThat(metric(weir, "weir_store_available")).isEqualTo(1);
        awaitAnswers(load, 2_000);
        LoadResult result = load.stop();

        assertThat(result.failureCount()).as(result.toString()).isZero();
        assertThat(result.slowest().latency())
                .as(result.toString())
                .isLessThan(DEADLINE.plus(ORIGIN_TIME).plus(BUSY));
        assertThat(result.scopeTransitions()).as(result.toString()).containsExactly("shared", "local", "shared");
        assertThat(result.firstScopeAfter(back, "shared"))
                .hasValueSatisfying(wait -> assertThat(wait).isLessThan(BACK));
        List<String> lines = weir.logLines();
        lines = lines.subList(linesBefore, lines.size());
        assertThat(lines)
                .filteredOn(line -> line.contains("Redis is unavailable"))
                .hasSize(1);
        assertThat(lines)
                .filteredOn(line -> line.contains("Redis is available again"))
                .hasSize(1);
        assertThat(lines).as("an outage is worth two lines").hasSize(2);
    }

    private static Load.Request request(int number) {
        int key = number % 50;
        return switch (number % 4) {
            case 0 -> Load.Request.of("PUT", "/v1/caches/plain/entries/" + key, "value", "Content-Type: text/plain");
            case 1 -> Load.Request.get("/v1/caches/users/entries/" + key);
            default -> Load.Request.get("/v1/caches/far/entries/" + key);
        };
    }

    private static void awaitAnswers(Load load, int count) {
        long target = load.finished() + count;
        await().atMost(Duration.ofSeconds(20)).until(() -> load.finished() >= target);
    }

    private static boolean isAliveAndDegraded() {
        text(Http.get(weir.url("/q/health/live")), 200);
        return mode(weir).equals("degraded");
    }

    @ParameterizedTest
    @EnumSource
    void whatWasInvalidatedMeanwhileStaysGone(Outage outage) {
        List<String> caches = List.of("plain", "kept");
        for (String cache : caches) {
            text(Http.delete(weir.url("/v1/caches/" + cache)), 200);
            for (String when : List.of("first", "later")) {
                store(cache, when + "-removed", "");
                store(cache, when + "-replaced", "");
                store(cache, when + "-like-1", "");
                store(cache, when + "-tagged", "?tag=" + when);
            }
            store(cache, "untouched", "");
        }

        outage.begin();
        // At first Weir does not know that Redis is gone, and finds out by these very calls.
        caches.forEach(cache -> invalidate(cache, "first"));
        await().atMost(Duration.ofSeconds(5)).until(() -> mode(weir).equals("degraded"));
        caches.forEach(cache -> invalidate(cache, "later"));
        caches.forEach(OutageIT::assertNothingOldIsSeen);
        outage.end();
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    caches.forEach(OutageIT::assertNothingOldIsSeen);
                    return mode(weir).equals("shared");
                });

        // Not untilAsserted, which would forgive an old value that is seen for a moment.
        await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(5)).until(() -> {
            caches.forEach(OutageIT::assertNothingOldIsSeen);
            return true;
        });
        for (String cache : caches) {
            HttpResponse<byte[]> untouched = get(cache, "untouched");
            assertThat(text(untouched, 200)).as("what nobody touched").isEqualTo("old");
            assertThat(scope(untouched)).isEqualTo("shared");
        }
    }

    private static void store(String cache, String key, String query) {
        HttpResponse<byte[]> stored =
                Http.put(weir.url("/v1/caches/" + cache + "/entries/" + key + query), "old", "text/plain");
        assertThat(stored.statusCode()).isEqualTo(201);
        assertThat(scope(stored)).isEqualTo("shared");
        assertThat(text(get(cache, key), 200)).isEqualTo("old");
    }

    private static void invalidate(String cache, String when) {
        String entries = weir.url("/v1/caches/" + cache + "/entries");
        text(Http.delete(entries + "/" + when + "-removed"), 204);
        text(Http.delete(entries + "?pattern=" + when + "-like-*"), 200);
        text(Http.delete(entries + "?tag=" + when), 200);
        int replaced = Http.put(entries + "/" + when + "-replaced", "new", "text/plain")
                .statusCode();
        assertThat(replaced).isIn(201, 204);
    }

    private static void assertNothingOldIsSeen(String cache) {
        for (String when : List.of("first", "later")) {
            for (String gone : List.of("-removed", "-like-1", "-tagged")) {
                HttpResponse<byte[]> answer = get(cache, when + gone);
                assertThat(answer.statusCode())
                        .as(cache + " " + when + gone + ": " + Http.text(answer))
                        .isEqualTo(404);
            }
            assertThat(Http.text(get(cache, when + "-replaced")))
                    .as(cache + " " + when + "-replaced")
                    .isNotEqualTo("old");
        }
    }

    private static HttpResponse<byte[]> get(String cache, String key) {
        return Http.get(weir.url("/v1/caches/" + cache + "/entries/" + key));
    }

    @Test
    void startsWithoutRedisAndConnectsWhenItComes() {
        RedisServer elsewhere = RedisServer.start();
        int port = elsewhere.port();
        elsewhere.close();
        try (WeirProcess early = WeirProcess.builder()
                .env("REDIS_URL", "redis://127.0.0.1:" + port)
                .start()) {
            String entry = early.url("/v1/caches/default/entries/early");
            assertThat(mode(early)).isEqualTo("degraded");
            assertThat(metric(early, "weir_store_available")).isZero();
            HttpResponse<byte[]> put = Http.put(entry, "value", "text/plain");
            assertThat(put.statusCode()).isEqualTo(201);
            assertThat(scope(put)).isEqualTo("local");
            assertThat(text(Http.get(entry), 200)).isEqualTo("value");
            assertThat(early.logLinesMatching("Redis is unavailable")).hasSize(1);

            try (RedisServer late = RedisServer.startOn(port)) {
                await().atMost(Duration.ofSeconds(5)).until(() -> mode(early).equals("shared"));
                assertThat(metric(early, "weir_store_available")).isEqualTo(1);
                assertThat(scope(Http.put(entry, "value", "text/plain"))).isEqualTo("shared");
                assertThat(late.command("DBSIZE")).isEqualTo(1L);
                assertThat(early.logLinesMatching("Redis is available")).hasSize(1);
            }
        }
    }
}
