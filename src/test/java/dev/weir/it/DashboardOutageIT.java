package dev.weir.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.HasAttributeOptions;
import dev.weir.testkit.Chromium;
import dev.weir.testkit.Chromium.Tab;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the dashboard shows while Redis, or an instance, is gone. */
class DashboardOutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static RedisServer redis;
    private static WeirProcess survivor;
    private static WeirProcess victim;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        survivor = instance("survivor").launch();
        victim = instance("victim").launch();
        chromium = Chromium.start();
        survivor.awaitReady();
        victim.awaitReady();
    }

    private static WeirProcess.Builder instance(String id) {
        return WeirProcess.builder()
                .redis(redis)
                .property("weir.redis.timeout", "5s")
                .property("weir.ops.instance", id);
    }

    @AfterAll
    static void stop() {
        chromium.close();
        survivor.close();
        victim.close();
        redis.close();
    }

    private static Tab open(WeirProcess weir) {
        Tab tab = chromium.open(weir.url("/"));
        assertThat(tab.page().locator("#link")).hasText("Live");
        return tab;
    }

    private static int points(Page page) {
        return ((Number) page.evaluate("() => Chart.getChart('chart-requests').data.datasets[0].data.length"))
                .intValue();
    }

    @Test
    void theBannerIsThereAsLongAsRedisIsNot() {
        try (Tab tab = open(survivor)) {
            Page page = tab.page();
            Locator banner = page.locator("#banner-redis");
            assertThat(page.locator("#redis-state")).hasText("up");
            assertThat(banner).isHidden();

            redis.kill();
            assertThat(banner).isVisible();
            assertThat(banner).containsText("Redis does not answer since");
            assertThat(banner).hasAttribute("role", "alert");
            assertThat(page.locator("#redis-state")).hasText("down");
            assertThat(page.locator("#link")).hasText("Live");

            redis.restart();
            assertThat(banner).isHidden();
            assertThat(page.locator("#redis-state")).hasText("up");
            assertThat(page.locator("#tiles")).containsText("Up");
        }
    }

    @Test
    void bothSidesOfAKilledInstanceAreTold() {
        text(Http.get(victim.url("/v1/caches")), 200);
        try (Tab left = open(survivor);
                Tab right = open(victim)) {
            Locator lost = left.page().locator("#instances tr[data-key^='victim ']");
            assertThat(lost).hasAttribute("data-state", "live");
            Locator requests = lost.locator("td").nth(4);
            assertThat(requests).not().hasText("0");
            await().atMost(PATIENCE).until(() -> points(right.page()) > 2);

            victim.kill();

            assertThat(lost).hasAttribute("data-state", "lost", new HasAttributeOptions().setTimeout(10_000));
            assertThat(lost).containsText("ago");
            assertThat(requests).not().hasText("0");
            assertThat(left.page().locator("#instances-note")).hasText("1 live, 1 lost");
            assertThat(left.page().locator("#banner-link")).isHidden();
            int drawn = points(left.page());
            await().atMost(PATIENCE).until(() -> points(left.page()) > drawn);

            Page dead = right.page();
            assertThat(dead.locator("#banner-link")).containsText("Disconnected since");
            assertThat(dead.locator("#banner-link")).containsText("The last figures are shown.");
            assertThat(dead.locator("#link")).hasText("Disconnected");
            assertThat(points(dead)).isGreaterThan(2);
            assertThat(dead.locator("#caches tbody tr")).not().hasCount(0);
            assertThat(right.complaints()).allMatch(complaint -> complaint.contains("ERR_"));
            assertThat(List.of(left.complaints())).isEqualTo(List.of(List.of()));
        }
    }
}
