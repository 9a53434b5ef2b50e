package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.deploy.Dashboard.Target;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Alerts and dashboard ask for what a Weir in use really shows; Prometheus says nothing of a name that is not there. */
class AlertRulesIT {

    private static final Pattern LABEL_OF_ALERT = Pattern.compile("\\$labels\\.(\\w+)");
    private static final Pattern LABEL_OF_LEGEND = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.*), (\\w+)\\)");

    private static String page;
    private static Scrape scrape;

    @BeforeAll
    static void use() {
        try (RedisServer redis = RedisServer.start();
                Origin origin = Origin.open();
                WeirProcess weir = WeirProcess.builder()
                        .redis(redis)
                        .property("weir.redis.timeout", "5s")
                        .property("weir.caches.users.ttl", "5m")
                        .property("weir.caches.users.origin.url", origin.url("/users/{key}"))
                        .property("weir.limits.chat.limit", "1")
                        .property("weir.limits.chat.window", "1m")
                        .property("weir.warmers.people.cache", "users")
                        .property("weir.warmers.people.keys", "a,b")
                        .property("weir.routes.items.path", "/api/items/*")
                        .property("weir.routes.items.origin", origin.url())
                        .property("weir.routes.items.cache", "users")
                        .start()) {
            origin.on("/").body("something");
            for (int i = 0; i < 2; i++) {
                assertStatus(
                        200, Http.get(weir.url("/v1/caches/users/entries/1")).statusCode());
                assertStatus(200, Http.get(weir.url("/api/items/1")).statusCode());
                assertStatus(
                        i == 0 ? 200 : 429,
                        Http.post(weir.url("/v1/limits/chat/me")).statusCode());
                String lock = "{\"ttl\":\"1m\"}";
                assertStatus(
                        i == 0 ? 201 : 423,
                        Http.post(weir.url("/v1/locks/payout"), lock, "application/json")
                                .statusCode());
            }
            assertStatus(
                    200,
                    Http.post(weir.url("/v1/warmers/people/runs?wait=true")).statusCode());
            page = Http.text(Http.get(weir.url("/q/metrics")));
            scrape = Scrape.of(page);
        }
    }

    private static void assertStatus(int expected, int status) {
        assertThat(status).isEqualTo(expected);
    }

    @Test
    void whatWasDoneWasCounted() {
        assertThat(page)
                .contains("weir_cache_requests_total{cache=\"users\",result=\"near\"}")
                .containsPattern("weir_warmer_runs_total\\{state=\"done\",warmer=\"people\"} 1")
                .containsPattern("weir_limit_checks_total\\{policy=\"chat\",verdict=\"denied\"} 1")
                .containsPattern("weir_lock_acquisitions_total\\{outcome=\"granted\"} \\d")
                .containsPattern("weir_route_requests_total\\{result=\"hit\",route=\"items\"} 1")
                .containsPattern("weir_store_available 1");
    }

    @Test
    void everyAlertAsksForWhatIsThereAndNamesLabelsThatItHas() throws IOException {
        Map<String, Object> wrong = new TreeMap<>();
        MonitoringTest.alerts().forEach(alert -> {
            PromQl.Outcome outcome = PromQl.follow(alert.getExpr().getStrVal(), scrape);
            Set<String> named = names(
                    LABEL_OF_ALERT, String.join(" ", alert.getAnnotations().values()));
            named.removeAll(outcome.labels());
            if (!outcome.findings().isEmpty() || !named.isEmpty()) {
                wrong.put(alert.getAlert(), outcome.findings() + " and unknown labels " + named);
            }
        });
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyPanelAsksForWhatIsThereAndNamesLabelsThatItHas() throws IOException {
        Map<String, Object> wrong = new TreeMap<>();
        for (Target target : Dashboard.read().targets()) {
            PromQl.Outcome outcome = PromQl.follow(target.expression(), scrape);
            Set<String> named = names(LABEL_OF_LEGEND, target.legend());
            named.removeAll(outcome.labels());
            if (!outcome.findings().isEmpty() || !named.isEmpty()) {
                wrong.put(target.panel(), outcome.findings() + " and unknown labels " + named);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void variablesAreOfWhatIsThere() throws IOException {
        assertThat(Dashboard.read().variables())
                .filteredOn(each -> each.has("definition"))
                .hasSize(2)
                .allSatisfy(variable -> {
                    MatchResult query = LABEL_VALUES
                            .matcher(variable.path("definition").asText())
                            .results()
                            .findFirst()
                            .orElseThrow();
                    PromQl.Outcome outcome = PromQl.follow(query.group(1), scrape);
                    assertThat(outcome.findings()).isEmpty();
                    assertThat(outcome.labels()).contains(query.group(2));
                });
    }

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(found -> found.group(1)).collect(Collectors.toSet());
    }
}
