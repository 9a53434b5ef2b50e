package dev.weir.it;

import static dev.weir.it.Seen.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;

/** Warmers as they are called and looked at from outside. */
public final class WarmerRuns {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private WarmerRuns() {}

    public static String path(String warmer) {
        return "/v1/warmers/" + warmer + "/runs";
    }

    /** Begins a run, and returns it as it was answered. */
    public static JsonNode begin(WeirProcess weir, String warmer) {
        HttpResponse<byte[]> answer = Http.post(weir.url(path(warmer)));
        JsonNode run = json(answer, 202);
        assertThat(Http.header(answer, "Location"))
                .isEqualTo(path(warmer) + "/" + run.path("id").asText());
        return run;
    }

    /** A whole run, from its beginning to its end. */
    public static JsonNode whole(WeirProcess weir, String warmer) {
        return json(Http.post(weir.url(path(warmer) + "?wait=true")), 200);
    }

    /** A whole run that is waited for by somebody else. */
    public static CompletableFuture<HttpResponse<byte[]>> waiting(WeirProcess weir, String warmer) {
        String url = weir.url(path(warmer) + "?wait=true");
        return CompletableFuture.supplyAsync(() -> Http.post(url), Thread::startVirtualThread);
    }

    public static JsonNode run(WeirProcess weir, String warmer, String id) {
        return json(Http.get(weir.url(path(warmer) + "/" + id)), 200);
    }

    /** A run as soon as it is over. */
    public static JsonNode awaitEnd(WeirProcess weir, String warmer, String id) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> !state(run(weir, warmer, id))
                .equals("running"));
        return run(weir, warmer, id);
    }

    /** The latest runs first. */
    public static List<JsonNode> runs(WeirProcess weir, String warmer) {
        JsonNode body = json(Http.get(weir.url(path(warmer))), 200);
        return StreamSupport.stream(body.path("runs").spliterator(), false).toList();
    }

    public static String state(JsonNode run) {
        return run.path("state").asText();
    }

    /** {@code total warmed fresh failed}. */
    public static String counts(JsonNode run) {
        return run.path("total") + " " + run.path("warmed") + " " + run.path("fresh") + " " + run.path("failed");
    }

    public static HttpResponse<byte[]> entry(WeirProcess weir, String cache, String key) {
        return Http.get(weir.url("/v1/caches/" + cache + "/entries/" + key));
    }

    /** The lock of a warmer, as it stands. */
    public static JsonNode lock(WeirProcess weir, String warmer) {
        return json(Http.get(weir.url("/v1/locks/weir%2Fwarmer%2F" + warmer)), 200);
    }
}
