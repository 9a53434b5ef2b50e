package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Refusals.Stamp;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefusalsTest {

    private static final Policy POLICY = Policies.of(Algorithm.SLIDING_LOG, 5, Duration.ofSeconds(1));
    private static final Check ONE = new Check(POLICY, "a", 1);

    private long nanos = -50;
    private final Refusals refusals = new Refusals(1_000, () -> nanos);

    @BeforeEach
    void listen() {
        refusals.onRestored();
    }

    private static Verdict refusal(long retryMicros) {
        return new Verdict(POLICY.quota(), 0, retryMicros + 7, retryMicros, null);
    }

    private void remember(Check check, long retryMicros) {
        refusals.remember(check, refusal(retryMicros), refusals.stamp());
    }

    private void reset(String key) {
        refusals.onMessage(Refusals.TOPIC, Refusals.message(POLICY.name(), StoredKey.of(key)), false);
    }

    @Test
    void isRememberedUntilItsMomentAndNoLonger() {
        remember(ONE, 100);
        nanos += 99_999;
        assertThat(refusals.find(ONE)).isNotNull();
        nanos++;
        assertThat(refusals.find(ONE)).isNull();
    }

    @Test
    void holdsFromTheQuestionAndIsToldFromTheAnswer() {
        Stamp asked = refusals.stamp();
        nanos += 40_000;
        refusals.remember(ONE, refusal(100), asked);
        assertThat(Objects.requireNonNull(refusals.find(ONE)).retryMicros()).isEqualTo(100);
        nanos += 30_500;
        Verdict told = Objects.requireNonNull(refusals.find(ONE));
        assertThat(told.retryMicros()).isEqualTo(70);
        assertThat(told.resetMicros()).isEqualTo(77);
        nanos += 29_500;
        assertThat(refusals.find(ONE)).isNull();
    }

    @Test
    void eachCostIsRememberedByItselfAndTheOldestOfManyGoes() {
        for (int cost = 1; cost <= 5; cost++) {
            remember(new Check(POLICY, "a", cost), 100 + cost);
        }
        assertThat(refusals.find(ONE)).isNull();
        for (int cost = 2; cost <= 5; cost++) {
            assertThat(Objects.requireNonNull(refusals.find(new Check(POLICY, "a", cost)))
                            .retryMicros())
                    .isEqualTo(100 + cost);
        }
        assertThat(refusals.find(new Check(POLICY, "b", 2))).isNull();
    }

    @Test
    void whatIsAllowedOrNeverPossibleOrASlotIsNotRemembered() {
        remember(ONE, 0);
        remember(ONE, Verdict.NEVER);
        assertThat(refusals.find(ONE)).isNull();
        Check slot = new Check(Policies.of(Algorithm.CONCURRENCY, 5, Duration.ofSeconds(1)), "a", 1);
        remember(slot, 100);
        assertThat(refusals.find(slot)).isNull();
    }

    @Test
    void aMessageDropsItsSubjectOnly() {
        String longKey = "k".repeat(100);
        remember(ONE, 100);
        remember(new Check(POLICY, longKey, 1), 100);
        refusals.onMessage("cache", Refusals.message(POLICY.name(), "a"), false);
        assertThat(refusals.find(ONE)).isNotNull();
        reset("a");
        assertThat(refusals.find(ONE)).isNull();
        assertThat(refusals.find(new Check(POLICY, longKey, 1))).isNotNull();
        reset(longKey);
        assertThat(refusals.find(new Check(POLICY, longKey, 1))).isNull();
    }

    @Test
    void anAnswerOnItsWayWhenAResetCameIsNotRemembered() {
        Stamp asked = refusals.stamp();
        reset("a");
        refusals.remember(ONE, refusal(100), asked);
        assertThat(refusals.find(ONE)).isNull();
    }

    @Test
    void nothingIsRememberedWhileMessagesMayBeLost() {
        remember(ONE, 100);
        Stamp before = refusals.stamp();
        refusals.onLost();
        assertThat(refusals.find(ONE)).isNull();
        remember(ONE, 100);
        refusals.onRestored();
        assertThat(refusals.find(ONE)).isNull();
        refusals.remember(ONE, refusal(100), before);
        assertThat(refusals.find(ONE)).isNull();
        remember(ONE, 100);
        assertThat(refusals.find(ONE)).isNotNull();
    }

    /** A reset may have come in between, and its message been lost. */
    @Test
    void whatWasAskedWhileMessagesWereLostIsNotRememberedAfterwards() {
        refusals.onLost();
        Stamp asked = refusals.stamp();
        refusals.onRestored();
        refusals.remember(ONE, refusal(100), asked);
        assertThat(refusals.find(ONE)).isNull();
    }
}
