package dev.weir.it;

import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Answer;
import dev.weir.testkit.Http;
import dev.weir.testkit.Ports;
import dev.weir.testkit.RawHttp;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.ScriptedOrigin.Request;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WireAnswer;
import dev.weir.testkit.WireClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a route tells its origin of the client, whom it believes, and what else it may be told to do. */
class ProxyHeadersIT {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static ScriptedOrigin origin;
    /** Believes nobody. */
    private static WeirProcess edge;
    /** Believes proxies on this machine and in 10.0.0.0/8. */
    private static WeirProcess behind;

    @BeforeAll
    static void start() {
        origin = ScriptedOrigin.open();
        edge = settings().launch();
        behind = settings()
                .property("weir.trusted-proxies", "127.0.0.1,10.0.0.0/8")
                .launch();
        edge.awaitReady();
        behind.awaitReady();
    }

    private static WeirProcess.Builder settings() {
        WeirProcess.Builder builder = WeirProcess.builder().property("weir.caches.answers.ttl", "1h");
        for (String route : List.of("plain", "hosted", "with", "few", "hasty", "reads", "writes")) {
            route(builder, route, route, origin.url());
        }
        route(builder, "below", "below", origin.url() + "/base/");
        route(builder, "dead", "dead", "http://127.0.0.1:" + Ports.free());
        route(builder, "nowhere", "nowhere", "http://no-such-host.invalid");
        route(builder, "kept", "kept", origin.url()).property("weir.routes.kept.cache", "answers");
        route(builder, "by-ip", "by-ip", origin.url())
                .property("weir.routes.by-ip.cache", "answers")
                .property("weir.routes.by-ip.key", "{client-ip}:{path}");
        return builder.property("weir.routes.hosted.preserve-host", "true")
                .property("weir.routes.with.headers.X-Api-Key", "k3y")
                .property("weir.routes.with.headers.User-Agent", "weir")
                .property("weir.routes.few.max-concurrent", "2")
                .property("weir.routes.hasty.timeout", "300ms")
                .property("weir.routes.reads.path", "/shared/*")
                .property("weir.routes.reads.methods", "get,HEAD")
                .property("weir.routes.reads.headers.X-Route", "reads")
                .property("weir.routes.writes.path", "/shared/*")
                .property("weir.routes.writes.methods", "POST")
                .property("weir.routes.writes.headers.X-Route", "writes");
    }

    private static WeirProcess.Builder route(WeirProcess.Builder builder, String name, String path, String to) {
        return builder.property("weir.routes." + name + ".path", "/" + path + "/*")
                .property("weir.routes." + name + ".origin", to);
    }

    @AfterAll
    static void stop() {
        edge.close();
        behind.close();
        origin.close();
    }

    private static String path(String route) {
        String path = "/" + route + "/" + NUMBER.incrementAndGet();
        origin.answers(path, Answer.of(200));
        return path;
    }

    /** Sends GET with these header lines, and returns what the origin saw of it. */
    private static Request seen(WeirProcess weir, String path, String... lines) {
        WireAnswer answer = WireClient.exchange(weir.port(), "GET", request("GET", path, lines));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return origin.requests(path).getLast();
    }

    private static byte[] request(String method, String path, String... lines) {
        String head = method + " " + path + " HTTP/1.1\r\nHost: weir.example:81\r\n";
        for (String line : lines) {
            head += line + "\r\n";
        }
        return (head + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static final String[] CLAIMS = {
        "X-Forwarded-For: 203.0.113.1",
        "X-Forwarded-For: 203.0.113.2, 10.0.0.7",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: shop.example",
        "X-Forwarded-Port: 443",
        "X-Forwarded-Prefix: /shop",
        "X-Real-IP: 203.0.113.2",
        "Forwarded: for=203.0.113.2;proto=https"
    };

    @ParameterizedTest
    @ValueSource(strings = {"plain", "kept"})
    void theOriginIsToldWhoAsksForWhat(String route) {
        for (WeirProcess weir : List.of(edge, behind)) {
            Request seen = seen(weir, path(route));
            assertThat(seen.header("X-Forwarded-For")).isEqualTo("127.0.0.1");
            assertThat(seen.header("X-Forwarded-Proto")).isEqualTo("http");
            assertThat(seen.header("X-Forwarded-Host")).isEqualTo("weir.example:81");
            assertThat(seen.header("Forwarded")).isEqualTo("for=127.0.0.1;host=\"weir.example:81\";proto=http");
            assertThat(seen.header("Via")).isEqualTo("1.1 weir");
            assertThat(seen.fields().all("Host")).containsExactly(origin.url().substring("http://".length()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "kept"})
    void whatAnUntrustedPeerClaimsDoesNotReachTheOrigin(String route) {
        Request seen = seen(edge, path(route), CLAIMS);
        assertThat(seen.fields().all("X-Forwarded-For")).containsExactly("127.0.0.1");
        assertThat(seen.fields().all("X-Forwarded-Proto")).containsExactly("http");
        assertThat(seen.fields().all("X-Forwarded-Host")).containsExactly("weir.example:81");
        assertThat(seen.fields().all("Forwarded")).containsExactly("for=127.0.0.1;host=\"weir.example:81\";proto=http");
        for (String name : List.of("X-Forwarded-Port", "X-Forwarded-Prefix", "X-Real-IP")) {
            assertThat(seen.fields().has(name)).as(name).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "kept"})
    void whatATrustedProxySaysIsCarriedOn(String route) {
        Request seen = seen(behind, path(route), CLAIMS);
        assertThat(seen.header("X-Forwarded-For")).isEqualTo("203.0.113.1, 203.0.113.2, 10.0.0.7, 127.0.0.1");
        assertThat(seen.header("X-Forwarded-Proto")).isEqualTo("https");
        assertThat(seen.header("X-Forwarded-Host")).isEqualTo("shop.example");
        assertThat(seen.header("X-Forwarded-Port")).isEqualTo("443");
        assertThat(seen.header("X-Forwarded-Prefix")).isEqualTo("/shop");
        assertThat(seen.header("X-Real-IP")).isEqualTo("203.0.113.2");
        assertThat(seen.header("Forwarded"))
                .isEqualTo("for=203.0.113.2;proto=https, for=127.0.0.1;host=\"weir.example:81\";proto=http");
    }

    /** How often the origin is asked shows who is taken for one and the same client. */
    @Test
    void aKeyHoldsTheClientThatATrustedProxyNamesAndNoOther() {
        String path = path("by-ip");
        String first = "X-Forwarded-For: 203.0.113.1";
        seen(edge, path, first);
        seen(edge, path, "X-Forwarded-For: 203.0.113.2");
        seen(edge, path, "X-Real-IP: 203.0.113.3", "Forwarded: for=203.0.113.3");
        assertThat(origin.requests(path)).as("all are 127.0.0.1").hasSize(1);

        seen(behind, path, first);
        assertThat(origin.requests(path)).hasSize(2);
        seen(behind, path, "X-Forwarded-For: 203.0.113.1, 10.1.2.3");
        seen(behind, path, "X-Forwarded-For: 198.51.100.9, 203.0.113.1:4711");
        assertThat(origin.requests(path)).as("all are 203.0.113.1").hasSize(2);
        seen(behind, path, "X-Forwarded-For: 203.0.113.2");
        assertThat(origin.requests(path)).hasSize(3);
        seen(behind, path, "X-Forwarded-For: [2001:db8::1]:80");
        seen(behind, path, "X-Forwarded-For: 2001:DB8:0::1");
        assertThat(origin.requests(path)).as("both are 2001:db8::1").hasSize(4);
        seen(behind, path, "X-Forwarded-For: unknown");
        seen(behind, path, "X-Forwarded-For: 203.0.113.9, <script>");
        seen(behind, path);
        assertThat(origin.requests(path)).as("all are 127.0.0.1").hasSize(5);
    }

    // What else a route may be told

    @Test
    void theClientsHostReachesTheOriginIfItIsToBePreserved() {
        assertThat(seen(edge, path("hosted")).fields().all("Host")).containsExactly("weir.example:81");
    }

    @Test
    void headersOfTheRouteReplaceThoseOfTheClient() {
        Request seen = seen(edge, path("with"), "X-Api-Key: guessed", "x-api-key: again", "User-Agent: curl");
        assertThat(seen.fields().all("X-Api-Key")).containsExactly("k3y");
        assertThat(seen.fields().all("User-Agent")).containsExactly("weir");
    }

    @Test
    void anOriginMayHaveAPathOfItsOwn() {
        origin.answers("/base/below/x", Answer.of(200).body("based"));
        assertThat(text(Http.get(edge.url("/below/x?a=b")), 200)).isEqualTo("based");
        assertThat(origin.requests("/base/below/x").getFirst().target()).isEqualTo("/base/below/x?a=b");
    }

    @Test
    void routesOfOnePathMayTakeMethodsEach() {
        String path = path("shared");
        text(Http.get(edge.url(path)), 200);
        text(Http.head(edge.url(path)), 200);
        text(Http.post(edge.url(path), "x", "text/plain"), 200);
        assertThat(origin.requests(path))
                .extracting(request -> request.method() + " " + request.header("X-Route"))
                .containsExactly("GET reads", "HEAD reads", "POST writes");
        problem(Http.delete(edge.url(path)), 404, "not-found");
        assertThat(origin.requests(path)).hasSize(3);
    }

    @Test
    void fieldsThatConnectionNamesDoNotReachTheOrigin() {
        Request seen = seen(
                edge,
                path("plain"),
                "Connection: X-Hop, x-forwarded-for",
                "X-Hop: 1",
                "Keep-Alive: 5",
                "TE: trailers",
                "X-End: 1");
        assertThat(seen.fields().has("X-Hop")).isFalse();
        assertThat(seen.fields().has("Keep-Alive")).isFalse();
        assertThat(seen.fields().has("TE")).isFalse();
        assertThat(seen.header("X-End")).isEqualTo("1");
        assertThat(seen.header("X-Forwarded-For"))
                .as("the client cannot have it dropped")
                .isEqualTo("127.0.0.1");
        assertThat(seen(behind, path("with"), "Connection: X-Api-Key").header("X-Api-Key"))
                .isEqualTo("k3y");
    }

    @ParameterizedTest
    @CsvSource({"TRACE, plain", "TRACE, kept", "CONNECT, plain"})
    void someMethodsAreNotPassedOn(String method, String route) {
        String path = path(route);
        byte[] answer = RawHttp.exchange(edge.port(), request(method, path, "Max-Forwards: 0", "Cookie: secret"));
        assertThat(RawHttp.status(answer)).isIn(400, 405);
        assertThat(RawHttp.text(answer)).doesNotContain("secret");
        assertThat(origin.requests(path)).isEmpty();
    }

    // Limits

    @Test
    void moreCallsThanAllowedWaitForTheirTurn() {
        String path = path("few");
        CountDownLatch go = new CountDownLatch(1);
        origin.answers(path, request -> Answer.of(200).heldBy(go));
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(CompletableFuture.supplyAsync(() -> Http.get(edge.url(path)), Thread::startVirtualThread));
        }
        await().until(() -> origin.requests(path).size() == 2);
        await().during(Duration.ofMillis(400)).until(() -> origin.requests(path).size() == 2);
        go.countDown();
        answers.forEach(answer -> text(answer.join(), 200));
        assertThat(origin.requests(path)).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void anOriginThatDoesNotAnswerInTimeIs504(String method) {
        String path = path("hasty");
        CountDownLatch go = new CountDownLatch(1);
        origin.answers(path, Answer.of(200).heldBy(go));
        HttpResponse<byte[]> answer = Http.send(
                method,
                edge.url(path),
                method.equals("GET") ? null : "x".getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(20));
        assertThat(problem(answer, 504, "origin-timeout").path("timeoutMs").asInt())
                .isEqualTo(300);
        assertThat(Http.header(answer, "Cache-Status")).startsWith("weir; fwd=");
        go.countDown();
        assertThat(origin.requests(path)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"GET, dead", "POST, dead", "GET, nowhere"})
    void anOriginThatCannotBeReachedIs502(String method, String route) {
        HttpResponse<byte[]> answer = Http.send(
                method,
                edge.url("/" + route + "/x"),
                method.equals("GET") ? null : "x".getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(20));
        problem(answer, 502, "origin-failed");
        assertThat(Http.text(answer)).doesNotContain("Exception", "java.");
    }

    @Test
    void anOriginThatHangsUpWithoutAWordIs502() {
        String path = path("plain");
        origin.answers(path, Answer.disconnect());
        problem(Http.get(edge.url(path)), 502, "origin-failed");
        problem(Http.post(edge.url(path), "x", "text/plain"), 502, "origin-failed");
        assertThat(origin.requests(path))
                .as("what is safe is tried once more, and nothing else")
                .extracting(Request::method)
                .containsExactly("GET", "GET", "POST");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Odd: a\0b",
                "X-Odd: a\rb",
                "X-Odd: a\u0001b",
                "X Odd: a",
                "X-Odd : a",
                ": a",
                "X-\u00c4: a",
                "no colon"
            })
    void anOriginWhoseFieldsAreNoneIsAnsweredForWithoutHarm(String line) {
        for (String route : List.of("plain", "kept")) {
            String path = path(route);
            String[] field = line.split(": ?", 2);
            origin.answers(path, Answer.of(200, field[0], field.length < 2 ? "" : field[1]));
            for (int i = 0; i < 2; i++) {
                byte[] answer = RawHttp.exchange(edge.port(), request("GET", path, "Connection: close"));
                assertThat(RawHttp.status(answer))
                        .as(line + RawHttp.text(answer))
                        .isIn(200, 502);
                assertThat(RawHttp.text(answer)).as(line).doesNotContain("\0", "\u0001", "a\rb");
            }
        }
    }

    // What the client is told

    @Test
    void answersOfStorageSayWhereTheyAreFrom() {
        String path = path("kept");
        assertThat(xCache(Http.get(edge.url(path)))).isEqualTo("MISS");
        HttpResponse<byte[]> hit = Http.get(edge.url(path));
        assertThat(xCache(hit)).isEqualTo("HIT");
        assertThat(scope(hit)).isEqualTo("local");
        HttpResponse<byte[]> passed = Http.get(edge.url(path("plain")));
        assertThat(scope(passed)).as("storage had no part in it").isNull();
        HttpResponse<byte[]> written = Http.post(edge.url(path), "x", "text/plain");
        assertThat(xCache(written)).isEqualTo("BYPASS");
        assertThat(Http.header(written, "Cache-Status")).isEqualTo("weir; fwd=method; fwd-status=200");
    }

    @Test
    void aRouteThatLeadsBackToItselfEnds() {
        try (WeirProcess loop = loop()) {
            problem(Http.get(loop.url("/loop/x")), 502, "origin-failed");
        }
    }

    private static WeirProcess loop() {
        for (int attempt = 0; ; attempt++) {
            int port = Ports.free();
            try {
                return WeirProcess.builder()
                        .property("quarkus.http.port", Integer.toString(port))
                        .property("weir.routes.loop.path", "/loop/*")
                        .property("weir.routes.loop.origin", "http://127.0.0.1:" + port)
                        .start();
            } catch (IllegalStateException taken) {
                if (attempt == 3) {
                    throw taken;
                }
            }
        }
    }
}
