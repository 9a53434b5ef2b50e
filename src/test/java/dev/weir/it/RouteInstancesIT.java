package dev.weir.it;

import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Answer;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Instances on one Redis are one cache before an origin. */
class RouteInstancesIT {

    private static final Duration SOON = Duration.ofSeconds(10);
    /** Longer than any test: nobody is answered because it ran out. */
    private static final Duration ROUTE_TIMEOUT = Duration.ofSeconds(60);

    private static RedisServer redis;
    private static ScriptedOrigin origin;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = ScriptedOrigin.open();
        weirs = Stream.generate(() -> settings().launch()).limit(2).toList();
        weirs.forEach(WeirProcess::awaitReady);
    }

    private static WeirProcess.Builder settings() {
        return WeirProcess.builder()
                .redis(redis)
                .property("weir.caches.answers.ttl", "1h")
                .property("weir.caches.answers.near.ttl", "10m")
                .property("weir.routes.answers.path", "/answers/*")
                .property("weir.routes.answers.origin", origin.url())
                .property("weir.routes.answers.cache", "answers")
                .property("weir.routes.answers.timeout", ROUTE_TIMEOUT.toSeconds() + "s");
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        origin.close();
        redis.close();
    }

    private static CompletableFuture<HttpResponse<byte[]>> inBackground(WeirProcess weir, String path) {
        return CompletableFuture.supplyAsync(() -> Http.get(weir.url(path)), Thread::startVirtualThread);
    }

    private static void awaitSeen(String path, int count) {
        await().atMost(SOON).until(() -> origin.requests(path).size() == count);
    }

    private static void staysSeen(String path, int count) {
        await().during(Duration.ofMillis(400))
                .atMost(SOON)
                .until(() -> origin.requests(path).size() == count);
    }

    @Test
    void twoHundredWhoMissAtOnceCauseOneCall() {
        String path = "/answers/once";
        CountDownLatch go = new CountDownLatch(1);
        origin.answers(path, Answer.of(200).body("once").heldBy(go));
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            weirs.forEach(weir -> answers.add(inBackground(weir, path)));
        }
        awaitSeen(path, 1);
        staysSeen(path, 1);
        go.countDown();
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertThat(text(answer.join(), 200)).isEqualTo("once");
        }
        assertThat(origin.requests(path)).hasSize(1);
        assertThat(Seen.xCache(Http.get(weirs.getFirst().url(path)))).isEqualTo("HIT");
        assertThat(Seen.xCache(Http.get(weirs.getLast().url(path)))).isEqualTo("HIT");
    }

    /** One instance dies while it loads an answer; another lives, and takes longer than a lease lasts. */
    @Test
    void whoDiesLosesItsLeaseAndWhoLivesKeepsIt() {
        String orphan = "/answers/orphan";
        String slow = "/answers/slow";
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        origin.answers(
                orphan,
                request -> request.number() == 1
                        ? Answer.of(200).body("too late").heldBy(never)
                        : Answer.of(200).body("loaded by another"));
        origin.answers(slow, Answer.of(200).body("at last").heldBy(go));
        CompletableFuture<HttpResponse<byte[]>> here = inBackground(weirs.getFirst(), slow);
        awaitSeen(slow, 1);
        CompletableFuture<HttpResponse<byte[]>> there = inBackground(weirs.getLast(), slow);

        long killed;
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        try (WeirProcess victim = settings().start()) {
            CompletableFuture<HttpResponse<byte[]>> lost = inBackground(victim, orphan);
            awaitSeen(orphan, 1);
            for (int i = 0; i < 10; i++) {
                weirs.forEach(weir -> answers.add(inBackground(weir, orphan)));
            }
            staysSeen(orphan, 1);
            killed = System.nanoTime();
            victim.kill();
            assertThat(lost).failsWithin(SOON);
        }
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertThat(text(answer.join(), 200)).isEqualTo("loaded by another");
        }
        // A lease lasts five seconds; the rest is what a busy machine takes. The route's own patience is a minute.
        assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(12));
        assertThat(origin.requests(orphan)).hasSize(2);

        assertThat(origin.requests(slow))
                .as("it has been held for longer than a lease lasts")
                .hasSize(1);
        go.countDown();
        assertThat(text(here.join(), 200)).isEqualTo("at last");
        assertThat(text(there.join(), 200)).isEqualTo("at last");
        assertThat(origin.requests(slow)).hasSize(1);
        never.countDown();
    }

    @Test
    void aWriteThroughOneMakesTheTargetStaleOnBoth() {
        String path = "/answers/written";
        origin.answers(path, request -> Answer.of(200).body(request.method() + " " + request.number()));
        weirs.forEach(weir -> {
            Http.get(weir.url(path));
            await().atMost(SOON)
                    .until(() -> Seen.xCache(Http.get(weir.url(path))).equals("HIT"));
        });
        assertThat(origin.requests(path)).hasSize(1);
        text(Http.put(weirs.getFirst().url(path), "new", "text/plain"), 200);
        assertThat(text(Http.get(weirs.getFirst().url(path)), 200)).isEqualTo("GET 3");
        await().atMost(SOON)
                .until(() -> Http.text(Http.get(weirs.getLast().url(path))).equals("GET 3"));
    }

    /** What a GET brings that was under way while the target was written may be older than the write. */
    @Test
    void whatIsLoadedWhileItIsWrittenElsewhereIsNotKept() {
        String path = "/answers/raced";
        CountDownLatch go = new CountDownLatch(1);
        origin.answers(path, request -> switch (request.number()) {
            case 1 -> Answer.of(200).body("old").heldBy(go);
            default -> Answer.of(200).body(request.method().equals("GET") ? "new" : "written");
        });
        CompletableFuture<HttpResponse<byte[]>> slow = inBackground(weirs.getLast(), path);
        awaitSeen(path, 1);
        text(Http.put(weirs.getFirst().url(path), "new", "text/plain"), 200);
        go.countDown();
        assertThat(text(slow.join(), 200)).isEqualTo("old");
        for (int i = 0; i < 3; i++) {
            weirs.forEach(
                    weir -> assertThat(text(Http.get(weir.url(path)), 200)).isEqualTo("new"));
        }
    }
}
