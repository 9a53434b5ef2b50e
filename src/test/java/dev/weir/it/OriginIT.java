package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.LoadResult;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RawHttp;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Caches that read from, and write to, an origin. Each test has a cache and a route of its own. */
class OriginIT {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static RedisServer redis;
    private static Origin origin;
    /** An origin of its own for what stops and hangs. */
    private static Origin shaky;

    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        shaky = Origin.open();
        weir = WeirProcess.builder()
                .redis(redis)
                .property("weir.caches.plain.origin.url", origin.url("/plain/{key}"))
                .property("weir.caches.query.origin.url", origin.url("/query?id={key}&full=1"))
                .property("weir.caches.query.origin.headers.X-Api-Key", "for the origin only")
                .property("weir.caches.stale.origin.url", origin.url("/stale/{key}"))
                .property("weir.caches.stale.ttl", "300ms")
                .property("weir.caches.stale.stale-while-revalidate", "1m")
                .property("weir.caches.ahead.origin.url", origin.url("/ahead/{key}"))
                .property("weir.caches.ahead.ttl", "1s")
                .property("weir.caches.ahead.refresh-ahead", "0.75")
                .property("weir.caches.error.origin.url", shaky.url("/error/{key}"))
                .property("weir.caches.error.origin.timeout", "1s")
                .property("weir.caches.error.ttl", "300ms")
                .property("weir.caches.error.stale-if-error", "1m")
                .property("weir.caches.hanging.origin.url", origin.url("/hanging/{key}"))
                .property("weir.caches.hanging.origin.timeout", "1s")
                .property("weir.caches.negative.origin.url", origin.url("/negative/{key}"))
                .property("weir.caches.negative.negative-ttl", "1s")
                .property("weir.caches.failing.origin.url", origin.url("/failing/{key}"))
                .property("weir.caches.limited.origin.url", origin.url("/limited/{key}"))
                .property("weir.caches.limited.origin.max-concurrent", "4")
                .property("weir.caches.limited.origin.timeout", "10s")
                .property("weir.caches.written.origin.url", origin.url("/written/{key}"))
                .property("weir.caches.written.origin.write-through", "true")
                .property("weir.caches.written.origin.timeout", "1s")
                .property("weir.caches.small.origin.url", origin.url("/small/{key}"))
                .property("weir.caches.small.max-entry-size", "1KiB")
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        shaky.close();
        origin.close();
        redis.close();
    }

    private static HttpResponse<byte[]> get(String cache, String key, String... headers) {
        return Http.get(weir.url("/v1/caches/" + cache + "/entries/" + key), headers);
    }

    /** A route whose answers bear the number of the call. */
    private static OriginRoute counting(Origin of, String prefix) {
        AtomicInteger number = new AtomicInteger();
        return of.on(prefix)
                .header("Content-Type", "text/plain")
                .reply(request -> Reply.of(200, request.path() + " " + number.incrementAndGet()));
    }

    @Test
    void whatIsAbsentIsReadThroughOnce() {
        counting(origin, "/plain/read");

        HttpResponse<byte[]> miss = get("plain", "read/1", "X-Caller", "secret of the caller");
        assertThat(text(miss, 200)).isEqualTo("/plain/read/1 1");
        assertThat(xCache(miss)).isEqualTo("MISS");
        assertThat(Http.header(miss, "Cache-Status"))
                .matches("weir; fwd=uri-miss; stored; ttl=(300|299); detail=origin");
        assertThat(Http.header(miss, "Content-Type")).isEqualTo("text/plain");
        assertThat(Http.header(miss, "Weir-Scope")).isEqualTo("shared");

        HttpResponse<byte[]> hit = get("plain", "read/1");
        assertThat(text(hit, 200)).isEqualTo("/plain/read/1 1");
        assertThat(xCache(hit)).isEqualTo("HIT");
        assertThat(Http.header(hit, "ETag")).isEqualTo(Http.header(miss, "ETag"));
        assertThat(origin.calls("/plain/read/1")).isEqualTo(1);
        assertThat(origin.last("/plain/read/1").header("X-Caller")).isNull();

        Http.delete(weir.url("/v1/caches/plain/entries/read/1"));
        assertThat(text(get("plain", "read/1"), 200)).isEqualTo("/plain/read/1 2");
        assertThat(xCache(Http.head(weir.url("/v1/caches/plain/entries/read/head"))))
                .isEqualTo("MISS");
        assertThat(origin.last("/plain/read/head").method()).isEqualTo("GET");
        assertThat(xCache(get("plain", "read/head"))).isEqualTo("HIT");
    }

    @Test
    void manyWhoMissAtOnceCauseOneCall() {
        counting(origin, "/plain/many").delay(Duration.ofMillis(300));
        List<CompletableFuture<HttpResponse<byte[]>>> answers = Stream.generate(
                        () -> CompletableFuture.supplyAsync(() -> get("plain", "many"), OriginIT::inAThread))
                .limit(50)
                .toList();

        assertThat(answers.stream().map(answer -> text(answer.join(), 200))).containsOnly("/plain/many 1");
        assertThat(origin.calls("/plain/many")).isEqualTo(1);
        List<String> statuses = answers.stream()
                .map(answer -> String.valueOf(Http.header(answer.join(), "Cache-Status")))
                .toList();
        assertThat(statuses).anyMatch(status -> status.contains("; collapsed"));
        assertThat(statuses)
                .filteredOn(status -> status.contains("fwd=uri-miss") && !status.contains("collapsed"))
                .hasSize(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void inAThread(Runnable work) {
        Thread.startVirtualThread(work);
    }

    @Test
    void aKeyIsEncodedForItsPlaceInTheUrl() {
        counting(origin, "/query");
        counting(origin, "/plain/odd");
        String key = Http.encode("a&b=c/d e+\u20ac");

        assertThat(get("query", key, "X-Api-Key", "of the caller").statusCode()).isEqualTo(200);
        assertThat(origin.last("/query").query()).isEqualToIgnoringCase("id=a%26b%3Dc%2Fd%20e%2B%E2%82%AC&full=1");
        assertThat(origin.last("/query").header("X-Api-Key")).isEqualTo("for the origin only");
        assertThat(get("plain", "odd/a%2Fb%3Fc%23d%3Bx%25").statusCode()).isEqualTo(200);
        assertThat(origin.last("/plain/odd/a/b%3fc%23d%3bx%25").method()).isEqualTo("GET");
        assertThat(json(Http.get(weir.url("/v1/caches/query")), 200).toString()).doesNotContain("for the origin only");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..%2Fsecret", "a%2F..%2F..%2Fsecret", "%2E%2E", ".", "a%2F.%2Fb", "../secret"})
    void noKeyLeadsTheOriginAstray(String key) {
        int before = origin.calls();
        byte[] answer = RawHttp.exchange(
                weir.port(), "GET /v1/caches/plain/entries/" + key + " HTTP/1.1\r\nHost: weir\r\n\r\n");

        assertThat(RawHttp.text(answer))
                .startsWith("HTTP/1.1 400")
                .contains("urn:weir:problem:bad-request", "\"field\":\"key\"");
        assertThat(origin.calls()).isEqualTo(before);
    }

    @Test
    void aStaleValueIsServedWhileItIsRefreshed() {
        OriginRoute route = counting(origin, "/stale/");
        assertThat(text(get("stale", "1"), 200)).isEqualTo("/stale/1 1");
        CountDownLatch answered = new CountDownLatch(1);
        // The refresh lasts until somebody was served without waiting for it.
        route.reply(request -> {
            await(answered);
            return Reply.of(200, "refreshed");
        });

        Awaitility.await().atMost(PATIENCE).until(() -> "STALE".equals(xCache(get("stale", "1"))));
        HttpResponse<byte[]> stale = get("stale", "1");
        assertThat(text(stale, 200)).isEqualTo("/stale/1 1");
        assertThat(xCache(stale)).isEqualTo("STALE");
        assertThat(Http.header(stale, "Cache-Status")).matches("weir; hit; ttl=-\\d+; detail=shared");
        answered.countDown();

        Awaitility.await().atMost(PATIENCE).until(() -> text(get("stale", "1"), 200)
                .equals("refreshed"));
    }

    @Test
    void whatIsReadNearItsEndIsRefreshedAndNobodyWaits() {
        OriginRoute route = counting(origin, "/ahead/");
        assertThat(xCache(get("ahead", "1"))).isEqualTo("MISS");
        route.delay(Duration.ofMillis(100));

        // Read all the time, it lives through several lifetimes, and no reader ever meets anything but a hit.
        Awaitility.await()
                .during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    HttpResponse<byte[]> answer = get("ahead", "1");
                    assertThat(xCache(answer)).as(text(answer, 200)).isEqualTo("HIT");
                    return true;
                });
        assertThat(origin.calls("/ahead/1")).isBetween(3, 30);
    }

    @Test
    void whileTheOriginFailsTheOldIsBetterThanNone() {
        counting(shaky, "/error/");
        assertThat(text(get("error", "kept"), 200)).isEqualTo("/error/kept 1");
        shaky.stop();
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> "STALE".equals(xCache(get("error", "kept"))));
            assertThat(text(get("error", "kept"), 200)).isEqualTo("/error/kept 1");
            JsonNode problem = problem(get("error", "never-seen"), 502, "origin-failed");
            assertThat(problem.has("originStatus"))
                    .as("what did not answer has no status")
                    .isFalse();
        } finally {
            shaky.start();
        }
        Awaitility.await().atMost(PATIENCE).until(() -> {
            HttpResponse<byte[]> answer = get("error", "kept");
            return !"STALE".equals(xCache(answer)) && text(answer, 200).equals("/error/kept 2");
        });
        assertThat(get("error", "never-seen").statusCode()).isEqualTo(200);

        shaky.hang();
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> "STALE".equals(xCache(get("error", "kept"))));
            problem(get("error", "never-seen-either"), 504, "origin-timeout");
        } finally {
            shaky.release();
        }
    }

    @Test
    void anOriginThatHangsHoldsUpNobodyElse() {
        CountDownLatch over = new CountDownLatch(1);
        origin.on("/hanging/").reply(request -> {
            await(over);
            return Reply.of(200, "too late");
        });
        counting(origin, "/plain/beside");
        try (Load stuck = Load.builder()
                .connections(100)
                .against(weir.url())
                .paths(number -> "/v1/caches/hanging/entries/" + number)
                .success(status -> status == 504)
                .start()) {
            Awaitility.await().atMost(PATIENCE).until(() -> origin.calls() >= 50);
            try (Load load = Load.builder()
                    .connections(4)
                    .against(weir.url())
                    .paths(number -> "/v1/caches/plain/entries/beside/" + number % 200)
                    .start()) {
                Awaitility.await().atMost(PATIENCE).until(() -> load.finished() >= 1_000);
                assertThat(load.stop().failureCount())
                        .as(load.stop().toString())
                        .isZero();
            }
            HttpResponse<byte[]> late = get("hanging", "once-more");
            JsonNode problem = problem(late, 504, "origin-timeout");
            assertThat(problem.path("detail").asText()).contains("1000 ms");
            LoadResult result = stuck.stop();
            assertThat(result.total()).isPositive();
            assertThat(result.failureCount()).as(result.toString()).isZero();
            assertThat(result.slowest().latency()).isLessThan(Duration.ofSeconds(5));
        } finally {
            over.countDown();
        }
    }

    @Test
    void thatTheOriginHasNothingIsRememberedForAWhile() {
        origin.on("/negative/").status(404);

        HttpResponse<byte[]> first = get("negative", "1");
        problem(first, 404, "not-found");
        assertThat(xCache(first)).isEqualTo("MISS");
        HttpResponse<byte[]> second = get("negative", "1");
        problem(second, 404, "not-found");
        assertThat(xCache(second)).isEqualTo("HIT");
        assertThat(origin.calls("/negative/1")).isEqualTo(1);
        assertThat(json(Http.get(weir.url("/v1/caches/negative/entries")), 200).path("entries"))
                .as("it is no entry")
                .isEmpty();

        origin.on("/negative/").status(200).body("born");
        Awaitility.await().atMost(PATIENCE).until(() -> get("negative", "1").statusCode() == 200);
        // And a PUT ends it at once.
        origin.on("/negative/").status(404);
        assertThat(get("negative", "2").statusCode()).isEqualTo(404);
        assertThat(Http.put(weir.url("/v1/caches/negative/entries/2"), "put", "text/plain")
                        .statusCode())
                .isEqualTo(201);
        assertThat(text(get("negative", "2"), 200)).isEqualTo("put");
    }

    @Test
    void whatTheOriginCannotDoIsSaidWithItsStatus() {
        for (int status : List.of(500, 403, 302)) {
            origin.on("/failing/" + status).status(status).body("internals of the origin");
            HttpResponse<byte[]> answer = get("failing", Integer.toString(status));
            JsonNode problem = problem(answer, 502, "origin-failed");
            assertThat(problem.path("originStatus").asInt()).isEqualTo(status);
            assertThat(problem.toString()).doesNotContain("internals");
            assertThat(origin.calls("/failing/" + status))
                    .as("calls for " + status)
                    .isEqualTo(1);
        }
        assertThat(json(Http.get(weir.url("/v1/caches/failing")), 200)
                        .path("loadFailures")
                        .asInt())
                .isGreaterThanOrEqualTo(3);
    }

    @Test
    void whatMayPassIsTriedAgain() {
        AtomicInteger calls = new AtomicInteger();
        origin.on("/failing/twice")
                .reply(request -> calls.incrementAndGet() <= 2 ? Reply.of(503, "") : Reply.of(200, "at last"));
        assertThat(text(get("failing", "twice"), 200)).isEqualTo("at last");
        assertThat(calls).hasValue(3);

        origin.on("/failing/always").status(503);
        assertThat(problem(get("failing", "always"), 502, "origin-failed")
                        .path("originStatus")
                        .asInt())
                .isEqualTo(503);
        assertThat(origin.calls("/failing/always")).isEqualTo(3);
    }

    @Test
    void noMoreCallsAreUnderWayThanAreAllowed() {
        CountDownLatch open = new CountDownLatch(1);
        AtomicInteger arrived = new AtomicInteger();
        origin.on("/limited/").reply(request -> {
            arrived.incrementAndGet();
            await(open);
            return Reply.of(200, "");
        });
        try (Load load = Load.builder()
                .connections(32)
                .against(weir.url())
                .paths(number -> "/v1/caches/limited/entries/" + number)
                .start()) {
            Awaitility.await().atMost(PATIENCE).until(() -> arrived.get() == 4);
            Awaitility.await().during(Duration.ofMillis(300)).atMost(PATIENCE).until(() -> {
                assertThat(arrived).as("calls under way").hasValue(4);
                return true;
            });
            open.countDown();
            // Those that waited for their turn get it.
            Awaitility.await().atMost(PATIENCE).until(() -> load.finished() >= 100);
            assertThat(load.stop().failureCount()).as(load.stop().toString()).isZero();
        } finally {
            open.countDown();
        }
    }

    @Test
    void aPutGoesToTheOriginFirst() {
        String entry = weir.url("/v1/caches/written/entries/1");
        origin.on("/written/").status(204);

        HttpResponse<byte[]> stored = Http.put(entry, "{\"a\":1}", "application/json");
        assertThat(stored.statusCode()).isEqualTo(201);
        Origin.Received received = origin.last("/written/1");
        assertThat(received.method()).isEqualTo("PUT");
        assertThat(received.text()).isEqualTo("{\"a\":1}");
        assertThat(received.header("Content-Type")).isEqualTo("application/json");
        assertThat(xCache(get("written", "1"))).isEqualTo("HIT");
        assertThat(origin.calls("/written/1")).isEqualTo(1);

        // What was not written at the origin is not in the cache; whether the old value stays is left open.
        origin.on("/written/")
                .reply(request -> request.method().equals("PUT") ? Reply.of(409, "") : Reply.of(200, "its own"));
        JsonNode refused = problem(Http.put(entry, "{\"a\":2}", "application/json"), 502, "origin-failed");
        assertThat(refused.path("originStatus").asInt()).isEqualTo(409);
        assertThat(text(get("written", "1"), 200)).isIn("{\"a\":1}", "its own");

        CountDownLatch over = new CountDownLatch(1);
        origin.on("/written/").reply(request -> {
            if (request.method().equals("PUT")) {
                await(over);
            }
            return Reply.of(200, "its own");
        });
        try {
            problem(Http.put(entry, "{\"a\":3}", "application/json"), 504, "origin-timeout");
            assertThat(text(get("written", "1"), 200)).isIn("{\"a\":1}", "its own");
        } finally {
            over.countDown();
        }

        String guarded = weir.url("/v1/caches/written/entries/2");
        assertThat(Http.put(guarded, "1", "text/plain", "If-None-Match", "*").statusCode())
                .isEqualTo(201);
        problem(Http.put(guarded, "2", "text/plain", "If-None-Match", "*"), 412, "precondition-failed");
        assertThat(origin.calls("/written/2"))
                .as("calls for a PUT that may not be")
                .isEqualTo(1);
        problem(Http.put(weir.url("/v1/caches/written/entries/..%2F1"), "x", "text/plain"), 400, "bad-request");
    }

    @Test
    void anAnswerThatIsTooLargeIsNotTaken() {
        origin.on("/small/fits").body("x".repeat(1024));
        origin.on("/small/not").body("x".repeat(1025));
        origin.on("/small/chunks").raw(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 64; i++) {
                exchange.getResponseBody().write(new byte[1024]);
            }
            exchange.getResponseBody().close();
        });

        assertThat(text(get("small", "fits"), 200)).hasSize(1024);
        for (String key : List.of("not", "chunks")) {
            JsonNode problem = problem(get("small", key), 502, "origin-failed");
            assertThat(problem.path("detail").asText()).contains("max-entry-size");
        }
        assertThat(text(get("small", "fits"), 200)).hasSize(1024);
    }

    @Test
    void anAnswerThatBreaksOffIsNotTaken() {
        AtomicInteger calls = new AtomicInteger();
        origin.on("/plain/broken").raw(exchange -> {
            calls.incrementAndGet();
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            throw new IOException("the test breaks off here");
        });

        problem(get("plain", "broken"), 502, "origin-failed");
        assertThat(calls.get()).isBetween(1, 3);
    }

    @Test
    void anEmptyAnswerAndACompressedOneAreValues() {
        origin.on("/plain/empty").header("Content-Type", "text/plain");
        origin.on("/plain/gzip")
                .reply(request -> new Reply(
                        200, gzip("hello"), Map.of("Content-Encoding", "gzip", "Content-Type", "text/plain")));

        assertThat(text(get("plain", "empty"), 200)).isEmpty();
        assertThat(xCache(get("plain", "empty"))).isEqualTo("HIT");
        HttpResponse<byte[]> expanded = get("plain", "gzip");
        assertThat(text(expanded, 200)).isEqualTo("hello");
        assertThat(expanded.headers().firstValue("Content-Encoding")).isEmpty();
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
