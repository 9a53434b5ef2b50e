package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.http.Problem;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Scope;
import dev.weir.store.Settled;
import dev.weir.store.StoreUnavailable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimitsTest {

    private static final Policy LOG = Policies.of(Algorithm.SLIDING_LOG, 2, Duration.ofMinutes(1));

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Availability availability = Availability.of(true, registry);
    private final AtomicBoolean away = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();
    private final Refusals refusals = new Refusals(100, () -> 0);

    private static MemoryLimitStore memory() {
        return new MemoryLimitStore(1 << 20, new ChangeBus("unused"), () -> 1_000_000, () -> {});
    }

    /** Limits over a store that stands for Redis, and can be away. */
    private Limits limits(Policy policy) {
        MemoryLimitStore behind = memory();
        LimitStore shared = (LimitStore) Proxy.newProxyInstance(
                LimitStore.class.getClassLoader(), new Class<?>[] {LimitStore.class}, (proxy, method, arguments) -> {
                    asked.incrementAndGet();
                    return away.get()
                            ? Future.failedFuture(StoreUnavailable.unreachable("away"))
                            : method.invoke(behind, arguments);
                });
        MemoryLimitStore local = memory();
        Limits limits = new Limits(
                List.of(policy),
                each -> new LimitFigures(each, registry),
                new Failover<>(shared, local, Failover.Policy.REFUSE, availability),
                local,
                refusals,
                true);
        availability.addListener(limits);
        availability.up();
        refusals.onRestored();
        return limits;
    }

    private static Ruling spend(Limits limits, Policy policy) {
        return Settled.value(limits.spend(List.of(new Check(policy, "a", 1))));
    }

    @Test
    void aRefusalIsRepeatedWithoutAskingTheStore() {
        Limits limits = limits(LOG);
        for (int i = 0; i < 3; i++) {
            spend(limits, LOG);
        }
        int before = asked.get();
        for (int i = 0; i < 10; i++) {
            assertThat(spend(limits, LOG).isAllowed()).isFalse();
        }
        assertThat(asked).hasValue(before);
        LimitFigures figures = limits.figures(LOG);
        assertThat(figures.allowed.count()).isEqualTo(2);
        assertThat(figures.denied.count()).isEqualTo(11);
        assertThat(figures.near.count()).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource
    void whatBecomesOfAnUnansweredCheckIsThePolicysToSay(WhenUnavailable mode) {
        Policy policy = Policies.when(LOG, mode);
        Limits limits = limits(policy);
        away.set(true);
        for (int i = 0; i < 3; i++) {
            Future<Ruling> ruling = limits.spend(List.of(new Check(policy, "a", 1)));
            if (mode == WhenUnavailable.DENY) {
                assertThat(Settled.failure(ruling)).isInstanceOf(StoreUnavailable.class);
            } else {
                assertThat(Settled.value(ruling).scope()).isEqualTo(Scope.LOCAL);
                assertThat(Settled.value(ruling).isAllowed()).isEqualTo(i < 2 || mode == WhenUnavailable.ALLOW);
                assertThat(Settled.value(ruling).parts().getFirst().fallback()).isEqualTo(mode);
            }
        }
        assertThat(limits.figures(policy).fallbacks.count()).isEqualTo(3);
        away.set(false);
        assertThat(spend(limits, policy).scope()).isEqualTo(Scope.SHARED);
    }

    @Test
    void aShadowPolicyCountsAndNeverDenies() {
        Policy policy = Policies.shadow(LOG);
        Limits limits = limits(policy);
        for (int i = 0; i < 5; i++) {
            assertThat(spend(limits, policy).isAllowed()).isTrue();
        }
        assertThat(limits.figures(policy).shadowed.count()).isEqualTo(3);
        assertThat(limits.figures(policy).denied.count()).isZero();
    }

    @Test
    void aCostThatCanNeverBeSpentIsUnprocessable() {
        Limits limits = limits(LOG);
        assertThat(Settled.failure(limits.spend(List.of(new Check(LOG, "a", 3)))))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("more than the policy");
    }

    @Test
    void theSameSubjectTwiceIsABadRequest() {
        Limits limits = limits(LOG);
        List<Check> checks = List.of(new Check(LOG, "a", 1), new Check(LOG, "a", 1));
        assertThatThrownBy(() -> Settled.value(limits.spend(checks))).isInstanceOf(Problem.class);
        assertThat(asked).hasValue(0);
    }
}
