package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.Keys;
import dev.weir.redis.TestGateway;
import dev.weir.store.Settled;
import dev.weir.testkit.RedisServer;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RedisLimitStoreTest extends LimitStoreContract {

    /** Lists the keys that would live for ever. */
    private static final String IMMORTAL = """
            local found = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              if redis.call('PTTL', key) < 0 then found[#found + 1] = key end
            end
            return found
            """;

    private static RedisServer redis;
    private static TestGateway gateway;

    private RedisLimitStore store;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        gateway = TestGateway.started(redis.url());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        redis.close();
    }

    @BeforeEach
    void empty() {
        redis.command("FLUSHALL");
        store = new RedisLimitStore(gateway.gateway(), new Keys("weir:"), gateway.bus());
    }

    @AfterEach
    void everyKeyHasAnEndAndIsShort() {
        assertThat(redis.command("EVAL", IMMORTAL, "0")).isEqualTo(List.of());
        assertThat((List<?>) redis.command("KEYS", "*"))
                .allMatch(key -> key.toString().length() < 120);
    }

    @Override
    LimitStore store() {
        return store;
    }

    /** They are gathered while the first is under way; what comes of them is as if they had come in turn. */
    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void checksThatComeTogetherAreDecidedInTurn(Algorithm algorithm) {
        Policy policy = Policies.of(algorithm, 20, Duration.ofHours(1));
        Check check = new Check(policy, "crowd", 1);

        List<Future<LimitStore.Decision>> asked = IntStream.range(0, 60)
                .mapToObj(i -> store.decide(List.of(check), true))
                .toList();

        List<Verdict> verdicts = asked.stream()
                .map(each -> Settled.value(each).verdicts().getFirst())
                .toList();
        assertThat(verdicts.stream().filter(Verdict::allowed).map(Verdict::remaining))
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.range(0, 20).boxed().toList());
        assertThat(verdicts.stream().filter(verdict -> !verdict.allowed()))
                .hasSize(40)
                .allMatch(verdict -> verdict.remaining() == 0 && verdict.retryMicros() > 0 && !verdict.isImpossible());
    }

    @Test
    void checksOfACostThatComeTogetherTakeWhatTheyCan() {
        Policy policy = Policies.of(Algorithm.SLIDING_LOG, 20, Duration.ofHours(1));

        List<Future<LimitStore.Decision>> asked = IntStream.range(0, 10)
                .mapToObj(i -> store.decide(List.of(new Check(policy, "crowd", 3)), true))
                .toList();

        assertThat(asked.stream().filter(each -> Settled.value(each).spent())).hasSize(6);
        assertThat(Settled.value(store.decide(List.of(new Check(policy, "crowd", 2)), true))
                        .spent())
                .isTrue();
    }

    @Test
    void checksThatCanNeverBeSpentAreNotSpentTogetherEither() {
        Policy policy = Policies.of(Algorithm.TOKEN_BUCKET, 2, Duration.ofHours(1));

        assertThat(IntStream.range(0, 5)
                        .mapToObj(i -> store.decide(List.of(new Check(policy, "crowd", 3)), true))
                        .toList())
                .allMatch(each -> Settled.value(each).verdicts().getFirst().isImpossible());
    }

    @Test
    void ofAShadowPolicyThoseThatFindNoRoomAreToldSo() {
        Policy policy = Policies.shadow(Policies.of(Algorithm.FIXED_WINDOW, 4, Duration.ofHours(1)));

        List<Future<LimitStore.Decision>> asked = IntStream.range(0, 10)
                .mapToObj(i -> store.decide(List.of(new Check(policy, "crowd", 1)), true))
                .toList();

        assertThat(asked.stream()
                        .filter(each ->
                                Settled.value(each).verdicts().getFirst().allowed()))
                .hasSize(4);
    }
}
