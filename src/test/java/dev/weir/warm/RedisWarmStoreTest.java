package dev.weir.warm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.Keys;
import dev.weir.redis.TestGateway;
import dev.weir.store.Settled;
import dev.weir.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisWarmStoreTest extends WarmStoreContract {

    private static final String COUNTS = "weir:h:{users}";
    private static final String AGE = "\0age";

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

    private WarmStore store;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        gateway = TestGateway.to(redis.url(), Duration.ofSeconds(5)).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        redis.close();
    }

    @BeforeEach
    void empty() {
        redis.command("FLUSHALL");
        store = new RedisWarmStore(gateway.gateway(), new Keys("weir:"));
    }

    @AfterEach
    void everyKeyHasAnEnd() {
        assertThat(gateway.availability().isUp()).isTrue();
        assertThat(redis.command("EVAL", IMMORTAL, "0")).isEqualTo(List.of());
    }

    @Override
    WarmStore store() {
        return store;
    }

    @Override
    long now() {
        return System.currentTimeMillis();
    }

    @Override
    void pass(Duration time) {
        // Redis' own clock goes on by itself; who asks does so until it has.
    }

    @Test
    void aRecordIsKeptForADayFromItsLastSave() {
        Settled.value(store.save(run("users", "a", now(), "done")));
        long day = WarmStore.KNOWN.toMillis();
        assertThat((Long) redis.command("PTTL", "weir:w:{users}:run:a")).isBetween(day - 60_000, day);
        assertThat((Long) redis.command("PTTL", "weir:w:{users}:runs")).isBetween(day - 60_000, day);
    }

    @Test
    void aRunWhoseRecordIsGoneIsNotListed() {
        Settled.value(store.save(run("users", "a", now(), "done")));
        Settled.value(store.save(run("users", "b", now() + 1, "done")));
        redis.command("DEL", "weir:w:{users}:run:b");
        assertThat(Settled.value(store.list("users", 10)))
                .extracting(run -> run.path("id").asText())
                .containsExactly("a");
    }

    @Test
    void countsAreHalvedWithEachPeriodThatHasPassed() {
        Settled.value(store.countReads("users", Map.of("much", 800L, "little", 1L)));
        aPeriodPasses();
        Settled.value(store.countReads("users", Map.of("new", 30L)));
        // A period of the real clock may have passed, too.
        assertThat(score("much")).isIn("400", "200");
        assertThat(score("new")).isEqualTo("30");
        assertThat(hot("users", 2)).containsExactly("much", "new");
        for (int i = 0; i < 4; i++) {
            aPeriodPasses();
        }
        Settled.value(store.countReads("users", Map.of("new", 60L)));
        assertThat(hot("users", 10)).containsExactly("new", "much");
        assertThat(score("little")).as("less than half a read").isNull();
    }

    @Test
    void whatStandsForTheAgeIsNoKeyAndTakesNobodysPlace() {
        Settled.value(store.countReads("users", Map.of("a", 1L)));
        assertThat(hot("users", 10)).containsExactly("a");
        assertThat((String) score(AGE)).startsWith("-");
    }

    @Test
    void whatWasCountedOfACacheThatNobodyReadsIsForgottenInADay() {
        Settled.value(store.countReads("users", Map.of("a", 1L)));
        assertThat((Long) redis.command("TTL", COUNTS)).isBetween(86_300L, 86_400L);
    }

    private static void aPeriodPasses() {
        redis.command("ZINCRBY", COUNTS, "1", AGE);
    }

    private static Object score(String key) {
        return redis.command("ZSCORE", COUNTS, key);
    }
}
