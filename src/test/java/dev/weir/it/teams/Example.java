package dev.weir.it.teams;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.mode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionFactory;

/** A team's example, and what the tests of all teams do with theirs. */
final class Example {

    /** Patience with a machine that is busy elsewhere. */
    static final Duration SOON = Duration.ofSeconds(20);

    private Example() {}

    /** An instance with this example's very file; nothing of it is another but where the API is. */
    static WeirProcess.Builder mounted(String team, String api) {
        return WeirProcess.builder()
                .mount(Path.of("deploy", "examples", team + ".properties").toAbsolutePath())
                .env("APP_URL", api)
                // Longer than what a busy machine takes for anything, so that only an outage is one.
                .property("weir.redis.timeout", "5s");
    }

    static ConditionFactory soon() {
        return await().atMost(SOON).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(20));
    }

    static void awaitMode(List<WeirProcess> weirs, String mode) {
        weirs.forEach(weir -> soon().until(() -> mode(weir).equals(mode)));
    }

    static String entry(String cache, String key) {
        return "/v1/caches/" + cache + "/entries/" + key;
    }

    static HttpResponse<byte[]> get(WeirProcess weir, String cache, String key) {
        return Http.get(weir.url(entry(cache, key)));
    }

    /** Stores text; {@code keyAndQuery} may bear tags and aliases. */
    static void put(WeirProcess weir, String cache, String keyAndQuery, String value) {
        HttpResponse<byte[]> stored = Http.put(weir.url(entry(cache, keyAndQuery)), value, "text/plain");
        assertThat(stored.statusCode()).as(Http.text(stored)).isIn(201, 204);
    }

    /** For how long new entries of a cache are fresh. */
    static Duration ttl(WeirProcess weir, String cache) {
        return Duration.ofMillis(json(Http.get(weir.url("/v1/caches/" + cache)), 200)
                .at("/settings/ttlMs")
                .asLong());
    }

    /** For how long an entry will yet be fresh, as a list of all entries tells. */
    static Duration left(WeirProcess weir, String cache, String key) {
        return Duration.ofMillis(json(Http.get(weir.url("/v1/caches/" + cache + "/entries?pattern=" + key)), 200)
                .at("/entries/0/ttlMs")
                .asLong());
    }

    /** How many entries an event has removed. */
    static int happened(WeirProcess weir, String event, String values) {
        return json(Http.post(weir.url("/v1/events/" + event), values, "application/json"), 200)
                .path("removed")
                .asInt();
    }

    /** How an instance sees Redis. */
    static JsonNode health(WeirProcess weir) {
        return json(Http.get(weir.url("/v1/health/redis")), 200);
    }

    /** The figures of all instances. */
    static JsonNode stats(WeirProcess weir) {
        return json(Http.get(weir.url("/v1/stats")), 200);
    }
}
