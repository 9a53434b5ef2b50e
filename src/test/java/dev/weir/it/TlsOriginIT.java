package dev.weir.it;

import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Certificates;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Origins over TLS: who is trusted, who is not, and that the answer says why not. */
class TlsOriginIT {

    private static final String SANS = "dns:localhost,ip:127.0.0.1";

    private static Certificates certificates;
    private static final List<Origin> ORIGINS = new ArrayList<>();
    private static Origin good;
    /** Takes connections and never says a word. */
    private static ServerSocket mute;
    /** Speaks no TLS. */
    private static ServerSocket plain;

    private static WeirProcess weir;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        certificates = Certificates.in(directory)
                .certify("good", SANS)
                .certify("elsewhere", "dns:elsewhere.example")
                .certifyExpired("expired", SANS)
                .selfSigned("stranger", SANS)
                .certify("client", "dns:weir");
        good = origin("good", false);
        mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        WeirProcess.Builder builder = WeirProcess.builder()
                .property(
                        "quarkus.tls.inner.trust-store.pem.certs",
                        certificates.authority().toString())
                .property(
                        "quarkus.tls.store.trust-store.p12.path",
                        certificates.trustStore().toString())
                .property("quarkus.tls.store.trust-store.p12.password", Certificates.PASSWORD)
                .property(
                        "quarkus.tls.known.trust-store.pem.certs",
                        certificates.authority().toString())
                .property(
                        "quarkus.tls.known.key-store.pem.0.cert",
                        certificates.chain("client").toString())
                .property(
                        "quarkus.tls.known.key-store.pem.0.key",
                        certificates.key("client").toString());
        cache(builder, "trusted", good.url(), "inner");
        cache(builder, "trusted-store", good.url(), "store");
        cache(builder, "elsewhere", origin("elsewhere", false).url(), "inner");
        cache(builder, "expired", origin("expired", false).url(), "inner");
        cache(builder, "stranger", origin("stranger", false).url(), "inner");
        Origin demanding = origin("good", true);
        cache(builder, "known", demanding.url(), "known");
        cache(builder, "unknown", demanding.url(), "inner");
        cache(builder, "mute", "https://localhost:" + mute.getLocalPort(), "inner");
        builder.property("weir.caches.mute.origin.timeout", "500ms");
        plain = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(TlsOriginIT::answerInTheClear);
        cache(builder, "plain", "https://localhost:" + plain.getLocalPort(), "inner");
        builder.property("weir.caches.default-trust.origin.url", good.url("/{key}"));
        route(builder, "good", good.url());
        route(builder, "stranger", origin("stranger", false).url());
        weir = builder.start();
    }

    private static void cache(WeirProcess.Builder builder, String name, String url, String tls) {
        builder.property("weir.caches." + name + ".origin.url", url + "/{key}")
                .property("weir.caches." + name + ".origin.tls-configuration", tls);
    }

    private static void route(WeirProcess.Builder builder, String name, String url) {
        builder.property("weir.routes." + name + ".path", "/" + name + "/*")
                .property("weir.routes." + name + ".origin", url)
                .property("weir.routes." + name + ".tls-configuration", "inner");
    }

    private static Origin origin(String certificate, boolean demanding) {
        Origin origin = Origin.openTls(certificates.server(certificate), demanding);
        ORIGINS.add(origin);
        origin.on("/").body(request -> ("value of " + request.path()).getBytes(StandardCharsets.UTF_8));
        return origin;
    }

    /** As servers do that were asked for TLS and have none. */
    private static void answerInTheClear() {
        while (!plain.isClosed()) {
            try (Socket caller = plain.accept()) {
                caller.getInputStream().read();
                caller.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException gone) {
                // The next one may fare better.
            }
        }
    }

    @AfterAll
    static void stop() throws IOException {
        weir.close();
        mute.close();
        plain.close();
        ORIGINS.forEach(Origin::close);
    }

    private static HttpResponse<byte[]> get(String cache, String key) {
        return Http.get(weir.url("/v1/caches/" + cache + "/entries/" + key));
    }

    @ParameterizedTest
    @CsvSource({"trusted", "trusted-store", "known"})
    void whoIsTrustedIsReadFrom(String cache) {
        assertThat(text(get(cache, cache), 200)).isEqualTo("value of /" + cache);
        assertThat(Seen.xCache(get(cache, cache))).isEqualTo("HIT");
    }

    @Test
    void aRouteTrustsAsACacheDoes() {
        assertThat(text(Http.get(weir.url("/good/of/a/route")), 200)).isEqualTo("value of /good/of/a/route");
        assertThat(problem(Http.get(weir.url("/stranger/of/a/route")), 502, "origin-failed")
                        .path("detail")
                        .asText())
                .contains("certificate", "certification path");
    }

    @Test
    void manyCallsInARowAreAnswered() {
        for (int i = 0; i < 50; i++) {
            assertThat(text(get("trusted", "many-" + i), 200)).isEqualTo("value of /many-" + i);
        }
    }

    /** The words are the JDK's; what matters is that somebody who reads them knows where to look. */
    @ParameterizedTest
    @CsvSource({
        "stranger,      certificate,  certification path",
        "default-trust, certificate,  certification path",
        "elsewhere,     certificate,  localhost",
        "expired,       certificate,  expired",
        "unknown,       certificate,  certificate",
        "plain,         TLS,          TLS",
    })
    void whoIsNotTrustedIsNamedWithTheReason(String cache, String words, String more) {
        HttpResponse<byte[]> answer = get(cache, "refused");

        String detail = problem(answer, 502, "origin-failed").path("detail").asText();
        assertThat(detail).containsIgnoringCase(words).containsIgnoringCase(more);
        assertThat(detail).doesNotContain("Exception", "\n", "\tat ").hasSizeLessThan(400);
        assertThat(Http.text(answer)).doesNotContain("value of");
    }

    @Test
    void whoNeverShakesHandsIsGivenUp() {
        long began = System.nanoTime();

        problem(get("mute", "refused"), 504, "origin-timeout");

        assertThat(System.nanoTime() - began).isBetween(400_000_000L, 3_000_000_000L);
    }

    @Test
    void nothingOfItIsAnAccidentForTheLog() {
        for (String cache : List.of("stranger", "elsewhere", "expired", "unknown", "plain")) {
            get(cache, "logged");
        }

        assertThat(weir.logLinesMatching(" (WARN|ERROR) |Exception")).isEmpty();
    }

    /** The store that this property names stands in for the one that came with the JDK, or with the executable. */
    @Test
    void theProcessOwnTrustStoreHoldsWhereNothingElseIsSaid() {
        try (WeirProcess trusting = WeirProcess.builder()
                .property("javax.net.ssl.trustStore", certificates.trustStore().toString())
                .property("javax.net.ssl.trustStorePassword", Certificates.PASSWORD)
                .property("weir.caches.default.origin.url", good.url("/{key}"))
                .start()) {
            assertThat(text(Http.get(trusting.url("/v1/caches/default/entries/own")), 200))
                    .isEqualTo("value of /own");
        }
    }
}
