package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Stats.advice;
import static dev.weir.it.Stats.assertAddsUp;
import static dev.weir.it.Stats.instances;
import static dev.weir.it.Stats.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.Watcher;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Figures while Redis is away, and where there is none. */
class StatsOutageIT {

    private static final String NOBODY = "/v1/caches/default/entries/nobody";

    @Test
    void whileRedisIsAwayEachKnowsOfItselfAlone() throws IOException {
        try (RedisServer redis = RedisServer.start();
                WeirProcess one = settings("one").redis(redis).launch();
                WeirProcess other = settings("other").redis(redis).start()) {
            one.awaitReady();
            text(Http.get(one.url(NOBODY)), 404);
            text(Http.get(other.url(NOBODY)), 404);
            soon().until(() -> Stats.of(one).at("/cache/misses").asLong() == 2);
            try (Watcher watcher = new Watcher(one, "/v1/stats/events")) {
                redis.kill();
                soon().until(() -> Stats.of(one).path("scope").asText().equals("local"));
                soon().until(() -> watcher.events().stream().anyMatch(event -> event.contains("\"scope\":\"local\"")));
            }
            HttpResponse<byte[]> answer = Http.get(one.url("/v1/stats"));
            assertThat(scope(answer)).isEqualTo("local");
            JsonNode away = json(answer, 200);
            assertThat(away.at("/redis/status").asText()).isEqualTo("down");
            assertThat(instances(away, "live")).containsExactly("one");
            assertThat(instances(away, "lost")).isEmpty();
            assertThat(away.path("instances").get(0).path("mode").asText()).isEqualTo("degraded");
            assertThat(away.at("/cache/misses").asLong()).isEqualTo(1);
            JsonNode degraded = advice(away, "degraded");
            assertThat(degraded.path("severity").asText()).isEqualTo("critical");
            assertThat(degraded.path("change").asText()).contains("REDIS_URL");
            assertThat(away.at("/performance/status").asText()).isEqualTo("poor");
            assertThat(away.at("/performance/recommendation").asText())
                    .isEqualTo(degraded.path("message").asText() + ": "
                            + degraded.path("change").asText());
            text(Http.get(one.url(NOBODY)), 404);

            redis.restart();

            for (WeirProcess each : List.of(one, other)) {
                soon().until(() -> instances(Stats.of(each), "live").size() == 2);
                soon().untilAsserted(() -> {
                    JsonNode back = Stats.of(each);
                    assertThat(back.path("scope").asText()).isEqualTo("shared");
                    assertThat(back.at("/redis/status").asText()).isEqualTo("up");
                    assertThat(Stats.kindsOfAdvice(back)).doesNotContain("degraded");
                    assertThat(back.at("/cache/misses").asLong()).isEqualTo(3);
                    assertAddsUp(back);
                });
                assertThat(each.logLinesMatching("ERROR|Exception|^\\s+at ")).isEmpty();
            }
        }
    }

    private static WeirProcess.Builder settings(String id) {
        return WeirProcess.builder().property("weir.ops.instance", id);
    }

    @Test
    void withoutARedisThereIsOneInstance() {
        try (WeirProcess weir = settings("alone")
                .property("weir.auth.tokens.reader.value", "token-of-the-reader-1")
                .property("weir.auth.tokens.reader.role", "read")
                .property("weir.auth.tokens.writer.value", "token-of-the-writer-2")
                .property("weir.auth.tokens.writer.role", "write")
                .property("weir.auth.tokens.admin.value", "token-of-the-admin-3")
                .property("weir.auth.tokens.admin.role", "admin")
                .property("quarkus.http.host", "127.0.0.1")
                .start()) {
            assertEachNeedsItsRole(weir);
            String[] admin = {"Authorization", "Bearer token-of-the-admin-3"};
            text(Http.delete(weir.url("/v1/stats"), admin), 204);
            // The reset ends itself after it.
            long before = total(weir, admin);
            text(Http.put(weir.url(NOBODY + "-yet"), "here", "text/plain", admin), 201);
            for (int i = 0; i < 3; i++) {
                text(Http.get(weir.url(NOBODY + "-yet"), admin), 200);
                text(Http.get(weir.url(NOBODY), admin), 404);
            }
            problem(Http.get(weir.url("/v1/caches/no-such-cache"), admin), 404, "not-found");
            problem(Http.get(weir.url("/v1/stats?window=5m"), admin), 400, "bad-request");

            JsonNode stats = json(Http.get(weir.url("/v1/stats"), admin), 200);
            assertThat(stats.path("scope").asText()).isEqualTo("local");
            assertThat(stats.at("/cache/hits").asLong()).isEqualTo(3);
            assertThat(stats.at("/cache/misses").asLong()).isEqualTo(3);
            assertThat(stats.at("/cache/hitRate").asDouble()).isEqualTo(0.5);
            // All those, and the look before them.
            soon().until(() -> total(weir, admin) >= before + 10);
            assertThat(stats.at("/requests/errors").asLong()).isZero();
            assertThat(stats.at("/requests/errorRate").asDouble()).isZero();
            assertThat(stats.at("/redis/mode").asText()).isEqualTo("memory");
            assertThat(stats.at("/performance/status").asText()).isEqualTo("good");
            assertThat(stats.at("/performance/recommendation").asText()).isEqualTo("nothing to change");
            assertThat(instances(stats, "live")).containsExactly("alone");
            assertThat(stats.path("instances").get(0).path("mode").asText()).isEqualTo("memory");
        }
    }

    private static long total(WeirProcess weir, String... headers) {
        return json(Http.get(weir.url("/v1/stats"), headers), 200)
                .at("/requests/total")
                .asLong();
    }

    private static void assertEachNeedsItsRole(WeirProcess weir) {
        for (String path : List.of("/v1/stats", "/v1/stats/events", "/v1/health/redis")) {
            problem(Http.get(weir.url(path)), 401, "unauthorized");
        }
        for (String path : List.of("/v1/stats", "/v1/health/redis")) {
            text(Http.get(weir.url(path), "Authorization", "Bearer token-of-the-reader-1"), 200);
        }
        problem(Http.delete(weir.url("/v1/stats")), 401, "unauthorized");
        for (String token : List.of("token-of-the-reader-1", "token-of-the-writer-2")) {
            assertThat(problem(Http.delete(weir.url("/v1/stats"), "Authorization", "Bearer " + token), 403, "forbidden")
                            .path("detail")
                            .asText())
                    .contains("admin");
        }
    }
}
