package dev.weir.it;

import static dev.weir.it.Seen.mode;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Certificates;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Redis over TLS. */
class RedisTlsIT {

    private static final String SANS = "dns:localhost";

    private static Certificates certificates;
    private static RedisServer redis;

    @BeforeAll
    static void start(@TempDir Path directory) {
        certificates = Certificates.in(directory)
                .certify("good", SANS)
                .certifyExpired("expired", SANS)
                .selfSigned("stranger", SANS)
                .certify("client", "dns:weir");
        redis = RedisServer.startTls(certificates, "good", false);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private static WeirProcess.Builder settings(String url) {
        return WeirProcess.builder()
                .env("REDIS_URL", url)
                .property("weir.redis.tls-configuration", "redis")
                .property(
                        "quarkus.tls.redis.trust-store.pem.certs",
                        certificates.authority().toString());
    }

    private static void assertShares(WeirProcess weir, RedisServer with, String key) {
        assertThat(mode(weir)).isEqualTo("shared");
        String entry = weir.url("/v1/caches/default/entries/" + key);
        assertThat(scope(Http.put(entry, "value", "text/plain"))).isEqualTo("shared");
        assertThat(text(Http.get(entry), 200)).isEqualTo("value");
        assertThat(with.command("EXISTS", "weir:c:{default:" + key + "}")).isEqualTo(1L);
        assertThat(weir.logLinesMatching(" (WARN|ERROR) |Exception")).isEmpty();
    }

    @Test
    void whatIsStoredIsStoredThere() {
        try (WeirProcess weir = settings(redis.tlsUrl()).start()) {
            assertShares(weir, redis, "trusted");
        }
    }

    @Test
    void itComesBackAfterAnOutage() {
        try (RedisServer shaky = RedisServer.startTls(certificates, "good", false);
                WeirProcess weir = settings(shaky.tlsUrl()).start()) {
            shaky.kill();
            await().atMost(Duration.ofSeconds(5)).until(() -> mode(weir).equals("degraded"));
            shaky.restart();
            await().atMost(Duration.ofSeconds(10)).until(() -> mode(weir).equals("shared"));
            assertThat(scope(Http.put(weir.url("/v1/caches/default/entries/again"), "value", "text/plain")))
                    .isEqualTo("shared");
        }
    }

    @Test
    void theProcessOwnTrustStoreHoldsWhereNothingElseIsSaid() {
        try (WeirProcess weir = WeirProcess.builder()
                .env("REDIS_URL", redis.tlsUrl())
                .property("javax.net.ssl.trustStore", certificates.trustStore().toString())
                .property("javax.net.ssl.trustStorePassword", Certificates.PASSWORD)
                .start()) {
            assertShares(weir, redis, "own-trust");
        }
    }

    @Test
    void whoWantsACertificateOfWeirGetsIt() {
        try (RedisServer demanding = RedisServer.startTls(certificates, "good", true)) {
            try (WeirProcess weir = settings(demanding.tlsUrl())
                    .property(
                            "quarkus.tls.redis.key-store.pem.0.cert",
                            certificates.chain("client").toString())
                    .property(
                            "quarkus.tls.redis.key-store.pem.0.key",
                            certificates.key("client").toString())
                    .start()) {
                assertShares(weir, demanding, "known");
            }
        }
    }

    /** Weir serves all the same, in memory, and says what is wrong. */
    @ParameterizedTest
    @CsvSource({
        "stranger, localhost, certification path",
        "expired,  localhost, expired",
        "good,     127.0.0.1, 127.0.0.1",
    })
    void whoIsNotTrustedIsNotUsedAndTheLogSaysWhy(String certificate, String host, String words) {
        try (RedisServer suspect = RedisServer.startTls(certificates, certificate, false);
                WeirProcess weir =
                        settings(suspect.tlsUrl().replace("localhost", host)).start()) {
            assertThat(mode(weir)).isEqualTo("degraded");
            String entry = weir.url("/v1/caches/default/entries/suspect");
            assertThat(scope(Http.put(entry, "value", "text/plain"))).isEqualTo("local");
            assertThat(text(Http.get(entry), 200)).isEqualTo("value");
            assertThat(suspect.command("DBSIZE")).isEqualTo(0L);
            assertThat(weir.logLinesMatching("Redis is unavailable"))
                    .hasSize(1)
                    .allSatisfy(line -> assertThat(line).contains(words).contains("certificate"));
            assertThat(weir.logLinesMatching(" ERROR |Exception")).isEmpty();
        }
    }
}
