package dev.weir.ops;

import dev.weir.store.Availability;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * What an orchestrator asks. Liveness never looks at Redis: a restart would not bring it back. Readiness is up while
 * this instance can serve, which it can without Redis; the body says how it serves.
 */
final class Health {

    private Health() {}

    /** The process answers. */
    @Liveness
    @Singleton
    static final class Live implements HealthCheck {
        @Override
        public HealthCheckResponse call() {
            return HealthCheckResponse.up("weir");
        }
    }

    /** Requests are served: from Redis, from memory because Redis is away, or from memory because there is none. */
    @Readiness
    @Singleton
    static final class Ready implements HealthCheck {

        private final Availability availability;

        Ready(Availability availability) {
            this.availability = availability;
        }

        @Override
        public HealthCheckResponse call() {
            String mode = !availability.isShared() ? "memory" : availability.isUp() ? "shared" : "degraded";
            return HealthCheckResponse.named("weir")
                    .up()
                    .withData("mode", mode)
                    .withData("degraded", availability.isDegraded())
                    .withData("since", availability.since().toString())
                    .build();
        }
    }

    /** The first attempt to reach Redis is over, since no request is taken before. */
    @Startup
    @Singleton
    static final class Started implements HealthCheck {
        @Override
        public HealthCheckResponse call() {
            return HealthCheckResponse.up("weir");
        }
    }
}
