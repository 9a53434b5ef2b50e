package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A Redis that is well and has no room: it reads and removes, and refuses to write. */
class FullRedisIT {

    private static RedisServer redis;
    private static Origin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        redis = RedisServer.start("--maxmemory-policy", "noeviction");
        origin = Origin.open();
        origin.on("/users/").body("from the origin");
        weir = WeirProcess.builder()
                .redis(redis)
                .property("weir.caches.users.origin.url", origin.url("/users/{key}"))
                .property("weir.caches.plain.ttl", "1h")
                .start();
        assertThat(Http.put(weir.url("/v1/caches/plain/entries/old"), "kept", "text/plain")
                        .statusCode())
                .isEqualTo(201);
        redis.command("CONFIG", "SET", "maxmemory", "1");
    }

    @AfterAll
    static void stop() {
        weir.close();
        origin.close();
        redis.close();
    }

    @Test
    void loadsAreAnsweredWithoutBeingStored() {
        for (int i = 1; i <= 2; i++) {
            HttpResponse<byte[]> response = Http.get(weir.url("/v1/caches/users/entries/42"));
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(Http.text(response)).isEqualTo("from the origin");
            assertThat(Http.header(response, "X-Cache")).isEqualTo("MISS");
            assertThat(Http.header(response, "Cache-Status")).doesNotContain("stored");
            assertThat(origin.calls("/users/42")).isEqualTo(i);
        }
    }

    @Test
    void aWriteIsRefusedInRedisOwnWords() {
        HttpResponse<byte[]> response = Http.put(weir.url("/v1/caches/plain/entries/new"), "x", "text/plain");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(Http.header(response, "Retry-After")).isEqualTo("1");
        assertThat(Http.json(response).path("type").asText()).isEqualTo("urn:weir:problem:store-unavailable");
        assertThat(Http.json(response).path("detail").asText()).contains("OOM");
    }

    @Test
    void whatIsThereIsReadAndCanBeRemoved() {
        HttpResponse<byte[]> read = Http.get(weir.url("/v1/caches/plain/entries/old"));
        assertThat(Http.text(read)).isEqualTo("kept");
        assertThat(Http.header(read, "Weir-Scope")).isEqualTo("shared");
        assertThat(Http.delete(weir.url("/v1/caches/plain/entries/old")).statusCode())
                .isEqualTo(204);
        assertThat(Http.get(weir.url("/v1/caches/plain/entries/old")).statusCode())
                .isEqualTo(404);
        assertThat(weir.logLinesMatching("Redis is unavailable")).isEmpty();
    }
}
