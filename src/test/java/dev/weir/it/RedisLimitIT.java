package dev.weir.it;

import static dev.weir.it.Checks.path;
import static dev.weir.it.Checks.spend;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
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
                .filteredOn(key -> !key.startsWith("weir:o:{"))
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

    @Test
    void refusalsNeedNotBeRemembered() {
        try (WeirProcess forgetful = settings()
                .redis(redis)
                .property("weir.limit.near-max-entries", "0")
                .start()) {
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> Seen.mode(forgetful).equals("shared"));
            spend(forgetful, "figures", "forgotten", 2);
            for (int i = 0; i < 5; i++) {
                assertThat(spend(forgetful, "figures", "forgotten").statusCode())
                        .isEqualTo(429);
            }
            JsonNode figures = Checks.figures(forgetful, "figures");
            assertThat(figures.path("denied").asLong()).isEqualTo(5);
            assertThat(figures.path("nearRefusals").asLong(-1)).isZero();
        }
    }
}
