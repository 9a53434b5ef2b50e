package dev.weir.it;

import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Three instances on one Redis are one cache. */
class InstancesIT {

    /** By far shorter than near copies live here: whoever sees a change within it was told. */
    private static final Duration SOON = Duration.ofSeconds(10);

    private static RedisServer redis;
    private static Origin origin;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        weirs = Stream.generate(() -> settings().launch()).limit(3).toList();
        weirs.forEach(WeirProcess::awaitReady);
    }

    private static WeirProcess.Builder settings() {
        return WeirProcess.builder()
                .redis(redis)
                // A busy machine must not make an instance take Redis for gone: that is OutageIT's business.
                .property("weir.redis.timeout", "5s")
                .property("weir.caches.slow.origin.url", origin.url("/slow/{key}"))
                .property("weir.caches.slow.origin.timeout", "2s")
                .property("weir.caches.users.ttl", "1h")
                .property("weir.caches.users.near.ttl", "10m");
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        origin.close();
        redis.close();
    }

    @RepeatedTest(3)
    void sixHundredWhoMissAtOnceCauseOneCall(RepetitionInfo repetition) {
        String key = "once-" + repetition.getCurrentRepetition();
        origin.on("/slow/once-").delay(Duration.ofMillis(500)).body(request -> ("value of " + request.path())
                .getBytes(StandardCharsets.UTF_8));
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            weirs.forEach(weir -> answers.add(inBackground(weir, "/v1/caches/slow/entries/" + key)));
        }

        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertThat(text(answer.join(), 200)).isEqualTo("value of /slow/" + key);
        }
        assertThat(origin.calls("/slow/" + key)).isEqualTo(1);
    }

    private static ConditionFactory soon() {
        return await().atMost(SOON).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(20));
    }

    private static CompletableFuture<HttpResponse<byte[]>> inBackground(WeirProcess weir, String path) {
        return CompletableFuture.supplyAsync(() -> Http.get(weir.url(path)), Thread::startVirtualThread);
    }

    /** A way to make an entry another one, or none. */
    private record Change(String name, int statusAfter, Consumer<WeirProcess> action) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Change> changes() {
        String entries = "/v1/caches/users/entries";
        return Stream.of(
                new Change("PUT", 200, weir -> Http.put(weir.url(entries + "/changed"), "new", "text/plain")),
                new Change("DELETE", 404, weir -> Http.delete(weir.url(entries + "/changed"))),
                new Change("DELETE by tag", 404, weir -> Http.delete(weir.url(entries + "?tag=t"))),
                new Change("DELETE by pattern", 404, weir -> Http.delete(weir.url(entries + "?pattern=chang*"))),
                new Change("DELETE of the cache", 404, weir -> Http.delete(weir.url("/v1/caches/users"))),
                new Change("DELETE of all", 404, weir -> Http.delete(weir.url("/v1/caches"))),
                new Change(
                        "batch",
                        404,
                        weir -> Http.post(
                                weir.url("/v1/caches/users/batch"), "{\"delete\":[\"changed\"]}", "application/json")));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void aChangeOnOneIsSeenOnAll(Change change) {
        String path = "/v1/caches/users/entries/changed";
        text(Http.delete(weirs.getFirst().url(path)), 204);
        assertThat(Http.put(weirs.getFirst().url(path + "?tag=t"), "old", "text/plain")
                        .statusCode())
                .isEqualTo(201);
        weirs.forEach(weir -> soon().until(() -> isNear(weir, path)));

        change.action.accept(weirs.get(1));

        HttpResponse<byte[]> where = Http.get(weirs.get(1).url(path));
        assertThat(Http.text(where)).as("where it was changed, at once").isNotEqualTo("old");
        weirs.forEach(
                weir -> soon().until(() -> !Http.text(Http.get(weir.url(path))).equals("old")));
        weirs.forEach(weir -> assertThat(Http.get(weir.url(path)).statusCode()).isEqualTo(change.statusAfter));
    }

    private static boolean isNear(WeirProcess weir, String path) {
        HttpResponse<byte[]> answer = Http.get(weir.url(path));
        assertThat(answer.statusCode()).as(Http.text(answer)).isEqualTo(200);
        return String.valueOf(Http.header(answer, "Cache-Status")).endsWith("detail=near");
    }

    /** Readers on all instances fill the near caches all the time with what may just have been replaced. */
    @Test
    void whoWasToldThatItIsStoredNeverReadsAnOlderValueThere() {
        String path = "/v1/caches/users/entries/version";
        Http.put(weirs.getFirst().url(path), "0", "text/plain");
        try (Load readers = Load.builder()
                .connections(12)
                .against(weirs.stream().map(WeirProcess::url).toArray(String[]::new))
                .paths(number -> path)
                .start()) {
            for (int version = 1; version <= 300; version++) {
                WeirProcess writer = weirs.get(version % 3);
                String written = Integer.toString(version);
                text(Http.put(writer.url(path), written, "text/plain"), 204);
                assertThat(text(Http.get(writer.url(path)), 200)).isEqualTo(written);
            }
            assertThat(readers.stop().failureCount())
                    .as(readers.stop().toString())
                    .isZero();
        }
        weirs.forEach(
                weir -> soon().until(() -> Http.text(Http.get(weir.url(path))).equals("300")));
    }

    @Test
    void ifTheOneWhoLoadsDiesTheOthersFinish() {
        CountDownLatch dead = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        origin.on("/slow/orphan").reply(request -> {
            if (calls.incrementAndGet() == 1) {
                awaitDeath(dead);
            }
            return Reply.of(200, "loaded by another");
        });
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        try (WeirProcess victim = settings().start()) {
            CompletableFuture<HttpResponse<byte[]>> lost = inBackground(victim, "/v1/caches/slow/entries/orphan");
            soon().until(() -> calls.get() == 1);
            for (int i = 0; i < 20; i++) {
                weirs.forEach(weir -> answers.add(inBackground(weir, "/v1/caches/slow/entries/orphan")));
            }
            victim.kill();
            assertThat(lost).failsWithin(SOON);
        }
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertThat(text(answer.join(), 200)).isEqualTo("loaded by another");
        }
        dead.countDown();
        // One may have given up waiting at the very moment when another took over.
        assertThat(calls.get()).isBetween(2, 3);
    }

    private static void awaitDeath(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whoMayHaveMissedChangesForgetsWhatItKeptNear() {
        String path = "/v1/caches/users/entries/deaf";
        Http.put(weirs.getFirst().url(path), "old", "text/plain");
        weirs.forEach(weir -> soon().until(() -> isNear(weir, path)));
        // Nobody is told of this, as if the message had been lost.
        assertThat(redis.command("DEL", "weir:c:{users:deaf}")).isEqualTo(1L);
        assertThat(text(Http.get(weirs.get(2).url(path)), 200))
                .as("the copy is still near")
                .isEqualTo("old");

        assertThat((Long) redis.command("CLIENT", "KILL", "TYPE", "pubsub")).isEqualTo(3);

        weirs.forEach(weir -> soon().until(() -> Http.get(weir.url(path)).statusCode() == 404));
        // And they hear again.
        Http.put(weirs.getFirst().url(path), "new", "text/plain");
        weirs.forEach(weir -> soon().until(() -> isNear(weir, path)));
        Http.put(weirs.getFirst().url(path), "newer", "text/plain");
        weirs.forEach(
                weir -> soon().until(() -> text(Http.get(weir.url(path)), 200).equals("newer")));
        weirs.forEach(weir -> assertThat(Seen.mode(weir)).isEqualTo("shared"));
    }
}
