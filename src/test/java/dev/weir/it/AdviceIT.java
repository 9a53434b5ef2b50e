package dev.weir.it;

import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Stats.advice;
import static dev.weir.it.Stats.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is advised when something goes wrong that a setting could mend. */
class AdviceIT {

    private static Origin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        origin = Origin.open();
        origin.on("/broken").reply(request -> Reply.of(500, "broken"));
        origin.on("/slow").delay(Duration.ofMillis(150)).reply(request -> Reply.of(200, "slow"));
        weir = WeirProcess.builder()
                .property("weir.caches.users.ttl", "1h")
                .property("weir.caches.small.near.max-entries", "5")
                .property("weir.caches.broken.origin.url", origin.url("/broken/{key}"))
                .property("weir.caches.broken.origin.retries", "0")
                .property("weir.caches.slow.origin.url", origin.url("/slow/{key}"))
                .property("weir.routes.back.path", "/back/*")
                .property("weir.routes.back.origin", origin.url("/broken"))
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        origin.close();
    }

    /** Sends so many requests, each to a path that nobody has asked for yet, and perhaps a few more. */
    private static void send(String path, int count, IntPredicate status) {
        try (Load load = Load.builder()
                .connections(16)
                .against(weir.url())
                .paths(number -> path + number)
                .success(status)
                .start()) {
            soon().until(() -> load.finished() >= count);
            assertThat(load.stop().failureCount()).as(load.stop().toString()).isZero();
        }
    }

    private static JsonNode find(String kind, String subject, String name) {
        soon().until(() -> piece(kind, subject, name) != null);
        return piece(kind, subject, name);
    }

    private static JsonNode piece(String kind, String subject, String name) {
        for (JsonNode piece : Stats.of(weir).path("advice")) {
            if (piece.path("kind").asText().equals(kind)
                    && piece.path("subject").path(subject).asText().equals(name)) {
                return piece;
            }
        }
        return null;
    }

    @Test
    void aCacheThatFindsLittleIsNamedWithWhatToChange() {
        send("/v1/caches/users/entries/", 200, status -> status == 404);

        JsonNode hitRate = find("hit-rate", "cache", "users");
        assertThat(hitRate.path("figure").asDouble()).isLessThan(0.7);
        assertThat(hitRate.path("threshold").asDouble()).isEqualTo(0.7);
        assertThat(hitRate.path("message").asText()).contains("'users'", " %");
        assertThat(hitRate.path("change").asText()).contains("weir.caches.users.ttl");
        assertThat(hitRate.path("severity").asText()).isEqualTo("warning");
        assertThat(Stats.of(weir).at("/performance/status").asText()).isNotEqualTo("good");
    }

    @Test
    void anOriginThatFailsAndAnApiThatFailsForItAreNamed() {
        send("/v1/caches/broken/entries/", 200, status -> status == 502);

        JsonNode loads = find("errors", "cache", "broken");
        assertThat(loads.path("figure").asDouble()).isGreaterThan(0.9);
        assertThat(loads.path("severity").asText()).isEqualTo("critical");
        assertThat(loads.path("change").asText()).contains("weir.caches.broken.stale-if-error");
        JsonNode api = find("errors", "requests", "api");
        assertThat(api.path("figure").asDouble()).isGreaterThan(0.01);
        assertThat(Stats.of(weir).at("/performance/status").asText()).isEqualTo("poor");
        assertThat(metric(weir, "weir_http_requests_seconds_count", "kind=\"api\"", "outcome=\"server_error\""))
                .isGreaterThanOrEqualTo(200);
    }

    @Test
    void aRouteThatFailsIsNamed() {
        send("/back/", 200, status -> status == 500);

        assertThat(find("errors", "requests", "route").path("change").asText()).contains("weir.routes.");
        assertThat(metric(weir, "weir_http_requests_seconds_count", "kind=\"route\"", "outcome=\"server_error\""))
                .isGreaterThanOrEqualTo(200);
        JsonNode back = Stats.entry(Stats.of(weir).path("routes"), "name", "back");
        assertThat(back.path("pass").asLong() + back.path("miss").asLong()).isGreaterThanOrEqualTo(200);
    }

    @Test
    void aSlowOriginIsNamed() {
        send("/v1/caches/slow/entries/", 110, status -> status == 200);

        JsonNode latency = find("latency", "cache", "slow");
        assertThat(latency.path("figure").asDouble()).isGreaterThan(100);
        assertThat(latency.path("threshold").asDouble()).isEqualTo(100);
        assertThat(latency.path("change").asText()).contains("weir.caches.slow.stale-while-revalidate");
    }

    @Test
    void aNearCacheThatIsTooSmallIsNamed() {
        for (int i = 0; i < 200; i++) {
            text(Http.put(weir.url("/v1/caches/small/entries/" + i), "x", "text/plain"), 201);
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 200; i++) {
                text(Http.get(weir.url("/v1/caches/small/entries/" + i)), 200);
            }
        }
        JsonNode near = find("near-cache", "cache", "small");
        assertThat(near.path("change").asText()).contains("weir.caches.small.near.max-entries");
        assertThat(near.path("figure").asDouble()).isGreaterThan(1);
    }

    @Test
    void theMostSevereIsWhatIsRecommended() {
        send("/v1/caches/broken/entries/again-", 200, status -> status == 502);
        find("errors", "cache", "broken");
        JsonNode stats = Stats.of(weir);
        assertThat(stats.path("advice").get(0).path("severity").asText()).isEqualTo("critical");
        assertThat(stats.at("/performance/recommendation").asText())
                .startsWith(stats.path("advice").get(0).path("message").asText());
        assertThat(advice(stats, "errors").path("threshold").asDouble()).isEqualTo(0.01);
    }
}
