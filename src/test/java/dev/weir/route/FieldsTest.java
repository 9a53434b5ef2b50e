package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.http.TrustedProxies;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {

    private static final TrustedProxies NOBODY = new TrustedProxies(List.of());
    private static final TrustedProxies TEN = new TrustedProxies(List.of("10.0.0.0/8"));

    private static MultiMap forOrigin(FakeRequest request, TrustedProxies proxies) {
        return Fields.forOrigin(request.build(), request.target(), proxies, null);
    }

    private static MultiMap forOrigin(FakeRequest request) {
        return forOrigin(request, NOBODY);
    }

    // What ends here

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection",
                "Keep-Alive",
                "Proxy-Connection",
                "Proxy-Authenticate",
                "Proxy-Authentication-Info",
                "Proxy-Authorization",
                "TE",
                "Trailer",
                "Upgrade",
                "HTTP2-Settings"
            })
    void whatConcernsOneConnectionEndsHere(String name) {
        assertThat(Headers.lines(Fields.endToEnd(
                        Headers.of(name, "x", "X-End", "1", name.toLowerCase(java.util.Locale.ROOT), "y"))))
                .containsExactly("x-end: 1");
        assertThat(forOrigin(FakeRequest.get("/").header(name, "x")).contains(name))
                .isFalse();
    }

    @Test
    void theWayABodyIsFramedEndsHere() {
        assertThat(Fields.endToEnd(Headers.of("Transfer-Encoding", "chunked")).isEmpty())
                .isTrue();
    }

    @Test
    void whatConnectionNamesEndsHere() {
        MultiMap fields = Fields.endToEnd(Headers.of(
                "X-A", "1", "Connection", "close, X-A ,,x-b", "X-B", "2", "X-C", "3", "Connection", "X-D", "x-d", "4"));
        assertThat(Headers.lines(fields)).containsExactly("x-c: 3");
    }

    @Test
    void connectionCannotTakeAwayWhereTheBodyEndsOrWhoIsAsked() {
        MultiMap fields = Fields.endToEnd(
                Headers.of("Connection", "content-length, host, X-A", "Content-Length", "5", "Host", "h", "X-A", "1"));
        assertThat(Headers.lines(fields)).containsExactly("content-length: 5", "host: h");
    }

    @Test
    void theRestStaysInItsOrder() {
        MultiMap fields = Fields.endToEnd(Headers.of("B", "1", "A", "2", "B", "3", "X-Empty", ""));
        assertThat(fields.getAll("B")).containsExactly("1", "3");
        assertThat(fields.get("X-Empty")).isEmpty();
        assertThat(fields.names()).hasSize(3);
    }

    @Test
    void whatConnectionNamesForOneMessageStaysInTheNext() {
        Fields.endToEnd(Headers.of("Connection", "X-A", "X-A", "1"));
        assertThat(Headers.lines(Fields.endToEnd(Headers.of("X-A", "1")))).containsExactly("x-a: 1");
        Fields.endToEnd(Headers.of("Connection", "transfer-encoding"));
        assertThat(Fields.endToEnd(Headers.of("Keep-Alive", "1")).isEmpty()).isTrue();
    }

    @Test
    void hostAndExpectAreNotTheOrigins() {
        MultiMap fields = forOrigin(FakeRequest.get("/").header("Expect", "100-continue"));
        assertThat(fields.contains("Host")).isFalse();
        assertThat(fields.contains("Expect")).isFalse();
    }

    // What is added

    @Test
    void theOriginIsToldWhoAsksForWhat() {
        assertThat(Headers.lines(forOrigin(FakeRequest.get("/").from("203.0.113.1"))))
                .containsExactlyInAnyOrder(
                        "x-forwarded-for: 203.0.113.1",
                        "x-forwarded-proto: http",
                        "x-forwarded-host: weir.example",
                        "forwarded: for=203.0.113.1;host=\"weir.example\";proto=http",
                        "via: 1.1 weir");
    }

    @Test
    void anAddressOfIPv6StandsInQuotationMarksInForwarded() {
        MultiMap fields = forOrigin(FakeRequest.of("/")
                .version(HttpVersion.HTTP_1_0)
                .from("2001:db8::1")
                .overTls());
        assertThat(Headers.lines(fields))
                .containsExactlyInAnyOrder(
                        "x-forwarded-for: 2001:db8::1",
                        "x-forwarded-proto: https",
                        "forwarded: for=\"[2001:db8::1]\";proto=https",
                        "via: 1.0 weir");
    }

    @ParameterizedTest
    @CsvSource({"HTTP_1_0, 1.0 weir", "HTTP_1_1, 1.1 weir", "HTTP_2, 2.0 weir"})
    void viaNamesTheVersionThatTheRequestCameIn(HttpVersion version, String via) {
        assertThat(forOrigin(FakeRequest.get("/").version(version)).get("Via")).isEqualTo(via);
        assertThat(forOrigin(FakeRequest.get("/").version(version).header("Via", "1.0 a, 1.1 b"))
                        .get("Via"))
                .isEqualTo("1.0 a, 1.1 b, " + via);
    }

    private static FakeRequest claiming(String peer) {
        return FakeRequest.get("/")
                .from(peer)
                .header("X-Forwarded-For", "1.2.3.4")
                .header("X-Forwarded-For", "5.6.7.8")
                .header("X-Forwarded-Proto", "https")
                .header("X-Forwarded-Host", "shop.example")
                .header("X-Forwarded-Port", "443")
                .header("X-Forwarded-Prefix", "/shop")
                .header("X-Real-IP", "1.2.3.4")
                .header("Forwarded", "for=1.2.3.4");
    }

    @Test
    void whatAnUntrustedPeerClaimsIsReplaced() {
        for (TrustedProxies proxies : List.of(NOBODY, TEN)) {
            assertThat(Headers.lines(forOrigin(claiming("203.0.113.1"), proxies)))
                    .containsExactlyInAnyOrder(
                            "x-forwarded-for: 203.0.113.1",
                            "x-forwarded-proto: http",
                            "x-forwarded-host: weir.example",
                            "forwarded: for=203.0.113.1;host=\"weir.example\";proto=http",
                            "via: 1.1 weir");
        }
    }

    @Test
    void whatATrustedProxySaysIsCarriedOn() {
        assertThat(Headers.lines(forOrigin(claiming("10.0.0.1"), TEN)))
                .containsExactlyInAnyOrder(
                        "x-forwarded-for: 1.2.3.4, 5.6.7.8, 10.0.0.1",
                        "x-forwarded-proto: https",
                        "x-forwarded-host: shop.example",
                        "x-forwarded-port: 443",
                        "x-forwarded-prefix: /shop",
                        "x-real-ip: 1.2.3.4",
                        "forwarded: for=1.2.3.4, for=10.0.0.1;host=\"weir.example\";proto=http",
                        "via: 1.1 weir");
    }

    @Test
    void theRequestItselfIsNotChanged() {
        FakeRequest request = claiming("203.0.113.1");
        forOrigin(request);
        assertThat(request.build().headers().getAll("X-Forwarded-For")).containsExactly("1.2.3.4", "5.6.7.8");
    }

    // Answers

    @Test
    void anAnswerWithoutADateIsGivenOne() {
        long now = 784_111_777_000L;
        assertThat(Headers.lines(Fields.fromOrigin(Headers.of("X-A", "1", "Connection", "close"), now)))
                .containsExactlyInAnyOrder("x-a: 1", "date: Sun, 06 Nov 1994 08:49:37 GMT", "via: 1.1 weir");
        assertThat(Fields.fromOrigin(Headers.of("Date", "then", "Via", "1.1 cdn"), now)
                        .getAll("Date"))
                .containsExactly("then");
        assertThat(Fields.fromOrigin(Headers.of("Via", "1.1 cdn"), now).getAll("Via"))
                .containsExactly("1.1 cdn, 1.1 weir");
    }

    // Loops

    @Test
    void howOftenItCameByIsCounted() {
        assertThat(Fields.timesSeen(FakeRequest.get("/").build())).isZero();
        assertThat(Fields.timesSeen(FakeRequest.get("/")
                        .header("Via", "1.1 weir, 1.0 other, 1.1 weirdo, 1.1 a.weir,2.0 weir ")
                        .header("Via", "1.1 weir")
                        .build()))
                .isEqualTo(3);
    }
}
