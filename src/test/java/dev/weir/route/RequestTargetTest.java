package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.http.Problem;
import io.vertx.core.http.HttpVersion;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {

    private static void assertRefused(ThrowingCallable call, String field) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Problem.class, e -> {
            assertThat(e.kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
            assertThat(e.toJson().path("field").asText()).isEqualTo(field);
        });
    }

    private static void assertRefusedAndClosed(FakeRequest request, String field) {
        assertRefused(request::target, field);
        assertThatThrownBy(request::target).isInstanceOfSatisfying(Problem.class, e -> assertThat(e.headers())
                .containsEntry("Connection", "close"));
    }

    // Paths and queries

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /                         | /                    | ''
                    /a/b                      | /a/b                 | ''
                    /a?                       | /a                   | ''
                    /a?b=c                    | /a                   | b=c
                    /a?b=c?d=/../e            | /a                   | b=c?d=/../e
                    /a?%zz                    | /a                   | %zz
                    /a%20b                    | /a%20b               | ''
                    /a%2Fb                    | /a%2Fb               | ''
                    /a%5Cb                    | /a%5Cb               | ''
                    /a%c3%a4                  | /a%c3%a4             | ''
                    /ä                        | /ä                   | ''
                    //a//b/                   | //a//b/              | ''
                    /a;b=c/d                  | /a;b=c/d             | ''
                    /.a/a./...                | /.a/a./...           | ''
                    /..a/a..                  | /..a/a..             | ''
                    /a%2ea                    | /a%2ea               | ''
                    /%2e%2ea                  | /%2e%2ea             | ''
                    /%2561                    | /%2561               | ''
                    /;/x                      | /;/x                 | ''
                    http://weir.example/a?b   | /a                   | b
                    HTTP://WEIR.EXAMPLE/a     | /a                   | ''
                    https://weir.example      | /                    | ''
                    http://weir.example?b     | /                    | b
                    """)
    void theTargetIsAsItWasSent(String uri, String path, String query) {
        RequestTarget target = FakeRequest.get(uri).target();
        assertThat(target).isEqualTo(new RequestTarget(path, query, "weir.example"));
        assertThat(target.uri()).isEqualTo(query.isEmpty() ? path : path + "?" + query);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "a",
                "",
                "?a",
                "weir.example:80",
                "ftp://weir.example/",
                "http:/weir.example/",
                "http://other.example/",
                "http://weir.example:81/",
                "http://x@weir.example/",
                "http:///a",
                "http://weir.example#a",
                "javascript:alert(1)",
                "/..",
                "/.",
                "/../a",
                "/a/..",
                "/a/../b",
                "/a/./b",
                "/a/.",
                "/a/./",
                "/%2e",
                "/%2E%2e/a",
                "/.%2e/a",
                "/%2e./a",
                "/a/%2e%2e",
                "/a/..%2fb",
                "/a%2f..%2fb",
                "/a%2F..",
                "/a/..%5cb",
                "/a%5c..%5Cb",
                "/%252e%252e/a",
                "/a%252f..%252fb",
                "/a/..%255cb",
                "/%25%32e/..",
                "/a/..;/b",
                "/a/..;x=y/b",
                "/a/.;/b",
                "/a/%2e%2e;x/b",
                "/a\\b",
                "/a\\..\\b",
                "/\\",
                "/a%",
                "/a%2",
                "/a%zz",
                "/a%2g",
                "/a%g2",
                "/a%00",
                "/%00/a",
                "/a%2500%00",
                "/a b",
                "/a\tb",
                "/a\u0001",
                "/a\u007f",
                "/a#b",
                "http://weir.example/../a"
            })
    void aPathThatCouldBeReadInTwoWaysIsRefused(String uri) {
        assertRefused(() -> FakeRequest.get(uri).target(), "path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a?b c", "/a?b#c", "/a?b\tc", "/a?\u0000", "/a?\u007f"})
    void aQueryThatCannotBeSentOnIsRefused(String uri) {
        assertRefused(() -> FakeRequest.get(uri).target(), "query");
    }

    // Host

    @ParameterizedTest
    @ValueSource(
            strings = {
                "weir.example",
                "weir.example:8080",
                "weir.example:",
                "WEIR",
                "192.0.2.1:80",
                "[::1]",
                "[2001:db8::1]:8080",
                "[::ffff:192.0.2.1]",
                "my_host",
                "xn--bcher-kva.example",
                "a%20b",
                ""
            })
    void aHostIsANameOrAnAddressWithOrWithoutAPort(String host) {
        assertThat(FakeRequest.of("/").header("Host", host).target().host()).isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "a/b",
                "a\\b",
                "a@b",
                "user:pw@a",
                "http://a",
                "a?b",
                "a#b",
                "a:80:80",
                "a:123456",
                "a:x",
                "a:-1",
                "[::1",
                "::1",
                "[::1]x",
                "[g::1]",
                "a\"b",
                "<a>",
                "a{b}",
                "ä",
                "a|b"
            })
    void whatIsNoHostIsRefused(String host) {
        assertRefused(() -> FakeRequest.of("/").header("Host", host).target(), "Host");
    }

    @Test
    void thereIsOneHost() {
        assertRefused(() -> FakeRequest.of("/").target(), "Host");
        assertRefused(() -> FakeRequest.get("/").header("Host", "weir.example").target(), "Host");
        assertRefused(() -> FakeRequest.get("/").header("host", "other.example").target(), "Host");
        assertThat(FakeRequest.of("/").version(HttpVersion.HTTP_1_0).target().host())
                .isEmpty();
        assertRefused(
                () -> FakeRequest.get("/")
                        .header("Host", "x")
                        .version(HttpVersion.HTTP_1_0)
                        .target(),
                "Host");
    }

    @Test
    void overHttp2TheHostIsTheAuthority() {
        assertThat(FakeRequest.get("/").version(HttpVersion.HTTP_2).target().host())
                .isEqualTo("weir.example");
        assertThat(FakeRequest.of("/").version(HttpVersion.HTTP_2).target().host())
                .isEmpty();
    }

    // Framing

    @ParameterizedTest
    @ValueSource(strings = {"chunked", "Chunked", "CHUNKED", " chunked "})
    void aBodyInChunksIsTaken(String encoding) {
        assertThat(FakeRequest.get("/").header("Transfer-Encoding", encoding).target())
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "identity",
                "gzip",
                "gzip, chunked",
                "chunked, chunked",
                "chunked, gzip",
                "chunked;x=y",
                "xchunked",
                "chunkedx",
                "\"chunked\"",
                "chunked,"
            })
    void anyOtherTransferEncodingIsRefusedAndTheConnectionClosed(String encoding) {
        assertRefusedAndClosed(FakeRequest.get("/").header("Transfer-Encoding", encoding), "Transfer-Encoding");
    }

    @Test
    void twoTransferEncodingsAreRefused() {
        assertRefusedAndClosed(
                FakeRequest.get("/").header("Transfer-Encoding", "chunked").header("Transfer-Encoding", "chunked"),
                "Transfer-Encoding");
    }

    @Test
    void aBodyInChunksOverHttp10IsRefused() {
        assertRefusedAndClosed(
                FakeRequest.get("/").version(HttpVersion.HTTP_1_0).header("Transfer-Encoding", "chunked"),
                "Transfer-Encoding");
    }

    @Test
    void aLengthAndChunksTogetherAreRefused() {
        assertRefusedAndClosed(
                FakeRequest.get("/").header("Transfer-Encoding", "chunked").header("Content-Length", "5"),
                "Content-Length");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "5", "007", "999999999999999999"})
    void aLengthIsTaken(String length) {
        assertThat(FakeRequest.get("/").header("Content-Length", length).target())
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "-1", "+1", "1.0", "0x5", "5,5", "5, 5", "5 5", " 5", "1e3", "9999999999999999999", "٣"
            })
    void whatIsNoLengthIsRefused(String length) {
        assertRefusedAndClosed(FakeRequest.get("/").header("Content-Length", length), "Content-Length");
    }

    @Test
    void twoLengthsAreRefusedEvenIfTheySayTheSame() {
        assertRefusedAndClosed(
                FakeRequest.get("/").header("Content-Length", "5").header("Content-Length", "5"), "Content-Length");
    }

    // Fields

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b", "a:", "a\tb", "ä", "a(b)", "a/b", "a,b", "a;b", "a=b", "a@b", "a[b]", "a{b}", "a\\b", "a\"b",
                "<a>", "a?b"
            })
    void aNameThatIsNoTokenIsRefused(String name) {
        assertRefused(() -> FakeRequest.get("/").header(name, "x").target(), "header");
    }

    @Test
    void tokensAreWhatTheRfcSays() {
        assertThat(RequestTarget.isToken("")).isFalse();
        for (char c = 0; c < 256; c++) {
            boolean token = c < 128 && Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
            assertThat(RequestTarget.isToken("a" + c))
                    .as("character %d", (int) c)
                    .isEqualTo(token);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000", "\u0001", "a\rb", "a\nb", "a\r\n b", "a\u007fb", "\u001f", "a\u000bb"})
    void aControlCharacterInAValueIsRefusedByTheFieldsName(String value) {
        assertRefused(() -> FakeRequest.get("/").header("X-Odd", value).target(), "X-Odd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\tb", " ", "ä", "\u0080\u00ff", "\"a, b\"; c=~"})
    void anyOtherValueIsTaken(String value) {
        assertThat(FakeRequest.get("/").header("X-Odd", value).target()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/users/me, /api/users/me",
        "/api/users/%6De, /api/users/me",
        "/api/%75sers/%6d%65, /api/users/me",
        "/a%2Fb, /a%2Fb",
        "/a%20b%7E, /a%20b~",
        "/a%, /a%",
        "/a%4, /a%4",
        "/a%zz%61, /a%zza"
    })
    void aPathIsComparedAsItsPlainestSpelling(String path, String comparable) {
        assertThat(RequestTarget.comparable(path)).isEqualTo(comparable);
    }
}
