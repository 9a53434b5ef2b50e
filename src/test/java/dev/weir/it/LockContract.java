package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.RawConnection;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract says of locks, whatever they are kept in. Each test has locks of its own. */
abstract class LockContract {

    private static final String READER = "token-of-the-reader-1";
    private static final String WRITER = "token-of-the-writer-2";
    private static final String[] AS_READER = {"Authorization", "Bearer " + READER};
    private static final String[] AS_WRITER = {"Authorization", "Bearer " + WRITER};
    private static final String JSON = "application/json";

    /** The settings that the tests below rely on. */
    static WeirProcess.Builder settings() {
        return WeirProcess.builder()
                .property("weir.redis.timeout", "5s")
                .property("weir.auth.tokens.reader.value", READER)
                .property("weir.auth.tokens.reader.role", "read")
                .property("weir.auth.tokens.writer.value", WRITER)
                .property("weir.auth.tokens.writer.role", "write")
                .property("weir.locks.three.permits", "3")
                .property("weir.locks.\"team/two\".permits", "2");
    }

    /** The instance under test. */
    abstract WeirProcess weir();

    /** The scope of all that it answers. */
    abstract String itsScope();

    private String url(String name) {
        return weir().url("/v1/locks/" + name);
    }

    private HttpResponse<byte[]> acquire(String name, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of(AS_WRITER));
        all.addAll(List.of(headers));
        return Http.post(url(name), body, JSON, all.toArray(String[]::new));
    }

    private JsonNode held(String name, String body, String... headers) {
        return json(acquire(name, body, headers), 201);
    }

    private static String token(JsonNode holding) {
        return holding.path("token").asText();
    }

    private HttpResponse<byte[]> extend(String name, String token, String ttl) {
        return Http.patch(url(name), "{\"token\":\"" + token + "\",\"ttl\":\"" + ttl + "\"}", JSON, AS_WRITER);
    }

    private HttpResponse<byte[]> release(String name, String token) {
        return Http.delete(url(name), "Weir-Lock-Token", token, "Authorization", "Bearer " + WRITER);
    }

    private JsonNode show(String name) {
        return json(Http.get(url(name), AS_READER), 200);
    }

    private CompletableFuture<HttpResponse<byte[]>> inBackground(String name, String body, String... headers) {
        return CompletableFuture.supplyAsync(() -> acquire(name, body, headers), Thread::startVirtualThread);
    }

    private void until(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(15))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(condition);
    }

    private void untilWaiting(String name, int count) {
        until(() -> show(name).path("waiting").asInt() == count);
    }

    @Test
    void aLockIsTakenExtendedAndGivenBack() {
        HttpResponse<byte[]> answer = acquire("cycle", "{\"ttl\":\"5m\",\"wait\":\"10s\",\"owner\":\"worker-7\"}");
        JsonNode holding = json(answer, 201);
        assertThat(scope(answer)).isEqualTo(itsScope());
        assertThat(holding.path("name").asText()).isEqualTo("cycle");
        assertThat(token(holding)).matches("[A-Za-z0-9_-]{20,64}");
        assertThat(holding.path("fence").isIntegralNumber()).isTrue();
        assertThat(holding.path("expiresInMs").asLong()).isEqualTo(300_000);

        JsonNode shown = show("cycle");
        assertThat(shown.path("name").asText()).isEqualTo("cycle");
        assertThat(shown.path("held").asBoolean()).isTrue();
        assertThat(shown.path("owner").asText()).isEqualTo("worker-7");
        assertThat(shown.path("fence").asLong()).isEqualTo(holding.path("fence").asLong());
        assertThat(shown.path("expiresInMs").asLong()).isBetween(1L, 300_000L);
        assertThat(shown.path("waiting").asInt()).isZero();
        assertThat(shown.toString()).doesNotContain(token(holding));

        HttpResponse<byte[]> extended = extend("cycle", token(holding), "10m");
        assertThat(scope(extended)).isEqualTo(itsScope());
        assertThat(json(extended, 200).path("expiresInMs").asLong()).isEqualTo(600_000);
        assertThat(json(extended, 200).path("fence")).isEqualTo(holding.path("fence"));
        assertThat(show("cycle").path("expiresInMs").asLong()).isGreaterThan(300_000);

        HttpResponse<byte[]> released = release("cycle", token(holding));
        assertThat(text(released, 204)).isEmpty();
        assertThat(scope(released)).isEqualTo(itsScope());
        text(release("cycle", token(holding)), 204);
        assertThat(show("cycle").path("held").asBoolean()).isFalse();
    }

    @Test
    void whatNobodyHoldsIsShownAsThat() {
        HttpResponse<byte[]> answer = Http.get(url("never"), AS_READER);
        assertThat(scope(answer)).isEqualTo(itsScope());
        assertThat(json(answer, 200).path("held").asBoolean(true)).isFalse();
        assertThat(json(answer, 200).path("waiting").asInt(-1)).isZero();
    }

    @Test
    void aBodyIsNotNeeded() {
        JsonNode holding = json(Http.send("POST", url("bare"), null, Duration.ofSeconds(10), AS_WRITER), 201);
        assertThat(holding.path("expiresInMs").asLong()).isEqualTo(30_000);
        JsonNode problem =
                problem(Http.send("POST", url("bare"), null, Duration.ofSeconds(10), AS_WRITER), 423, "locked");
        assertThat(problem.has("owner")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"wait\":\"0s\"}", "{\"wait\":\"0ms\"}", "{\"wait\":\"30ms\"}", "{}"})
    void whatAnotherHoldsIsRefusedWithWhoAndHowLong(String body) {
        held("taken", "{\"ttl\":\"90s\",\"owner\":\"worker-1\"}", "Idempotency-Key", "the-holder");
        HttpResponse<byte[]> answer = acquire("taken", body);
        JsonNode problem = problem(answer, 423, "locked");
        assertThat(scope(answer)).isEqualTo(itsScope());
        assertThat(problem.path("name").asText()).isEqualTo("taken");
        assertThat(problem.path("owner").asText()).isEqualTo("worker-1");
        assertThat(problem.path("expiresInMs").asLong()).isBetween(1L, 90_000L);
        assertThat(Integer.parseInt(Http.header(answer, "Retry-After"))).isBetween(1, 90);
    }

    @Test
    void nobodyExtendsOrReleasesWhatItDoesNotHold() {
        held("others", "{}");
        for (HttpResponse<byte[]> answer : List.of(
                extend("others", "someone-elses-token", "1m"),
                release("others", "someone-elses-token"),
                extend("nobodys", "someone-elses-token", "1m"),
                release("nobodys", "someone-elses-token"))) {
            assertThat(problem(answer, 409, "lock-lost").path("name").asText()).endsWith("s");
        }
        assertThat(show("others").path("held").asBoolean()).isTrue();
    }

    @Test
    void whoseTimeIsOverHasLostIt() {
        JsonNode first = held("brief", "{\"ttl\":\"40ms\"}");
        JsonNode second = held("brief", "{\"wait\":\"10s\"}");
        assertThat(second.path("fence").asLong())
                .isGreaterThan(first.path("fence").asLong());
        problem(extend("brief", token(first), "1m"), 409, "lock-lost");
        problem(release("brief", token(first)), 409, "lock-lost");
        text(release("brief", token(second)), 204);
    }

    @Test
    void theSameRequestTwiceIsOneHolding() {
        JsonNode holding = held("once", "{\"owner\":\"me\"}", "Idempotency-Key", "k 1");
        JsonNode again = held("once", "{\"owner\":\"me\"}", "Idempotency-Key", "k 1");
        assertThat(again.path("token")).isEqualTo(holding.path("token"));
        assertThat(again.path("fence")).isEqualTo(holding.path("fence"));
        assertThat(again.path("expiresInMs").asLong()).isLessThanOrEqualTo(30_000);
        problem(acquire("once", "{}", "Idempotency-Key", "k 2"), 423, "locked");
        assertThat(token(held("another", "{}", "Idempotency-Key", "k 1"))).isNotEqualTo(token(holding));
        text(release("once", token(holding)), 204);
        JsonNode next = held("once", "{}", "Idempotency-Key", "k 1");
        assertThat(next.path("fence").asLong())
                .isGreaterThan(holding.path("fence").asLong());
    }

    @Test
    void whoWaitsGetsItInTheOrderOfArrival() {
        JsonNode holding = held("queue", "{}");
        List<CompletableFuture<HttpResponse<byte[]>>> waiters = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiters.add(inBackground("queue", "{\"wait\":\"20s\",\"owner\":\"w" + i + "\"}"));
            untilWaiting("queue", i + 1);
        }
        for (int i = 0; i < 5; i++) {
            assertThat(waiters.stream().filter(CompletableFuture::isDone).count())
                    .isEqualTo(i);
            text(release("queue", token(holding)), 204);
            JsonNode next = json(waiters.get(i).join(), 201);
            assertThat(next.path("fence").asLong())
                    .isGreaterThan(holding.path("fence").asLong());
            assertThat(show("queue").path("owner").asText()).isEqualTo("w" + i);
            holding = next;
        }
        assertThat(show("queue").path("waiting").asInt()).isZero();
    }

    @Test
    void whoWaitsAndDisconnectsLeavesTheQueue() throws IOException {
        JsonNode holding = held("leaving", "{}");
        CompletableFuture<HttpResponse<byte[]>> next;
        try (RawConnection leaver = RawConnection.open(weir().port())) {
            leaver.send(new Load.Request(
                    "POST",
                    "/v1/locks/leaving",
                    List.of("Authorization: Bearer " + WRITER, "Content-Type: " + JSON),
                    "{\"wait\":\"60s\"}".getBytes(StandardCharsets.UTF_8)));
            untilWaiting("leaving", 1);
            next = inBackground("leaving", "{\"wait\":\"20s\"}");
            untilWaiting("leaving", 2);
        }
        untilWaiting("leaving", 1);
        text(release("leaving", token(holding)), 204);
        json(next.join(), 201);
    }

    @Test
    void aLockThatIsHandedToWhoHasGoneIsHandedOn() throws IOException {
        for (int round = 0; round < 20; round++) {
            String name = "gone-" + round;
            JsonNode holding = held(name, "{}");
            CompletableFuture<HttpResponse<byte[]>> released;
            try (RawConnection leaver = RawConnection.open(weir().port())) {
                leaver.send(new Load.Request(
                        "POST",
                        "/v1/locks/" + name,
                        List.of("Authorization: Bearer " + WRITER, "Content-Type: " + JSON),
                        "{\"wait\":\"60s\",\"ttl\":\"1h\"}".getBytes(StandardCharsets.UTF_8)));
                untilWaiting(name, 1);
                released =
                        CompletableFuture.supplyAsync(() -> release(name, token(holding)), Thread::startVirtualThread);
            }
            text(released.join(), 204);
            // Either it was answered before it left, and its time runs, or it is free.
            JsonNode shown = show(name);
            if (shown.path("expiresInMs").asLong() <= 1_000) {
                json(acquire(name, "{\"wait\":\"10s\"}"), 201);
            }
        }
    }

    @Test
    void aSemaphoreHasAsManyHoldersAsPermits() {
        List<JsonNode> holders = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            holders.add(held("three", "{\"owner\":\"h" + i + "\"}"));
        }
        assertThat(holders.stream().map(h -> h.path("fence").asLong()).toList())
                .isSorted()
                .doesNotHaveDuplicates();
        problem(acquire("three", "{}"), 423, "locked");
        JsonNode shown = show("three");
        assertThat(shown.path("holders")).hasSize(3);
        assertThat(StreamSupport.stream(shown.path("holders").spliterator(), false)
                        .map(h -> h.path("owner").asText())
                        .toList())
                .containsExactlyInAnyOrder("h0", "h1", "h2");
        CompletableFuture<HttpResponse<byte[]>> fourth = inBackground("three", "{\"wait\":\"20s\"}");
        untilWaiting("three", 1);
        text(release("three", token(holders.get(1))), 204);
        json(fourth.join(), 201);

        held("team/two", "{}");
        held("team/two", "{}");
        problem(acquire("team/two", "{}"), 423, "locked");
    }

    @Test
    void whatIsHeldIsListed() {
        held("listed/%C3%BC%20%7Bx%7D", "{\"owner\":\"l\"}");
        String free = token(held("listed/free", "{}"));
        text(release("listed/free", free), 204);
        HttpResponse<byte[]> answer = Http.get(weir().url("/v1/locks"), AS_READER);
        assertThat(scope(answer)).isEqualTo(itsScope());
        List<JsonNode> locks = StreamSupport.stream(
                        json(answer, 200).path("locks").spliterator(), false)
                .filter(lock -> lock.path("name").asText().startsWith("listed/"))
                .toList();
        assertThat(locks).hasSize(1);
        assertThat(locks.getFirst().path("name").asText()).isEqualTo("listed/ü {x}");
        assertThat(locks.getFirst().path("owner").asText()).isEqualTo("l");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"ttl\":\"0s\"}           | ttl",
                "{\"ttl\":\"25h\"}          | ttl",
                "{\"ttl\":\"soon\"}         | ttl",
                "{\"ttl\":\"-1s\"}          | ttl",
                "{\"ttl\":5}                | ttl",
                "{\"wait\":\"61m\"}         | wait",
                "{\"wait\":\"never\"}       | wait",
                "{\"wait\":true}            | wait",
                "{\"owner\":\"a\\u0001b\"}  | owner",
                "{\"owner\":7}              | owner",
                "{\"tll\":\"5s\"}           | tll",
                "[]                         | body",
                "{                          | body",
                "nonsense                   | body",
            })
    void whatIsWrongIsRefusedByItsField(String body, String field) {
        JsonNode problem = problem(acquire("wrong", body), 400, "bad-request");
        assertThat(problem.path("field").asText()).as(problem.toString()).isEqualTo(field);
        assertThat(show("wrong").path("held").asBoolean()).isFalse();
    }

    @Test
    void whatIsTooLongIsRefused() {
        problem(acquire("wrong", "{\"owner\":\"" + "x".repeat(257) + "\"}"), 400, "bad-request");
        problem(acquire("wrong", "{\"owner\":\"" + "ü".repeat(129) + "\"}"), 400, "bad-request");
        problem(acquire("wrong", "{\"owner\":\"" + "x".repeat(20_000) + "\"}"), 413, "too-large");
        problem(acquire("x".repeat(513), "{}"), 400, "bad-request");
        problem(acquire("wrong", "{}", "Idempotency-Key", "x".repeat(513)), 400, "bad-request");
        held("x".repeat(512), "{\"owner\":\"" + "x".repeat(256) + "\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"token\":7}",
                "{\"token\":\"\"}",
                "{\"token\":\"a b\"}",
                "{\"token\":\"a\",\"ttl\":\"0s\"}",
                "{\"token\":\"a\",\"ttl\":\"25h\"}",
                "{\"token\":\"a\",\"wait\":\"1s\"}",
                "[]",
                ""
            })
    void anExtensionThatIsWrongIsRefused(String body) {
        problem(Http.patch(url("wrong"), body, JSON, AS_WRITER), 400, "bad-request");
    }

    @Test
    void aReleaseNeedsAToken() {
        problem(Http.delete(url("wrong"), AS_WRITER), 400, "bad-request");
        problem(release("wrong", "a b"), 400, "bad-request");
        problem(release("wrong", "x".repeat(65)), 400, "bad-request");
    }

    @Test
    void unknownParametersAndMethodsAreRefused() {
        problem(Http.get(url("wrong") + "?x=1", AS_READER), 400, "bad-request");
        problem(Http.get(weir().url("/v1/locks?x=1"), AS_READER), 400, "bad-request");
        problem(acquire("wrong?wait=1s", "{}"), 400, "bad-request");
        problem(Http.put(url("wrong"), "{}", JSON, AS_WRITER), 405, "method-not-allowed");
        problem(Http.delete(weir().url("/v1/locks"), AS_WRITER), 405, "method-not-allowed");
        problem(acquire("%00", "{}"), 400, "bad-request");
        problem(acquire("%ff", "{}"), 400, "bad-request");
    }

    @Test
    void readersSeeAndWritersDo() {
        String body = "{\"token\":\"abc\"}";
        problem(Http.post(url("roles"), "{}", JSON, AS_READER), 403, "forbidden");
        problem(Http.patch(url("roles"), body, JSON, AS_READER), 403, "forbidden");
        problem(
                Http.delete(url("roles"), "Weir-Lock-Token", "abc", "Authorization", "Bearer " + READER),
                403,
                "forbidden");
        problem(Http.get(url("roles")), 401, "unauthorized");
        problem(Http.post(url("roles"), "{}", JSON), 401, "unauthorized");
        json(Http.get(weir().url("/v1/locks"), AS_READER), 200);
        assertThat(show("roles").path("held").asBoolean()).isFalse();
        json(Http.get(url("roles"), AS_WRITER), 200);
    }

    private double sample(String name, String label) {
        double[] values = text(Http.get(weir().url("/q/metrics"), AS_READER), 200)
                .lines()
                .filter(line -> line.startsWith(name + label + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .toArray();
        assertThat(values).as(name).hasSize(1);
        return values[0];
    }

    private double sample(String name) {
        return sample(name, "");
    }

    @Test
    void whatHappensIsCounted() {
        double granted = sample("weir_lock_acquisitions_total", "{outcome=\"granted\"}");
        double refused = sample("weir_lock_acquisitions_total", "{outcome=\"refused\"}");
        double lost = sample("weir_lock_lost_total");
        double waits = sample("weir_lock_wait_seconds_count");

        JsonNode holding = held("counted", "{}");
        problem(acquire("counted", "{}"), 423, "locked");
        problem(acquire("counted", "{\"wait\":\"20ms\"}"), 423, "locked");
        CompletableFuture<HttpResponse<byte[]>> waiter = inBackground("counted", "{\"wait\":\"20s\"}");
        untilWaiting("counted", 1);
        assertThat(sample("weir_lock_waiting")).isGreaterThanOrEqualTo(1);
        problem(release("counted", "stranger"), 409, "lock-lost");
        problem(extend("counted", "stranger", "1m"), 409, "lock-lost");
        text(release("counted", token(holding)), 204);
        json(waiter.join(), 201);

        assertThat(sample("weir_lock_acquisitions_total", "{outcome=\"granted\"}") - granted)
                .isEqualTo(2);
        assertThat(sample("weir_lock_acquisitions_total", "{outcome=\"refused\"}") - refused)
                .isEqualTo(2);
        assertThat(sample("weir_lock_lost_total") - lost).isEqualTo(2);
        assertThat(sample("weir_lock_wait_seconds_count") - waits).isEqualTo(2);
        until(() -> sample("weir_lock_waiting") == 0);
    }
}
