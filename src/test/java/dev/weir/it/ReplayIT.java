package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a day of a slow dashboard's requests costs its origin. */
class ReplayIT {

    private static final int REQUESTS = 10_000;
    private static final int KEYS = 500;
    private static final double EXPONENT = 1.1;
    private static final int CLIENTS = 8;

    @Test
    void tenThousandRequestsOfFiveHundredKeysReachTheOriginFiveHundredTimesAtMost() {
        int[] keys = zipf(new Random(42));
        try (RedisServer redis = RedisServer.start();
                Origin origin = Origin.open()) {
            origin.on("/api/").body(request -> ("of " + request.path()).getBytes(StandardCharsets.UTF_8));
            List<WeirProcess> weirs = Stream.generate(() -> WeirProcess.builder()
                            .redis(redis)
                            .property("weir.redis.timeout", "5s")
                            .property("weir.caches.answers.ttl", "1h")
                            .property("weir.routes.answers.path", "/api/*")
                            .property("weir.routes.answers.origin", origin.url())
                            .property("weir.routes.answers.cache", "answers")
                            .launch())
                    .limit(2)
                    .toList();
            try {
                weirs.forEach(WeirProcess::awaitReady);
                replay(keys, weirs, origin);
            } finally {
                weirs.forEach(WeirProcess::close);
            }
        }
    }

    private static void replay(int[] keys, List<WeirProcess> weirs, Origin origin) {
        AtomicInteger next = new AtomicInteger();
        LongAdder hits = new LongAdder();
        List<CompletableFuture<Void>> clients = IntStream.range(0, CLIENTS)
                .mapToObj(client -> CompletableFuture.runAsync(
                        () -> {
                            for (int i = next.getAndIncrement(); i < REQUESTS; i = next.getAndIncrement()) {
                                String path = "/api/items/" + keys[i];
                                HttpResponse<byte[]> answer =
                                        Http.get(weirs.get(i % weirs.size()).url(path));
                                assertThat(Seen.text(answer, 200)).isEqualTo("of " + path);
                                if ("HIT".equals(Seen.xCache(answer))) {
                                    hits.increment();
                                }
                            }
                        },
                        Thread::startVirtualThread))
                .toList();
        clients.forEach(CompletableFuture::join);

        double hitRate = hits.sum() / (double) REQUESTS;
        double reached = origin.calls() / (double) REQUESTS;
        String figures =
                "replay of %,d requests, %d keys, Zipf %.1f, two instances: hit rate %.2f %%, %d origin calls (%.2f %%)"
                        .formatted(REQUESTS, KEYS, EXPONENT, 100 * hitRate, origin.calls(), 100 * reached);
        System.out.println(figures);
        assertThat(hitRate).as(figures).isGreaterThanOrEqualTo(0.95);
        assertThat(reached).as(figures).isLessThanOrEqualTo(0.05);
        assertThat(origin.calls()).as("each key is loaded once").isEqualTo((int)
                Arrays.stream(keys).distinct().count());
    }

    /** Keys from 0, the k-th of them as often as 1/(k+1)^s. */
    private static int[] zipf(Random random) {
        double[] upTo = new double[KEYS];
        double sum = 0;
        for (int k = 0; k < KEYS; k++) {
            sum += 1 / Math.pow(k + 1, EXPONENT);
            upTo[k] = sum;
        }
        double all = sum;
        return IntStream.range(0, REQUESTS)
                .map(i -> {
                    int at = Arrays.binarySearch(upTo, random.nextDouble() * all);
                    return Math.min(KEYS - 1, at < 0 ? -at - 1 : at);
                })
                .toArray();
    }
}
