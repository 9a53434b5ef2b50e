package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** What several tests want to see of Weir's answers. */
public final class Seen {

    private Seen() {}

    /** {@code shared} or {@code local}; null when the answer does not say. */
    public static @Nullable String scope(HttpResponse<?> answer) {
        return Http.header(answer, "Weir-Scope");
    }

    public static @Nullable String xCache(HttpResponse<?> answer) {
        return Http.header(answer, "X-Cache");
    }

    /** The body, after a look at its status. */
    public static String text(HttpResponse<byte[]> answer, int status) {
        assertThat(answer.statusCode()).as(Http.text(answer)).isEqualTo(status);
        return Http.text(answer);
    }

    /** The body as JSON, after a look at its status. */
    public static JsonNode json(HttpResponse<byte[]> answer, int status) {
        assertThat(answer.statusCode()).as(Http.text(answer)).isEqualTo(status);
        return Http.json(answer);
    }

    /** The problem that the answer is, after a look at all that problems have in common. */
    public static JsonNode problem(HttpResponse<byte[]> answer, int status, String kind) {
        JsonNode problem = json(answer, status);
        assertThat(Http.header(answer, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(problem.path("type").asText()).isEqualTo("urn:weir:problem:" + kind);
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("title").asText()).isNotBlank();
        assertThat(problem.path("detail").asText()).isNotBlank();
        return problem;
    }

    /** {@code memory}, {@code shared} or {@code degraded}, as readiness says, which answers 200 whatever it is. */
    public static String mode(WeirProcess weir) {
        JsonNode ready = json(Http.get(weir.url("/q/health/ready")), 200);
        assertThat(ready.path("status").asText()).isEqualTo("UP");
        JsonNode data = StreamSupport.stream(ready.path("checks").spliterator(), false)
                .filter(check -> check.path("name").asText().equals("weir"))
                .findFirst()
                .orElseThrow()
                .path("data");
        String mode = data.path("mode").asText();
        assertThat(data.path("degraded").asBoolean()).as(ready.toString()).isEqualTo(mode.equals("degraded"));
        return mode;
    }

    /** The sum of the samples of a metric whose labels hold all of {@code labels}, such as {@code cache="users"}. */
    public static double metric(WeirProcess weir, String name, String... labels) {
        String page = text(Http.get(weir.url("/q/metrics")), 200);
        double[] values = page.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .filter(line -> Arrays.stream(labels).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .toArray();
        assertThat(values).as("samples of " + name).isNotEmpty();
        return Arrays.stream(values).sum();
    }
}
