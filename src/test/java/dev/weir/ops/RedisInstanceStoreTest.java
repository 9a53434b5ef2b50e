package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.Keys;
import dev.weir.redis.TestGateway;
import dev.weir.store.Settled;
import dev.weir.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisInstanceStoreTest extends InstanceStoreContract {

    private static final String REPORTS = "weir:o:{instances}";
    private static final String SEEN = "weir:o:{instances}:seen";

    /** Puts the times at which processes were heard of back. */
    private static final String AGE = """
            for _, process in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
              redis.call('ZINCRBY', KEYS[1], -ARGV[1], process)
            end
            """;

    private static RedisServer redis;
    private static TestGateway gateway;

    private InstanceStore store;

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
        store = new RedisInstanceStore(gateway.gateway(), new Keys("weir:"));
    }

    @AfterEach
    void everyKeyHasAnEnd() {
        assertThat(gateway.availability().isUp()).isTrue();
        for (Object key : (List<?>) redis.command("KEYS", "*")) {
            assertThat((Long) redis.command("PTTL", (String) key))
                    .as((String) key)
                    .isPositive();
        }
    }

    @Override
    InstanceStore store() {
        return store;
    }

    @Override
    void age(long millis) {
        redis.command("EVAL", AGE, "1", SEEN, Long.toString(millis));
    }

    @Test
    void whoIsForgottenLeavesNothing() {
        Settled.value(store.publish("old", "1"));
        age(InstanceStore.FORGOTTEN.toMillis());
        Settled.value(store.publish("new", "1"));
        assertThat(redis.command("HKEYS", REPORTS)).isEqualTo(List.of("new"));
        assertThat(redis.command("ZRANGE", SEEN, "0", "-1")).isEqualTo(List.of("new"));
    }

    @Test
    void allOfItIsForgottenTenMinutesAfterTheLastReport() {
        Settled.value(store.publish("a", "1"));
        Settled.value(store.reset());
        assertThat((Long) redis.command("PTTL", REPORTS)).isBetween(590_000L, 600_000L);
        assertThat((Long) redis.command("PTTL", SEEN)).isBetween(590_000L, 600_000L);
    }

    /** The figures are wanted most when Redis is full. */
    @Test
    void aFullRedisTakesReportsAndResets() {
        redis.command("CONFIG", "SET", "maxmemory", "1");
        try {
            for (int i = 0; i < 3; i++) {
                Settled.value(store.publish("a", "report " + i));
                long epoch = Settled.value(store.reset());
                assertThat(Settled.value(store.publish("b", "1"))).isEqualTo(epoch);
            }
            assertThat(Settled.value(store.list()).instances())
                    .extracting(InstanceStore.Seen::report)
                    .containsExactlyInAnyOrder("report 2", "1");
        } finally {
            redis.command("CONFIG", "SET", "maxmemory", "0");
        }
    }

    @Test
    void whatAForeignHandLeftIsNoInstance() {
        redis.command("ZADD", SEEN, "9999999999999", "ghost");
        redis.command("PEXPIRE", SEEN, "60000");
        assertThat(Settled.value(store.list()).instances()).isEmpty();
    }
}
