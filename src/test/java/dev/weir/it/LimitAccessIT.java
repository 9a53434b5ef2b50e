package dev.weir.it;

import static dev.weir.it.Seen.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which role each call of a limit needs. */
class LimitAccessIT {

    private static final Map<String, String> TOKENS =
            Map.of("read", "token-of-the-reader-1", "write", "token-of-the-writer-2", "admin", "token-of-the-admin-3");

    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        WeirProcess.Builder builder = WeirProcess.builder()
                .property("weir.limits.api.limit", "1000")
                .property("weir.limits.api.window", "1h")
                .property("weir.limits.slots.limit", "1000")
                .property("weir.limits.slots.window", "1h")
                .property("weir.limits.slots.algorithm", "concurrency");
        TOKENS.forEach((role, token) -> builder.property("weir.auth.tokens." + role + ".value", token)
                .property("weir.auth.tokens." + role + ".role", role));
        weir = builder.start();
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            GET    | /v1/limits                      | `` | read
            POST   | /v1/limits                      | {"checks":[{"policy":"api","key":"k"}]} | read
            GET    | /v1/limits/api                  | `` | read
            POST   | /v1/limits/api/k                | `` | read
            GET    | /v1/limits/api/k                | `` | read
            DELETE | /v1/limits/api/k                | `` | admin
            GET    | /v1/limits/api/k/override       | `` | read
            PUT    | /v1/limits/api/k/override       | {"limit":5} | admin
            DELETE | /v1/limits/api/k/override       | `` | admin
            PUT    | /v1/limits/slots/k/slot?id=0123456789abcdef-1 | `` | read
            DELETE | /v1/limits/slots/k/slot?id=0123456789abcdef-1 | `` | read
            GET    | /v1/gate/api?key=k              | `` | read
            POST   | /v1/gate/api/any/path           | `` | read
            """)
    void aCallNeedsItsRole(String method, String path, String body, String needed) {
        List<String> roles = List.of("read", "write", "admin");
        for (String role : roles) {
            HttpResponse<byte[]> answer = call(method, path, body, "Authorization", "Bearer " + TOKENS.get(role));
            if (roles.indexOf(role) >= roles.indexOf(needed)) {
                assertThat(answer.statusCode()).as(role).isIn(200, 204, 404);
            } else {
                assertThat(problem(answer, 403, "forbidden").path("detail").asText())
                        .contains(needed);
            }
        }
        HttpResponse<byte[]> stranger = call(method, path, body);
        problem(stranger, 401, "unauthorized");
        assertThat(Http.header(stranger, "RateLimit")).isNull();
    }

    private static HttpResponse<byte[]> call(String method, String path, String body, String... headers) {
        return Http.send(
                method,
                weir.url(path),
                body == null ? null : body.getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(30),
                headers);
    }
}
