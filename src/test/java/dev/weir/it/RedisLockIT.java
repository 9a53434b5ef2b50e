package dev.weir.it;

import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Locks on Redis. */
class RedisLockIT extends LockContract {

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
}
