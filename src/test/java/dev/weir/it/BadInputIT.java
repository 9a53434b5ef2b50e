package dev.weir.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.testkit.Http;
import dev.weir.testkit.RawHttp;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a caller can do wrong, byte by byte: each time the answer is the problem that it is and names the culprit, and
 * Weir goes on, on the same connection and on others, without a word in its log.
 */
class BadInputIT {

    private static final String ENTRY = "/v1/caches/default/entries/k";
    private static final String LIST = "/v1/caches/default/entries";
    private static final String BATCH = "/v1/caches/default/batch";
    private static final String SMALL = "/v1/caches/small/entries/k";
    private static final String WITNESS = "/v1/caches/default/entries/witness";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        weir = WeirProcess.builder()
                .property("weir.caches.small.max-entry-size", "1KiB")
                .property("weir.events.user-updated.removes", "default:{id},default:@{email}")
                .start();
        assertThat(Http.put(weir.url(WITNESS), "still here", "text/plain").statusCode())
                .isEqualTo(201);
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    @AfterEach
    void servesAndHasNothingToComplainAbout() {
        assertThat(Seen.text(Http.get(weir.url(WITNESS)), 200)).isEqualTo("still here");
        assertThat(weir.logLinesMatching("ERROR|Exception|^\\s+at |nobody foresaw"))
                .isEmpty();
    }

    /**
     * One mistake.
     *
     * @param culprit what {@code detail} or {@code field} must hold
     * @param closes whether the connection has to end, because nobody can tell where the next request begins
     */
    record Mistake(String name, byte[] request, int status, String kind, String culprit, boolean closes) {

        @Override
        public String toString() {
            return name;
        }
    }

    /** One answer as it came. */
    private record Answer(int status, String head, byte[] body) {}

    static Stream<Mistake> names() {
        return Stream.of(
                get("name of a cache with a space", "/v1/caches/a%20b/entries/k", "cache"),
                get("name of a cache that is too long", "/v1/caches/" + "c".repeat(65) + "/entries/k", "cache"),
                get("name of a cache that is empty", "/v1/caches//entries/k", "cache"),
                get("name of a cache with a broken escape", "/v1/caches/a%zz/entries/k", "cache"),
                get("name of a cache with a slash", "/v1/caches/a%2Fb", "cache"),
                get("name of no cache at all", "/v1/caches/", "cache"),
                mistake("unknown cache", "GET", "/v1/caches/nope/entries/k", 404, "not-found", "nope"),
                mistake("unknown cache to list", "GET", "/v1/caches/nope/entries", 404, "not-found", "nope"),
                mistake("unknown cache to show", "GET", "/v1/caches/nope", 404, "not-found", "nope"),
                mistake("unknown cache to clear", "DELETE", "/v1/caches/nope", 404, "not-found", "nope"),
                mistake("unknown cache to watch", "GET", "/v1/changes?cache=nope", 404, "not-found", "nope"),
                get("bad name of a cache to watch", "/v1/changes?cache=a%20b", "cache"),
                get("empty pattern to watch", "/v1/changes?pattern=", "pattern"),
                get("key of 513 bytes", LIST + "/" + "k".repeat(513), "key"),
                get("key of 171 characters and 513 bytes", LIST + "/" + "%E2%82%AC".repeat(171), "key"),
                get("key with NUL", LIST + "/a%00b", "key"),
                get("empty key", LIST + "/", "key"),
                get("key with a percent sign at its end", LIST + "/100%", "key"),
                get("key with half an escape", LIST + "/a%4", "key"),
                get("key with an escape of no number", LIST + "/a%zzb", "key"),
                get("key that is no UTF-8", LIST + "/%FF%FE", "key"),
                get("key with an overlong slash", LIST + "/a%C0%AFb", "key"),
                get("key with an encoded surrogate", LIST + "/%ED%A0%80", "key"),
                get("key of raw bytes that are no UTF-8", LIST + "/a\u00ffb", "key"),
                get("empty alias", "/v1/caches/default/aliases/", "alias"),
                get("alias of 513 bytes", "/v1/caches/default/aliases/" + "a".repeat(513), "alias"),
                mistake("name of an event with a space", "POST", "/v1/events/a%20b", 400, "bad-request", "event"),
                mistake("unknown path", "GET", "/v1/nope", 404, "not-found", "path"),
                mistake("unknown path below a cache", "GET", "/v1/caches/default/nope", 404, "not-found", "path"),
                mistake("unknown path outside of v1", "GET", "/nope", 404, "not-found", "path"),
                mistake("unknown path with a body", "POST", "/nope", "{}", 404, "not-found", "path"),
                mistake("the base alone", "GET", "/v1/", 404, "not-found", "path"));
    }

    static Stream<Mistake> parameters() {
        Stream<Mistake> durations = Stream.of(
                        "5",
                        "-1s",
                        "1y",
                        "99999999999999s",
                        "999999999999d",
                        "",
                        "0s",
                        "0",
                        "PT0S",
                        "PT-1S",
                        "P1Y",
                        "1.5s",
                        "5%20minutes",
                        "30S",
                        "%C3%A9")
                .map(text -> put("ttl=" + text, ENTRY + "?ttl=" + text, "", "ttl"));
        Stream<Mistake> others = Stream.of(
                put("stale=soon", ENTRY + "?stale=soon", "", "stale"),
                put("ttl twice", ENTRY + "?ttl=5s&ttl=6s", "", "ttl"),
                put("ttl with a broken escape", ENTRY + "?ttl=%zz", "", "ttl"),
                put("a parameter's name with a broken escape", ENTRY + "?%zz=1", "", "query"),
                put("unknown parameter of a PUT", ENTRY + "?tll=5s", "", "tll"),
                put("a parameter in the wrong case", ENTRY + "?TTL=5s", "", "TTL"),
                get("unknown parameter of a GET", ENTRY + "?fresh=1", "fresh"),
                mistake("unknown parameter of a DELETE", "DELETE", ENTRY + "?soft", 400, "bad-request", "soft"),
                get("unknown parameter of a listing", LIST + "?size=5", "size"),
                get("unknown parameter of the caches", "/v1/caches?verbose=true", "verbose"),
                put("empty tag", ENTRY + "?tag=", "", "tag"),
                put("tag of 257 bytes", ENTRY + "?tag=" + "t".repeat(257), "", "tag"),
                put("tag with a line feed", ENTRY + "?tag=a%0Ab", "", "tag"),
                put("65 tags", ENTRY + "?tag=t" + "&tag=t".repeat(64), "", "tag"),
                put("empty alias to store", ENTRY + "?alias=", "", "alias"),
                put("alias with NUL", ENTRY + "?alias=a%00", "", "alias"),
                get("limit=0", LIST + "?limit=0", "limit"),
                get("limit=1001", LIST + "?limit=1001", "limit"),
                get("limit=abc", LIST + "?limit=abc", "limit"),
                get("limit=", LIST + "?limit=", "limit"),
                get("limit=99999999999", LIST + "?limit=99999999999", "limit"),
                get("cursor that nobody gave", LIST + "?cursor=nonsense!", "cursor"),
                get("empty pattern to list", LIST + "?pattern=", "pattern"),
                mistake("neither tag nor pattern", "DELETE", LIST, 400, "bad-request", "tag"),
                mistake("both tag and pattern", "DELETE", LIST + "?tag=a&pattern=b", 400, "bad-request", "pattern"),
                mistake("empty tag to remove", "DELETE", LIST + "?tag=", 400, "bad-request", "tag"),
                mistake("empty pattern to remove", "DELETE", LIST + "?pattern=", 400, "bad-request", "pattern"),
                mistake("two patterns", "DELETE", LIST + "?pattern=a&pattern=b", 400, "bad-request", "pattern"));
        return Stream.concat(durations, others);
    }

    static Stream<Mistake> headersAndMethods() {
        return Stream.of(
                put("If-Match and If-None-Match", ENTRY, "If-Match: *\r\nIf-None-Match: *\r\n", "If-Match"),
                put("If-None-Match of a PUT that is no star", ENTRY, "If-None-Match: \"abc\"\r\n", "If-None-Match"),
                put("If-Match without quotation marks", ENTRY, "If-Match: abc\r\n", "If-Match"),
                put("empty If-Match", ENTRY, "If-Match:\r\n", "If-Match"),
                mistake(
                        "weak If-Match",
                        412,
                        "precondition-failed",
                        "If-Match",
                        put(WITNESS, "If-Match: W/\"abc\"\r\n")),
                mistake(
                        "If-Match of a foreign tag",
                        412,
                        "precondition-failed",
                        "If-Match",
                        put(WITNESS, "If-Match: \"x\"\r\n")),
                mistake(
                        "If-Match: * on nothing",
                        412,
                        "precondition-failed",
                        "If-Match",
                        put(ENTRY, "If-Match: *\r\n")),
                mistake(
                        "If-None-Match: * on something",
                        412,
                        "precondition-failed",
                        "If-None-Match",
                        put(WITNESS, "If-None-Match: *\r\n")),
                mistake(
                        "Content-Encoding: gzip",
                        415,
                        "unsupported-media-type",
                        "gzip",
                        put(ENTRY, "Content-Encoding: gzip\r\n")),
                put(
                        "Content-Type that is too long",
                        ENTRY,
                        "Content-Type: a/" + "b".repeat(300) + "\r\n",
                        "Content-Type"),
                mistake("POST to an entry", "POST", ENTRY, "x", 405, "method-not-allowed", "DELETE, GET, HEAD, PUT"),
                mistake("PATCH of the caches", "PATCH", "/v1/caches", "{}", 405, "method-not-allowed", "DELETE, GET"),
                mistake("GET of a batch", "GET", BATCH, 405, "method-not-allowed", "POST"),
                mistake("a method that nobody knows", "BREW", ENTRY, 405, "method-not-allowed", "BREW"),
                mistake("OPTIONS", "OPTIONS", ENTRY, 405, "method-not-allowed", "OPTIONS"));
    }

    static Stream<Mistake> bodies() {
        String thousandAndOne = "{\"get\":[\"a\"" + ",\"a\"".repeat(1000) + "]}";
        String deep = "{\"put\":[{\"key\":\"k\",\"value\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}]}";
        return Stream.of(
                batch("batch without a body", "", "body"),
                batch("batch of blanks", "  \n ", "body"),
                batch("batch that is no JSON", "get=a", "body"),
                batch("batch that breaks off", "{\"get\":[\"a\"", "body"),
                batch("batch with text after its end", "{\"get\":[]} x", "body"),
                batch("batch and another one", "{\"get\":[]}{\"get\":[]}", "body"),
                batch("batch with a field twice", "{\"get\":[\"a\"],\"get\":[\"b\"]}", "get"),
                batch("batch with a comma too many", "{\"get\":[\"a\",]}", "body"),
                batch("batch with NaN", "{\"put\":[{\"key\":\"k\",\"value\":NaN}]}", "body"),
                batch("batch that is no UTF-8", "{\"get\":[\"\u00ff\u00fe\"]}", "body"),
                batch("batch that is an array", "[]", "body"),
                batch("batch that is null", "null", "body"),
                batch("batch with an unknown field", "{\"fetch\":[\"a\"]}", "fetch"),
                batch("batch with get of a string", "{\"get\":\"a\"}", "get"),
                batch("batch with get of a number", "{\"get\":[1]}", "get"),
                batch("batch with put of an object", "{\"put\":{}}", "put"),
                batch("batch with put of a string", "{\"put\":[\"a\"]}", "put[0]"),
                batch(
                        "batch with an unknown field of a put",
                        "{\"put\":[{\"key\":\"a\",\"value\":1,\"tll\":\"5s\"}]}",
                        "put[0].tll"),
                batch("batch with delete of null", "{\"delete\":[null]}", "delete"),
                batch("batch of 1001 items", thousandAndOne, "1001"),
                batch("batch that is nested too deeply", deep, "body"),
                mistake(
                        "batch with Content-Encoding",
                        415,
                        "unsupported-media-type",
                        "br",
                        post(BATCH, "{}", "Content-Encoding: br\r\n")),
                mistake("unknown event", "POST", "/v1/events/nope", "{}", 404, "not-found", "nope"),
                mistake(
                        "event without a placeholder",
                        "POST",
                        "/v1/events/user-updated",
                        "{\"id\":1}",
                        400,
                        "bad-request",
                        "email"),
                mistake(
                        "event with null",
                        "POST",
                        "/v1/events/user-updated",
                        "{\"id\":1,\"email\":null}",
                        400,
                        "bad-request",
                        "email"),
                mistake(
                        "event with an object",
                        "POST",
                        "/v1/events/user-updated",
                        "{\"id\":{},\"email\":\"a\"}",
                        400,
                        "bad-request",
                        "id"),
                mistake(
                        "event with a fraction",
                        "POST",
                        "/v1/events/user-updated",
                        "{\"id\":1.5,\"email\":\"a\"}",
                        400,
                        "bad-request",
                        "id"),
                mistake(
                        "event with an empty value",
                        "POST",
                        "/v1/events/user-updated",
                        "{\"id\":\"\",\"email\":\"a\"}",
                        400,
                        "bad-request",
                        "id"),
                mistake("event that is an array", "POST", "/v1/events/user-updated", "[1]", 400, "bad-request", "body"),
                mistake("event that is no JSON", "POST", "/v1/events/user-updated", "id=1", 400, "bad-request", "body"),
                closing(
                        "event that is too large",
                        413,
                        "too-large",
                        "65536",
                        post("/v1/events/user-updated", "{\"id\":\"" + "x".repeat(70_000) + "\"}", "")),
                closing("value that says it is too large", 413, "too-large", "1024", put(SMALL, "", "x".repeat(1025))),
                closing(
                        "value that says it has terabytes",
                        413,
                        "too-large",
                        "1024",
                        head("PUT", SMALL, "Content-Length: 9999999999999\r\n")),
                closing(
                        "value in chunks that is too large",
                        413,
                        "too-large",
                        "1024",
                        head("PUT", SMALL, "Transfer-Encoding: chunked\r\n")
                                + ("100\r\n" + "x".repeat(256) + "\r\n").repeat(5)
                                + "0\r\n\r\n"));
    }

    static Stream<Mistake> all() {
        return Stream.of(names(), parameters(), headersAndMethods(), bodies()).flatMap(mistakes -> mistakes);
    }

    @ParameterizedTest
    @MethodSource("all")
    void isAnsweredWithTheProblemThatItIs(Mistake mistake) throws IOException {
        String next = "GET " + WITNESS + " HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\r\n";
        byte[] both = concat(mistake.request, mistake.closes ? new byte[0] : next.getBytes(ISO_8859_1));

        List<Answer> answers = answers(RawHttp.exchangeAll(weir.port(), both));

        assertThat(answers).as("answers").hasSize(mistake.closes ? 1 : 2);
        Answer answer = answers.getFirst();
        String text = new String(answer.body, UTF_8);
        assertThat(answer.status).as(text).isEqualTo(mistake.status);
        assertThat(answer.head).containsIgnoringCase("content-type: application/problem+json\r\n");
        JsonNode problem = JSON.readTree(answer.body);
        assertThat(problem.path("type").asText()).as(text).isEqualTo("urn:weir:problem:" + mistake.kind);
        assertThat(problem.path("status").asInt()).as(text).isEqualTo(mistake.status);
        assertThat(problem.path("title").asText()).isNotBlank();
        assertThat(problem.path("detail").asText() + " " + problem.path("field").asText())
                .contains(mistake.culprit);
        assertThat(text).doesNotContain("dev.weir", "java.", "io.vertx", "com.fasterxml");
        if (mistake.status == 400) {
            assertThat(problem.path("field").asText()).as("field of " + text).isNotBlank();
        }
        if (mistake.status == 405) {
            assertThat(answer.head).containsIgnoringCase("\r\nallow: ");
        }
        if (mistake.status == 413) {
            assertThat(problem.path("maxBytes").asLong()).isPositive();
        }
        if (!mistake.closes) {
            assertThat(new String(answers.get(1).body, UTF_8)).isEqualTo("still here");
        }
    }

    @Test
    void whatWasRefusedIsNotStored() {
        assertThat(Http.get(weir.url(ENTRY)).statusCode()).isEqualTo(404);
        assertThat(Http.get(weir.url(SMALL)).statusCode()).isEqualTo(404);
    }

    @Test
    void anItemThatIsWrongFailsAlone() {
        String request = """
                {"get": ["", "witness"],
                 "put": [{"key": "batch-good", "value": 1},
                         {"value": 1},
                         {"key": "a"},
                         {"key": "", "value": 1},
                         {"key": 7, "value": 1},
                         {"key": "a", "value": 1, "ttl": "5"},
                         {"key": "a", "value": 1, "ttl": 5},
                         {"key": "a", "value": 1, "stale": "-1s"},
                         {"key": "a", "value": 1, "tags": "t"},
                         {"key": "a", "value": 1, "tags": [""]},
                         {"key": "a", "value": 1, "aliases": [1]},
                         {"key": "a", "value": {"base64": "***", "contentType": "image/gif"}},
                         {"key": "a\\ud800", "value": 1}],
                 "delete": ["a\\u0000", "batch-good"]}
                """;
        JsonNode answer = Seen.json(Http.post(weir.url(BATCH), request, "application/json"), 200);

        assertThat(statuses(answer.path("get"))).containsExactly(400, 200);
        assertThat(statuses(answer.path("put")))
                .containsExactly(201, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400);
        assertThat(statuses(answer.path("delete"))).containsExactly(400, 204);
        assertThat(answer.path("put").findValuesAsText("field"))
                .containsExactly(
                        "put[1].key",
                        "put[2].value",
                        "put[3].key",
                        "put[4].key",
                        "put[5].ttl",
                        "put[6].ttl",
                        "put[7].stale",
                        "put[8].tags",
                        "put[9].tags",
                        "put[10].aliases",
                        "put[11].value.base64",
                        "put[12].key");
        assertThat(answer.findValuesAsText("type")).containsOnly("urn:weir:problem:bad-request");
        assertThat(Http.get(weir.url("/v1/caches/default/entries/a")).statusCode())
                .isEqualTo(404);
    }

    private static List<Integer> statuses(JsonNode results) {
        List<Integer> statuses = new ArrayList<>();
        results.forEach(result -> statuses.add(result.path("status").asInt()));
        return statuses;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 100\r\n\r\nonly this",
                "Transfer-Encoding: chunked\r\n\r\n40\r\nonly this",
                "Transfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n"
            })
    void ofABodyThatBreaksOffNothingIsStored(String rest) throws IOException {
        String entry = "/v1/caches/default/entries/truncated";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), weir.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("PUT " + entry + " HTTP/1.1\r\nHost: weir\r\n" + rest).getBytes(ISO_8859_1));
            socket.shutdownOutput();
            // Once Weir has closed its side, too, it has done with the request whatever it does.
            assertThat(RawHttp.status(socket.getInputStream().readAllBytes())).isIn(0, 400);
        }
        assertThat(Http.get(weir.url(entry)).statusCode()).isEqualTo(404);
    }

    @Test
    void aCallerThatHangsUpWithinItsBodyLeavesNothingBehind() throws IOException {
        String entry = "/v1/caches/default/entries/hung-up";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), weir.port())) {
            socket.setSoLinger(true, 0);
            socket.getOutputStream()
                    .write(("PUT " + entry + " HTTP/1.1\r\nHost: weir\r\nContent-Length: 9\r\n\r\nhalf")
                            .getBytes(ISO_8859_1));
        }
        await().during(Duration.ofMillis(300)).atMost(Duration.ofSeconds(5)).until(() -> {
            assertThat(Http.get(weir.url(entry)).statusCode()).isEqualTo(404);
            return true;
        });
    }

    /**
     * What is no HTTP is refused before there is an endpoint, with an answer or without: all that matters is that it is
     * not Weir that failed.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "GET\r\n\r\n",
                "GET /v1/caches HTTP/9.9\r\nHost: weir\r\n\r\n",
                "GET /v1/caches HTTP/1.1\r\nHost: weir\r\nno colon here\r\n\r\n",
                "GET /v1/caches HTTP/1.1\r\nHost: weir\r\nBad Name: x\r\n\r\n",
                "PUT /v1/caches/default/entries/k HTTP/1.1\r\nHost: weir\r\nContent-Length: abc\r\n\r\n",
                "PUT /v1/caches/default/entries/k HTTP/1.1\r\nHost: weir\r\nContent-Length: -5\r\n\r\n",
                "PUT /v1/caches/default/entries/k HTTP/1.1\r\nHost: weir\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
                "PUT /v1/caches/default/entries/k HTTP/1.1\r\nHost: weir\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
                "PUT /v1/caches/default/entries/k HTTP/1.1\r\nHost: weir\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n"
            })
    void whatIsNoHttpIsTheCallersFault(String request) {
        int status = RawHttp.status(RawHttp.exchange(weir.port(), request));

        assertThat(status).matches(refused -> refused == 0 || refused >= 400 && refused < 500, "closed, or 4xx");
        assertThat(Http.get(weir.url(ENTRY)).statusCode()).isEqualTo(404);
    }

    @Test
    void headersThatAreTooLargeAreRefused() {
        String line = "GET " + ENTRY + " HTTP/1.1\r\nHost: weir\r\n";

        assertThat(RawHttp.status(RawHttp.exchange(weir.port(), line + "X-Long: " + "x".repeat(100_000) + "\r\n\r\n")))
                .isEqualTo(431);
        assertThat(RawHttp.status(RawHttp.exchange(
                        weir.port(), "GET /v1/" + "x".repeat(100_000) + " HTTP/1.1\r\nHost: weir\r\n\r\n")))
                .isEqualTo(414);
    }

    @Test
    void aRequestWithoutHostIsAnsweredAllTheSame() {
        byte[] answer = RawHttp.exchange(weir.port(), "GET " + WITNESS + " HTTP/1.1\r\n\r\n");
        byte[] old = RawHttp.exchange(weir.port(), "GET " + WITNESS + " HTTP/1.0\r\n\r\n");

        assertThat(RawHttp.status(answer)).isIn(200, 400);
        assertThat(RawHttp.text(old)).endsWith("still here");
    }

    @Test
    void bytesThatNobodyEncodedAreTakenAsUtf8() {
        String put = "PUT /v1/caches/default/entries/caf\u00e9 HTTP/1.1\r\nHost: weir\r\nContent-Length: 2\r\n\r\nau";

        assertThat(RawHttp.status(RawHttp.exchange(weir.port(), put.getBytes(UTF_8))))
                .isEqualTo(201);
        assertThat(Seen.text(Http.get(weir.url("/v1/caches/default/entries/caf%C3%A9")), 200))
                .isEqualTo("au");
    }

    private static Mistake get(String name, String target, String culprit) {
        return mistake(name, "GET", target, 400, "bad-request", culprit);
    }

    private static Mistake put(String name, String target, String headers, String culprit) {
        return mistake(name, 400, "bad-request", culprit, put(target, headers));
    }

    private static Mistake batch(String name, String body, String culprit) {
        return mistake(name, "POST", BATCH, body, 400, "bad-request", culprit);
    }

    private static Mistake mistake(String name, String method, String target, int status, String kind, String culprit) {
        return mistake(name, method, target, null, status, kind, culprit);
    }

    private static Mistake mistake(
            String name, String method, String target, @Nullable String body, int status, String kind, String culprit) {
        String request = body == null
                ? head(method, target, "")
                : head(method, target, "Content-Length: " + body.length() + "\r\n") + body;
        return mistake(name, status, kind, culprit, request);
    }

    private static Mistake mistake(String name, int status, String kind, String culprit, String request) {
        return new Mistake(name, request.getBytes(ISO_8859_1), status, kind, culprit, false);
    }

    private static Mistake closing(String name, int status, String kind, String culprit, String request) {
        return new Mistake(name, request.getBytes(ISO_8859_1), status, kind, culprit, true);
    }

    private static String put(String target, String headers) {
        return put(target, headers, "value");
    }

    private static String put(String target, String headers, String body) {
        return head("PUT", target, headers + "Content-Length: " + body.length() + "\r\n") + body;
    }

    private static String post(String target, String body, String headers) {
        return head("POST", target, headers + "Content-Length: " + body.length() + "\r\n") + body;
    }

    private static String head(String method, String target, String headers) {
        return method + " " + target + " HTTP/1.1\r\nHost: weir\r\n" + headers + "\r\n";
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** The answers in these bytes, each of which has a Content-Length. */
    private static List<Answer> answers(byte[] bytes) {
        List<Answer> answers = new ArrayList<>();
        String text = RawHttp.text(bytes);
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf("\r\n\r\n", from) + 4;
            assertThat(end).as("the end of the headers in " + text).isGreaterThan(from + 4);
            String head = text.substring(from, end);
            int length = head.lines()
                    .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
                    .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                    .findFirst()
                    .orElse(0);
            byte[] body =
                    text.substring(end, Math.min(text.length(), end + length)).getBytes(ISO_8859_1);
            answers.add(new Answer(RawHttp.status(head.getBytes(ISO_8859_1)), head, body));
            from = end + length;
        }
        return answers;
    }
}
