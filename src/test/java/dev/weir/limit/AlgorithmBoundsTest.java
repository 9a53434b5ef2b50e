package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.ChangeBus;
import dev.weir.store.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each algorithm promises, checked against all that it has admitted. The memory store alone: that the scripts decide
 * alike is {@link ScriptsAndMemoryTest}'s matter, and sliding-log has its own model.
 */
class AlgorithmBoundsTest {

    private record Spent(long moment, long cost) {}

    /** A random walk of requests, and what was admitted of them. */
    private static final class Walk {
        final Random random;
        final long limit;
        final long window;
        final List<Spent> admitted = new ArrayList<>();
        long clock = 1_790_000_000_000_000L;

        Walk(long seed, Algorithm algorithm) {
            random = new Random(seed);
            limit = 1 + random.nextLong(50);
            window = 1_000L * (1 + random.nextInt(5_000));
            Policy policy = Policies.of("p", algorithm, Quota.of(limit, Duration.ofMillis(window / 1000)));
            MemoryLimitStore store = new MemoryLimitStore(1 << 30, new ChangeBus("unused"), () -> clock, () -> {});
            for (int i = 0; i < 300; i++) {
                clock += switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> random.nextLong(1 + window / limit);
                    case 2 -> random.nextLong(window);
                    default -> random.nextLong(1 + window / 20);
                };
                long cost = 1 + random.nextLong(random.nextBoolean() ? 1 : limit);
                if (Settled.value(store.decide(List.of(new Check(policy, "k", cost)), true))
                        .spent()) {
                    admitted.add(new Spent(clock, cost));
                }
            }
            assertThat(admitted).isNotEmpty();
        }

        /** The most that was admitted within any stretch of that length, its beginning excluded. */
        long mostWithin(long length) {
            long most = 0;
            for (Spent last : admitted) {
                most = Math.max(most, within(last.moment - length, last.moment));
            }
            return most;
        }

        long within(long from, long to) {
            return admitted.stream()
                    .filter(spent -> spent.moment > from && spent.moment <= to)
                    .mapToLong(Spent::cost)
                    .sum();
        }
    }

    static LongStream seeds() {
        return LongStream.concat(
                LongStream.range(0, 30), ThreadLocalRandom.current().longs(10));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aSlidingWindowNeverHoldsTwiceTheLimit(long seed) {
        Walk walk = new Walk(seed, Algorithm.SLIDING_WINDOW);
        assertThat(walk.mostWithin(walk.window)).isLessThan(2 * walk.limit);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aTokenBucketGivesNoMoreThanItHeldAndWasRefilled(long seed) {
        Walk walk = new Walk(seed, Algorithm.TOKEN_BUCKET);
        for (Spent first : walk.admitted) {
            for (Spent last : walk.admitted) {
                // It tells whole milliseconds only.
                long passed = last.moment / 1000 - first.moment / 1000;
                if (passed >= 0) {
                    long refilled = passed * walk.limit / (walk.window / 1000);
                    assertThat(walk.within(first.moment - 1, last.moment))
                            .isLessThanOrEqualTo(walk.limit + refilled + 1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aFixedWindowHoldsNoMoreThanTheLimit(long seed) {
        Walk walk = new Walk(seed, Algorithm.FIXED_WINDOW);
        long start = Long.MIN_VALUE;
        long count = 0;
        for (Spent spent : walk.admitted) {
            if (start == Long.MIN_VALUE || spent.moment >= start + walk.window) {
                start = spent.moment;
                count = 0;
            }
            count += spent.cost;
            assertThat(count).isLessThanOrEqualTo(walk.limit);
        }
    }

    /** A slot that nobody gives back is held for a window. */
    @ParameterizedTest
    @MethodSource("seeds")
    void neverAreMoreSlotsHeldThanThereAre(long seed) {
        Walk walk = new Walk(seed, Algorithm.CONCURRENCY);
        assertThat(walk.mostWithin(walk.window)).isLessThanOrEqualTo(walk.limit);
    }
}
