package dev.weir.it.rfc;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Routes on a Weir without any Redis, near copies included. */
class MemoryRouteRfcIT extends RouteRfcContract {

    private static RouteRig rig;

    @BeforeAll
    static void start() {
        rig = RouteRig.start(true, builder -> builder);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Override
    RouteRig rig() {
        return rig;
    }
}
