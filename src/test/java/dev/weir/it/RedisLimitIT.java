package dev.weir.it;

import static dev.weir.it.Checks.path;
import static dev.weir.it.Checks.spend;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Limits on Redis. */
class RedisLimitIT extends LimitContract {

    private static RedisServer redis;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        weir = settings().redis(redis).start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        redis.close();
    }

    @Override
    WeirProcess weir() {
        return weir;
    }

    @Override
    String itsScope() {
        return "shared";
    }

    @Test
    void everyKeyOfOursHasThePrefixAndAnEndAndIsShort() {
        for (String algorithm : ALGORITHMS) {
            spend(weir, algorithm, "ttl");
            spend(weir, algorithm, "long".repeat(100));
        }
        Http.put(weir.url(path("chat", "ttl") + "/override"), "{\"limit\":7}", "application/json");

        assertThat(redis.command("KEYS", "*"))
                .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                .contains("weir:l:{sliding-log:ttl}")
                .allSatisfy(key -> {
                    assertThat(key)
                            .startsWith("weir:l:{")
                            .doesNotContain("longlong")
                            .hasSizeLessThan(170);
                    assertThat((Long) redis.command("PTTL", key)).as(key).isNotEqualTo(-1L);
                });
    }

    @Test
    void aRefusedCheckWritesNothing() {
        spend(weir, "sliding-log", "unwritten", 5);
        Object before = redis.command("DUMP", "weir:l:{sliding-log:unwritten}");
        for (int cost = 1; cost <= 5; cost++) {
            assertThat(spend(weir, "sliding-log", "unwritten", cost).statusCode())
                    .isEqualTo(429);
        }
        assertThat(redis.command("DUMP", "weir:l:{sliding-log:unwritten}")).isEqualTo(before);
    }
}
