package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailoverTest {

    private static final StoreUnavailable AWAY = StoreUnavailable.unreachable("away");

    private final Availability availability = Availability.of(true, new SimpleMeterRegistry());
    private final List<String> asked = new ArrayList<>();

    /** A port of one verb. */
    private interface Store {
        Future<String> read();
    }

    private Store store(String name, Future<String> answer) {
        return () -> {
            asked.add(name);
            return answer;
        };
    }

    private final Store local = store("local", Future.succeededFuture("from memory"));

    private Failover<Store> failover(Future<String> answer, Failover.Policy policy) {
        return new Failover<>(store("shared", answer), local, policy, availability);
    }

    private Failover<Store> failover(Failover.Policy policy) {
        return failover(Future.succeededFuture("from Redis"), policy);
    }

    @ParameterizedTest
    @EnumSource
    void whileRedisAnswersItIsAskedAlone(Failover.Policy policy) {
        availability.up();
        assertThat(Settled.value(failover(policy).call(Store::read)))
                .isEqualTo(new Scoped<>("from Redis", Scope.SHARED));
        assertThat(asked).containsExactly("shared");
    }

    @Test
    void whileRedisIsDownItIsNotAskedAtAll() {
        assertThat(Settled.value(failover(Failover.Policy.MEMORY).call(Store::read)))
                .isEqualTo(new Scoped<>("from memory", Scope.LOCAL));
        assertThat(asked).containsExactly("local");
    }

    @Test
    void whereAnAnswerOfOneProcessWouldBeWrongACallFailsInstead() {
        assertThat(Settled.failure(failover(Failover.Policy.REFUSE).call(Store::read)))
                .isInstanceOfSatisfying(
                        StoreUnavailable.class, e -> assertThat(e.isRefused()).isFalse());
        availability.up();
        assertThat(Settled.failure(failover(Future.failedFuture(AWAY), Failover.Policy.REFUSE)
                        .call(Store::read)))
                .isSameAs(AWAY);
        assertThat(asked).containsExactly("shared");
    }

    @Test
    void aCallThatRedisDoesNotAnswerIsAskedAgainOfTheMemory() {
        availability.up();
        assertThat(Settled.value(failover(Future.failedFuture(AWAY), Failover.Policy.MEMORY)
                        .call(Store::read)))
                .isEqualTo(new Scoped<>("from memory", Scope.LOCAL));
        assertThat(asked).containsExactly("shared", "local");
    }

    @ParameterizedTest
    @EnumSource
    void aBugIsNotCoveredUp(Failover.Policy policy) {
        availability.up();
        RuntimeException bug = new IllegalStateException("bug");
        assertThat(Settled.failure(failover(Future.failedFuture(bug), policy).call(Store::read)))
                .isSameAs(bug);
        assertThat(asked).containsExactly("shared");
    }

    @ParameterizedTest
    @EnumSource
    void whatARedisThatIsWellRefusesIsNotDoneInMemoryInstead(Failover.Policy policy) {
        availability.up();
        StoreUnavailable full = StoreUnavailable.refused("OOM");
        assertThat(Settled.failure(failover(Future.failedFuture(full), policy).call(Store::read)))
                .isSameAs(full);
        assertThat(asked).containsExactly("shared");
    }

    @Test
    void whatTheMemoryFailsWithIsTheAnswer() {
        RuntimeException bug = new IllegalStateException("bug");
        Failover<Store> failing = new Failover<>(
                store("shared", Future.failedFuture(AWAY)),
                store("local", Future.failedFuture(bug)),
                Failover.Policy.MEMORY,
                availability);
        availability.up();
        assertThat(Settled.failure(failing.call(Store::read))).isSameAs(bug);
    }

    @ParameterizedTest
    @EnumSource
    void withoutRedisTheMemoryAnswersWhateverThePolicy(Failover.Policy policy) {
        Failover<Store> alone = new Failover<>(null, local, policy, availability);
        assertThat(Settled.value(alone.call(Store::read)).scope()).isEqualTo(Scope.LOCAL);
        assertThat(alone.on(Scope.SHARED)).isSameAs(local);
    }

    @Test
    void whatBeganInMemoryStaysThereAndWhatBeganOnRedisGoesOnThere() {
        availability.up();
        Failover<Store> failover = failover(Failover.Policy.MEMORY);
        assertThat(Settled.value(failover.stay(Scope.LOCAL, Store::read)).scope())
                .isEqualTo(Scope.LOCAL);
        assertThat(Settled.value(failover.stay(Scope.SHARED, Store::read)).scope())
                .isEqualTo(Scope.SHARED);
        assertThat(asked).containsExactly("local", "shared");
        assertThat(failover.on(Scope.LOCAL)).isSameAs(local);
        assertThat(failover.on(Scope.SHARED)).isNotSameAs(local);
    }
}
