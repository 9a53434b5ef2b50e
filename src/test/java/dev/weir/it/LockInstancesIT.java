package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.mode;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three instances on one Redis give a lock to one at a time, whatever dies. */
class LockInstancesIT {

    private static final String PATIENT = "{\"ttl\":\"1m\",\"wait\":\"1m\"}";

    private static RedisServer redis;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        weirs = Stream.generate(() -> settings().redis(redis).launch()).limit(3).toList();
        weirs.forEach(WeirProcess::awaitReady);
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        redis.close();
    }

    private static WeirProcess.Builder settings() {
        // A busy machine must not make an instance take Redis for gone.
        return WeirProcess.builder().property("weir.redis.timeout", "5s");
    }

    /** Something that refuses to be written to under a number lower than one it has seen. */
    private static final class FencedResource {
        private long seen;

        synchronized boolean write(long fence) {
            if (fence < seen) {
                return false;
            }
            seen = fence;
            return true;
        }
    }

    private static HttpResponse<byte[]> acquire(WeirProcess weir, String name, String body) {
        return Http.send(
                "POST",
                weir.url("/v1/locks/" + name),
                body.getBytes(StandardCharsets.UTF_8),
                Duration.ofMinutes(2),
                "Content-Type",
                "application/json");
    }

    private static JsonNode held(WeirProcess weir, String name, String body) {
        return json(acquire(weir, name, body), 201);
    }

    private static CompletableFuture<HttpResponse<byte[]>> inBackground(WeirProcess weir, String name, String body) {
        return CompletableFuture.supplyAsync(() -> acquire(weir, name, body), Thread::startVirtualThread);
    }

    private static HttpResponse<byte[]> release(WeirProcess weir, String name, JsonNode holding) {
        return Http.delete(
                weir.url("/v1/locks/" + name),
                "Weir-Lock-Token",
                holding.path("token").asText());
    }

    private static HttpResponse<byte[]> extend(WeirProcess weir, String name, JsonNode holding) {
        String body = "{\"token\":\"" + holding.path("token").asText() + "\",\"ttl\":\"1m\"}";
        return Http.patch(weir.url("/v1/locks/" + name), body, "application/json");
    }

    private static long fence(JsonNode holding) {
        return holding.path("fence").asLong();
    }

    private static void until(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }

    private static void untilWaiting(WeirProcess weir, String name, int count) {
        until(() -> json(Http.get(weir.url("/v1/locks/" + name)), 200)
                        .path("waiting")
                        .asInt()
                == count);
    }

    @Test
    void neverAreTwoInsideOfAThousandRoundsByFiftyWorkers() throws InterruptedException {
        int rounds = 1_000;
        AtomicInteger left = new AtomicInteger(rounds);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger writes = new AtomicInteger();
        FencedResource resource = new FencedResource();
        Set<Long> fences = ConcurrentHashMap.newKeySet();
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            WeirProcess mine = weirs.get(i % 3);
            workers.add(Thread.startVirtualThread(() -> {
                while (left.decrementAndGet() >= 0 && wrong.isEmpty()) {
                    try {
                        JsonNode holding = held(mine, "shared", PATIENT);
                        if (inside.incrementAndGet() != 1) {
                            wrong.add("two are inside");
                        }
                        if (!resource.write(fence(holding)) || !fences.add(fence(holding))) {
                            wrong.add("the number " + fence(holding) + " is not greater than any before");
                        }
                        writes.incrementAndGet();
                        inside.decrementAndGet();
                        text(release(mine, "shared", holding), 204);
                    } catch (RuntimeException | AssertionError e) {
                        wrong.add(e.toString());
                    }
                }
            }));
        }
        for (Thread worker : workers) {
            worker.join();
        }
        assertThat(wrong).isEmpty();
        assertThat(writes.get()).isEqualTo(rounds);
        untilWaiting(weirs.getFirst(), "shared", 0);
    }

    @Test
    void whoComesFirstIsServedFirstWhereverItCame() {
        JsonNode holding = held(weirs.getFirst(), "order", PATIENT);
        List<CompletableFuture<HttpResponse<byte[]>>> waiters = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            waiters.add(inBackground(weirs.get(i % 3), "order", PATIENT));
            untilWaiting(weirs.getFirst(), "order", i + 1);
        }
        for (int i = 0; i < 12; i++) {
            assertThat(waiters.stream().filter(CompletableFuture::isDone).count())
                    .isEqualTo(i);
            text(release(weirs.get((i + 1) % 3), "order", holding), 204);
            JsonNode next = json(waiters.get(i).join(), 201);
            assertThat(fence(next)).isGreaterThan(fence(holding));
            holding = next;
        }
    }

    @Test
    void whoDiesHoldsUpNobodyForLong() {
        WeirProcess living = weirs.getFirst();
        CompletableFuture<HttpResponse<byte[]>> afterHolder;
        CompletableFuture<HttpResponse<byte[]>> afterWaiter;
        JsonNode lost;
        JsonNode kept;
        try (WeirProcess victim = settings().redis(redis).start()) {
            lost = held(victim, "orphan", "{\"ttl\":\"2s\"}");
            kept = held(living, "deserted", PATIENT);
            CompletableFuture<HttpResponse<byte[]>> dead = inBackground(victim, "deserted", PATIENT);
            untilWaiting(living, "deserted", 1);
            afterHolder = inBackground(living, "orphan", PATIENT);
            afterWaiter = inBackground(living, "deserted", PATIENT);
            untilWaiting(living, "deserted", 2);
            victim.kill();
            assertThat(dead).failsWithin(Duration.ofSeconds(10));
        }
        text(release(living, "deserted", kept), 204);
        Duration patience = Duration.ofSeconds(20);
        assertThat(afterWaiter).succeedsWithin(patience);
        assertThat(fence(json(afterWaiter.join(), 201))).isGreaterThan(fence(kept));
        assertThat(afterHolder).succeedsWithin(patience);
        assertThat(fence(json(afterHolder.join(), 201))).isGreaterThan(fence(lost));
        problem(extend(living, "orphan", lost), 409, "lock-lost");
    }

    @Test
    void whoIsHeldUpBeyondItsTimeIsToldSoAndCanDoNoHarm() {
        FencedResource resource = new FencedResource();
        JsonNode frozen = held(weirs.get(0), "fenced", "{\"ttl\":\"300ms\"}");
        assertThat(resource.write(fence(frozen))).isTrue();
        JsonNode next = held(weirs.get(1), "fenced", PATIENT);
        assertThat(resource.write(fence(next))).isTrue();

        problem(extend(weirs.get(0), "fenced", frozen), 409, "lock-lost");
        problem(release(weirs.get(2), "fenced", frozen), 409, "lock-lost");
        assertThat(resource.write(fence(frozen))).isFalse();
        assertThat(json(extend(weirs.get(2), "fenced", next), 200).path("fence").asLong())
                .isEqualTo(fence(next));
    }

    @Test
    void withoutRedisNobodyIsGivenALockAndWithItsFileItsNumbersGoOn() {
        try (RedisServer lasting = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
                WeirProcess weir = settings().redis(lasting).start()) {
            JsonNode before = held(weir, "lasting", PATIENT);
            CompletableFuture<HttpResponse<byte[]>> waiter = inBackground(weir, "lasting", PATIENT);
            untilWaiting(weir, "lasting", 1);
            // The clock alone would not do for this one.
            String ahead = Long.toString(fence(before) + 1_000_000_000);
            lasting.command("HSET", "weir:k:{ahead}:fence", "fence", ahead);
            long last = fence(held(weir, "ahead", "{\"ttl\":\"10ms\"}"));
            assertThat(last).isGreaterThan(Long.parseLong(ahead));

            lasting.kill();
            assertThat(waiter).succeedsWithin(Duration.ofSeconds(15));
            problem(waiter.join(), 503, "store-unavailable");
            problem(acquire(weir, "other", "{}"), 503, "store-unavailable");
            problem(acquire(weir, "other", PATIENT), 503, "store-unavailable");
            problem(extend(weir, "lasting", before), 503, "store-unavailable");
            problem(release(weir, "lasting", before), 503, "store-unavailable");
            problem(Http.get(weir.url("/v1/locks/lasting")), 503, "store-unavailable");
            problem(Http.get(weir.url("/v1/locks")), 503, "store-unavailable");

            lasting.restart();
            until(() -> mode(weir).equals("shared"));
            assertThat(json(extend(weir, "lasting", before), 200).path("fence").asLong())
                    .isEqualTo(fence(before));
            assertThat(fence(held(weir, "ahead", PATIENT))).isGreaterThan(last);
            CompletableFuture<HttpResponse<byte[]>> next = inBackground(weir, "lasting", PATIENT);
            until(() -> json(Http.get(weir.url("/v1/locks/lasting")), 200)
                            .path("waiting")
                            .asInt()
                    > 0);
            text(release(weir, "lasting", before), 204);
            assertThat(fence(json(next.join(), 201))).isGreaterThan(fence(before));
        }
    }
}
