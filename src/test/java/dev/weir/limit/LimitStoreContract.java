package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.LimitStore.Decision;
import dev.weir.store.Settled;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link LimitStore} guarantees. */
abstract class LimitStoreContract {

    private static final Duration HOUR = Duration.ofHours(1);

    abstract LimitStore store();

    private static Policy policy(Algorithm algorithm, long limit) {
        return Policies.of(algorithm, limit, HOUR);
    }

    private Decision decide(boolean spend, Check... checks) {
        return Settled.value(store().decide(List.of(checks), spend));
    }

    private Verdict spend(Policy policy, String key, long cost) {
        return decide(true, new Check(policy, key, cost)).verdicts().getFirst();
    }

    private long remaining(Policy policy, String key) {
        return decide(false, new Check(policy, key, 1)).verdicts().getFirst().remaining();
    }

    @ParameterizedTest
    @EnumSource
    void admitsUpToTheLimitAndARefusalOrAPeekSpendsNothing(Algorithm algorithm) {
        Policy policy = policy(algorithm, 10);
        assertThat(spend(policy, "a", 7).remaining()).isEqualTo(3);
        Verdict refused = spend(policy, "a", 4);
        assertThat(refused.allowed()).isFalse();
        assertThat(refused.remaining()).isEqualTo(3);
        assertThat(refused.retryMicros()).isBetween(1L, 2 * HOUR.toMillis() * 1000);
        assertThat(remaining(policy, "a")).isEqualTo(3);
        assertThat(spend(policy, "a", 3).remaining()).isZero();
        assertThat(spend(policy, "a", 1).allowed()).isFalse();
        assertThat(spend(policy, "a", 11).isImpossible()).isTrue();
        assertThat(remaining(policy, "b")).isEqualTo(10);
    }

    @Test
    void manyAreSpentAllOrNone() {
        Check[] checks = Stream.of(Algorithm.values())
                .map(each -> new Check(policy(each, 5), "m", 2))
                .toArray(Check[]::new);
        assertThat(decide(true, checks).spent()).isTrue();
        assertThat(spend(checks[2].policy(), "m", 2).allowed()).isTrue();
        Decision refused = decide(true, checks);
        assertThat(refused.spent()).isFalse();
        assertThat(refused.verdicts().stream().filter(verdict -> !verdict.allowed()))
                .hasSize(1);
        assertThat(refused.verdicts()).allMatch(verdict -> verdict.slot() == null);
        for (Check check : checks) {
            assertThat(remaining(check.policy(), "m")).isEqualTo(check.equals(checks[2]) ? 1 : 3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aShadowDeniesNothing(Algorithm algorithm) {
        Policy policy = Policies.shadow(policy(algorithm, 1));
        assertThat(decide(true, new Check(policy, "a", 1)).spent()).isTrue();
        Decision over = decide(true, new Check(policy, "a", 1));
        assertThat(over.spent()).isTrue();
        assertThat(over.verdicts().getFirst().allowed()).isFalse();
        assertThat(over.verdicts().getFirst().slot()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void aResetStartsAnewAndLeavesTheOverride(Algorithm algorithm) {
        Policy policy = policy(algorithm, 5);
        Settled.value(store().override(policy, "a", 8, HOUR, HOUR));
        assertThat(spend(policy, "a", 8).allowed()).isTrue();
        Settled.value(store().reset(policy, "a"));
        assertThat(spend(policy, "a", 8).allowed()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void anOverrideHoldsUntilItIsDropped(Algorithm algorithm) {
        Policy policy = policy(algorithm, 5);
        assertThat(Settled.value(store().overrideOf(policy, "a"))).isNull();
        spend(policy, "a", 4);
        Settled.value(store().override(policy, "a", 2, HOUR, Duration.ofMinutes(1)));
        LimitStore.OwnLimit own = Objects.requireNonNull(Settled.value(store().overrideOf(policy, "a")));
        assertThat(own.limit()).isEqualTo(2);
        assertThat(own.windowMicros()).isEqualTo(HOUR.toMillis() * 1000);
        assertThat(own.ttlMs()).isBetween(1L, 60_000L);
        assertThat(spend(policy, "a", 1).allowed()).isEqualTo(algorithm == Algorithm.TOKEN_BUCKET);
        assertThat(spend(policy, "a", 3).isImpossible()).isTrue();
        assertThat(spend(policy, "fresh", 3).allowed()).isTrue();
        assertThat(Settled.value(store().dropOverride(policy, "a"))).isTrue();
        assertThat(Settled.value(store().dropOverride(policy, "a"))).isFalse();
        assertThat(spend(policy, "a", 6).isImpossible()).isTrue();
    }

    @Test
    void aSlotIsGivenBackOnceAndCanBeRenewedUntilThen() {
        Policy policy = policy(Algorithm.CONCURRENCY, 3);
        String slot = Objects.requireNonNull(spend(policy, "a", 2).slot());
        assertThat(Settled.value(store().renew(policy, "a", slot))).isTrue();
        assertThat(remaining(policy, "a")).isEqualTo(1);
        assertThat(Settled.value(store().giveBack(policy, "other", slot))).isFalse();
        assertThat(Settled.value(store().giveBack(policy, "a", slot))).isTrue();
        assertThat(remaining(policy, "a")).isEqualTo(3);
        assertThat(Settled.value(store().giveBack(policy, "a", slot))).isFalse();
        assertThat(Settled.value(store().renew(policy, "a", slot))).isFalse();
        assertThat(Settled.value(store().giveBack(policy, "a", "no slot"))).isFalse();
        assertThat(Settled.value(store().giveBack(policy, "a", "0123456789abcdef-99999")))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void anyKeyIsASubjectOfItsOwn(Algorithm algorithm) {
        Policy policy = policy(algorithm, 1);
        for (String key : List.of(
                "",
                "{",
                "}",
                "a}:o",
                "{a}",
                "é☃😀",
                "#x",
                "x".repeat(65),
                "y".repeat(65),
                StoredKey.of("x".repeat(65)))) {
            assertThat(spend(policy, key, 1).allowed()).as(key).isTrue();
            assertThat(spend(policy, key, 1).allowed()).as(key).isFalse();
        }
    }
}
