package dev.weir.it;

import static dev.weir.it.Seen.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A lock that a replica must have before it is given. */
class LockReplicasIT {

    private static final String BODY = "{\"ttl\":\"10m\"}";

    private static HttpResponse<byte[]> acquire(WeirProcess weir, String name) {
        return Http.send(
                "POST", weir.url("/v1/locks/" + name), BODY.getBytes(StandardCharsets.UTF_8), Duration.ofSeconds(30));
    }

    @Test
    void noLockIsGivenThatNoReplicaHas() {
        try (RedisServer master = RedisServer.start();
                RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1 " + master.port());
                WeirProcess weir = WeirProcess.builder()
                        .redis(master)
                        .property("weir.redis.timeout", "3s")
                        .property("weir.lock.replicas", "1")
                        .start()) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> acquire(weir, "first").statusCode() == 201);
            JsonNode held = json(Http.get(weir.url("/v1/locks/first")), 200);
            assertThat(held.path("held").asBoolean()).isTrue();

            replica.freeze();
            JsonNode refused = json(acquire(weir, "second"), 503);
            assertThat(refused.path("type").asText()).isEqualTo("urn:weir:problem:store-unavailable");
            assertThat(refused.path("detail").asText()).contains("0 of the 1 replicas", "weir.lock.replicas");
            await().atMost(Duration.ofSeconds(10)).until(() -> !json(Http.get(weir.url("/v1/locks/second")), 200)
                    .path("held")
                    .asBoolean());

            replica.thaw();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> acquire(weir, "third").statusCode() == 201);
        }
    }
}
