package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.StreamingOrigin;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WireConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A route waits for Redis: what becomes of its client or of its origin meanwhile is not missed. */
class RouteOutageIT {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String CACHED = "Cache-Control: max-age=600";

    private static RedisServer redis;
    private static StreamingOrigin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = StreamingOrigin.open();
        weir = WeirProcess.builder()
                .redis(redis)
                // Longer than Redis stands still before a client leaves.
                .property("weir.redis.timeout", "5s")
                // What a client did before another was answered has been seen then.
                .property("quarkus.vertx.event-loops-pool-size", "1")
                .property("weir.caches.answers.ttl", "1h")
                .property("weir.routes.answers.path", "/answers/*")
                .property("weir.routes.answers.origin", origin.url())
                .property("weir.routes.answers.cache", "answers")
                // A call that nobody ends holds up the next for longer than any test waits.
                .property("weir.routes.answers.max-concurrent", "1")
                .property("weir.routes.answers.timeout", "60s")
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
        await().atMost(SOON).until(() -> Seen.mode(weir).equals("shared"));
    }

    @AfterEach
    void redisGoesOn() {
        redis.thaw();
    }

    private static WireConnection connection() {
        return WireConnection.to(weir.port());
    }

    @Test
    void anAnswerThatBreaksOffWhileItMakesEntriesStaleIsBrokenForTheClientToo() {
        String path = "/answers/breaks-off";
        CountDownLatch frozen = new CountDownLatch(1);
        origin.on(path, call -> {
            awaitOpen(frozen);
            call.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
        });
        try (WireConnection client = connection()) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: w\r\n\r\n");
            await().atMost(SOON).until(() -> origin.calls(path).size() == 1);
            redis.freeze();
            frozen.countDown();
            assertThat(client.text(502)).contains("urn:weir:problem:origin-failed");
        }
    }

    /** One that asks the origin for itself, and one whose answer others may share. */
    @ParameterizedTest
    @ValueSource(strings = {"Range: bytes=0-3", "Accept: */*"})
    void aClientThatLeavesBeforeItsAnswerIsLookedUpHoldsNoCallOfTheOrigin(String header) {
        String path = "/answers/left-" + header.length();
        origin.on(path, call -> {
            call.send("HTTP/1.1 200 OK\r\n" + CACHED + "\r\nContent-Length: 100\r\n\r\n0123456789");
            call.awaitEnd();
        });
        String next = path + "-next";
        origin.on(next, call -> call.answer(200, "next", CACHED));

        redis.freeze();
        connection().get(path, header).close();
        assertThat(Http.get(weir.url("/q/health/live")).statusCode()).isEqualTo(200);
        redis.thaw();
        try (WireConnection client = connection()) {
            assertThat(client.get(next).text(200)).isEqualTo("next");
        }
    }

    private static void awaitOpen(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IOException("nobody froze Redis");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
