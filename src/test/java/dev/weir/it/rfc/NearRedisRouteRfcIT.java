package dev.weir.it.rfc;

import dev.weir.testkit.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Routes on Redis with near copies before it. */
class NearRedisRouteRfcIT extends RouteRfcContract {

    private static RedisServer redis;
    private static RouteRig rig;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        rig = RouteRig.start(true, RouteRig.on(redis));
    }

    @AfterAll
    static void stop() {
        rig.close();
        redis.close();
    }

    @Override
    RouteRig rig() {
        return rig;
    }
}
