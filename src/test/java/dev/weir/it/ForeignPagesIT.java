package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A developer's Weir has no tokens, and the developer's browser visits other sites. */
class ForeignPagesIT {

    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        weir = WeirProcess.builder().property("weir.caches.users.ttl", "1h").start();
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /v1/caches/users/entries/foreign",
        "DELETE, /v1/caches/users/entries/kept",
        "DELETE, /v1/caches/users",
        "POST, /v1/locks/foreign",
        "POST, /v1/events/any",
        "DELETE, /v1/stats",
    })
    void whatAnotherSitesPageSendsChangesNothing(String method, String path) {
        assertThat(Http.put(weir.url("/v1/caches/users/entries/kept"), "value", "text/plain")
                        .statusCode())
                .isBetween(200, 204);
        HttpResponse<byte[]> refused =
                Http.send(method, weir.url(path), null, Duration.ofSeconds(10), "Sec-Fetch-Site", "cross-site");
        Seen.problem(refused, 403, "forbidden");
        assertThat(Seen.text(Http.get(weir.url("/v1/caches/users/entries/kept")), 200))
                .isEqualTo("value");
        assertThat(Http.get(weir.url("/v1/caches/users/entries/foreign")).statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"same-origin", "same-site", "none"})
    void whatItsOwnPageSendsDoes(String site) {
        HttpResponse<byte[]> answer =
                Http.put(weir.url("/v1/caches/users/entries/own"), "value", "text/plain", "Sec-Fetch-Site", site);
        assertThat(answer.statusCode()).isBetween(200, 204);
    }

    @Test
    void aLinkFromAnotherSiteIsFollowed() {
        assertThat(Http.get(weir.url("/v1/stats"), "Sec-Fetch-Site", "cross-site")
                        .statusCode())
                .isEqualTo(200);
    }
}
