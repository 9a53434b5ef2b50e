package dev.weir.it;

import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static dev.weir.it.WarmerRuns.counts;
import static dev.weir.it.WarmerRuns.entry;
import static dev.weir.it.WarmerRuns.runs;
import static dev.weir.it.WarmerRuns.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A dashboard that was slow: profiles and the workload are warm before anybody asks, from the start of two instances on,
 * then every half hour. One profile cannot be had, one only at the second attempt.
 */
class InquiriesWarmingIT {

    private static final int USERS = 40;
    private static final String BAD = "u13";
    private static final String SHY = "u7";
    private static final List<String> RANGES = List.of("7d", "30d", "90d");

    private static final List<String> ORDER = new CopyOnWriteArrayList<>();

    private static RedisServer redis;
    private static Origin origin;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        origin.on("/api/ids").body(request -> ("{\"data\":["
                        + String.join(
                                ",",
                                users().map(user -> "{\"id\":\"" + user + "\"}").toList())
                        + "]}")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        AtomicInteger shy = new AtomicInteger();
        origin.on("/api/users/").delay(Duration.ofMillis(100)).reply(request -> {
            String user = request.path().substring("/api/users/".length());
            if (user.equals(BAD) || user.equals(SHY) && shy.incrementAndGet() == 1) {
                return Reply.of(500, "not now");
            }
            ORDER.add(user);
            return Reply.of(200, "I am " + user);
        });
        origin.on("/api/analytics/workload").delay(Duration.ofMillis(200)).reply(request -> {
            ORDER.add("workload");
            return Reply.of(200, "workload of " + request.query());
        });
        weirs = Stream.generate(InquiriesWarmingIT::settings)
                .map(WeirProcess.Builder::launch)
                .limit(2)
                .toList();
        weirs.forEach(WeirProcess::awaitReady);
    }

    private static WeirProcess.Builder settings() {
        return WeirProcess.builder()
                .redis(redis)
                .property("weir.redis.timeout", "5s")
                .property("weir.caches.users.ttl", "35m")
                .property("weir.caches.users.origin.url", origin.url("/api/users/{key}"))
                .property("weir.caches.users.origin.timeout", "20s")
                .property("weir.caches.workload.ttl", "35m")
                .property("weir.caches.workload.origin.url", origin.url("/api/analytics/workload?range={key}"))
                .property("weir.caches.workload.origin.timeout", "20s")
                .property("weir.warmers.users.cache", "users")
                .property("weir.warmers.users.every", "30m")
                .property("weir.warmers.users.at-start", "true")
                .property("weir.warmers.users.keys-from", origin.url("/api/ids"))
                .property("weir.warmers.users.keys-pointer", "/data/*/id")
                .property("weir.warmers.users.concurrency", "4")
                .property("weir.warmers.users.retries", "3")
                .property("weir.warmers.users.backoff", "50ms")
                .property("weir.warmers.a-workload.cache", "workload")
                .property("weir.warmers.a-workload.every", "30m")
                .property("weir.warmers.a-workload.at-start", "true")
                .property("weir.warmers.a-workload.keys", String.join(",", RANGES))
                .property("weir.warmers.a-workload.order-after", "users");
    }

    private static Stream<String> users() {
        return IntStream.range(0, USERS).mapToObj(i -> "u" + i);
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        origin.close();
        redis.close();
    }

    @Test
    void afterAStartOfTwoInstancesEachKeyIsLoadedOnceAndReadFromTheCache() {
        WeirProcess one = weirs.getFirst();
        for (String warmer : List.of("users", "a-workload")) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> runs(one, warmer).size() == 2
                            && runs(one, warmer).stream()
                                    .noneMatch(run -> state(run).equals("running")));
            assertThat(runs(one, warmer))
                    .allMatch(run -> run.path("trigger").asText().equals("start"));
        }

        List<JsonNode> done = runs(one, "users").stream()
                .filter(run -> state(run).equals("done"))
                .toList();
        assertThat(done).isNotEmpty();
        // The later instance was skipped, or found all but one of them fresh.
        JsonNode first = done.getLast();
        assertThat(counts(first)).isEqualTo(USERS + " " + (USERS - 1) + " 0 1");
        assertThat(first.path("failures").path(0).path("key").asText()).isEqualTo(BAD);
        assertThat(first.path("failures").path(0).path("reason").asText()).contains("500");
        users().filter(user -> !user.equals(BAD) && !user.equals(SHY))
                .forEach(user ->
                        assertThat(origin.calls("/api/users/" + user)).as(user).isEqualTo(1));
        assertThat(origin.calls("/api/users/" + SHY)).as("failed once").isEqualTo(2);
        assertThat(origin.calls("/api/users/" + BAD))
                .as("each run tries it four times")
                .isEqualTo(4 * done.size());
        assertThat(origin.calls("/api/analytics/workload")).isEqualTo(RANGES.size());

        assertThat(ORDER.subList(0, USERS - 1)).as("first the users").doesNotContain("workload");
        assertThat(ORDER.subList(USERS - 1, ORDER.size()))
                .containsOnly("workload")
                .hasSize(RANGES.size());

        int calls = origin.calls();
        for (WeirProcess weir : weirs) {
            users().filter(user -> !user.equals(BAD)).forEach(user -> {
                var answer = entry(weir, "users", user);
                assertThat(text(answer, 200)).isEqualTo("I am " + user);
                assertThat(xCache(answer)).as(user).isEqualTo("HIT");
            });
            RANGES.forEach(
                    range -> assertThat(xCache(entry(weir, "workload", range))).isEqualTo("HIT"));
        }
        assertThat(origin.calls()).as("nobody had to ask again").isEqualTo(calls);
        assertThat(Seen.json(Http.get(one.url("/v1/warmers/users")), 200)
                        .path("schedule")
                        .asText())
                .isEqualTo("every PT30M");
    }
}
