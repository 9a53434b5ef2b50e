package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Caches on Redis, one that wants a password. */
class RedisCacheIT extends CacheContract {

    private static final String PASSWORD = "p@ss/w:rd";

    private static RedisServer redis;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        redis = RedisServer.start("--requirepass", PASSWORD);
        weir = settings()
                .env("REDIS_HOST", "127.0.0.1")
                .env("REDIS_PORT", Integer.toString(redis.port()))
                .env("REDIS_PASSWORD", PASSWORD)
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        redis.close();
    }

    @Test
    void everyKeyOfOursHasThePrefixAndAnEnd() {
        Http.put(weir.url("/v1/caches/users/entries/ttl?tag=t&alias=a"), "x", "text/plain");

        assertThat(redis.command("KEYS", "*"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(String.class))
                .contains("weir:c:{users:ttl}")
                .allSatisfy(key -> {
                    assertThat(key).startsWith("weir:");
                    assertThat((Long) redis.command("PTTL", key)).as(key).isNotEqualTo(-1L);
                });
    }

    @Test
    void thePasswordIsNeverLogged() {
        assertThat(weir.logLines()).noneMatch(line -> line.contains(PASSWORD));
        assertThat(List.of(Seen.mode(weir))).containsExactly("shared");
    }

    @Override
    WeirProcess weir() {
        return weir;
    }

    @Override
    String itsScope() {
        return "shared";
    }

    @Override
    String itsStore() {
        return "shared";
    }
}
