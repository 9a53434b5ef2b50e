package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.LimitStore.Decision;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Settled;
import dev.weir.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The scripts and their siblings in memory, by one clock and side by side: each verdict is equal to the microsecond. */
class ScriptsAndMemoryTest {

    private static final int STEPS = 2_000;
    private static final int BATCH = 250;
    private static final long SECOND = 1_000_000;
    private static final long BEGIN = 1_790_000_000L * SECOND + 123_456;

    private static RedisServer redis;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @ParameterizedTest
    @EnumSource
    void verdictsAreEqual(Algorithm algorithm) {
        walk(algorithm, false);
    }

    @ParameterizedTest
    @EnumSource
    void verdictsAreEqualWithOverrides(Algorithm algorithm) {
        walk(algorithm, true);
    }

    private static void walk(Algorithm algorithm, boolean overriding) {
        long admitted = 0;
        long refused = 0;
        for (long seed : seeds()) {
            redis.command("FLUSHALL");
            Walk walk = new Walk(seed, algorithm, overriding);
            walk.run();
            admitted += walk.admitted;
            refused += walk.refused;
        }
        assertThat(admitted).isGreaterThan(1_000);
        assertThat(refused).isGreaterThan(500);
    }

    private static List<Long> seeds() {
        return List.of(1L, 2L, 3L, 4L, 5L, ThreadLocalRandom.current().nextLong());
    }

    /** A step's answer by both. */
    private record Pair(String step, List<Long> memory) {}

    private record Slot(String memory, String redis, long cost) {}

    private static final class Walk {

        private final long seed;
        private final Random random;
        private final boolean overriding;
        private final Policy policy;
        private final long unit;
        private final ClockedScripts scripts;
        private final MemoryLimitStore memory;
        private final List<Pair> pairs = new ArrayList<>();
        private final List<Slot> slots = new ArrayList<>();
        private final String key;
        private long clock = BEGIN;
        private long admitted;
        private long refused;

        Walk(long seed, Algorithm algorithm, boolean overriding) {
            this.seed = seed;
            this.random = new Random(seed);
            this.overriding = overriding;
            // Sizes from tiny to large, so that rounding gets its chance.
            List<Long> sizes = List.of(1L, 5L, 100L, algorithm == Algorithm.CONCURRENCY ? 40L : 3_000L);
            long limit = 1 + random.nextLong(sizes.get(random.nextInt(4)));
            Duration window = Duration.ofMillis(1
                    + random.nextLong(List.of(3L, 1_000L, 60_000L, 86_400_000L).get(random.nextInt(4))));
            long burst = algorithm == Algorithm.TOKEN_BUCKET && random.nextBoolean()
                    ? 1 + random.nextLong(2 * limit)
                    : limit;
            policy = Policies.of("p" + seed, algorithm, new Quota(limit, window.toMillis() * 1000, burst));
            // With another window the rest of a millisecond shows in which a key's end is rounded.
            unit = overriding ? 1000 : 1;
            clock -= clock % unit;
            scripts = new ClockedScripts(redis, overriding);
            memory = new MemoryLimitStore(1 << 30, new ChangeBus("unused"), () -> clock, () -> {});
            key = algorithm.wireName() + overriding;
        }

        void run() {
            long retry = 0;
            for (int i = 0; i < STEPS; i++) {
                pause(retry);
                int what = random.nextInt(100);
                if (overriding && what < 4) {
                    change(what);
                } else if (what < 5) {
                    Settled.value(memory.reset(policy, key));
                    scripts.reset(clock, policy, key);
                    pairs.add(new Pair("reset", List.of()));
                } else if (what < 30 && !slots.isEmpty()) {
                    slot(slots.get(random.nextInt(slots.size())), random.nextInt(3) == 0);
                } else {
                    retry = check();
                }
                if (scripts.size() == BATCH) {
                    compare();
                }
            }
            compare();
        }

        /** Often just before or at the moment that the last refusal named; now and then back. */
        private void pause(long retry) {
            long window = policy.quota().windowMicros();
            long pause =
                    switch (random.nextInt(10)) {
                        case 0, 1, 2 -> retry > 0 ? retry : 1;
                        case 3, 4 -> retry > unit ? retry - unit : 0;
                        case 5 -> random.nextLong(window / 4 + 1);
                        case 6 -> random.nextInt(12) == 0 ? random.nextLong(4 * window) : 0;
                        case 7 -> random.nextInt(20) == 0 ? -random.nextLong(window + 2) : random.nextLong(9);
                        case 8 -> random.nextLong(window / policy.quota().limit() + 1);
                        default -> 0;
                    };
            clock += unit == 1 ? pause : Math.floorDiv(pause, unit) * unit;
        }

        private void change(int what) {
            if (what == 0) {
                boolean was = Settled.value(memory.dropOverride(policy, key));
                scripts.dropOverride(clock, policy, key);
                // Redis' own answer is of a key whose end no test can move; that it is dropped shows in what follows.
                pairs.add(new Pair("drop " + was, List.of()));
                return;
            }
            long limit = 1 + random.nextLong(100);
            // Whole milliseconds whose bytes are all ASCII.
            long window = List.of(8_000L, 32_000L, 2_048_000L, 8_192_000L, 524_288_000L, 2_097_152_000L)
                    .get(random.nextInt(6));
            long ttl = 1 + random.nextLong(3 * policy.quota().windowMicros() / 1000);
            Settled.value(
                    memory.override(policy, key, limit, Duration.ofMillis(window / 1000), Duration.ofMillis(ttl)));
            scripts.override(clock, policy, key, limit, window, ttl);
            pairs.add(new Pair("override " + limit + " in " + window + " for " + ttl, List.of()));
        }

        private void slot(Slot slot, boolean renew) {
            boolean held = Settled.value(
                    renew ? memory.renew(policy, key, slot.memory) : memory.giveBack(policy, key, slot.memory));
            scripts.slot(
                    clock,
                    policy,
                    key,
                    slot.redis,
                    slot.cost,
                    renew ? policy.quota().windowMicros() : 0);
            pairs.add(new Pair((renew ? "renew " : "give back ") + slot, List.of(held ? 1L : 0L)));
        }

        private long check() {
            long burst = policy.quota().burst();
            long cost =
                    switch (random.nextInt(8)) {
                        case 0 -> 1 + random.nextLong(burst);
                        case 1 -> random.nextInt(10) == 0 ? burst + 1 : burst;
                        case 2 -> 1 + random.nextLong(burst / 10 + 1);
                        default -> 1;
                    };
            boolean spend = random.nextInt(5) > 0;
            String slot = String.format("%016x", random.nextLong());
            List<Check> checks = List.of(new Check(policy, key, cost));
            Decision decision = Settled.value(memory.decide(checks, spend));
            scripts.check(clock, checks, spend, slot);
            Verdict verdict = decision.verdicts().getFirst();
            pairs.add(new Pair(
                    (spend ? "spend " : "peek ") + cost + " at " + (clock - BEGIN),
                    List.of(
                            decision.spent() ? 1L : 0L,
                            verdict.quota().limit(),
                            verdict.quota().windowMicros(),
                            verdict.quota().burst(),
                            verdict.remaining(),
                            verdict.resetMicros(),
                            verdict.retryMicros())));
            if (verdict.slot() != null) {
                slots.add(new Slot(Objects.requireNonNull(verdict.slot()), slot, cost));
                if (slots.size() > 20) {
                    slots.removeFirst();
                }
            }
            if (verdict.allowed()) {
                admitted++;
            } else {
                refused++;
            }
            return verdict.retryMicros();
        }

        private void compare() {
            List<List<Long>> answers = scripts.run();
            for (int i = 0; i < pairs.size(); i++) {
                if (!pairs.get(i).memory.isEmpty()) {
                    assertThat(answers.get(i))
                            .as("%s, after %s", this, pairs.subList(Math.max(0, i - 8), i + 1))
                            .isEqualTo(pairs.get(i).memory);
                }
            }
            pairs.clear();
        }

        @Override
        public String toString() {
            return "the walk of seed " + seed + " with " + policy;
        }
    }
}
