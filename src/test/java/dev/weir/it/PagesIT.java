package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service shows beside its API: pages, documents, health and figures; and HTTP/2 on the way there. */
class PagesIT {

    private static final String READER = "token-of-the-reader-1";
    private static final String BEARER = "Bearer " + READER;
    /** What Prometheus says that it reads. */
    private static final String PROMETHEUS =
            "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
                    + "text/plain;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

    private static final Pattern FILE = Pattern.compile("(?:src|href)=\"([^\"#]+)\"");

    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        weir = WeirProcess.builder()
                .property("weir.auth.tokens.reader.value", READER)
                .property("weir.auth.tokens.reader.role", "read")
                .property("weir.auth.tokens.admin.value", "token-of-the-admin-22")
                .property("weir.auth.tokens.admin.role", "admin")
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static HttpResponse<byte[]> get(String path, String... headers) {
        return Http.get(weir.url(path), headers);
    }

    @Test
    void thePageHasAllItsFiles() {
        URI page = URI.create(weir.url("/q/swagger-ui/"));
        String html = text(Http.get(page.toString()), 200);
        List<String> files = FILE.matcher(html)
                .results()
                .map(found -> page.resolve(found.group(1)))
                .filter(file -> page.getAuthority().equals(file.getAuthority()))
                .map(URI::toString)
                .toList();

        assertThat(files).anyMatch(file -> file.endsWith(".js")).anyMatch(file -> file.endsWith(".css"));
        assertThat(files).allSatisfy(file -> {
            HttpResponse<byte[]> answer = Http.get(file);
            assertThat(answer.statusCode()).as(file).isEqualTo(200);
            assertThat(answer.body()).as(file).hasSizeGreaterThan(100);
            String type = String.valueOf(Http.header(answer, "Content-Type"));
            if (file.endsWith(".js")) {
                assertThat(type).as(file).contains("javascript");
            } else if (file.endsWith(".css")) {
                assertThat(type).as(file).startsWith("text/css");
            } else if (file.endsWith(".png")) {
                assertThat(type).as(file).isEqualTo("image/png");
            }
        });
    }

    @Test
    void thePageIsFoundWithoutItsSlashToo() {
        HttpResponse<byte[]> answer = get("/q/swagger-ui");

        assertThat(answer.statusCode()).isIn(200, 301, 302, 307, 308);
        if (answer.statusCode() != 200) {
            String there = String.valueOf(Http.header(answer, "Location"));
            assertThat(URI.create(weir.url("/q/")).resolve(there).getPath()).isEqualTo("/q/swagger-ui/");
        }
        assertThat(get("/q/swagger-ui/no-such-file.js").statusCode()).isEqualTo(404);
    }

    @Test
    void theContractComesAsJsonAndAsYaml() {
        HttpResponse<byte[]> yaml = get("/q/openapi");
        HttpResponse<byte[]> json = get("/q/openapi?format=json");

        assertThat(Http.header(yaml, "Content-Type")).contains("yaml");
        assertThat(Http.header(json, "Content-Type")).startsWith("application/json");
        JsonNode document = json(json, 200);
        assertThat(document.path("openapi").asText()).startsWith("3.");
        assertThat(text(yaml, 200))
                .contains("openapi: " + document.path("openapi").asText());
        Set<String> inYaml = Pattern.compile("(?m)^  \"?(/v1/[^:\"]*)\"?:")
                .matcher(text(yaml, 200))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(document.path("paths").fieldNames())
                .toIterable()
                .hasSizeGreaterThan(5)
                .containsExactlyInAnyOrderElementsOf(inYaml);
        assertThat(json(get("/q/openapi", "Accept", "application/json"), 200)).isEqualTo(document);
        assertThat(json(get("/q/openapi.json"), 200)).isEqualTo(document);
        assertThat(text(get("/q/openapi.yaml"), 200)).isEqualTo(text(yaml, 200));
    }

    @ParameterizedTest
    @CsvSource({"/q/health, 3", "/q/health/live, 1", "/q/health/ready, 1", "/q/health/started, 1"})
    void healthIsWhatAnOrchestratorReads(String path, int checks) {
        HttpResponse<byte[]> answer = get(path);

        JsonNode health = json(answer, 200);
        assertThat(Http.header(answer, "Content-Type")).startsWith("application/json");
        assertThat(health.path("status").asText()).isEqualTo("UP");
        List<JsonNode> own = health.path("checks")
                .valueStream()
                .filter(check -> check.path("name").asText().equals("weir"))
                .toList();
        assertThat(own)
                .hasSize(checks)
                .allMatch(check -> check.path("status").asText().equals("UP"));
    }

    @Test
    void figuresAreForWhoeverMayRead() {
        problem(get("/q/metrics"), 401, "unauthorized");
        problem(get("/q/metrics", "Authorization", "Bearer " + READER + "x"), 401, "unauthorized");
        Http.put(
                weir.url("/v1/caches/default/entries/measured"),
                "x",
                "text/plain",
                "Authorization",
                "Bearer token-of-the-admin-22");
        get("/v1/caches/default/entries/measured", "Authorization", BEARER);

        HttpResponse<byte[]> figures = get("/q/metrics", "Authorization", BEARER);

        assertThat(Http.header(figures, "Content-Type")).matches("(text/plain|application/openmetrics-text).*");
        assertThat(text(figures, 200).lines())
                .allMatch(line -> line.isEmpty()
                        || line.startsWith("#")
                        || line.matches("[a-z_0-9]+(\\{[^}]*})? [-+0-9.eEINaf]+"))
                .anyMatch(line -> line.startsWith("weir_cache_requests_total{cache=\"default\","))
                .anyMatch(line -> line.startsWith("weir_store_available"))
                .anyMatch(line -> line.startsWith("jvm_") || line.startsWith("process_"));
        assertThat(text(get("/q/metrics", "Authorization", BEARER, "Accept", PROMETHEUS), 200))
                .contains("weir_cache_requests_total{cache=\"default\",");
        HttpResponse<byte[]> plain = get("/q/metrics", "Authorization", BEARER, "Accept", "text/plain");
        assertThat(Http.header(plain, "Content-Type")).startsWith("text/plain");
        assertThat(text(plain, 200)).contains("weir_cache_requests_total{cache=\"default\",");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/q", "/q/", "/q/no-such-page", "/favicon.ico", "/v1", "/v2/caches", "/demo/users/1"})
    void whatIsNotThereIsAProblem(String path) {
        HttpResponse<byte[]> answer = get(path);

        if (answer.statusCode() != 200) {
            problem(answer, 404, "not-found");
        }
    }

    @Test
    void http2IsSpokenToWhoeverAsksForIt() throws IOException, InterruptedException {
        String large = "0123456789abcdef".repeat(20_000);
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .connectTimeout(Duration.ofSeconds(5))
                .build()) {
            URI entry = URI.create(weir.url("/v1/caches/default/entries/http2"));
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(entry).header("Authorization", "Bearer token-of-the-admin-22");

            HttpResponse<String> absent = client.send(request.GET().build(), BodyHandlers.ofString());
            assertThat(absent.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(absent.statusCode()).isEqualTo(404);
            assertThat(client.send(request.PUT(BodyPublishers.ofString(large)).build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(201);
            HttpResponse<String> read = client.send(request.GET().build(), BodyHandlers.ofString());
            assertThat(read.statusCode()).isEqualTo(200);
            assertThat(read.body()).isEqualTo(large);
            HttpResponse<String> refused =
                    client.send(HttpRequest.newBuilder(entry).GET().build(), BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        }
    }
}
