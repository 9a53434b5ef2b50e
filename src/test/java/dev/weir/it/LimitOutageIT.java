package dev.weir.it;

import static dev.weir.it.Checks.admits;
import static dev.weir.it.Checks.path;
import static dev.weir.it.Checks.peek;
import static dev.weir.it.Checks.spend;
import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.mode;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.LoadResult;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redis goes and comes back: each policy does what it says, every request is answered, and the log is not flooded. */
class LimitOutageIT {

    /** The ways in which Redis goes. */
    enum Outage {
        /** SIGKILL; back with all it had written. */
        KILLED,
        /** SIGSTOP: connections stay, and what was sent is carried out when it goes on. */
        FROZEN
    }

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String JSON = "application/json";
    private static final int LIMIT = 20;
    private static final int CONNECTIONS = 6;

    private RedisServer redis;
    private List<WeirProcess> weirs;

    @BeforeEach
    void start() {
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
        weirs = Stream.generate(this::settings)
                .map(WeirProcess.Builder::launch)
                .limit(2)
                .toList();
        weirs.forEach(WeirProcess::awaitReady);
        awaitMode("shared");
    }

    private WeirProcess.Builder settings() {
        // Longer than what a busy machine takes for anything, so that only an outage is one.
        WeirProcess.Builder builder = WeirProcess.builder().redis(redis).property("weir.redis.timeout", "1s");
        policy(builder, "local", LIMIT);
        policy(builder, "open", 1).property("weir.limits.open.when-unavailable", "allow");
        policy(builder, "strict", 1).property("weir.limits.strict.when-unavailable", "deny");
        policy(builder, "loaded", LIMIT);
        policy(builder, "loaded-open", 100_000).property("weir.limits.loaded-open.when-unavailable", "allow");
        policy(builder, "loaded-strict", 100_000).property("weir.limits.loaded-strict.when-unavailable", "deny");
        return policy(builder, "slots", 2).property("weir.limits.slots.algorithm", "concurrency");
    }

    private static WeirProcess.Builder policy(WeirProcess.Builder builder, String name, int limit) {
        return builder.property("weir.limits." + name + ".limit", Integer.toString(limit))
                .property("weir.limits." + name + ".window", "1h");
    }

    @AfterEach
    void stop() {
        weirs.forEach(WeirProcess::close);
        redis.close();
    }

    private void awaitMode(String mode) {
        weirs.forEach(weir -> await().atMost(SOON).until(() -> mode(weir).equals(mode)));
    }

    private Load load(String policy, IntPredicate success) {
        return Load.builder()
                .connections(CONNECTIONS)
                .against(weirs.stream().map(WeirProcess::url).toArray(String[]::new))
                .requests(number -> Load.Request.of("POST", path(policy, "under-load"), ""))
                .success(success)
                .timeout(Duration.ofSeconds(20))
                .start();
    }

    private static void awaitAnswers(List<Load> loads, int count) {
        for (Load load : loads) {
            long target = load.finished() + count;
            await().atMost(SOON).until(() -> load.finished() >= target);
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachPolicyDoesWhatItSays(Outage outage) {
        Load local = load("loaded", status -> status == 200 || status == 429);
        Load open = load("loaded-open", status -> status == 200 || status == 429);
        Load strict = load("loaded-strict", status -> status == 200 || status == 429 || status == 503);
        List<Load> loads = List.of(local, open, strict);
        awaitAnswers(loads, 100);

        if (outage == Outage.KILLED) {
            redis.kill();
        } else {
            redis.freeze();
        }
        awaitMode("degraded");
        awaitAnswers(loads, 100);
        for (WeirProcess weir : weirs) {
            assertEachGoesOnByItself(weir);
        }
        awaitAnswers(loads, 100);
        if (outage == Outage.KILLED) {
            redis.restart();
        } else {
            redis.thaw();
        }
        awaitMode("shared");
        awaitAnswers(loads, 100);
        assertAllAgainGoOnTogether("after");

        LoadResult locals = local.stop();
        LoadResult opens = open.stop();
        LoadResult stricts = strict.stop();
        for (LoadResult result : List.of(locals, opens, stricts)) {
            assertThat(result.failureCount())
                    .as("every request is answered: " + result)
                    .isZero();
        }
        assertThat(locals.statuses().get(200))
                .as(
                        "the limit by all together, and by each alone, but for what comes in the very moment of Redis' return")
                .isBetween(3L * LIMIT, 3L * LIMIT + CONNECTIONS);
        assertThat(stricts.statuses()).as(stricts.toString()).containsKeys(200, 503);
        for (WeirProcess weir : weirs) {
            for (String policy : List.of("local", "open", "strict", "loaded", "loaded-open", "loaded-strict")) {
                assertThat(weir.logLinesMatching("WARN.*Limit " + policy + ": "))
                        .as(policy + "\n" + weir.log())
                        .hasSize(1);
                assertThat(metric(weir, "weir_limit_fallbacks_total", "policy=\"" + policy + "\""))
                        .isPositive();
            }
            assertThat(weir.logLinesMatching("WARN.*\\bRedis is unavailable \\("))
                    .hasSize(1);
            assertThat(weir.logLinesMatching("ERROR|Exception|^\\s+at ")).isEmpty();
        }
    }

    private static void assertEachGoesOnByItself(WeirProcess weir) {
        for (int left = LIMIT - 1; left >= 0; left--) {
            HttpResponse<byte[]> answer = spend(weir, "local", "alone");
            JsonNode verdict = json(answer, 200);
            assertThat(verdict.path("remaining").asLong()).isEqualTo(left);
            assertThat(verdict.path("fallback").asText()).isEqualTo("local");
            assertThat(scope(answer)).isEqualTo("local");
        }
        HttpResponse<byte[]> refused = spend(weir, "local", "alone");
        assertThat(problem(refused, 429, "limit-exceeded").path("fallback").asText())
                .isEqualTo("local");
        assertThat(Http.header(refused, "Retry-After")).matches("35\\d\\d|3600");
        assertThat(peek(weir, "local", "alone").path("fallback").asText()).isEqualTo("local");

        for (int i = 0; i < 5; i++) {
            HttpResponse<byte[]> answer = spend(weir, "open", "alone");
            assertThat(json(answer, 200).path("fallback").asText()).isEqualTo("allow");
            assertThat(scope(answer)).isEqualTo("local");
            text(Http.get(weir.url("/v1/gate/open?key=alone")), 204);
        }
        for (HttpResponse<byte[]> answer : List.of(
                spend(weir, "strict", "alone"),
                Http.get(weir.url(path("strict", "alone"))),
                Http.get(weir.url("/v1/gate/strict?key=alone")),
                Http.delete(weir.url(path("local", "alone"))),
                Http.put(weir.url(path("local", "alone") + "/override"), "{\"limit\":9}", JSON),
                Http.post(weir.url("/v1/limits"), checks("local", "open", "strict"), JSON))) {
            problem(answer, 503, "store-unavailable");
            assertThat(Http.header(answer, "Retry-After")).matches("[1-9]\\d*");
        }
        JsonNode many = json(Http.post(weir.url("/v1/limits"), checks("local", "open"), JSON), 200);
        assertThat(many.path("checks").get(0).path("remaining").asLong())
                .as("a denial spends nothing")
                .isEqualTo(LIMIT - 1);
        assertThat(many.path("checks").get(1).path("fallback").asText()).isEqualTo("allow");
        JsonNode slot = json(spend(weir, "slots", "alone"), 200);
        text(
                Http.delete(weir.url(
                        path("slots", "alone") + "/slot?id=" + slot.path("slot").asText())),
                204);
        assertThat(peek(weir, "slots", "alone").path("remaining").asLong()).isEqualTo(2);
    }

    private static String checks(String... policies) {
        return "{\"checks\":["
                + String.join(
                        ",",
                        Stream.of(policies)
                                .map(policy -> "{\"policy\":\"" + policy + "\",\"key\":\"many\"}")
                                .toList())
                + "]}";
    }

    private void assertAllAgainGoOnTogether(String key) {
        for (int left = LIMIT - 1; left >= 0; left--) {
            HttpResponse<byte[]> answer = spend(weirs.get(left % 2), "local", key);
            JsonNode verdict = json(answer, 200);
            assertThat(verdict.path("remaining").asLong()).isEqualTo(left);
            assertThat(verdict.has("fallback")).isFalse();
            assertThat(scope(answer)).isEqualTo("shared");
        }
        for (String policy : List.of("open", "strict")) {
            assertThat(admits(weirs.get(0), policy, key)).isTrue();
            assertThat(admits(weirs.get(1), policy, key)).as(policy).isFalse();
        }
        weirs.forEach(weir -> assertThat(admits(weir, "local", key)).isFalse());
    }

    /** A Redis without room refuses what writes: that is an outage of the limiter and of nothing else. */
    @Test
    void aRedisWithoutRoomIsNoReasonToFail() {
        redis.command("CONFIG", "SET", "maxmemory", "1");
        for (WeirProcess weir : weirs) {
            for (int left = LIMIT - 1; left >= 0; left--) {
                HttpResponse<byte[]> answer = spend(weir, "local", "full");
                assertThat(json(answer, 200).path("remaining").asLong()).isEqualTo(left);
                assertThat(json(answer, 200).path("fallback").asText()).isEqualTo("local");
                assertThat(scope(answer)).isEqualTo("local");
            }
            assertThat(admits(weir, "local", "full")).isFalse();
            for (int i = 0; i < 5; i++) {
                assertThat(json(spend(weir, "open", "full"), 200)
                                .path("fallback")
                                .asText())
                        .isEqualTo("allow");
                HttpResponse<byte[]> denied = spend(weir, "strict", "full");
                problem(denied, 503, "store-unavailable");
                assertThat(Http.header(denied, "Retry-After")).matches("[1-9]\\d*");
            }
            for (String policy : List.of("local", "open", "strict")) {
                assertThat(weir.logLinesMatching("WARN.*Limit " + policy + ": "))
                        .as(weir.log())
                        .hasSize(1);
            }
            assertThat(weir.logLinesMatching("ERROR|Exception|^\\s+at ")).isEmpty();
        }
        redis.command("CONFIG", "SET", "maxmemory", "0");
        assertAllAgainGoOnTogether("roomy");
    }
}
