package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.Keys;
import dev.weir.redis.TestGateway;
import dev.weir.testkit.RedisServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

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
}
