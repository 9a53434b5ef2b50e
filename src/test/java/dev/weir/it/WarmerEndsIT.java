package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.mode;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.xCache;
import static dev.weir.it.WarmerRuns.awaitEnd;
import static dev.weir.it.WarmerRuns.begin;
import static dev.weir.it.WarmerRuns.counts;
import static dev.weir.it.WarmerRuns.entry;
import static dev.weir.it.WarmerRuns.lock;
import static dev.weir.it.WarmerRuns.path;
import static dev.weir.it.WarmerRuns.run;
import static dev.weir.it.WarmerRuns.state;
import static dev.weir.it.WarmerRuns.waiting;
import static dev.weir.it.WarmerRuns.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Warmers whose instance dies, is told to end, has no Redis or has lost it. */
class WarmerEndsIT {

    private static final Map<String, String> TOKENS =
            Map.of("read", "token-of-the-reader-1", "write", "token-of-the-writer-2", "admin", "token-of-the-admin-3");
    private static final String LOCK = "weir:k:{weir/warmer/users}";

    private static RedisServer redis;
    private static Origin origin;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        origin.on("/users/").body(request -> request.path().getBytes(StandardCharsets.UTF_8));
        origin.on("/users/broken").reply(request -> Reply.of(500, "no"));
    }

    @AfterAll
    static void stop() {
        origin.close();
        redis.close();
    }

    @AfterEach
    void nothingHangs() {
        origin.release();
        origin.reset();
        redis.command("FLUSHALL");
    }

    private static WeirProcess.Builder settings() {
        return WeirProcess.builder()
                .property("weir.redis.timeout", "5s")
                .property("quarkus.shutdown.delay", "0s")
                .property("weir.caches.users.ttl", "5m")
                .property("weir.caches.users.origin.url", origin.url("/users/{key}"))
                .property("weir.caches.users.origin.timeout", "25s")
                .property("weir.warmers.users.cache", "users")
                .property("weir.warmers.users.keys", "1,2,3")
                .property("weir.warmers.users.concurrency", "1")
                .property("weir.warmers.tenacious.cache", "users")
                .property("weir.warmers.tenacious.keys", "broken,4")
                .property("weir.warmers.tenacious.retries", "50")
                .property("weir.warmers.tenacious.backoff", "50s");
    }

    @Test
    void theLockOfAnInstanceThatWasKilledRunsOutAndThenTheNextRunBegins() {
        try (WeirProcess dying = settings().redis(redis).launch();
                WeirProcess staying = settings().redis(redis).start()) {
            dying.awaitReady();
            origin.hang();
            String id = begin(dying, "users").path("id").asText();
            await().until(() -> origin.calls("/users/1") == 1);
            dying.kill();

            JsonNode lock = lock(staying, "users");
            assertThat(lock.path("held").asBoolean()).isTrue();
            assertThat(lock.path("expiresInMs").asLong()).isBetween(1L, 30_000L);
            assertThat((Long) redis.command("PTTL", LOCK)).isPositive();
            assertThat(state(run(staying, "users", id))).isEqualTo("running");
            assertThat(state(whole(staying, "users"))).isEqualTo("skipped");

            // As if its time were over, which goes by in Redis alone.
            redis.command("DEL", LOCK);
            // The dead instance's right to load the key it was at runs out, too.
            redis.command("DEL", "weir:c:{users:1}");
            origin.release();
            JsonNode next = whole(staying, "users");
            assertThat(state(next)).isEqualTo("done");
            assertThat(counts(next)).isEqualTo("3 3 0 0");
            assertThat(xCache(entry(staying, "users", "3"))).isEqualTo("HIT");
        }
    }

    @Test
    void whoIsToldToEndStopsWarmingSaysSoAndGivesItsLockBack() {
        try (WeirProcess weir = settings().redis(redis).start()) {
            origin.hang();
            CompletableFuture<HttpResponse<byte[]>> caller = waiting(weir, "users");
            await().until(() -> origin.calls("/users/1") == 1);
            assertThat(lock(weir, "users").path("held").asBoolean()).isTrue();
            weir.signal("TERM");

            JsonNode run = json(caller.join(), 200);
            assertThat(state(run)).isEqualTo("aborted");
            assertThat(run.path("reason").asText()).contains("ends");
            assertThat(counts(run)).isEqualTo("3 0 0 0");
            assertThat(weir.awaitExit(Duration.ofSeconds(8))).isEqualTo(143);
            assertThat(redis.command("EXISTS", LOCK)).isEqualTo(0L);
            String kept = (String)
                    redis.command("GET", "weir:w:{users}:run:" + run.path("id").asText());
            assertThat(kept).contains("\"state\":\"aborted\"");
            assertThat(weir.logLinesMatching(" ERROR |Exception|^\\s+at ")).isEmpty();
        }
    }

    @Test
    void aPauseBeforeARetryHoldsTheEndUpNoMore() {
        try (WeirProcess weir = settings().redis(redis).start()) {
            String id = begin(weir, "tenacious").path("id").asText();
            await().until(() -> counts(run(weir, "tenacious", id)).equals("2 1 0 0"));
            await().until(() -> origin.calls("/users/broken") == 1);
            weir.signal("TERM");

            assertThat(weir.awaitExit(Duration.ofSeconds(8))).isEqualTo(143);
            assertThat(redis.command("EXISTS", "weir:k:{weir/warmer/tenacious}"))
                    .isEqualTo(0L);
            assertThat((String) redis.command("GET", "weir:w:{tenacious}:run:" + id))
                    .contains("\"state\":\"aborted\"");
        }
    }

    @Test
    void whoHasLostItsLockStops() {
        try (WeirProcess weir = settings().redis(redis).start()) {
            origin.hang();
            String id = begin(weir, "users").path("id").asText();
            await().until(() -> origin.calls("/users/1") == 1);
            redis.command("DEL", LOCK);
            // It learns of it when it renews the lock, every ten seconds.
            JsonNode run = awaitEnd(weir, "users", id);
            assertThat(state(run)).isEqualTo("aborted");
            assertThat(run.path("reason").asText()).contains("lock was lost");
        }
    }

    @Test
    void withoutRedisAllIsInMemory() {
        try (WeirProcess weir = settings()
                .property("weir.warmers.first.cache", "users")
                .property("weir.warmers.first.keys", "a,b")
                .property("weir.warmers.first.at-start", "true")
                .property("weir.warmers.many.cache", "users")
                .property("weir.warmers.many.keys-from", origin.url("/ids"))
                .start()) {
            await().until(() -> WarmerRuns.runs(weir, "first").stream()
                    .anyMatch(run -> state(run).equals("done")));
            assertThat(xCache(entry(weir, "users", "a"))).isEqualTo("HIT");

            HttpResponse<byte[]> answer = Http.post(weir.url(path("users") + "?wait=true"));
            assertThat(counts(json(answer, 200))).isEqualTo("3 3 0 0");
            assertThat(scope(answer)).isEqualTo("local");
            assertThat(scope(Http.get(weir.url(path("users"))))).isEqualTo("local");

            // So many keys that are decided at once must not pile up.
            origin.on("/ids")
                    .body("["
                            + IntStream.range(0, 30_000)
                                    .mapToObj(i -> "\"../" + i + "\"")
                                    .collect(Collectors.joining(","))
                            + ",\"last\"]");
            JsonNode many = whole(weir, "many");
            assertThat(state(many)).isEqualTo("done");
            assertThat(counts(many)).isEqualTo("30001 1 0 30000");
            assertThat(many.path("failures")).hasSize(100);
            assertThat(xCache(entry(weir, "users", "last"))).isEqualTo("HIT");

            origin.hang();
            String id = begin(weir, "users").path("id").asText();
            assertThat(state(whole(weir, "users"))).isEqualTo("skipped");
            origin.release();
            assertThat(state(awaitEnd(weir, "users", id))).isEqualTo("done");
        }
    }

    @Test
    void withoutTheRedisThatItShouldHaveARunFailsAndSaysSo() {
        try (RedisServer gone = RedisServer.start();
                WeirProcess weir = settings().redis(gone).start()) {
            gone.kill();
            await().atMost(Duration.ofSeconds(10)).until(() -> mode(weir).equals("degraded"));
            HttpResponse<byte[]> answer = Http.post(weir.url(path("users") + "?wait=true"));
            JsonNode problem = problem(answer, 503, "store-unavailable");
            assertThat(Http.header(answer, "Retry-After")).isNotNull();
            assertThat(state(problem.path("run"))).isEqualTo("failed");
            JsonNode run =
                    awaitEnd(weir, "users", begin(weir, "users").path("id").asText());
            assertThat(state(run)).isEqualTo("failed");
            assertThat(run.path("reason").asText()).contains("Redis");
            gone.restart();
            await().atMost(Duration.ofSeconds(10)).until(() -> mode(weir).equals("shared"));
            assertThat(state(whole(weir, "users"))).isEqualTo("done");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET  | /v1/warmers                | read
            GET  | /v1/warmers/users          | read
            GET  | /v1/warmers/users/runs     | read
            GET  | /v1/warmers/users/runs/abc | read
            POST | /v1/warmers/users/runs     | write
            """)
    void aCallNeedsItsRole(String method, String path, String needed) {
        List<String> roles = List.of("read", "write", "admin");
        for (String role : roles) {
            HttpResponse<byte[]> answer = call(method, path, "Authorization", "Bearer " + TOKENS.get(role));
            if (roles.indexOf(role) >= roles.indexOf(needed)) {
                assertThat(answer.statusCode()).as(role).isIn(200, 202, 404);
            } else {
                problem(answer, 403, "forbidden");
            }
        }
        problem(call(method, path), 401, "unauthorized");
    }

    private static WeirProcess guarded;

    @AfterAll
    static void stopGuarded() {
        if (guarded != null) {
            guarded.close();
        }
    }

    private static synchronized HttpResponse<byte[]> call(String method, String path, String... headers) {
        if (guarded == null) {
            WeirProcess.Builder builder = settings();
            TOKENS.forEach((role, token) -> builder.property("weir.auth.tokens." + role + ".value", token)
                    .property("weir.auth.tokens." + role + ".role", role));
            guarded = builder.start();
        }
        return Http.send(method, guarded.url(path), null, Duration.ofSeconds(20), headers);
    }
}
