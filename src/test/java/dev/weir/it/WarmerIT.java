package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static dev.weir.it.WarmerRuns.awaitEnd;
import static dev.weir.it.WarmerRuns.begin;
import static dev.weir.it.WarmerRuns.counts;
import static dev.weir.it.WarmerRuns.entry;
import static dev.weir.it.WarmerRuns.lock;
import static dev.weir.it.WarmerRuns.run;
import static dev.weir.it.WarmerRuns.runs;
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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Warmers that are called, on two instances with one Redis. */
class WarmerIT {

    private static RedisServer redis;
    private static Origin origin;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        origin.on("/plain/").body(request -> request.path().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        origin.on("/plain/gone").status(404);
        origin.on("/plain/broken").status(500).body("no");
        weirs = Stream.generate(WarmerIT::settings)
                .map(WeirProcess.Builder::launch)
                .limit(2)
                .toList();
        weirs.forEach(WeirProcess::awaitReady);
        // What is read now is known to all some seconds later.
        for (WeirProcess weir : weirs) {
            IntStream.of(1, 2, 3, 4).forEach(key -> IntStream.range(0, key * 3)
                    .forEach(i -> text(entry(weir, "popular", "" + key), 200)));
        }
    }

    private static WeirProcess.Builder settings() {
        WeirProcess.Builder builder = WeirProcess.builder().redis(redis).property("weir.redis.timeout", "5s");
        for (String cache : List.of("plain", "mixed", "gated", "twice", "listed", "popular", "single")) {
            String at = cache.equals("gated") || cache.equals("twice") ? cache : "plain";
            builder.property("weir.caches." + cache + ".ttl", "5m")
                    .property("weir.caches." + cache + ".origin.url", origin.url("/" + at + "/{key}"))
                    .property("weir.caches." + cache + ".origin.timeout", "20s")
                    .property("weir.caches." + cache + ".origin.retries", "0");
        }
        warmer(builder, "plain", "plain", "keys", "a,b,c d,e/f");
        warmer(builder, "mixed", "mixed", "keys", "x,gone,broken,..,y");
        warmer(builder, "gated", "gated", "keys", "1,2,3,4");
        builder.property("weir.warmers.gated.concurrency", "2");
        warmer(builder, "twice", "twice", "keys", "1,2");
        warmer(builder, "single", "single", "keys", "only");
        warmer(builder, "popular", "popular", "hot", "3");
        warmer(builder, "deep", "listed", "keys-from", origin.url("/ids/deep"));
        builder.property("weir.warmers.deep.keys-pointer", "/data/*/id")
                .property("weir.warmers.deep.keys-headers.X-Secret", "open sesame");
        for (String source : List.of("flat", "html", "failing", "objects", "elsewhere", "odd", "none", "late")) {
            warmer(builder, source, "listed", "keys-from", origin.url("/ids/" + source));
        }
        warmer(builder, "refused", "listed", "keys-from", "http://127.0.0.1:1/ids");
        return builder;
    }

    private static void warmer(WeirProcess.Builder builder, String name, String cache, String source, String value) {
        builder.property("weir.warmers." + name + ".cache", cache)
                .property("weir.warmers." + name + "." + source, value)
                .property("weir.warmers." + name + ".backoff", "10ms");
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        origin.close();
        redis.close();
    }

    private static WeirProcess one() {
        return weirs.getFirst();
    }

    private static WeirProcess other() {
        return weirs.getLast();
    }

    private static void awaitOpen(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whoeverReadsAWarmedKeyFirstIsAnsweredFromTheCache() {
        JsonNode run = whole(one(), "plain");

        assertThat(state(run)).isEqualTo("done");
        assertThat(run.path("trigger").asText()).isEqualTo("call");
        assertThat(counts(run)).isEqualTo("4 4 0 0");
        assertThat(run.path("failures")).isEmpty();
        assertThat(run.has("reason")).isFalse();
        weirs.forEach(weir -> Stream.of("a", "b", "c%20d", "e/f").forEach(key -> {
            HttpResponse<byte[]> answer = entry(weir, "plain", key);
            assertThat(text(answer, 200)).isEqualTo("/plain/" + key);
            assertThat(xCache(answer)).as(key).isEqualTo("HIT");
            assertThat(scope(answer)).isEqualTo("shared");
        }));
        weirs.forEach(
                weir -> assertThat(run(weir, "plain", run.path("id").asText())).isEqualTo(run));
    }

    @Test
    void aCallLoadsAnewWhatIsFresh() {
        whole(one(), "single");
        int before = origin.calls("/plain/only");
        assertThat(counts(whole(other(), "single"))).isEqualTo("1 1 0 0");
        assertThat(origin.calls("/plain/only")).isEqualTo(before + 1);
        assertThat(xCache(entry(one(), "single", "only"))).isEqualTo("HIT");
    }

    @Test
    void aKeyThatFailsIsTriedAgainAndReportedAndTheRestIsWarm() {
        int gone = origin.calls("/plain/gone");
        int broken = origin.calls("/plain/broken");
        JsonNode run = whole(one(), "mixed");

        assertThat(state(run)).isEqualTo("done");
        assertThat(counts(run)).isEqualTo("5 2 0 3");
        JsonNode failures = run.path("failures");
        assertThat(failures.findValuesAsText("key")).containsExactlyInAnyOrder("gone", "broken", "..");
        failures.forEach(failure -> assertThat(failure.path("reason").asText())
                .contains(
                        switch (failure.path("key").asText()) {
                            case "gone" -> "no such thing";
                            case "broken" -> "500";
                            default -> "astray";
                        }));
        assertThat(origin.calls("/plain/gone") - gone).as("what is not there").isEqualTo(1);
        assertThat(origin.calls("/plain/broken") - broken)
                .as("once, and two retries")
                .isEqualTo(3);
        for (String key : List.of("x", "y")) {
            assertThat(xCache(entry(other(), "mixed", key))).isEqualTo("HIT");
        }
        assertThat(metric(one(), "weir_warmer_keys_total", "warmer=\"mixed\"", "outcome=\"warmed\""))
                .isEqualTo(2);
        assertThat(metric(one(), "weir_warmer_keys_total", "warmer=\"mixed\"", "outcome=\"failed\""))
                .isEqualTo(3);
        assertThat(metric(one(), "weir_warmer_runs_total", "warmer=\"mixed\"", "state=\"done\""))
                .isEqualTo(1);
    }

    @Test
    void aRunIsSeenAtWorkFromEveryInstanceAndTheNextOneIsSkipped() {
        CountDownLatch second = new CountDownLatch(1);
        origin.on("/gated/").reply(request -> {
            if (!request.path().endsWith("/1")) {
                awaitOpen(second);
            }
            return Reply.of(200, request.path());
        });
        try {
            JsonNode begun = begin(one(), "gated");
            assertThat(state(begun)).isEqualTo("running");
            String id = begun.path("id").asText();
            weirs.forEach(weir -> assertThat(state(run(weir, "gated", id))).isEqualTo("running"));
            for (WeirProcess weir : weirs) {
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> counts(run(weir, "gated", id)).equals("4 1 0 0"));
                assertThat(run(weir, "gated", id).path("tookMs").asLong()).isPositive();
                assertThat(json(Http.get(weir.url("/v1/warmers/gated")), 200)
                                .path("lastRun")
                                .path("id")
                                .asText())
                        .isEqualTo(id);
            }
            JsonNode lock = lock(other(), "gated");
            assertThat(lock.path("held").asBoolean()).isTrue();
            assertThat(lock.path("expiresInMs").asLong()).isBetween(1L, 30_000L);

            for (WeirProcess weir : weirs) {
                JsonNode later = whole(weir, "gated");
                assertThat(state(later)).isEqualTo("skipped");
                assertThat(later.path("reason").asText())
                        .contains("another run is under way")
                        .contains(lock.path("owner").asText());
                assertThat(counts(later)).isEqualTo("0 0 0 0");
            }
            assertThat(state(run(other(), "gated", id))).isEqualTo("running");
            second.countDown();
            JsonNode ended = awaitEnd(other(), "gated", id);
            assertThat(state(ended)).isEqualTo("done");
            assertThat(counts(ended)).isEqualTo("4 4 0 0");
            assertThat(runs(other(), "gated"))
                    .extracting(WarmerRuns::state)
                    .containsExactly("skipped", "skipped", "done");
            await().until(() -> !lock(other(), "gated").path("held").asBoolean());
            assertThat(origin.maxConcurrent()).isPositive();
        } finally {
            second.countDown();
        }
    }

    /** Two loads of one key at once ask the origin once, whether a reader wants it or a warmer. */
    @Test
    void whoReadsWhatIsBeingWarmedWaitsForItAndTheOriginIsAskedOnce() {
        CountDownLatch gate = new CountDownLatch(1);
        origin.on("/twice/").reply(request -> {
            awaitOpen(gate);
            return Reply.of(200, request.path());
        });
        try {
            CompletableFuture<HttpResponse<byte[]>> run = waiting(one(), "twice");
            await().until(() -> origin.calls("/twice/1") == 1);
            List<CompletableFuture<HttpResponse<byte[]>>> readers = weirs.stream()
                    .map(weir ->
                            CompletableFuture.supplyAsync(() -> entry(weir, "twice", "1"), Thread::startVirtualThread))
                    .toList();
            gate.countDown();
            readers.forEach(reader -> assertThat(text(reader.join(), 200)).isEqualTo("/twice/1"));
            assertThat(counts(json(run.join(), 200))).isEqualTo("2 2 0 0");
            assertThat(origin.calls("/twice/1")).isEqualTo(1);
        } finally {
            gate.countDown();
        }
    }

    @Test
    void keysAreAskedForWhereThePointerSaysWithTheHeadersOfTheSettings() {
        origin.on("/ids/deep").body("{\"data\":[{\"id\":\"p\"},{\"id\":7},{\"id\":null},{\"x\":1},{\"id\":\"p\"}]}");
        assertThat(counts(whole(one(), "deep"))).isEqualTo("2 2 0 0");
        assertThat(origin.last("/ids/deep").header("X-Secret")).isEqualTo("open sesame");
        for (String key : List.of("p", "7")) {
            assertThat(xCache(entry(other(), "listed", key))).isEqualTo("HIT");
        }
        origin.on("/ids/flat").body("[\"q\",\"r\"]");
        assertThat(counts(whole(one(), "flat"))).isEqualTo("2 2 0 0");
    }

    /** What is no key is a key that fails, and does not stop the rest. */
    @Test
    void whatCanBeNoKeyIsReportedAndTheRestIsWarm() {
        origin.on("/ids/odd").body("[\"good\",\"\",\"" + "x".repeat(600) + "\",\"../up\",\"nul\\u0000\"]");
        JsonNode run = whole(one(), "odd");
        assertThat(counts(run)).isEqualTo("5 1 0 4");
        assertThat(run.path("failures").findValuesAsText("reason")).allMatch(reason -> reason.startsWith("key "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            html      | 200 | <html>                | JSON
            failing   | 500 | oops                  | 500
            objects   | 200 | [{"id":1}]            | neither text nor a whole number
            elsewhere | 200 | {"data":{}}           | neither text nor a whole number
            deep      | 200 | {"error":"later"}     | finds none
            """)
    void aRunWhoseKeysCannotBeHadFailsAndSaysWhy(String warmer, int status, String body, String words) {
        origin.on("/ids/" + warmer).status(status).body(body);
        JsonNode problem = problem(Http.post(one().url(WarmerRuns.path(warmer) + "?wait=true")), 502, "origin-failed");
        assertThat(problem.path("detail").asText()).contains(words);
        assertThat(state(problem.path("run"))).isEqualTo("failed");

        JsonNode told = awaitEnd(other(), warmer, problem.path("run").path("id").asText());
        assertThat(state(told)).isEqualTo("failed");
        assertThat(told.path("reason").asText()).contains(words);
        // It has given its lock back.
        assertThat(lock(other(), warmer).path("held").asBoolean()).isFalse();
    }

    @Test
    void anEmptyListOfKeysIsNoFailure() {
        origin.on("/ids/none").body("[]");
        assertThat(counts(whole(one(), "none"))).isEqualTo("0 0 0 0");
        origin.on("/ids/deep").body("{\"data\":[]}");
        assertThat(counts(whole(one(), "deep"))).isEqualTo("0 0 0 0");
    }

    @Test
    void keysAreAskedForAgainWhereTheOriginFails() {
        AtomicInteger calls = new AtomicInteger();
        origin.on("/ids/late").body(request -> (calls.incrementAndGet() < 3 ? "not yet" : "[\"k\"]")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(counts(whole(one(), "late"))).isEqualTo("1 1 0 0");
        assertThat(calls).hasValue(3);
    }

    @Test
    void anOriginThatCannotBeReachedForItsKeysIsNamed() {
        JsonNode run =
                awaitEnd(one(), "refused", begin(one(), "refused").path("id").asText());
        assertThat(state(run)).isEqualTo("failed");
        assertThat(run.path("reason").asText()).contains("keys cannot be had").contains("refused");
        assertThat(metric(one(), "weir_warmer_runs_total", "warmer=\"refused\"", "state=\"failed\""))
                .isEqualTo(1);
    }

    @Test
    void theKeysThatWereReadMostAreWarmed() {
        await().atMost(Duration.ofSeconds(25))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> counts(whole(one(), "popular")).equals("3 3 0 0"));
        text(Http.delete(one().url("/v1/caches/popular")), 200);
        // Both instances have told what was read there, or one has: the order is the same.
        assertThat(counts(whole(other(), "popular"))).isEqualTo("3 3 0 0");
        for (String key : List.of("2", "3", "4")) {
            assertThat(xCache(entry(one(), "popular", key))).as(key).isEqualTo("HIT");
        }
        assertThat(xCache(entry(one(), "popular", "1"))).isEqualTo("MISS");
    }

    @Test
    void warmersAreShownWithTheirSettingsAndTheirLastRun() {
        JsonNode last = whole(one(), "single");
        HttpResponse<byte[]> answer = Http.get(other().url("/v1/warmers"));
        JsonNode all = json(answer, 200).path("warmers");
        assertThat(scope(answer)).isEqualTo("shared");
        assertThat(all.findValuesAsText("name")).isSorted().contains("plain", "mixed", "popular");
        JsonNode single = json(Http.get(other().url("/v1/warmers/single")), 200);
        assertThat(single.path("cache").asText()).isEqualTo("single");
        assertThat(single.path("schedule").isNull()).isTrue();
        assertThat(single.path("concurrency").asInt()).isEqualTo(8);
        assertThat(single.path("retries").asInt()).isEqualTo(2);
        assertThat(single.path("backoffMs").asInt()).isEqualTo(10);
        assertThat(single.path("lastRun")).isEqualTo(last);
    }

    /** The instance that was at it has died long ago, and nobody else can say how far it came. */
    @Test
    void aRunOfWhichNothingIsHeardAnyMoreIsOver() {
        redis.command("SET", "weir:w:{single}:run:dead", """
                {"id":"dead","warmer":"single","trigger":"call","state":"running","started":"2020-01-01T00:00:00Z",
                 "total":9,"warmed":4,"fresh":0,"failed":0,"failures":[],"tookMs":1000}""");
        JsonNode run = run(one(), "single", "dead");
        assertThat(state(run)).isEqualTo("aborted");
        assertThat(run.path("reason").asText()).contains("not heard of");
        assertThat(counts(run)).isEqualTo("9 4 0 0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET    | /v1/warmers/nope               | 404 | not-found
            GET    | /v1/warmers/nope/runs          | 404 | not-found
            POST   | /v1/warmers/nope/runs          | 404 | not-found
            GET    | /v1/warmers/plain/runs/unknown | 404 | not-found
            GET    | /v1/warmers/a%20b              | 400 | bad-request
            GET    | /v1/warmers/plain/runs/a%2Fb   | 400 | bad-request
            GET    | /v1/warmers?x=1                | 400 | bad-request
            GET    | /v1/warmers/plain?x=1          | 400 | bad-request
            GET    | /v1/warmers/plain/runs?limit=5 | 400 | bad-request
            POST   | /v1/warmers/plain/runs?wait=1  | 400 | bad-request
            POST   | /v1/warmers/plain/runs?wait=   | 400 | bad-request
            POST   | /v1/warmers/plain/runs?wait=true&wait=true | 400 | bad-request
            POST   | /v1/warmers/plain/runs?wiat=true | 400 | bad-request
            DELETE | /v1/warmers/plain/runs         | 405 | method-not-allowed
            PUT    | /v1/warmers/plain              | 405 | method-not-allowed
            """)
    void whatMakesNoSenseIsRefused(String method, String path, int status, String kind) {
        problem(Http.send(method, one().url(path), null, Duration.ofSeconds(10)), status, kind);
    }
}
