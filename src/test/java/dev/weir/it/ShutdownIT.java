package dev.weir.it;

import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Http;
import dev.weir.testkit.Load.Request;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RawConnection;
import dev.weir.testkit.RawConnection.Answer;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.RetryingClients;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An instance is told to end: what was begun is finished, nobody else has to wait for it, and it does end. */
class ShutdownIT {

    /** What the end may take beside what it is meant to wait for; two busy cores included. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private static final Duration LONG = Duration.ofSeconds(20);

    /** Exit status of a process that SIGTERM ended: 128 and the signal's number. */
    private static final int TERMINATED = 143;

    private static RedisServer redis;
    private static Origin origin;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        origin.on("/slow/").delay(Duration.ofMillis(1_500)).body(request -> request.path()
                .getBytes(StandardCharsets.UTF_8));
    }

    @AfterAll
    static void stop() {
        origin.close();
        redis.close();
    }

    /** An instance that ends at once, but for waiting up to {@code timeout} for what is under way. */
    private static WeirProcess.Builder settings(Duration timeout) {
        return WeirProcess.builder()
                .property("quarkus.shutdown.delay", "0s")
                .property("quarkus.shutdown.timeout", timeout.toString())
                .property("weir.caches.slow.origin.url", origin.url("/slow/{key}"))
                .property("weir.caches.stuck.origin.url", origin.url("/stuck/{key}"))
                .property("weir.caches.stuck.origin.timeout", "20s")
                .property("weir.caches.large.compress-over", "64MiB")
                .property("weir.caches.large.max-entry-size", "16MiB");
    }

    /** A route that never answers the first who asks below it, until the latch is released; others it answers at once. */
    private static CountDownLatch stuckForTheFirst(String prefix) {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        origin.on(prefix).reply(request -> {
            if (calls.incrementAndGet() == 1) {
                awaitRelease(release);
            }
            return Reply.of(200, "call " + calls.get());
        });
        return release;
    }

    private static void awaitRelease(CountDownLatch release) {
        try {
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(10)).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10));
    }

    /** Until new callers can see that the instance is on its way out: turned away, refused, or told to come no more. */
    private static void awaitBegun(WeirProcess weir) {
        soon().until(() -> {
            try (RawConnection caller = RawConnection.open(weir.port())) {
                Answer answer = caller.get("/q/health/ready").answer();
                return answer.status() == 503 || answer.closes();
            } catch (IOException refused) {
                return true;
            }
        });
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    /** Waits for the end, which must not have been one with an accident. */
    private static void assertEndsQuietly(WeirProcess weir, Duration within, int status) {
        assertThat(weir.awaitExit(within)).as(weir.log()).isEqualTo(status);
        assertQuiet(weir);
    }

    private static void assertQuiet(WeirProcess weir) {
        assertThat(weir.logLinesMatching(" (ERROR|WARN|FATAL) |Exception"))
                .as("accidents in the log, which is%n%s", weir.log())
                .isEmpty();
    }

    @Test
    void readinessSaysSoAtOnceWhileRequestsAreStillTaken() throws IOException {
        Duration delay = Duration.ofSeconds(2);
        try (WeirProcess weir = settings(LONG)
                        .property("quarkus.shutdown.delay", delay.toString())
                        .redis(redis)
                        .start();
                RawConnection early = RawConnection.open(weir.port())) {
            assertThat(early.get("/q/health/ready").answer().status()).isEqualTo(200);
            Http.put(weir.url("/v1/caches/default/entries/delayed"), "value", "text/plain");

            long told = System.nanoTime();
            weir.signal("TERM");

            await().atMost(Duration.ofSeconds(1))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .untilAsserted(() -> assertThat(Seen.json(Http.get(weir.url("/q/health/ready")), 503)
                                    .path("status")
                                    .asText())
                            .isEqualTo("DOWN"));
            int taken = 0;
            while (since(told).compareTo(delay.minusMillis(500)) < 0) {
                String entry = weir.url("/v1/caches/default/entries/delayed");
                assertThat(text(Http.get(entry), 200)).isEqualTo("value");
                assertThat(Http.put(entry, "value", "text/plain").statusCode()).isEqualTo(204);
                assertThat(Seen.json(Http.get(weir.url("/q/health/live")), 200)
                                .path("status")
                                .asText())
                        .isEqualTo("UP");
                try (RawConnection late = RawConnection.open(weir.port())) {
                    assertThat(late.get("/v1/caches/default/entries/delayed")
                                    .answer()
                                    .text())
                            .isEqualTo("value");
                }
                taken++;
            }
            assertThat(taken).isPositive();
            assertEndsQuietly(weir, delay.plus(SLACK), TERMINATED);
            assertThat(since(told)).isBetween(delay, delay.plus(SLACK));
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130"})
    void whatIsUnderWayIsFinished(String signal, int status) throws IOException {
        assumeThat(isIgnored(signal))
                .as("a process that was started with a signal ignored hands that on")
                .isFalse();
        String path = "/slow/under-way-" + signal;
        List<RawConnection> callers = new ArrayList<>();
        try (WeirProcess weir = settings(LONG).redis(redis).start()) {
            for (int i = 0; i < 10; i++) {
                callers.add(RawConnection.open(weir.port()).get("/v1/caches/slow/entries/under-way-" + signal));
            }
            soon().until(() -> origin.calls(path) == 1);

            weir.signal(signal);

            for (RawConnection caller : callers) {
                Answer answer = caller.answer();
                assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                assertThat(answer.text()).isEqualTo(path);
            }
            assertEndsQuietly(weir, SLACK, status);
            assertThatThrownBy(() -> RawConnection.open(weir.port())).isInstanceOf(ConnectException.class);
            assertThat(redis.command("GET", "weir:c:{slow:under-way-" + signal + "}"))
                    .as("what was loaded is kept for the others")
                    .isNotNull();
        } finally {
            callers.forEach(RawConnection::close);
        }
    }

    /** Whether this JVM ignores the signal, and so everything that it starts. */
    private static boolean isIgnored(String signal) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        long ignored = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .findFirst()
                .orElse(0);
        return (ignored >> (signal.equals("INT") ? 1 : 14) & 1) == 1;
    }

    @Test
    void aBodyThatIsOnItsWayIsTaken() throws IOException {
        String value = "0123456789".repeat(10_000);
        try (WeirProcess weir = settings(LONG).redis(redis).start();
                RawConnection caller = RawConnection.open(weir.port())) {
            caller.send(
                            "PUT /v1/caches/default/entries/on-its-way HTTP/1.1\r\nHost: weir\r\nContent-Type: text/plain\r\n"
                                    + "Content-Length: " + value.length() + "\r\n\r\n")
                    .send(value.substring(0, 40_000));
            // An answer on another connection, so that the first piece was read before the end begins.
            text(Http.get(weir.url("/q/health/live")), 200);
            weir.signal("TERM");
            awaitBegun(weir);

            Answer answer = caller.send(value.substring(40_000)).answer();

            assertThat(answer.status()).as(answer.text()).isEqualTo(201);
            assertEndsQuietly(weir, SLACK, TERMINATED);
        }
        try (WeirProcess next = settings(LONG).redis(redis).start()) {
            assertThat(text(Http.get(next.url("/v1/caches/default/entries/on-its-way")), 200))
                    .isEqualTo(value);
        }
    }

    @Test
    void anAnswerThatIsOnItsWayIsSentWhole() throws IOException {
        byte[] value = new byte[12 << 20];
        new Random(1).nextBytes(value);
        try (WeirProcess weir = settings(LONG).start();
                RawConnection reader = RawConnection.openSlow(weir.port())) {
            String entry = "/v1/caches/large/entries/on-its-way";
            assertThat(Http.put(weir.url(entry), value, "application/octet-stream")
                            .statusCode())
                    .isEqualTo(201);
            byte[] first = reader.get(entry).take(10_000);
            assertThat(new String(first, StandardCharsets.ISO_8859_1)).startsWith("HTTP/1.1 200");
            weir.signal("TERM");
            awaitBegun(weir);

            byte[] rest = reader.drain();

            int head = new String(first, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
            assertThat(first.length - head + rest.length).isEqualTo(value.length);
            assertThat(rest).endsWith(Arrays.copyOfRange(value, value.length - 1_000, value.length));
            assertEndsQuietly(weir, SLACK, TERMINATED);
        }
    }

    @Test
    void whatARouteHandsOnIsHandedOnToItsEnd() throws IOException {
        CountDownLatch rest = new CountDownLatch(1);
        origin.on("/api/streamed").raw(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("first half, ".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            awaitRelease(rest);
            exchange.getResponseBody().write("second half".getBytes(StandardCharsets.UTF_8));
        });
        try (WeirProcess weir = settings(LONG)
                        .property("weir.routes.api.path", "/api/*")
                        .property("weir.routes.api.origin", origin.url())
                        .start();
                RawConnection caller = RawConnection.open(weir.port())) {
            caller.get("/api/streamed");
            soon().until(() -> origin.calls("/api/streamed") == 1);
            weir.signal("TERM");
            awaitBegun(weir);
            rest.countDown();

            assertThat(caller.answer().text()).isEqualTo("first half, second half");
            assertEndsQuietly(weir, SLACK, TERMINATED);
        } finally {
            rest.countDown();
        }
    }

    @Test
    void whoIsToldTwiceFinishesAllTheSame() throws IOException {
        try (WeirProcess weir = settings(LONG).redis(redis).start();
                RawConnection caller = RawConnection.open(weir.port())) {
            caller.get("/v1/caches/slow/entries/twice");
            soon().until(() -> origin.calls("/slow/twice") == 1);
            weir.signal("TERM");
            awaitBegun(weir);
            weir.signal("TERM");
            weir.signal("TERM");

            assertThat(caller.answer().text()).isEqualTo("/slow/twice");
            assertEndsQuietly(weir, SLACK, TERMINATED);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoHasNothingToDoEndsAtOnce(boolean shared) throws IOException {
        WeirProcess.Builder builder = settings(LONG);
        try (WeirProcess weir = (shared ? builder.redis(redis) : builder).start();
                RawConnection idle = RawConnection.open(weir.port())) {
            assertThat(idle.get("/q/health/live").answer().status()).isEqualTo(200);
            weir.signal("TERM");

            assertEndsQuietly(weir, SLACK, TERMINATED);
            assertThat(idle.drain()).isEmpty();
        }
    }

    @Test
    void aWatcherHoldsUpNothing() throws IOException {
        try (WeirProcess weir = settings(LONG).redis(redis).start();
                RawConnection watcher = RawConnection.open(weir.port());
                RawConnection another = RawConnection.open(weir.port())) {
            for (RawConnection each : List.of(watcher, another)) {
                assertThat(new String(each.get("/v1/changes").take(15), StandardCharsets.ISO_8859_1))
                        .isEqualTo("HTTP/1.1 200 OK");
            }
            weir.signal("TERM");

            assertEndsQuietly(weir, SLACK, TERMINATED);
            assertThat(new String(watcher.drain(), StandardCharsets.UTF_8)).contains(": connected");
        }
    }

    @Test
    void aWatcherHoldsUpNothingEitherWhileOthersAreFinished() throws IOException {
        try (WeirProcess weir = settings(LONG).redis(redis).start();
                RawConnection watcher = RawConnection.open(weir.port());
                RawConnection caller = RawConnection.open(weir.port())) {
            watcher.get("/v1/changes").take(15);
            caller.get("/v1/caches/slow/entries/beside-a-watcher");
            soon().until(() -> origin.calls("/slow/beside-a-watcher") == 1);
            weir.signal("TERM");

            assertThat(caller.answer().text()).isEqualTo("/slow/beside-a-watcher");
            assertEndsQuietly(weir, SLACK, TERMINATED);
        }
    }

    @Test
    void aRequestThatNeverEndsIsNotWaitedForWithoutEnd() throws IOException {
        Duration timeout = Duration.ofSeconds(1);
        CountDownLatch release = stuckForTheFirst("/stuck/for-ever");
        try (WeirProcess weir = settings(timeout).start();
                RawConnection caller = RawConnection.open(weir.port());
                RawConnection uploader = RawConnection.open(weir.port())) {
            caller.get("/v1/caches/stuck/entries/for-ever");
            uploader.send("PUT /v1/caches/default/entries/x HTTP/1.1\r\nHost: weir\r\nContent-Length: 10\r\n\r\n12345");
            soon().until(() -> origin.calls("/stuck/for-ever") == 1);

            long told = System.nanoTime();
            weir.signal("TERM");

            assertThat(weir.awaitExit(timeout.plus(SLACK))).isEqualTo(TERMINATED);
            assertThat(since(told)).isGreaterThanOrEqualTo(timeout);
            assertThat(weir.logLinesMatching("Exception|^\\s+at ")).isEmpty();
        } finally {
            release.countDown();
        }
    }

    @Test
    void whoWaitsForTheLoadOfOneThatEndsTakesOver() throws IOException {
        Duration timeout = Duration.ofSeconds(1);
        CountDownLatch release = stuckForTheFirst("/stuck/taken-over");
        String entry = "/v1/caches/stuck/entries/taken-over";
        try (WeirProcess ending = settings(timeout).redis(redis).launch();
                WeirProcess staying = settings(timeout).redis(redis).start()) {
            ending.awaitReady();
            assertThat(subscribers()).isEqualTo(2);
            try (RawConnection lost = RawConnection.open(ending.port());
                    RawConnection waiting = RawConnection.open(staying.port())) {
                lost.get(entry);
                soon().until(() -> origin.calls("/stuck/taken-over") == 1);
                waiting.get(entry);

                long told = System.nanoTime();
                ending.signal("TERM");
                Answer answer = waiting.answer();

                assertThat(answer.text()).isEqualTo("call 2");
                assertThat(since(told)).isLessThan(timeout.plus(SLACK));
            }
            assertThat(ending.awaitExit(timeout.plus(SLACK))).isEqualTo(TERMINATED);
            assertThat(subscribers()).as("who listens to the change bus").isEqualTo(1);
        } finally {
            release.countDown();
        }
    }

    @Test
    void noLeaseIsLeftBehind() throws IOException {
        Duration timeout = Duration.ofSeconds(1);
        CountDownLatch release = stuckForTheFirst("/stuck/lease");
        try (WeirProcess weir = settings(timeout).redis(redis).start();
                RawConnection lost = RawConnection.open(weir.port())) {
            lost.get("/v1/caches/stuck/entries/lease");
            soon().until(() -> origin.calls("/stuck/lease") == 1);
            assertThat(redis.command("EXISTS", "weir:c:{stuck:lease}")).isEqualTo(1L);

            weir.signal("TERM");
            weir.awaitExit(timeout.plus(SLACK));

            assertThat(redis.command("EXISTS", "weir:c:{stuck:lease}"))
                    .as("the lease of the load")
                    .isEqualTo(0L);
            assertThat(subscribers()).isZero();
        } finally {
            release.countDown();
        }
    }

    private static long subscribers() {
        return (Long) ((List<?>) redis.command("PUBSUB", "NUMSUB", "weir:changes")).get(1);
    }

    /** What Redis may suffer from while Weir ends. */
    enum Trouble {
        DEAD,
        FROZEN
    }

    @ParameterizedTest
    @EnumSource
    void itEndsWithoutRedisToo(Trouble trouble) throws IOException {
        Duration timeout = Duration.ofSeconds(1);
        CountDownLatch release = stuckForTheFirst("/stuck/" + trouble);
        try (RedisServer gone = RedisServer.start();
                WeirProcess weir = settings(timeout).redis(gone).start();
                RawConnection caller = RawConnection.open(weir.port());
                RawConnection watcher = RawConnection.open(weir.port())) {
            watcher.get("/v1/changes").take(15);
            caller.get("/v1/caches/stuck/entries/" + trouble);
            soon().until(() -> origin.calls("/stuck/" + trouble) == 1);
            if (trouble == Trouble.DEAD) {
                gone.kill();
            } else {
                gone.freeze();
            }

            weir.signal("TERM");

            assertThat(weir.awaitExit(timeout.plus(SLACK))).isEqualTo(TERMINATED);
            assertThat(weir.logLinesMatching("Exception|^\\s+at ")).isEmpty();
        } finally {
            release.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void itEndsWhileItIsWithoutRedis(Trouble trouble) {
        try (RedisServer gone = RedisServer.start();
                WeirProcess weir = settings(LONG).redis(gone).start()) {
            if (trouble == Trouble.DEAD) {
                gone.kill();
            } else {
                gone.freeze();
            }
            soon().until(() -> {
                Http.get(weir.url("/v1/caches/default/entries/any"));
                return Seen.mode(weir).equals("degraded");
            });

            weir.signal("TERM");

            assertThat(weir.awaitExit(SLACK)).isEqualTo(TERMINATED);
            assertThat(weir.logLinesMatching(" ERROR |Exception|^\\s+at ")).isEmpty();
        }
    }

    /** While there is always a request under way, the wait for a moment without one must not last for ever. */
    @ParameterizedTest
    @ValueSource(strings = {"0s", "500ms"})
    void callersWhoComeAgainAndAgainDoNotHoldTheEndUp(String delay) {
        origin.on("/steady/").delay(Duration.ofMillis(50)).body(request -> request.path()
                .getBytes(StandardCharsets.UTF_8));
        try (WeirProcess weir = settings(LONG)
                        .redis(redis)
                        .property("quarkus.shutdown.delay", delay)
                        .property("weir.caches.steady.origin.url", origin.url("/steady/{key}"))
                        .start();
                RetryingClients clients = new RetryingClients(
                        32,
                        List.of(weir.port()),
                        n -> Request.of("GET", "/v1/caches/steady/entries/" + n, ""),
                        (request, answer) -> answer.status() == 200)) {
            awaitAnswers(clients, 500);

            weir.signal("TERM");

            assertEndsQuietly(weir, SLACK.plusMillis(500), TERMINATED);
            assertThat(clients.stop().halves()).as("half answers").isEmpty();
        }
    }

    /** Two instances behind a proxy are replaced one after the other. */
    @ParameterizedTest
    @ValueSource(strings = {"0s", "500ms"})
    void whoAsksTwoInstancesNoticesNothing(String delay) {
        origin.on("/quick/").delay(Duration.ofMillis(20)).body(request -> request.path()
                .getBytes(StandardCharsets.UTF_8));
        WeirProcess.Builder builder = settings(LONG)
                .redis(redis)
                .property("quarkus.shutdown.delay", delay)
                // Whether Redis is quick enough on a busy machine is not this test's business.
                .property("weir.redis.timeout", "5s")
                .property("weir.caches.quick.origin.url", origin.url("/quick/{key}"))
                .property("weir.caches.large.near.max-bytes", "64MiB");
        String large = "0123456789abcdef".repeat(16_384);
        WeirProcess first = builder.launch();
        WeirProcess second = builder.start();
        try {
            first.awaitReady();
            Http.put(first.url("/v1/caches/large/entries/value"), large, "text/plain");
            for (int i = 0; i < 50; i++) {
                Http.put(first.url("/v1/caches/default/entries/" + i), "value of " + i, "text/plain");
            }
            RetryingClients clients = new RetryingClients(
                    16,
                    List.of(first.port(), second.port()),
                    ShutdownIT::request,
                    (request, answer) -> isGood(request, answer, large));
            WeirProcess ended = first;
            try {
                awaitAnswers(clients, 2_000);
                first.signal("TERM");
                assertThat(first.awaitExit(LONG)).isEqualTo(TERMINATED);
                awaitAnswers(clients, 500);
                first = builder.start();
                clients.replace(0, first.port());
                awaitAnswers(clients, 2_000);
                second.signal("TERM");
                assertThat(second.awaitExit(LONG)).isEqualTo(TERMINATED);
                awaitAnswers(clients, 500);
            } finally {
                clients.close();
            }
            RetryingClients.Result result = clients.stop();
            System.out.printf(
                    Locale.ROOT,
                    "rolling restart, delay %s: %d answered, %d of them at the second instance%n",
                    delay,
                    result.answered(),
                    result.retried());
            assertThat(result.failures())
                    .as("failed after the retry%n%s%n%s%n%s", ended.log(), first.log(), second.log())
                    .isEmpty();
            assertThat(result.halves()).as("half answers").isEmpty();
            assertQuiet(ended);
            assertQuiet(second);
        } finally {
            first.close();
            second.close();
        }
    }

    private static Request request(int number) {
        return switch (number / 2 % 8) {
            case 0 ->
                Request.of(
                        "PUT",
                        "/v1/caches/default/entries/" + number % 50,
                        "value of " + number % 50,
                        "Content-Type: text/plain");
            case 1 -> Request.get("/v1/caches/quick/entries/" + number);
            case 2 -> Request.get("/v1/caches/quick/entries/" + number / 100);
            case 3 -> Request.get("/v1/caches/large/entries/value");
            default -> Request.get("/v1/caches/default/entries/" + number % 50);
        };
    }

    private static boolean isGood(Request request, Answer answer, String large) {
        String key = request.path().substring(request.path().lastIndexOf('/') + 1);
        if (request.method().equals("PUT")) {
            return answer.status() == 201 || answer.status() == 204;
        }
        String expected = request.path().contains("/large/")
                ? large
                : request.path().contains("/quick/") ? "/quick/" + key : "value of " + key;
        return answer.status() == 200 && answer.text().equals(expected);
    }

    private static void awaitAnswers(RetryingClients clients, int count) {
        int target = clients.answered() + count;
        await().atMost(Duration.ofSeconds(30)).until(() -> clients.answered() >= target);
    }
}
