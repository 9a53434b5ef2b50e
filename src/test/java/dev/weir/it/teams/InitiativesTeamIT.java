package dev.weir.it.teams;

import static dev.weir.it.Checks.atOnce;
import static dev.weir.it.Checks.spend;
import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static dev.weir.it.teams.Example.awaitMode;
import static dev.weir.it.teams.Example.get;
import static dev.weir.it.teams.Example.happened;
import static dev.weir.it.teams.Example.put;
import static dev.weir.it.teams.Example.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Key figures of many tenants: refreshed ahead, written through, removed by tag and pattern, limited by address. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InitiativesTeamIT {

    private static final int LAST = 100;
    private static final Limit API = Limit.of("api", 1_000, "PT1H");
    private static final Map<String, Duration> TTLS = Map.of(
            "dashboard", Duration.ofMinutes(10),
            "areas", Duration.ofMinutes(10),
            "aggregates", Duration.ofHours(1));

    private static RedisServer redis;
    private static Origin origin;
    private static WeirProcess weir;
    private static WeirProcess quick;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        origin.on("/api/").reply(request -> Reply.of(200, request.method() + " " + request.path()));
        List<WeirProcess> both = List.of(
                settings().launch(),
                settings()
                        .property("weir.caches.kpi.ttl", "3s")
                        .property("weir.caches.kpi.origin.timeout", "30s")
                        .launch());
        both.forEach(WeirProcess::awaitReady);
        weir = both.getFirst();
        quick = both.getLast();
    }

    private static WeirProcess.Builder settings() {
        return Example.mounted("initiatives", origin.url()).redis(redis).property("weir.trusted-proxies", "127.0.0.1");
    }

    @AfterAll
    static void stop() {
        weir.close();
        quick.close();
        origin.close();
        redis.close();
    }

    private static HttpResponse<byte[]> request(WeirProcess where, String client) {
        return Http.post(where.url("/api/initiatives"), "{}", "application/json", "X-Forwarded-For", client);
    }

    @Test
    @Order(1)
    void eachCacheHasItsTtlAndSaysHowOldItsAnswersAre() {
        assertThat(Example.ttl(weir, "kpi")).isEqualTo(Duration.ofMinutes(5));
        TTLS.forEach(
                (cache, ttl) -> assertThat(Example.ttl(weir, cache)).as(cache).isEqualTo(ttl));
        assertThat(json(Http.get(weir.url("/v1/caches/kpi")), 200)
                        .at("/settings/refreshAhead")
                        .asDouble())
                .isEqualTo(0.2);
        put(weir, "dashboard", "manager/ann?ttl=1s&stale=1m", "as it was");
        assertThat(Http.header(get(weir, "dashboard", "manager/ann"), "Age")).matches("\\d");
        soon().until(() -> "STALE".equals(xCache(get(quick, "dashboard", "manager/ann"))));
        HttpResponse<byte[]> stale = get(quick, "dashboard", "manager/ann");
        assertThat(text(stale, 200)).isEqualTo("as it was");
        assertThat(Http.header(stale, "Age")).matches("[1-9]\\d?");
    }

    /** The second call lasts until readers have seen figures that are past their time, and none of them waited for it. */
    @Test
    @Order(1)
    void noReadEverWaitsForARefresh() {
        CountDownLatch refreshed = new CountDownLatch(1);
        origin.on("/api/kpi/ahead-")
                .reply(request ->
                        Reply.of(200, origin.calls(request.path()) == 1 || !isOpen(refreshed) ? "first" : "second"));
        int attempt = 0;
        while (!isRefreshedAhead("ahead-" + attempt)) {
            assertThat(++attempt).as("attempts of a busy machine").isLessThan(5);
        }
        String key = "ahead-" + attempt;
        soon().until(() -> {
            HttpResponse<byte[]> answer = get(quick, "kpi", key);
            assertThat(text(answer, 200)).isEqualTo("first");
            return "STALE".equals(xCache(answer));
        });
        refreshed.countDown();
        soon().until(() -> text(get(quick, "kpi", key), 200).equals("second"));
        assertThat(xCache(get(quick, "kpi", key))).isEqualTo("HIT");
    }

    /** Whether the second call was made while readers had fresh figures yet; false if they were not asked for in time. */
    private static boolean isRefreshedAhead(String key) {
        assertThat(xCache(get(quick, "kpi", key))).isEqualTo("MISS");
        AtomicReference<String> last = new AtomicReference<>("HIT");
        soon().until(() -> {
            last.set(String.valueOf(xCache(get(quick, "kpi", key))));
            return !"HIT".equals(last.get()) || origin.calls("/api/kpi/" + key) == 2;
        });
        return "HIT".equals(last.get());
    }

    private static boolean isOpen(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    @Order(1)
    void whatIsWrittenGoesToTheApiFirstAndEndsTheListsThatHoldIt() {
        for (String tenant : List.of("acme", "other")) {
            put(weir, "dashboard", "manager/" + tenant + "?tag=tenant-" + tenant, "old");
            assertThat(xCache(get(weir, "aggregates", tenant + "/2026-11"))).isEqualTo("MISS");
        }
        put(weir, "kpi", "acme", "{\"revenue\":7}");
        assertThat(origin.last("/api/kpi/acme").method()).isEqualTo("PUT");
        assertThat(origin.last("/api/kpi/acme").text()).isEqualTo("{\"revenue\":7}");
        int calls = origin.calls();
        assertThat(xCache(get(weir, "kpi", "acme"))).isEqualTo("HIT");
        assertThat(origin.calls()).isEqualTo(calls);

        assertThat(happened(weir, "kpi-updated", "{\"tenant\":\"acme\"}")).isEqualTo(2);

        assertThat(get(weir, "dashboard", "manager/acme").statusCode())
                .as("by its tag")
                .isEqualTo(404);
        assertThat(xCache(get(weir, "aggregates", "acme/2026-11")))
                .as("by a pattern")
                .isEqualTo("MISS");
        assertThat(text(get(weir, "dashboard", "manager/other"), 200)).isEqualTo("old");
        assertThat(xCache(get(weir, "aggregates", "other/2026-11"))).isEqualTo("HIT");
        assertThat(text(get(weir, "kpi", "acme"), 200)).isEqualTo("{\"revenue\":7}");

        origin.on("/api/kpi/refused").status(409);
        problem(Http.put(weir.url(Example.entry("kpi", "refused")), "x", "text/plain"), 502, "origin-failed");
        origin.on("/api/kpi/refused").status(404);
        assertThat(get(weir, "kpi", "refused").statusCode()).isEqualTo(404);
    }

    @Test
    @Order(1)
    void answersSayWhereTheyCameFrom() {
        String url = weir.url("/api/areas/north");
        assertThat(xCache(Http.get(url, "X-Forwarded-For", Limit.subject()))).isEqualTo("MISS");
        HttpResponse<byte[]> kept = Http.get(url, "X-Forwarded-For", Limit.subject());
        assertThat(text(kept, 200)).isEqualTo("GET /api/areas/north");
        assertThat(xCache(kept)).isEqualTo("HIT");
        assertThat(Http.header(kept, "Cache-Status")).matches("weir; hit; ttl=(5\\d\\d|600).*");
        assertThat(xCache(request(weir, Limit.subject()))).isEqualTo("BYPASS");
    }

    @Test
    @Order(2)
    void aThousandRequestsAnHourByAddress() {
        API.assertDeclared(weir, "allow");
        String client = API.useUp(weir, (number, subject) -> request(number % 2 == 0 ? weir : quick, subject));
        assertThat(Http.get(weir.url("/api/areas/north"), "X-Forwarded-For", client)
                        .statusCode())
                .as("also what is kept")
                .isEqualTo(429);
        assertThat(request(weir, Limit.subject()).statusCode()).isEqualTo(200);
    }

    /** The last, since Redis does not come back. */
    @Test
    @Order(LAST)
    void withRedisKilledAllAreAdmitted() {
        String client = Limit.subject();
        text(spend(weir, "api", client, API.limit()), 200);
        assertThat(request(weir, client).statusCode()).isEqualTo(429);
        JsonNode health = Example.health(weir);
        assertThat(health.path("status").asText()).as(health.toString()).isEqualTo("up");
        for (String figure : List.of("/latencyMs", "/memory/usedBytes", "/clients", "/uptimeMs")) {
            assertThat(health.at(figure).isNumber())
                    .as(figure + " of " + health)
                    .isTrue();
        }

        redis.kill();
        awaitMode(List.of(weir, quick), "degraded");
        JsonNode down = Example.health(weir);
        assertThat(down.path("status").asText()).as(down.toString()).isEqualTo("down");
        assertThat(down.path("latencyMs").isNull()).isTrue();
        assertThat(atOnce(30, number -> request(weir, client).statusCode())).containsOnly(200);
        assertThat(xCache(get(weir, "kpi", "in-memory"))).isEqualTo("MISS");
        assertThat(xCache(get(weir, "kpi", "in-memory"))).isEqualTo("HIT");
    }
}
