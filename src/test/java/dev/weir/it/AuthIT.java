package dev.weir.it;

import static dev.weir.it.Seen.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.RawHttp;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what, with tokens from the configuration and from a file. */
class AuthIT {

    private static final Map<String, String> TOKENS = Map.of(
            "read", "token-of-the-reader-1",
            "write", "token-of-the-writer-2",
            "admin", "token-of-the-admin-3",
            "file-read", "token-of-another-reader-4");

    private static final String UNKNOWN = "token-that-nobody-gave-5";

    private static WeirProcess weir;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(
                directory.resolve("tokens"),
                "# who comes from the file\nadmin " + TOKENS.get("admin") + "\n\n  read   " + TOKENS.get("file-read")
                        + "\n");
        weir = WeirProcess.builder()
                .property("weir.auth.tokens.reader.value", TOKENS.get("read"))
                .property("weir.auth.tokens.reader.role", "read")
                .property("weir.auth.tokens.writer.value", TOKENS.get("write"))
                .property("weir.auth.tokens.writer.role", "write")
                .property("weir.events.happened.removes", "default:{id}")
                .property("quarkus.log.category.\"dev.weir\".level", "DEBUG")
                .env("WEIR_TOKENS_FILE", file.toString())
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static HttpResponse<byte[]> call(String method, String path, String... headers) {
        byte[] body = method.equals("PUT") || method.equals("POST") ? "{}".getBytes(StandardCharsets.UTF_8) : null;
        return Http.send(method, weir.url(path), body, Duration.ofSeconds(10), headers);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /v1/caches,                              read",
        "GET,    /v1/caches/default,                      read",
        "GET,    /v1/caches/default/entries,              read",
        "GET,    /v1/caches/default/entries/none,         read",
        "HEAD,   /v1/caches/default/entries/none,         read",
        "GET,    /v1/caches/default/aliases/none,         read",
        "HEAD,   /v1/caches/default/aliases/none,         read",
        "PUT,    /v1/caches/default/entries/some,         write",
        "DELETE, /v1/caches/default/entries/some,         write",
        "DELETE, /v1/caches/default/entries?pattern=none, write",
        "POST,   /v1/caches/default/batch,                write",
        "POST,   /v1/events/happened,                     write",
        "DELETE, /v1/caches/default,                      admin",
        "DELETE, /v1/caches,                              admin",
        "GET,    /q/metrics,                              read",
    })
    void aCallNeedsItsRole(String method, String path, String needed) {
        List<String> roles = List.of("read", "write", "admin");
        for (String role : roles) {
            HttpResponse<byte[]> answer = call(method, path, "Authorization", "Bearer " + TOKENS.get(role));
            if (roles.indexOf(role) >= roles.indexOf(needed)) {
                assertThat(answer.statusCode()).as(role).isNotIn(401, 403, 405, 500);
            } else {
                assertThat(problem(answer, 403, "forbidden").path("detail").asText())
                        .contains(needed);
            }
        }
        for (HttpResponse<byte[]> answer : List.of(
                call(method, path),
                call(method, path, "Authorization", "Bearer " + UNKNOWN),
                call(method, path, "Authorization", "Basic " + TOKENS.get("admin")))) {
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(Http.header(answer, "WWW-Authenticate")).startsWith("Bearer");
            if (!method.equals("HEAD")) {
                problem(answer, 401, "unauthorized");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer %s", "bearer %s", "BEARER   %s", "Bearer %s  "})
    void theSchemeIsTakenAsHttpWantsIt(String header) {
        for (String token : TOKENS.values()) {
            assertThat(call("GET", "/v1/caches", "Authorization", header.formatted(token))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Bearer", "Bearer ", "%s", "Bearer%s", "Token %s", "Bearer %s,", "Bearer %sx", "Bearer \"%s\""})
    void whatIsNoBearerTokenIsNone(String header) {
        String value = header.formatted(TOKENS.get("admin"));
        byte[] answer = RawHttp.exchange(
                weir.port(), "GET /v1/caches HTTP/1.1\r\nHost: weir\r\nAuthorization: " + value + "\r\n\r\n");

        assertThat(RawHttp.status(answer)).isEqualTo(401);
    }

    @Test
    void aTokenInTheQueryIsNone() {
        problem(call("GET", "/v1/caches?access_token=" + TOKENS.get("admin")), 401, "unauthorized");
    }

    @Test
    void aRefusedPutStoresNothingAndTheConnectionGoesOn() {
        String refused =
                "PUT /v1/caches/default/entries/refused HTTP/1.1\r\nHost: weir\r\nContent-Length: 5\r\n\r\nvalue";
        String next =
                "GET /v1/caches/default/entries/refused HTTP/1.1\r\nHost: weir\r\nConnection: close\r\nAuthorization: Bearer "
                        + TOKENS.get("read") + "\r\n\r\n";

        String answers =
                RawHttp.text(RawHttp.exchangeAll(weir.port(), (refused + next).getBytes(StandardCharsets.ISO_8859_1)));

        assertThat(answers).startsWith("HTTP/1.1 401");
        assertThat(answers.substring(1)).contains("HTTP/1.1 404");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/health", "/q/health/live", "/q/health/ready", "/q/health/started", "/q/openapi"})
    void healthAndTheContractAreForEverybody(String path) {
        assertThat(Http.get(weir.url(path)).statusCode()).isEqualTo(200);
    }

    /** Other spellings of a guarded path: whatever they lead to, it is not the figures. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/q/metrics",
                "/q/metrics/",
                "/q//metrics",
                "//q/metrics",
                "/q/./metrics",
                "/q/x/../metrics",
                "/q/%6Detrics",
                "/q/metrics;x=1",
                "/q/metrics?x=1",
                "/q/metrics/%2e",
                "/Q/metrics",
                "/q/health/../metrics",
                "/q/METRICS",
                "/q%2Fmetrics"
            })
    void noSpellingLeadsAroundTheRoleThatFiguresNeed(String path) {
        byte[] answer =
                RawHttp.exchange(weir.port(), "GET " + path + " HTTP/1.1\r\nHost: weir\r\nAccept: text/plain\r\n\r\n");

        assertThat(RawHttp.status(answer)).isIn(400, 401, 404);
        assertThat(RawHttp.text(answer)).doesNotContain("weir_store_available", "jvm_");
    }

    @Test
    void noTokenIsEverLogged() {
        call("GET", "/v1/caches", "Authorization", "Bearer " + UNKNOWN);
        call("DELETE", "/v1/caches", "Authorization", "Bearer " + TOKENS.get("read"));
        call("GET", "/v1/caches?token=" + TOKENS.get("read"), "Authorization", "Bearer " + TOKENS.get("read"));

        assertThat(weir.logLines()).isNotEmpty();
        assertThat(weir.log()).doesNotContain(TOKENS.values()).doesNotContain(UNKNOWN);
    }
}
