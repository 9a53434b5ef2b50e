package dev.weir.it.teams;

import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What a day of a slow dashboard's requests costs its origin: ten thousand for five hundred keys, some asked for often. */
final class Replay {

    private static final int REQUESTS = 10_000;
    private static final int KEYS = 500;
    private static final double EXPONENT = 1.1;
    private static final int CLIENTS = 8;

    private final int[] keys;

    private Replay(int[] keys) {
        this.keys = keys;
    }

    /** The same every time. */
    static Replay ofTenThousand() {
        return new Replay(zipf(new Random(42)));
    }

    /** Sends them to all instances in turn, and looks at what came back and at what the origin has seen meanwhile. */
    void run(IntFunction<String> path, List<WeirProcess> weirs, Origin origin) {
        int before = origin.calls();
        AtomicInteger next = new AtomicInteger();
        LongAdder hits = new LongAdder();
        List<CompletableFuture<Void>> clients = IntStream.range(0, CLIENTS)
                .mapToObj(client -> CompletableFuture.runAsync(
                        () -> {
                            for (int i = next.getAndIncrement(); i < REQUESTS; i = next.getAndIncrement()) {
                                HttpResponse<byte[]> answer =
                                        Http.get(weirs.get(i % weirs.size()).url(path.apply(keys[i])));
                                text(answer, 200);
                                if ("HIT".equals(xCache(answer))) {
                                    hits.increment();
                                }
                            }
                        },
                        Thread::startVirtualThread))
                .toList();
        clients.forEach(CompletableFuture::join);

        int calls = origin.calls() - before;
        double hitRate = hits.sum() / (double) REQUESTS;
        double reached = calls / (double) REQUESTS;
        String figures =
                "replay of %,d requests, %d keys, Zipf %.1f, %d instances: hit rate %.2f %%, %d origin calls (%.2f %%)"
                        .formatted(REQUESTS, KEYS, EXPONENT, weirs.size(), 100 * hitRate, calls, 100 * reached);
        System.out.println(figures);
        assertThat(hitRate).as(figures).isGreaterThanOrEqualTo(0.95);
        assertThat(reached).as(figures).isLessThanOrEqualTo(0.05);
        assertThat(calls).as("each key is loaded once").isEqualTo((int)
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
