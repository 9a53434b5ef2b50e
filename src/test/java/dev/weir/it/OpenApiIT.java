package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.RawHttp;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is written of the service is what it does. */
class OpenApiIT {

    private static final Set<String> METHODS =
            Set.of("get", "head", "put", "post", "patch", "delete", "options", "trace");
    private static final Pattern ALLOW = Pattern.compile("(?i)\r\nallow: ([A-Z, ]+)\r\n");

    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        weir = WeirProcess.builder().start();
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static JsonNode document() {
        return json(Http.get(weir.url("/q/openapi?format=json")), 200);
    }

    private static Map<String, Set<String>> documented() {
        Map<String, Set<String>> methods = new TreeMap<>();
        document().path("paths").properties().forEach(path -> path.getValue()
                .fieldNames()
                .forEachRemaining(name -> {
                    if (METHODS.contains(name)) {
                        methods.computeIfAbsent(path.getKey(), key -> new TreeSet<>())
                                .add(name.toUpperCase(Locale.ROOT));
                    }
                }));
        return methods;
    }

    @Test
    void theDocumentHasTheOperationsOfTheContract() {
        assertThat(documented().entrySet().stream()
                        .flatMap(path -> path.getValue().stream().map(method -> method + " " + path.getKey())))
                .containsExactlyInAnyOrder(
                        "GET /v1/caches",
                        "DELETE /v1/caches",
                        "GET /v1/caches/{cache}",
                        "DELETE /v1/caches/{cache}",
                        "GET /v1/caches/{cache}/entries",
                        "DELETE /v1/caches/{cache}/entries",
                        "GET /v1/caches/{cache}/entries/{key}",
                        "HEAD /v1/caches/{cache}/entries/{key}",
                        "PUT /v1/caches/{cache}/entries/{key}",
                        "DELETE /v1/caches/{cache}/entries/{key}",
                        "GET /v1/caches/{cache}/aliases/{alias}",
                        "HEAD /v1/caches/{cache}/aliases/{alias}",
                        "POST /v1/caches/{cache}/batch",
                        "POST /v1/events/{event}",
                        "GET /v1/changes",
                        "GET /v1/limits",
                        "POST /v1/limits",
                        "GET /v1/limits/{policy}",
                        "POST /v1/limits/{policy}/{key}",
                        "GET /v1/limits/{policy}/{key}",
                        "DELETE /v1/limits/{policy}/{key}",
                        "GET /v1/limits/{policy}/{key}/override",
                        "PUT /v1/limits/{policy}/{key}/override",
                        "DELETE /v1/limits/{policy}/{key}/override",
                        "PUT /v1/limits/{policy}/{key}/slot",
                        "DELETE /v1/limits/{policy}/{key}/slot",
                        "GET /v1/gate/{policy}",
                        "GET /v1/gate/{policy}/{path}",
                        "HEAD /v1/gate/{policy}/{path}",
                        "POST /v1/gate/{policy}/{path}",
                        "PUT /v1/gate/{policy}/{path}",
                        "PATCH /v1/gate/{policy}/{path}",
                        "DELETE /v1/gate/{policy}/{path}",
                        "OPTIONS /v1/gate/{policy}/{path}",
                        "GET /v1/locks",
                        "POST /v1/locks/{name}",
                        "PATCH /v1/locks/{name}",
                        "DELETE /v1/locks/{name}",
                        "GET /v1/locks/{name}",
                        "GET /v1/warmers",
                        "GET /v1/warmers/{name}",
                        "GET /v1/warmers/{name}/runs",
                        "POST /v1/warmers/{name}/runs",
                        "GET /v1/warmers/{name}/runs/{id}",
                        "GET /v1/stats",
                        "DELETE /v1/stats",
                        "GET /v1/stats/events",
                        "GET /v1/health/redis");
    }

    /** The service itself says which methods a path has, when it is asked for one that it cannot have. */
    @Test
    void theServiceHasTheseOperationsAndNoOthers() {
        documented().forEach((path, methods) -> {
            String filled = path.replace("{cache}", "default").replaceAll("\\{[a-z]+}", "x");
            byte[] answer = RawHttp.exchange(weir.port(), "BREW " + filled + " HTTP/1.1\r\nHost: weir\r\n\r\n");
            Matcher allow = ALLOW.matcher(RawHttp.text(answer));
            assertThat(RawHttp.status(answer)).as(path).isEqualTo(405);
            assertThat(allow.find()).as("Allow for " + path).isTrue();
            assertThat(Set.of(allow.group(1).split(", "))).as(path).isEqualTo(methods);
        });
    }

    @Test
    void everyOperationIsDescribed() {
        JsonNode document = document();
        assertThat(document.at("/info/title").asText()).isEqualTo("Weir");
        document.path("paths").forEach(path -> path.properties().stream()
                .filter(operation -> METHODS.contains(operation.getKey()))
                .map(Map.Entry::getValue)
                .forEach(operation -> {
                    assertThat(operation.path("operationId").asText()).isNotBlank();
                    assertThat(operation.path("summary").asText()).isNotBlank();
                    assertThat(operation.path("responses").has("400"))
                            .as(operation.path("operationId").asText())
                            .isTrue();
                }));
        assertThat(text(Http.get(weir.url("/q/openapi")), 200)).contains("/v1/caches/{cache}/entries/{key}");
    }

    @Test
    void thereIsAPageToTryIt() {
        HttpResponse<byte[]> page = Http.get(weir.url("/q/swagger-ui/"));
        assertThat(text(page, 200)).contains("swagger-ui").contains("/q/openapi");
        assertThat(Http.header(page, "Content-Type")).startsWith("text/html");
    }

    @Test
    void theMetricsOfTheContractAreThereAndNoKeyIsALabel() {
        String entry = weir.url("/v1/caches/default/entries/a-key-that-is-no-label");
        Http.put(entry, "x", "text/plain");
        text(Http.get(entry), 200);

        String page = text(Http.get(weir.url("/q/metrics")), 200);

        assertThat(page.lines().map(line -> line.split("[ {]", 2)[0]))
                .contains(
                        "weir_store_available",
                        "weir_cache_requests_total",
                        "weir_cache_get_seconds_bucket",
                        "weir_cache_get_seconds_count",
                        "weir_cache_load_seconds_count",
                        "weir_cache_stored_bytes_total",
                        "weir_cache_saved_bytes_total",
                        "weir_cache_evictions_total",
                        "weir_cache_near_entries",
                        "weir_http_requests_seconds_bucket",
                        "weir_http_long_requests_total",
                        "weir_redis_memory_used_bytes",
                        "weir_redis_memory_max_bytes",
                        "weir_redis_memory_ratio",
                        "weir_redis_evicted_keys_total",
                        "weir_redis_clients",
                        "weir_redis_ops_per_second",
                        "weir_redis_latency_seconds",
                        "weir_redis_hit_ratio");
        assertThat(page)
                .contains("weir_cache_requests_total{cache=\"default\",result=\"")
                .contains("# TYPE weir_cache_get_seconds histogram");
        assertThat(page).doesNotContain("a-key-that-is-no-label", "/v1/");
        assertThat(Seen.metric(weir, "weir_cache_requests_total", "cache=\"default\"", "result=\"memory\""))
                .isPositive();
    }
}
