package dev.weir.demo;

import io.quarkus.arc.profile.IfBuildProfile;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Instant;

/** {@code /demo/users/{id}}: an API that takes two seconds for every answer. Only the development profile has it. */
@Singleton
@IfBuildProfile("dev")
final class DemoOrigin {

    private static final long DELAY_MS = 2_000;
    private static final int FIRST = -20_000;

    private final Vertx vertx;

    DemoOrigin(Vertx vertx) {
        this.vertx = vertx;
    }

    void init(@Observes Router router) {
        router.get("/demo/users/:id").order(FIRST).handler(this::answer);
    }

    private void answer(RoutingContext rc) {
        String id = rc.pathParam("id");
        if (id == null || !id.matches("[A-Za-z0-9-]{1,64}")) {
            rc.response().setStatusCode(404).end();
            return;
        }
        vertx.setTimer(DELAY_MS, timer -> rc.response()
                .putHeader("Content-Type", "application/json")
                .end("{\"id\":\"" + id + "\",\"name\":\"User " + id + "\",\"madeAt\":\"" + Instant.now() + "\"}"));
    }
}
