package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.RawHttp;
import dev.weir.testkit.StreamingOrigin;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Requests that Weir and an origin could understand as two different things: none reaches the origin, and what comes after
 * it on the connection is nobody else's answer (RFC 9112, section 11).
 *
 * <p>Each case is sent with a second request behind it, in one write. The origin answers each request with its target, and
 * notes what it has seen.
 */
class SmugglingIT {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");

    /** What the origin saw: target, header lines and body, or that the body did not come whole. */
    private static final Queue<String> SEEN = new ConcurrentLinkedQueue<>();

    private static StreamingOrigin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        origin = StreamingOrigin.open();
        origin.otherwise(call -> {
            String body;
            try {
                body = new String(call.body().readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (IOException | NumberFormatException e) {
                SEEN.add(call.method() + " " + call.target() + " BROKEN OFF");
                return;
            }
            SEEN.add(call.method() + " " + call.target() + " " + call.fields() + " " + body);
            call.answer(
                    200,
                    "answer to " + call.method() + " " + call.target() + " [" + body + "]",
                    "Cache-Control: no-store");
        });
        weir = WeirProcess.builder()
                .property("weir.caches.answers.ttl", "1h")
                .property("weir.routes.plain.path", "/plain/*")
                .property("weir.routes.plain.origin", origin.url())
                .property("weir.routes.cached.path", "/cached/*")
                .property("weir.routes.cached.origin", origin.url())
                .property("weir.routes.cached.cache", "answers")
                // With it a path that climbs out of /plain or /cached would reach the origin, too.
                .property("weir.routes.rest.path", "/*")
                .property("weir.routes.rest.origin", origin.url())
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        origin.close();
    }

    /**
     * A request; {@code @} in it stands for the case's own path.
     *
     * @param framing true if it leaves open where it ends: then what follows may be a part of it, and must not be answered
     */
    private record Case(String name, String request, boolean framing) {}

    private static Case line(String name, String requestLine) {
        return new Case(name, requestLine + "\r\nHost: weir.example\r\n\r\n", false);
    }

    private static Case path(String path) {
        return line("path " + path.replace("@", ""), "GET " + path + " HTTP/1.1");
    }

    private static Case head(String name, String lines) {
        return new Case(name, "GET @ HTTP/1.1\r\nHost: weir.example\r\n" + lines + "\r\n\r\n", false);
    }

    private static Case host(String name, String lines) {
        return new Case(name, "GET @ HTTP/1.1\r\n" + lines + "\r\n", false);
    }

    private static Case body(String name, String lines, String body) {
        return new Case(name, "POST @ HTTP/1.1\r\nHost: weir.example\r\n" + lines + "\r\n\r\n" + body, true);
    }

    private static Case chunks(String name, String body) {
        return body("chunks: " + name, "Transfer-Encoding: chunked", body);
    }

    private static List<Case> cases() {
        String smuggled = "0\r\n\r\nGET /plain/smuggled HTTP/1.1\r\nHost: weir.example\r\n\r\n";
        return List.of(
                // Where the body ends
                body("two different lengths", "Content-Length: 5\r\nContent-Length: 6", "hello!"),
                body("two equal lengths", "Content-Length: 5\r\nContent-Length: 5", "hello"),
                body("a list of equal lengths", "Content-Length: 5, 5", "hello"),
                body("a list of different lengths", "Content-Length: 5, 6", "hello!"),
                body("a length with a sign", "Content-Length: +5", "hello"),
                body("a negative length", "Content-Length: -5", "hello"),
                body("a length in hexadecimal", "Content-Length: 0x5", "hello"),
                body("a length with a fraction", "Content-Length: 5.0", "hello"),
                body("a length with a blank in it", "Content-Length: 1 5", "hello"),
                body("a length that is none", "Content-Length: five", "hello"),
                body("an empty length", "Content-Length: ", "hello"),
                body("a length beyond all numbers", "Content-Length: 99999999999999999999999", "hello"),
                body("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked", smuggled),
                body("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 5", smuggled),
                body("a length of nothing and chunks", "Content-Length: 0\r\nTransfer-Encoding: chunked", smuggled),
                body("chunks twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
                body("chunks in a list, twice", "Transfer-Encoding: chunked, chunked", "0\r\n\r\n"),
                body("chunks, then identity", "Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
                body("identity", "Transfer-Encoding: identity", "hello"),
                body("identity with a length", "Transfer-Encoding: identity\r\nContent-Length: 5", "hello"),
                body("gzip", "Transfer-Encoding: gzip", "hello"),
                body("gzip, then chunks", "Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
                body("chunks in quotation marks", "Transfer-Encoding: \"chunked\"", "0\r\n\r\n"),
                body("chunks with a parameter", "Transfer-Encoding: chunked;q=1", "0\r\n\r\n"),
                body("nearly chunks", "Transfer-Encoding: xchunked", "0\r\n\r\n"),
                body("nearly chunks with a length", "Transfer-Encoding: xchunked\r\nContent-Length: 5", "hello"),
                body("chunks behind a vertical tab", "Transfer-Encoding: \u000bchunked", "0\r\n\r\n"),
                body("chunks before a NUL", "Transfer-Encoding: chunked\0", "0\r\n\r\n"),
                body("nearly chunks, and nothing of them", "Transfer-Encoding: xchunked", ""),
                body("identity, and nothing of it", "Transfer-Encoding: identity", ""),
                body("two equal lengths of nothing", "Content-Length: 0\r\nContent-Length: 0", ""),
                body("an empty transfer coding", "Transfer-Encoding: ", "0\r\n\r\n"),
                body("a blank before the colon", "Transfer-Encoding : chunked\r\nContent-Length: 5", smuggled),
                body("a tab before the colon", "Transfer-Encoding\t: chunked\r\nContent-Length: 5", smuggled),
                body("a blank before the colon of the length", "Content-Length : 5", "hello"),
                new Case(
                        "chunks over HTTP/1.0",
                        "POST @ HTTP/1.0\r\nHost: weir.example\r\nTransfer-Encoding: chunked\r\n\r\n" + smuggled,
                        true),
                new Case(
                        "chunks and a length over HTTP/1.0",
                        "POST @ HTTP/1.0\r\nHost: weir.example\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
                                + smuggled,
                        true),
                head("GET with length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
                new Case("lines that end in LF alone", "GET @ HTTP/1.1\nHost: weir.example\nX-Odd: 1\n\n", false),
                new Case(
                        "lines of which one ends in LF alone",
                        "GET @ HTTP/1.1\r\nX-Odd: 1\nHost: weir.example\r\n\r\n",
                        false),
                // Chunks
                chunks("a size that is none", "xyz\r\nhello\r\n0\r\n\r\n"),
                chunks("a negative size", "-5\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with a sign", "+5\r\nhello\r\n0\r\n\r\n"),
                chunks("a size with its base", "0x5\r\nhello\r\n0\r\n\r\n"),
                chunks("an empty size", "\r\nhello\r\n0\r\n\r\n"),
                chunks("a size beyond all numbers", "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
                chunks("a size that wraps around", "100000005\r\nhello\r\n0\r\n\r\n"),
                chunks("more bytes than the size", "5\r\nhello, world\r\n0\r\n\r\n"),
                // Fields
                head("a name with a blank in it", "X Odd: 1"),
                head("a name with a blank behind it", "X-Odd : 1"),
                head("no name", ": 1"),
                head("no colon", "X-Odd"),
                head("a name with a NUL", "X\0Odd: 1"),
                head("a name with a control character", "X\u0001Odd: 1"),
                head("a name with a bracket", "X(Odd): 1"),
                head("a name with a slash", "X/Odd: 1"),
                head("a name with a quotation mark", "X\"Odd\": 1"),
                head("a name beyond ASCII", "X-\u00c4: 1"),
                head("a NUL in a value", "X-Odd: a\0b"),
                head("a control character in a value", "X-Odd: a\u0001b"),
                head("DEL in a value", "X-Odd: a\u007fb"),
                head("a CR in a value", "X-Odd: a\rX-Smuggled: b"),
                head("a CR at the end of a value", "X-Odd: a\r\r\nX-Smuggled: b"),
                new Case("a blank before the first field", "GET @ HTTP/1.1\r\n Host: weir.example\r\n\r\n", false),
                // Host
                host("no Host", ""),
                host("two Hosts", "Host: weir.example\r\nHost: weir.example\r\n"),
                host("two different Hosts", "Host: weir.example\r\nHost: other.example\r\n"),
                host("a Host with a path", "Host: weir.example/x\r\n"),
                host("a Host with a user", "Host: user@weir.example\r\n"),
                host("a Host with a blank", "Host: weir.example other\r\n"),
                host("a Host with a port that is none", "Host: weir.example:http\r\n"),
                host("a Host with a quotation mark", "Host: weir.example\";x=\"y\r\n"),
                host("a Host with a query", "Host: weir.example?x\r\n"),
                host("a Host that is a list", "Host: a.example b.example\r\n"),
                // Targets
                line("a URL of another host", "GET http://other.example@ HTTP/1.1"),
                line("a URL of another port", "GET http://weir.example:81@ HTTP/1.1"),
                line("a URL with a user", "GET http://user@weir.example@ HTTP/1.1"),
                line("a URL of another scheme", "GET ftp://weir.example@ HTTP/1.1"),
                line("a path without its slash", "GET plain/x HTTP/1.1"),
                line("a fragment", "GET @#x HTTP/1.1"),
                line("a blank in the path", "GET @/a b HTTP/1.1"),
                line("a tab in the path", "GET @/a\tb HTTP/1.1"),
                line("a NUL in the path", "GET @/a\0b HTTP/1.1"),
                line("a control character in the query", "GET @?a\u0001b HTTP/1.1"),
                path("@/../x"),
                path("@/.."),
                path("@/./x"),
                path("/plain/../secret@"),
                path("@/%2e%2e/x"),
                path("@/%2E./x"),
                path("@/.%2e"),
                path("@/..%2fx"),
                path("@/..%2Fx"),
                path("@/x%2f..%2fy"),
                path("@/..%5cx"),
                path("@/x%5C..%5cy"),
                path("@/..\\x"),
                path("@\\x"),
                path("@/%252e%252e/x"),
                path("@/..%252fx"),
                path("@/..;/x"),
                path("@/..;a=b/x"),
                path("@/.;/x"),
                path("@/%2e%2e;/x"),
                path("@/a%00b"),
                path("@/%00"),
                path("@/a%"),
                path("@/a%2"),
                path("@/a%zz"),
                path("@/a%2gb"));
    }

    @TestFactory
    Stream<DynamicTest> whatCouldMeanTwoThingsReachesNoOrigin() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String route : List.of("plain", "cached")) {
            for (Case each : cases()) {
                CompletableFuture<Void> run =
                        CompletableFuture.runAsync(() -> judge(route, each), Thread::startVirtualThread);
                tests.add(DynamicTest.dynamicTest(route + ": " + each.name, () -> run.get(60, TimeUnit.SECONDS)));
            }
        }
        return tests.stream();
    }

    private static void judge(String route, Case each) {
        String own = "/" + route + "/" + NUMBER.incrementAndGet() + "-own";
        String request = each.request.replace("@", own) + "GET " + own
                + "-after HTTP/1.1\r\nHost: weir.example\r\nConnection: close\r\n\r\n";
        String answers = RawHttp.text(RawHttp.exchangeAll(weir.port(), request.getBytes(StandardCharsets.ISO_8859_1)));
        List<Integer> statuses = statuses(answers);
        String all = each.name + "\n" + request + "\n=>\n" + answers + "\norigin: " + seen(own);

        assertThat(seen(own))
                .as(all)
                .allMatch(line ->
                        line.endsWith(" BROKEN OFF") || !each.framing && line.startsWith("GET " + own + "-after "));
        assertThat(seen("smuggled")).as(all).noneMatch(line -> line.contains("/smuggled"));
        if (!statuses.isEmpty()) {
            assertThat(statuses.getFirst()).as(all).isIn(400, 404);
            // What follows is answered for itself, or not at all.
            assertThat(statuses.size()).as(all).isLessThanOrEqualTo(2);
            if (statuses.getLast() == 200) {
                assertThat(answers).as(all).endsWith("answer to GET " + own + "-after []");
            } else {
                assertThat(statuses.getLast()).as(all).isEqualTo(400);
            }
        }
    }

    private static List<Integer> statuses(String answers) {
        List<Integer> statuses = new ArrayList<>();
        Matcher matcher = STATUS.matcher(answers);
        while (matcher.find()) {
            statuses.add(Integer.parseInt(matcher.group(1)));
        }
        return statuses;
    }

    private static List<String> seen(String part) {
        return SEEN.stream().filter(line -> line.contains(part)).toList();
    }

    // What means one thing only

    private static String exchange(String request) {
        return RawHttp.text(RawHttp.exchangeAll(weir.port(), request.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** A request that is unusual, and what the origin is to see of it. */
    private record Sound(String name, String request, String seen) {}

    private static String chunkedOddly() {
        return String.join(
                "\r\n",
                "POST @ HTTP/1.1",
                "Host: w",
                "Transfer-Encoding: Chunked",
                "",
                "00005;a=b",
                "hello",
                "A ; c",
                "0123456789",
                "000",
                "X-Trailer: 1",
                "",
                "");
    }

    @TestFactory
    Stream<DynamicTest> whatIsOnlyUnusualReachesTheOriginAsOneThing() {
        return Stream.of(
                        new Sound(
                                "a body in chunks with extensions and trailers",
                                chunkedOddly(),
                                "POST @ .* hello0123456789"),
                        new Sound(
                                "a length with zeros",
                                "POST @ HTTP/1.1\r\nHost: w\r\nContent-Length: 005\r\n\r\nhello",
                                "POST @ .* hello"),
                        new Sound(
                                "a folded value",
                                "GET @ HTTP/1.1\r\nHost: w\r\nX-A: a\r\n X-Smuggled: b\r\n\r\n",
                                "GET @ .*X-A: a X-Smuggled: b.*"),
                        new Sound(
                                "a folded value, with a tab",
                                "GET @ HTTP/1.1\r\nHost: w\r\nX-A: a\r\n\tTransfer-Encoding: chunked\r\n\r\n",
                                "GET @ .*X-A: a Transfer-Encoding: chunked.*"),
                        new Sound(
                                "a URL of this host",
                                "GET http://w@?a=b HTTP/1.1\r\nHost: w\r\n\r\n",
                                "GET @\\?a=b .*"),
                        new Sound(
                                "escapes that are no dots",
                                "GET @/%41%2Fb%5Cc%3b?a=%zz HTTP/1.1\r\nHost: w\r\n\r\n",
                                "GET @/%41%2Fb%5Cc%3b\\?a=%zz .*"),
                        new Sound(
                                "an empty line before the request",
                                "\r\nGET @ HTTP/1.1\r\nHost: w\r\n\r\n",
                                "GET @ .*"),
                        new Sound(
                                "a body on GET",
                                "GET @ HTTP/1.1\r\nHost: w\r\nContent-Length: 5\r\n\r\nhello",
                                "GET @ .* hello"))
                .flatMap(sound -> Stream.of("plain", "cached")
                        .map(route -> DynamicTest.dynamicTest(route + ": " + sound.name, () -> judge(route, sound))));
    }

    private static void judge(String route, Sound sound) {
        String own = "/" + route + "/" + NUMBER.incrementAndGet() + "-own";
        String answers = exchange(sound.request.replace("@", own) + "GET " + own
                + "-after HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n");
        String all = answers + "\norigin: " + seen(own);
        assertThat(statuses(answers)).as(all).containsExactly(200, 200);
        assertThat(answers).as(all).endsWith("answer to GET " + own + "-after []");
        assertThat(seen(own)).as(all).hasSize(2);
        assertThat(seen(own).getFirst()).as(all).matches("(?s)" + sound.seen.replace("@", own));
        assertThat(seen(own).getFirst())
                .as(all)
                .doesNotContain("| X-Smuggled:", "| Transfer-Encoding: chunked | Trans");
        assertThat(seen(own).getLast()).as(all).startsWith("GET " + own + "-after ");
    }
}
