package dev.weir.it;

import static dev.weir.it.Seen.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** What tests of {@code /v1/stats} want to see of it. */
final class Stats {

    private Stats() {}

    static JsonNode of(WeirProcess weir) {
        return json(Http.get(weir.url("/v1/stats")), 200);
    }

    /** Killed instances are to be told of within that time, and all else is quicker. */
    static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(100));
    }

    /** The entry of a list whose member has this value; missing if there is none. */
    static JsonNode entry(JsonNode list, String member, String value) {
        return StreamSupport.stream(list.spliterator(), false)
                .filter(each -> each.path(member).asText().equals(value))
                .findFirst()
                .orElse(MissingNode.getInstance());
    }

    static JsonNode instance(JsonNode stats, String id) {
        return entry(stats.path("instances"), "id", id);
    }

    static List<String> instances(JsonNode stats, String state) {
        List<String> ids = new ArrayList<>();
        stats.path("instances").forEach(each -> {
            if (each.path("state").asText().equals(state)) {
                ids.add(each.path("id").asText());
            }
        });
        return ids;
    }

    /** The advice of that kind; there has to be one. */
    static JsonNode advice(JsonNode stats, String kind) {
        JsonNode advice = entry(stats.path("advice"), "kind", kind);
        assertThat(advice.isObject()).as(kind + " in " + stats).isTrue();
        return advice;
    }

    static List<String> kindsOfAdvice(JsonNode stats) {
        List<String> kinds = new ArrayList<>();
        stats.path("advice").forEach(each -> kinds.add(each.path("kind").asText()));
        return kinds;
    }

    /** What the live instances say of themselves adds up to what is said of them all. */
    static void assertAddsUp(JsonNode stats) {
        for (String member : List.of("hits", "near", "shared", "misses", "operations")) {
            long sum = 0;
            for (JsonNode instance : stats.path("instances")) {
                if (instance.path("state").asText().equals("live")) {
                    sum += instance.path("cache").path(member).asLong();
                }
            }
            assertThat(stats.path("cache").path(member).asLong()).as(member).isEqualTo(sum);
        }
    }
}
