package dev.weir.it;

import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Stats.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RawConnection;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every request is counted once, however it ends, where the server itself keeps an account of requests and where not. */
class RequestTimesIT {

    private static final String TIMES = "weir_http_requests_seconds_count";
    private static final String LONG = "weir_http_long_requests_total";

    private static Origin origin;

    @BeforeAll
    static void start() {
        origin = Origin.open();
        origin.on("/quick").reply(request -> Reply.of(200, "quick"));
        origin.on("/slow").delay(Duration.ofSeconds(2)).reply(request -> Reply.of(200, "slow"));
        origin.on("/events")
                .delay(Duration.ofMillis(1200))
                .header("Content-Type", "text/event-stream")
                .body("data: 1\n\n");
    }

    @AfterAll
    static void stop() {
        origin.close();
    }

    /** How many have ended so by now. */
    private static long count(WeirProcess weir, String name, String kind, String outcome) {
        return Math.round(metric(weir, name, "kind=\"" + kind + "\"", "outcome=\"" + outcome + "\""));
    }

    private static void awaitCount(WeirProcess weir, String name, String kind, String outcome, long expected) {
        soon().untilAsserted(() -> assertThat(count(weir, name, kind, outcome))
                .as(name + " " + kind + " " + outcome)
                .isEqualTo(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10s", "0s"})
    void eachIsCountedOnceHoweverItEnds(String shutdownTimeout) throws IOException {
        try (WeirProcess weir = WeirProcess.builder()
                .property("quarkus.shutdown.timeout", shutdownTimeout)
                .property("weir.caches.slow.origin.url", origin.url("/slow/{key}"))
                .property("weir.routes.back.path", "/back/*")
                .property("weir.routes.back.origin", origin.url(""))
                .property("weir.routes.quick.path", "/quick/*")
                .property("weir.routes.quick.origin", origin.url(""))
                .property("weir.routes.quick.cache", "default")
                .property("weir.routes.events.path", "/events")
                .property("weir.routes.events.origin", origin.url(""))
                .property("weir.routes.dead.path", "/dead/*")
                .property("weir.routes.dead.origin", "http://127.0.0.1:1")
                .start()) {
            String entry = weir.url("/v1/caches/default/entries/some");
            text(Http.put(entry, "x".repeat(200_000), "text/plain"), 201);
            for (int i = 0; i < 5; i++) {
                text(Http.get(entry), 200);
                assertThat(Http.head(entry).statusCode()).isEqualTo(200);
                text(Http.get(entry + "-not"), 404);
                text(Http.get(weir.url("/v1/nothing")), 404);
                text(Http.get(weir.url("/quick/" + i % 2)), 200);
                text(Http.get(weir.url("/dead/" + i)), 502);
                text(Http.get(weir.url("/no/route")), 404);
                text(Http.get(weir.url("/q/health/live")), 200);
            }
            awaitCount(weir, TIMES, "api", "success", 11);
            awaitCount(weir, TIMES, "api", "client_error", 10);
            awaitCount(weir, TIMES, "api", "server_error", 0);
            awaitCount(weir, TIMES, "route", "success", 5);
            awaitCount(weir, TIMES, "route", "server_error", 5);
            awaitCount(weir, TIMES, "route", "client_error", 0);

            // One leaves before there is an answer.
            int before = origin.calls("/slow/left");
            try (RawConnection impatient = RawConnection.open(weir.port())) {
                impatient.get("/v1/caches/slow/entries/left");
                soon().until(() -> origin.calls("/slow/left") == before + 1);
            }
            awaitCount(weir, TIMES, "api", "client_error", 11);

            // What waits on purpose is not timed: a wait for a lock, a watch that its client ends, a stream of an
            // origin.
            String lock = weir.url("/v1/locks/busy");
            text(Http.post(lock, "{\"ttl\":\"1m\"}", "application/json"), 201);
            text(Http.post(lock, "{\"ttl\":\"1m\"}", "application/json"), 423);
            text(Http.post(lock, "{\"ttl\":\"1m\",\"wait\":\"50ms\"}", "application/json"), 423);
            awaitCount(weir, LONG, "api", "client_error", 1);
            try (RawConnection watcher = RawConnection.open(weir.port())) {
                watcher.get("/v1/changes").take(15);
            }
            awaitCount(weir, LONG, "api", "success", 1);
            text(Http.get(weir.url("/events")), 200);
            awaitCount(weir, LONG, "route", "success", 1);
            awaitCount(weir, TIMES, "route", "success", 5);
            awaitCount(weir, TIMES, "api", "success", 12);
            awaitCount(weir, TIMES, "api", "client_error", 12);
        }
    }
}
