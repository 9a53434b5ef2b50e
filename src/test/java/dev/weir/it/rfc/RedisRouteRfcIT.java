package dev.weir.it.rfc;

import dev.weir.testkit.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Routes on Redis alone: with no near copies each hit is what Redis had. */
class RedisRouteRfcIT extends RouteRfcContract {

    private static RedisServer redis;
    private static RouteRig rig;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        rig = RouteRig.start(false, RouteRig.on(redis));
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
