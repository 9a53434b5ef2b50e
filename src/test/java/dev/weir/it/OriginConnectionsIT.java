package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Answer;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Calls of an origin use its connections one after another: what becomes of one must not touch the next. A call that is
 * given up as its answer comes in used to take along the call that had just been given the connection, which for a POST
 * was a 502 although the origin had done as it was told.
 */
class OriginConnectionsIT {

    private static final int KEYS = 50;
    private static final int CALLS = 4_000;
    private static final int CONNECTIONS = 16;
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private static ScriptedOrigin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        origin = ScriptedOrigin.open();
        weir = WeirProcess.builder()
                .property("weir.caches.answers.ttl", "1h")
                // Each event loop may be given a connection of another.
                .property("quarkus.vertx.event-loops-pool-size", "4")
                .property("weir.routes.shop.path", "/shop/*")
                .property("weir.routes.shop.origin", origin.url())
                .property("weir.routes.shop.cache", "answers")
                // Few, so that each connection is wanted by another call as soon as one is done with it.
                .property("weir.routes.shop.max-concurrent", "4")
                .property("weir.caches.goods.origin.url", origin.url() + "/goods?key={key}")
                .property("weir.caches.goods.origin.max-concurrent", "4")
                .property("weir.caches.goods.origin.retries", "0")
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        origin.close();
    }

    /** What is kept stands in for the error as soon as its status is seen: the rest of the error is given up. */
    @Test
    void aCallThatIsGivenUpLeavesTheNextOnItsConnectionAlone() {
        IntStream.range(0, KEYS)
                .forEach(key -> origin.answers(
                        "/shop/" + key,
                        request -> request.number() == 1
                                ? Answer.of(200, "Cache-Control", "max-age=0, stale-if-error=600", "ETag", "\"1\"")
                                : Answer.of(503).body("sorry")));
        origin.answers("/shop/order", request -> Answer.of(201));
        IntStream.range(0, KEYS).forEach(key -> assertThat(get(key)).isEqualTo("body-1"));

        Load load = Load.builder()
                .connections(CONNECTIONS)
                .against(weir.url())
                .requests(number -> number % 2 == 0
                        ? Load.Request.get("/shop/" + number / 2 % KEYS)
                        : Load.Request.of("POST", "/shop/order", "order " + number))
                .start();
        try (load) {
            await().atMost(LONGEST).until(() -> load.finished() >= CALLS);
        }

        assertThat(load.stop().failures()).isEmpty();
        assertThat(origin.requests("/shop/order"))
                .hasSizeGreaterThan(CALLS / 3)
                .extracting(request -> request.header("X-Request-Id"))
                .doesNotHaveDuplicates();
        assertThat(IntStream.range(0, KEYS).boxed().flatMap(key -> origin.requests("/shop/" + key).stream()))
                .hasSizeGreaterThan(KEYS)
                .extracting(request -> request.header("X-Request-Id"))
                .doesNotHaveDuplicates();
        assertThat(get(0)).isEqualTo("body-1");
    }

    /** An error whose length is not known beforehand is not waited for. */
    @Test
    void aLoadThatIsGivenUpLeavesTheNextOnItsConnectionAlone() {
        origin.answers(
                "/goods",
                request -> request.target().contains("bad-") ? Answer.of(503).chunked() : Answer.of(200));

        Load.Builder bad = Load.builder()
                .connections(CONNECTIONS / 2)
                .against(weir.url())
                .success(status -> status == 502)
                .paths(number -> "/v1/caches/goods/entries/bad-" + number);
        Load.Builder good = Load.builder()
                .connections(CONNECTIONS / 2)
                .against(weir.url())
                .paths(number -> "/v1/caches/goods/entries/good-" + number);
        try (Load failing = bad.start();
                Load loading = good.start()) {
            await().atMost(LONGEST).until(() -> Math.min(failing.finished(), loading.finished()) >= CALLS / 2);
            assertThat(failing.stop().failures()).isEmpty();
            assertThat(loading.stop().failures()).isEmpty();
        }
    }

    /** Nobody has asked for another protocol: what comes after 101 must not be taken for an answer to somebody else. */
    @Test
    void anOriginThatSwitchesProtocolsUnaskedFailsNoOtherCall() {
        origin.answers("/shop/switch", Answer.of(101).body(""));
        origin.answers("/shop/after", Answer.of(201));
        for (int i = 1; i <= 8; i++) {
            Seen.problem(Http.get(weir.url("/shop/switch")), 502, "origin-failed");
            Seen.text(Http.post(weir.url("/shop/after"), "order " + i, "text/plain"), 201);
        }
        assertThat(origin.requests("/shop/switch")).as("none is asked twice").hasSize(8);
        assertThat(origin.requests("/shop/after")).hasSize(8);
    }

    private static String get(int key) {
        return Seen.text(Http.get(weir.url("/shop/" + key)), 200);
    }
}
