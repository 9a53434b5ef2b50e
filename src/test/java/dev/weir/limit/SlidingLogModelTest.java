package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.ChangeBus;
import dev.weir.store.Settled;
import dev.weir.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code sliding-log} in memory and on Redis, against its definition. */
class SlidingLogModelTest {

    private record Spent(long moment, long cost) {}

    private static RedisServer redis;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    static LongStream seeds() {
        return LongStream.concat(
                LongStream.range(0, 30), ThreadLocalRandom.current().longs(10));
    }

    /** What lies within the window that ends with {@code moment}, its beginning excluded. */
    private static long within(List<Spent> all, long moment, long window) {
        return all.stream()
                .filter(spent -> spent.moment > moment - window && spent.moment <= moment)
                .mapToLong(Spent::cost)
                .sum();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void admitsExactlyWhatTheDefinitionAdmits(long seed) {
        Random random = new Random(seed);
        long limit = 1 + random.nextLong(60);
        long window = 1_000L * (1 + random.nextInt(random.nextBoolean() ? 3 : 10_000));
        Policy policy =
                Policies.of("p" + seed, Algorithm.SLIDING_LOG, Quota.of(limit, Duration.ofMillis(window / 1000)));
        ClockedScripts scripts = new ClockedScripts(redis, false);
        long[] clock = {1_790_000_000_000_000L};
        MemoryLimitStore memory = new MemoryLimitStore(1 << 30, new ChangeBus("unused"), () -> clock[0], () -> {});
        List<Spent> model = new ArrayList<>();
        List<Long> expected = new ArrayList<>();
        List<Long> ofMemory = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            clock[0] += switch (random.nextInt(6)) {
                case 0 -> 0;
                case 1 -> 1;
                case 2 -> random.nextLong(window);
                // To the very moment at which an earlier one leaves, or just before.
                case 3 ->
                    model.isEmpty()
                            ? 0
                            : Math.max(
                                    0,
                                    model.get(random.nextInt(model.size())).moment
                                            + window
                                            - clock[0]
                                            - random.nextInt(2));
                default -> random.nextLong(2 * window / limit + 1);
            };
            long cost = random.nextBoolean() ? 1 : 1 + random.nextLong(limit);
            List<Check> checks = List.of(new Check(policy, "k", cost));
            boolean admits = within(model, clock[0], window) + cost <= limit;
            expected.add(admits ? 1L : 0L);
            if (admits) {
                model.add(new Spent(clock[0], cost));
            }
            ofMemory.add(Settled.value(memory.decide(checks, true)).spent() ? 1L : 0L);
            scripts.check(clock[0], checks, true, "");
        }
        List<Long> ofRedis = scripts.run().stream().map(List::getFirst).toList();
        assertThat(ofMemory).as("memory, seed %d", seed).isEqualTo(expected);
        assertThat(ofRedis).as("Redis, seed %d", seed).isEqualTo(expected);
        assertThat(model).allMatch(spent -> within(model, spent.moment, window) <= limit);
    }
}
