package dev.weir.it;

import static dev.weir.it.Checks.peek;
import static dev.weir.it.Checks.spend;
import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Answer;
import dev.weir.testkit.Http;
import dev.weir.testkit.RawConnection;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WireConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits in front of an origin that knows nothing of them. */
class RouteLimitIT {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static RedisServer redis;
    private static ScriptedOrigin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = ScriptedOrigin.open();
        WeirProcess.Builder builder = WeirProcess.builder()
                .redis(redis)
                .property("weir.redis.timeout", "5s")
                .property("weir.trusted-proxies", "127.0.0.1")
                .property("weir.caches.answers.ttl", "1h");
        policy(builder, "three", 3).property("weir.limits.three.algorithm", "token-bucket");
        policy(builder, "five", 5);
        policy(builder, "hundred", 100);
        policy(builder, "quiet", 1).property("weir.limits.quiet.shadow", "true");
        policy(builder, "slots", 2).property("weir.limits.slots.algorithm", "concurrency");
        route(builder, "plain", "three");
        route(builder, "kept", "three").property("weir.routes.kept.cache", "answers");
        route(builder, "several", "hundred,three,five");
        route(builder, "keyed", "three")
                .property("weir.routes.keyed.limit-key", "{header.X-Tenant}:{query.user}:{method}");
        route(builder, "by-user", "three").property("weir.routes.by-user.limit-key", "{header.X-User}");
        route(builder, "shadowed", "quiet");
        route(builder, "busy", "slots");
        route(builder, "busy-kept", "slots").property("weir.routes.busy-kept.cache", "answers");
        route(builder, "free", "");
        weir = builder.start();
        await().atMost(SOON).until(() -> Seen.mode(weir).equals("shared"));
    }

    private static WeirProcess.Builder policy(WeirProcess.Builder builder, String name, int limit) {
        return builder.property("weir.limits." + name + ".limit", Integer.toString(limit))
                .property("weir.limits." + name + ".window", "1h");
    }

    private static WeirProcess.Builder route(WeirProcess.Builder builder, String name, String limit) {
        builder.property("weir.routes." + name + ".path", "/" + name + "/*")
                .property("weir.routes." + name + ".origin", origin.url());
        return limit.isEmpty() ? builder : builder.property("weir.routes." + name + ".limit", limit);
    }

    @AfterAll
    static void stop() {
        weir.close();
        origin.close();
        redis.close();
    }

    /** An address that nobody else has. */
    private static String client() {
        return "198.18." + NUMBER.get() / 250 + "." + (1 + NUMBER.getAndIncrement() % 250);
    }

    private static String path(String route, Answer... answers) {
        String path = "/" + route + "/" + NUMBER.incrementAndGet();
        origin.answers(path, answers.length == 0 ? new Answer[] {Answer.of(200)} : answers);
        return path;
    }

    private static HttpResponse<byte[]> get(String path, String client) {
        return Http.get(weir.url(path), "X-Forwarded-For", client);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "kept"})
    void whatIsRefusedNeverReachesTheOrigin(String route) {
        String path = path(route, Answer.of(200, "Cache-Control", "no-store"));
        String client = client();
        for (int call = 1; call <= 3; call++) {
            HttpResponse<byte[]> answer = get(path, client);
            assertThat(text(answer, 200)).isEqualTo("body-" + call);
            assertThat(Http.header(answer, "RateLimit-Policy")).isEqualTo("\"three\";q=3;w=3600");
            assertThat(Http.header(answer, "RateLimit")).matches("\"three\";r=" + (3 - call) + ";t=\\d+");
        }

        for (int again = 0; again < 3; again++) {
            HttpResponse<byte[]> refused = get(path, client);
            JsonNode problem = problem(refused, 429, "limit-exceeded");
            assertThat(problem.path("policy").asText()).isEqualTo("three");
            assertThat(problem.path("retryAfterMs").asLong()).isPositive();
            assertThat(Http.header(refused, "Retry-After")).matches("1[12]\\d\\d");
            assertThat(Http.header(refused, "RateLimit")).matches("\"three\";r=0;t=\\d+");
            assertThat(scope(refused)).isEqualTo("shared");
            assertThat(xCache(refused)).isNull();
        }
        assertThat(origin.requests(path)).hasSize(3);
        assertThat(text(get(path, client()), 200)).as("another client").isEqualTo("body-4");
        assertThat(peek(weir, "three", client).path("remaining").asLong())
                .as("a route's subject is the policy's")
                .isZero();
    }

    @Test
    void anAnswerFromTheCacheSpendsAndARefusalHidesIt() {
        String path = path("kept", Answer.of(200, "Cache-Control", "max-age=600"));
        String client = client();
        assertThat(xCache(get(path, client))).isEqualTo("MISS");
        HttpResponse<byte[]> hit = get(path, client);
        assertThat(xCache(hit)).isEqualTo("HIT");
        assertThat(text(hit, 200)).isEqualTo("body-1");
        assertThat(Http.header(hit, "RateLimit")).startsWith("\"three\";r=1;t=");
        assertThat(Http.header(hit, "RateLimit-Policy")).isEqualTo("\"three\";q=3;w=3600");
        String etag = String.valueOf(Http.header(hit, "ETag"));
        HttpResponse<byte[]> last = Http.head(weir.url(path), "X-Forwarded-For", client);
        assertThat(last.statusCode()).isEqualTo(200);
        assertThat(Http.header(last, "RateLimit")).startsWith("\"three\";r=0;t=");

        problem(get(path, client), 429, "limit-exceeded");
        assertThat(Http.head(weir.url(path), "X-Forwarded-For", client).statusCode())
                .isEqualTo(429);
        problem(
                Http.get(
                        weir.url(path),
                        "X-Forwarded-For",
                        client,
                        "If-None-Match",
                        etag,
                        "Cache-Control",
                        "only-if-cached"),
                429,
                "limit-exceeded");
        HttpResponse<byte[]> others = get(path, client());
        assertThat(xCache(others)).isEqualTo("HIT");
        assertThat(Http.header(others, "RateLimit"))
                .as("what is kept of an answer says nothing of another client's limit")
                .startsWith("\"three\";r=2;t=");
        assertThat(others.headers().allValues("RateLimit")).hasSize(1);
        assertThat(origin.requests(path)).hasSize(1);
    }

    @Test
    void whatTheOriginSaysOfItsOwnLimitsDoesNotHideOurs() {
        String path = path("plain", Answer.of(200, "RateLimit", "\"theirs\";r=7;t=7", "Retry-After", "7"));
        HttpResponse<byte[]> answer = get(path, client());
        assertThat(String.join(", ", answer.headers().allValues("RateLimit"))).contains("\"three\";r=2;t=");
        HttpResponse<byte[]> free = get(path("free"), client());
        assertThat(Http.header(free, "RateLimit")).isNull();
        assertThat(text(free, 200)).isEqualTo("body-1");
    }

    @Test
    void allPoliciesOfARouteAreSpentOrNone() {
        String path = path("several");
        String client = client();
        HttpResponse<byte[]> first = get(path, client);
        assertThat(Http.header(first, "RateLimit-Policy"))
                .isEqualTo("\"hundred\";q=100;w=3600, \"three\";q=3;w=3600, \"five\";q=5;w=3600");
        assertThat(Http.header(first, "RateLimit"))
                .matches("\"hundred\";r=99;t=\\d+, \"three\";r=2;t=\\d+, \"five\";r=4;t=\\d+");
        text(get(path, client), 200);
        text(get(path, client), 200);
        for (int again = 0; again < 4; again++) {
            assertThat(problem(get(path, client), 429, "limit-exceeded")
                            .path("policy")
                            .asText())
                    .isEqualTo("three");
        }
        assertThat(peek(weir, "hundred", client).path("remaining").asLong()).isEqualTo(97);
        assertThat(peek(weir, "five", client).path("remaining").asLong()).isEqualTo(2);
        assertThat(origin.requests(path)).hasSize(3);
    }

    @Test
    void theKeyIsMadeOfTheRequest() {
        String path = path("keyed");
        String tenant = "t" + NUMBER.incrementAndGet();
        for (int i = 0; i < 3; i++) {
            text(Http.get(weir.url(path + "?user=ann&page=" + i), "X-Tenant", tenant), 200);
        }
        problem(Http.get(weir.url(path + "?user=ann"), "X-Tenant", tenant), 429, "limit-exceeded");
        text(Http.get(weir.url(path + "?user=bob"), "X-Tenant", tenant), 200);
        text(Http.get(weir.url(path + "?user=ann"), "X-Tenant", tenant + "x"), 200);
        text(Http.post(weir.url(path + "?user=ann"), "", "text/plain", "X-Tenant", tenant), 200);
        // Nothing of it is there: such requests share one subject, and are no mistake.
        assertThat(Http.get(weir.url(path)).statusCode()).isEqualTo(200);
        // However long, and whatever it holds.
        String odd = "/%20é\"{}".repeat(50).replace("é", "e").replace("\"", "'");
        for (int i = 0; i < 3; i++) {
            text(Http.get(weir.url(path + "?user=" + Http.encode(odd)), "X-Tenant", tenant), 200);
        }
        problem(Http.get(weir.url(path + "?user=" + Http.encode(odd)), "X-Tenant", tenant), 429, "limit-exceeded");
        assertThat(peek(weir, "three", tenant + ":ann:GET").path("remaining").asLong())
                .isZero();
    }

    @Test
    void whoSaysNothingOfTheKeyIsASubjectToo() {
        String path = path("by-user");
        for (int i = 0; i < 3; i++) {
            text(Http.get(weir.url(path)), 200);
        }
        problem(Http.get(weir.url(path)), 429, "limit-exceeded");
        text(Http.get(weir.url(path), "X-User", "somebody"), 200);
    }

    @Test
    void forwardedForIsBelievedFromProxiesAlone() {
        String path = path("plain");
        String client = client();
        for (int i = 0; i < 3; i++) {
            text(get(path, "203.0.113." + i + ", " + client), 200);
        }
        problem(get(path, "203.0.113.77, " + client), 429, "limit-exceeded");
    }

    @Test
    void aShadowLimitOfARouteLetsAllPass() {
        String path = path("shadowed");
        String client = client();
        for (int call = 1; call <= 3; call++) {
            HttpResponse<byte[]> answer = get(path, client);
            assertThat(text(answer, 200)).isEqualTo("body-" + call);
            assertThat(Http.header(answer, "RateLimit")).startsWith("\"quiet\";r=0;t=");
        }
        assertThat(metric(weir, "weir_limit_checks_total", "policy=\"quiet\"", "verdict=\"shadow\""))
                .isEqualTo(2);
    }

    // Bodies

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 9_999, 2_000_000})
    void aRefusedBodyIsNotWaitedForAndTheClientHearsWhy(int length) throws IOException {
        String path = path("plain");
        String client = client();
        spend(weir, "three", client, 3);
        String head = "POST " + path + " HTTP/1.1\r\nHost: weir\r\nX-Forwarded-For: " + client + "\r\n";

        try (RawConnection connection = RawConnection.open(weir.port())) {
            connection.send(head + "Content-Length: " + length + "\r\n\r\n");
            if (length <= 9_999) {
                connection.send("x".repeat(length));
            }
            RawConnection.Answer refused = connection.answer();
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.text()).contains("urn:weir:problem:limit-exceeded");
            assertThat(refused.header("Retry-After")).isNotNull();
            if (length <= 9_999) {
                assertThat(refused.closes())
                        .as("a short body is read and dropped")
                        .isFalse();
                connection.get("/v1/limits/three");
                assertThat(connection.answer().status())
                        .as("on the same connection")
                        .isEqualTo(200);
            } else {
                assertThat(refused.closes()).isTrue();
            }
        }
        try (RawConnection chunked = RawConnection.open(weir.port())) {
            chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            RawConnection.Answer refused = chunked.answer();
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.closes()).as("nobody knows how long it is").isTrue();
        }
        try (RawConnection expecting = RawConnection.open(weir.port())) {
            expecting.send(head + "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n");
            assertThat(expecting.answer().status()).as("no 100 before it").isEqualTo(429);
        }
        assertThat(origin.requests(path)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 2_000_000})
    void anAdmittedBodyComesThroughWhole(int length) {
        String path = path("plain");
        HttpResponse<byte[]> answer =
                Http.post(weir.url(path), "x".repeat(length), "text/plain", "X-Forwarded-For", client());
        assertThat(text(answer, 200)).isEqualTo("body-1");
        assertThat(origin.requests(path).getFirst().body()).hasSize(length);
        assertThat(Http.header(answer, "RateLimit")).startsWith("\"three\";r=2;t=");
    }

    // Slots

    private static long slotsLeft(String client) {
        return peek(weir, "slots", client).path("remaining").asLong();
    }

    @ParameterizedTest
    @ValueSource(strings = {"busy", "busy-kept"})
    void aSlotIsHeldUntilTheAnswerEnds(String route) {
        String client = client();
        CountDownLatch gate = new CountDownLatch(1);
        List<String> paths = List.of(path(route), path(route), path(route));
        paths.forEach(path -> origin.answers(path, Answer.of(200).heldBy(gate)));
        List<CompletableFuture<HttpResponse<byte[]>>> running = paths.subList(0, 2).stream()
                .map(path -> CompletableFuture.supplyAsync(() -> get(path, client), Thread::startVirtualThread))
                .toList();
        await().atMost(SOON).until(() -> slotsLeft(client) == 0);

        HttpResponse<byte[]> third = get(paths.get(2), client);
        problem(third, 429, "limit-exceeded");
        assertThat(Http.header(third, "Retry-After")).isNotNull();
        gate.countDown();
        running.forEach(one -> assertThat(text(one.join(), 200)).isEqualTo("body-1"));
        await().atMost(SOON).until(() -> slotsLeft(client) == 2);
        assertThat(origin.requests(paths.get(2))).isEmpty();
        for (int i = 0; i < 10; i++) {
            text(get(paths.get(2), client), 200);
            await().atMost(SOON).until(() -> slotsLeft(client) == 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"busy", "busy-kept"})
    void aSlotIsGivenBackWhenTheClientLeaves(String route) throws IOException {
        String client = client();
        String slow = path(route);
        CountDownLatch never = new CountDownLatch(1);
        origin.answers(slow, Answer.of(200).heldBy(never));
        try (WireConnection before = WireConnection.to(weir.port());
                WireConnection other = WireConnection.to(weir.port())) {
            before.get(slow, "X-Forwarded-For: " + client);
            other.get(slow + "?other", "X-Forwarded-For: " + client);
            await().atMost(SOON).until(() -> slotsLeft(client) == 0);
        }
        await().atMost(SOON).until(() -> slotsLeft(client) == 2);
        never.countDown();

        String large = path(route, Answer.of(200, "Cache-Control", "no-store").body(new byte[40_000_000]));
        try (WireConnection midway = WireConnection.to(weir.port(), 16_384)) {
            midway.get(large, "X-Forwarded-For: " + client);
            assertThat(midway.head().status()).isEqualTo(200);
            assertThat(slotsLeft(client)).as("held while the body flows").isEqualTo(1);
        }
        await().atMost(SOON).until(() -> slotsLeft(client) == 2);
    }

    @Test
    void aSlotIsGivenBackWhenTheOriginFails() {
        String client = client();
        for (Answer bad : List.of(
                Answer.disconnect(),
                Answer.of(500),
                Answer.of(200).body("broken").brokenOffAfter(3))) {
            String path = path("busy", bad);
            try {
                assertThat(get(path, client).statusCode()).isIn(200, 500, 502);
            } catch (UncheckedIOException brokenOff) {
                assertThat(brokenOff).hasMessageContaining(path);
            }
            await().atMost(SOON).until(() -> slotsLeft(client) == 2);
        }
        String head = path("busy");
        assertThat(Http.head(weir.url(head), "X-Forwarded-For", client).statusCode())
                .isEqualTo(200);
        await().atMost(SOON).until(() -> slotsLeft(client) == 2);
    }
}
