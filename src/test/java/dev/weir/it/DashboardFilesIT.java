package dev.weir.it;

import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import dev.weir.testkit.Http;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard's files as any client gets them, and who has {@code /}. */
class DashboardFilesIT {

    private static final String PAGE = "/q/dashboard/";

    /** What a file names of the others. */
    private static final Pattern NAMED = Pattern.compile("(?:src=|href=|from )[\"'](/q/dashboard/|\\./)([^\"']+)[\"']");

    private static ScriptedOrigin origin;
    private static WeirProcess weir;
    private static WeirProcess routed;

    @BeforeAll
    static void start() {
        origin = ScriptedOrigin.open();
        origin.answers("/", Answer.of(200, "Content-Type", "text/plain").body("of the origin"));
        // The page is open to those who have no token: it shows nothing of its own.
        WeirProcess.Builder closed = WeirProcess.builder()
                .property("weir.auth.tokens.reader.value", "token-of-the-reader-1")
                .property("weir.auth.tokens.reader.role", "read");
        weir = closed.launch();
        routed = WeirProcess.builder()
                .property("weir.routes.home.path", "/*")
                .property("weir.routes.home.origin", origin.url())
                .launch();
        weir.awaitReady();
        routed.awaitReady();
    }

    @AfterAll
    static void stop() {
        weir.close();
        routed.close();
        origin.close();
    }

    private static void hasTheHeadersOfThePage(HttpResponse<byte[]> answer) {
        String policy = Http.header(answer, "Content-Security-Policy");
        assertThat(Arrays.stream(policy.split("; ")))
                .contains(
                        "default-src 'none'",
                        "script-src 'self'",
                        "style-src 'self'",
                        "connect-src 'self'",
                        "base-uri 'none'",
                        "form-action 'none'",
                        "frame-ancestors 'none'",
                        "require-trusted-types-for 'script'");
        assertThat(policy).doesNotContain("unsafe", "*", "http:", "https:");
        assertThat(Http.header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(Http.header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(Http.header(answer, "Cache-Control")).isEqualTo("no-cache");
        assertThat(Http.header(answer, "Vary")).isEqualToIgnoringCase("Accept-Encoding");
        assertThat(Http.header(answer, "ETag")).matches("\"[^\"]+\"");
    }

    @Test
    void allFilesThatAFileNamesAreThereAndBearTheHeaders() {
        Set<String> seen = new TreeSet<>(Set.of("index.html"));
        Deque<String> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            String name = open.pop();
            HttpResponse<byte[]> answer = Http.get(weir.url(PAGE + name));
            String content = text(answer, 200);
            hasTheHeadersOfThePage(answer);
            assertThat(Http.header(answer, "Content-Type"))
                    .startsWith(
                            switch (name.substring(name.lastIndexOf('.') + 1)) {
                                case "html" -> "text/html";
                                case "css" -> "text/css";
                                case "js" -> "text/javascript";
                                default -> "image/svg+xml";
                            });
            if (!name.equals("chart.js")) {
                NAMED.matcher(content)
                        .results()
                        .map(found -> found.group(2))
                        .filter(seen::add)
                        .forEach(open::push);
                assertThat(content)
                        .as(name)
                        .doesNotContainPattern(
                                "<style|style=|\\son[a-z]+=|innerHTML|https?://(?!www\\.w3\\.org/2000/svg)");
            }
        }
        assertThat(seen)
                .contains("chart.js", "main.js", "stream.js", "theme.css", "weir.svg")
                .hasSizeGreaterThan(15);
    }

    @ParameterizedTest
    @CsvSource({"/, /q/dashboard/", "/q/dashboard/index.html, /q/dashboard/", "/q//dashboard/, /q/dashboard/"})
    void thePageIsTheSameWhereverItIs(String path, String other) {
        HttpResponse<byte[]> answer = Http.get(weir.url(path));

        hasTheHeadersOfThePage(answer);
        assertThat(text(answer, 200)).contains("<title>Weir</title>").isEqualTo(text(Http.get(weir.url(other)), 200));
    }

    @Test
    void withoutItsSlashItIsFoundToo() {
        HttpResponse<byte[]> answer = Http.get(weir.url("/q/dashboard"));

        assertThat(answer.statusCode()).isEqualTo(308);
        assertThat(Http.header(answer, "Location")).isEqualTo(PAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/q/dashboard/chart.js"})
    void headIsGetWithoutTheContent(String path) {
        HttpResponse<byte[]> get = Http.get(weir.url(path));
        HttpResponse<byte[]> head = Http.head(weir.url(path));

        hasTheHeadersOfThePage(head);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(Http.header(head, "ETag")).isEqualTo(Http.header(get, "ETag"));
        assertThat(Http.header(head, "Content-Length")).isEqualTo(Integer.toString(get.body().length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "gzip"})
    void whatIsKnownIsNotSentAgain(String encoding) {
        String url = weir.url(PAGE + "main.js");
        HttpResponse<byte[]> first = Http.get(url, "Accept-Encoding", encoding);
        String tag = Http.header(first, "ETag");

        HttpResponse<byte[]> second = Http.get(url, "Accept-Encoding", encoding, "If-None-Match", "\"other\", " + tag);

        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        hasTheHeadersOfThePage(second);
        assertThat(Http.header(second, "ETag")).isEqualTo(tag);
        text(Http.get(url, "Accept-Encoding", encoding, "If-None-Match", "\"other\""), 200);
    }

    @Test
    void gzipHoldsTheSameUnderAnotherTag() throws IOException {
        HttpResponse<byte[]> plain = Http.get(weir.url(PAGE + "chart.js"));
        HttpResponse<byte[]> packed = Http.get(weir.url(PAGE + "chart.js"), "Accept-Encoding", "br, gzip");

        assertThat(Http.header(packed, "Content-Encoding")).isEqualTo("gzip");
        assertThat(Http.header(plain, "Content-Encoding")).isNull();
        assertThat(packed.body().length).isLessThan(plain.body().length / 2);
        assertThat(Http.header(packed, "ETag")).isNotEqualTo(Http.header(plain, "ETag"));
        try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
            assertThat(unpacked.readAllBytes()).isEqualTo(plain.body());
        }
    }

    @ParameterizedTest
    @CsvSource({"POST, /", "PUT, /q/dashboard/main.js", "DELETE, /q/dashboard/", "OPTIONS, /q/dashboard/index.html"})
    void itIsThereToBeRead(String method, String path) {
        byte[] body = "x".getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> answer = Http.send(method, weir.url(path), body, Duration.ofSeconds(10));

        problem(answer, 405, "method-not-allowed");
        assertThat(Http.header(answer, "Allow")).isEqualTo("GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-such.js",
                "index.html/",
                "..%2Fdashboard%2Fmain.js",
                "main.js/x",
                "%2e%2e/%2e%2e/lua/cache/put.lua"
            })
    void whatIsNotAmongItsFilesDoesNotExist(String name) {
        problem(Http.get(weir.url(PAGE + name)), 404, "not-found");
    }

    @Test
    void aRouteThatTakesTheRootHasIt() {
        assertThat(text(Http.get(routed.url("/")), 200)).isEqualTo("of the origin");
        assertThat(origin.requests("/")).isNotEmpty();
        assertThat(text(Http.get(routed.url(PAGE)), 200)).contains("<title>Weir</title>");
    }
}
