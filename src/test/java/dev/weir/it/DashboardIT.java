package dev.weir.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.weir.testkit.Answer;
import dev.weir.testkit.Chromium;
import dev.weir.testkit.Chromium.Tab;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The dashboard in a browser, on a service that is well: what it shows, what its buttons do, and whom it is fit for. */
class DashboardIT {

    /** As hostile as a name can be that comes from a caller. */
    private static final String HOSTILE = "<img src=x onerror=alert(document.domain)>";

    private static final String JSON = "application/json";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static RedisServer redis;
    private static ScriptedOrigin origin;
    private static WeirProcess weir;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = ScriptedOrigin.open();
        WeirProcess.Builder settings = WeirProcess.builder()
                .redis(redis)
                .property("weir.redis.timeout", "5s")
                .property("weir.limits.chat.limit", "20")
                .property("weir.limits.chat.window", "1m")
                .property("weir.routes.home.path", "/api/*")
                .property("weir.routes.home.origin", origin.url())
                .property("weir.warmers.filler.cache", "filled")
                .property("weir.warmers.filler.keys", "a,b,c,d")
                .property("weir.warmers.filler.concurrency", "1")
                .property("weir.caches.filled.origin.url", origin.url() + "/filled/{key}")
                .property("weir.caches.filled.origin.timeout", "20s");
        for (String cache : List.of("busy", "shown", "whole", "tagged", "kept")) {
            settings.property("weir.caches." + cache + ".ttl", "5m");
        }
        weir = settings.launch();
        chromium = Chromium.start();
        weir.awaitReady();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        weir.close();
        origin.close();
        redis.close();
    }

    private static Tab open() {
        return open(ColorScheme.LIGHT, 1280);
    }

    private static Tab open(ColorScheme scheme, int width) {
        Tab tab = chromium.open(weir.url("/"), scheme, width);
        assertThat(tab.page().locator("#link")).hasText("Live");
        return tab;
    }

    private static String entry(String cache, String key) {
        return weir.url("/v1/caches/" + cache + "/entries/" + key);
    }

    private static void put(String cache, String key, String query) {
        assertThat(Http.put(entry(cache, key) + query, "value", "text/plain").statusCode())
                .isIn(201, 204);
    }

    private static int status(String cache, String key) {
        return Http.get(entry(cache, key)).statusCode();
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator row(Page page, String table, String name) {
        return page.locator("#" + table + " tbody tr[data-key=\"" + name + "\"]");
    }

    private static double latest(Page page, String chart, int series) {
        Object value = page.evaluate(
                "([chart, series]) => Chart.getChart(chart).data.datasets[series].data.at(-1)?.y ?? -1",
                List.of(chart, series));
        return ((Number) value).doubleValue();
    }

    @Test
    void figuresAndChartsFollowTheLoad() {
        put("busy", "key", "");
        try (Tab tab = open();
                Load load = Load.start(2, Duration.ofSeconds(30), weir.url(), n -> "/v1/caches/busy/entries/key")) {
            Page page = tab.page();
            await().atMost(PATIENCE).until(() -> latest(page, "chart-requests", 0) > 50);
            // All of them are hits, and after the first moment near ones.
            await().atMost(PATIENCE).until(() -> latest(page, "chart-hits", 0) > 50);
            await().atMost(PATIENCE).until(() -> latest(page, "chart-latency", 2) > 0);
            String drawn = canvas(page);
            await().atMost(PATIENCE).until(() -> !canvas(page).equals(drawn));
            long sent = load.stop().total();

            assertThat(sent).isPositive();
            String reads = String.format(Locale.ROOT, "%,d", sent);
            assertThat(row(page, "caches", "busy").locator("td").first()).hasText(reads);
            assertThat(row(page, "caches", "busy").locator("td").nth(1)).containsText("%");
            button(page, "Reads").click();
            assertThat(page.locator("#caches th").filter(new Locator.FilterOptions().setHasText("Reads")))
                    .hasAttribute("aria-sort", "descending");
            assertThat(page.locator("#caches tbody tr").first()).hasAttribute("data-key", "busy");
            assertThat(page.locator("#chart-hits")).hasAttribute("aria-label", Pattern.compile("near \\d.*"));
            await().atMost(PATIENCE).until(() -> latest(page, "chart-requests", 0) < 20);
            assertThat(tab.complaints()).isEmpty();
            assertThat(tab.requested())
                    .isNotEmpty()
                    .allMatch(url -> url.startsWith(weir.url() + "/"))
                    .anyMatch(url -> url.endsWith("/v1/stats/events"));
        }
    }

    /** Which of the two comes first is another with each event. */
    @Test
    void twoInstancesOfOneNameAreTwoRows() {
        ObjectNode stats = (ObjectNode) json(Http.get(weir.url("/v1/stats")), 200);
        ObjectNode one = (ObjectNode) stats.path("instances").path(0);
        ObjectNode twin = one.deepCopy().put("self", false).put("startedAt", "2026-01-01T00:00:00Z");
        String first = event(stats, one, twin);
        String second = event(stats, twin, one);
        try (Tab tab = open()) {
            Page page = tab.page();
            page.route(
                    "**/v1/stats/events",
                    route -> route.fulfill(new Route.FulfillOptions()
                            .setContentType("text/event-stream")
                            .setBody(first + second + first)));
            page.reload();

            assertThat(page.locator("#link")).hasText("Disconnected");
            assertThat(page.locator("#instances tbody tr")).hasCount(2);
            assertThat(page.locator("#instances-note")).hasText("2 live, 0 lost");
            assertThat(tab.complaints()).isEmpty();
        }
    }

    private static String event(ObjectNode stats, ObjectNode... instances) {
        ObjectNode changed = stats.deepCopy();
        changed.putArray("instances").addAll(List.of(instances));
        return "event: stats\ndata: " + changed + "\n\n";
    }

    private static String canvas(Page page) {
        return (String) page.evaluate("() => document.getElementById('chart-requests').toDataURL()");
    }

    @Test
    void aCacheIsClearedOnceThatIsConfirmed() {
        put("whole", "one", "");
        put("whole", "two", "");
        try (Tab tab = open()) {
            Page page = tab.page();
            button(page, "Clear whole").click();
            assertThat(page.locator("#clear-dialog")).isVisible();
            button(page, "Cancel").click();
            assertThat(page.locator("#clear-dialog")).isHidden();
            assertThat(status("whole", "one")).isEqualTo(200);

            button(page, "Clear whole").click();
            button(page, "Clear cache").click();

            assertThat(page.getByRole(AriaRole.STATUS)).containsText("Cleared whole: 2 entries removed.");
            assertThat(page.locator("#clear-dialog")).isHidden();
            assertThat(status("whole", "one")).isEqualTo(404);
            assertThat(status("whole", "two")).isEqualTo(404);
            assertThat(tab.complaints()).isEmpty();
        }
    }

    @Test
    void ofATagOnlyItsEntriesGo() {
        put("tagged", "red", "?tag=warm%20%26%20red");
        put("tagged", "blue", "?tag=cold");
        try (Tab tab = open()) {
            Page page = tab.page();
            button(page, "Clear tagged").click();
            page.getByLabel("Only entries with a tag").check();
            button(page, "Clear tag").click();
            assertThat(page.locator("#clear-dialog")).isVisible();
            page.getByLabel("Tag", new Page.GetByLabelOptions().setExact(true)).fill("warm & red");
            button(page, "Clear tag").click();

            assertThat(page.getByRole(AriaRole.STATUS))
                    .containsText("Cleared tagged, tag warm & red: 1 entry removed.");
            assertThat(status("tagged", "red")).isEqualTo(404);
            assertThat(status("tagged", "blue")).isEqualTo(200);
        }
    }

    /** The answer to a call comes when the dialog is open again, for another cache. */
    @Test
    void aLateAnswerIsOfWhatWasAskedAndLeavesTheNextQuestionOpen() {
        put("tagged", "late", "?tag=late");
        try (Tab tab = open()) {
            Page page = tab.page();
            List<Route> held = hold(page, "**/v1/caches/tagged/entries?tag=late");
            button(page, "Clear tagged").click();
            page.getByLabel("Only entries with a tag").check();
            page.getByLabel("Tag", new Page.GetByLabelOptions().setExact(true)).fill("late");
            button(page, "Clear tag").click();
            page.waitForCondition(() -> !held.isEmpty());
            page.keyboard().press("Escape");
            button(page, "Clear kept").click();
            held.getFirst().resume();

            assertThat(page.getByRole(AriaRole.STATUS)).containsText("Cleared tagged, tag late: 1 entry removed.");
            assertThat(page.locator("#clear-title")).hasText("Clear kept");
            assertThat(page.locator("#clear-dialog")).isVisible();
            button(page, "Clear cache").click();
            assertThat(page.getByRole(AriaRole.STATUS)).containsText("Cleared kept: ");
            assertThat(page.locator("#clear-dialog")).isHidden();
        }
    }

    @Test
    void aLateFailureIsToldOutsideOfTheNextQuestion() {
        put("shown", "key", "");
        try (Tab tab = open()) {
            Page page = tab.page();
            List<Route> held = hold(page, "**/v1/caches/shown");
            button(page, "Clear shown").click();
            button(page, "Clear cache").click();
            page.waitForCondition(() -> !held.isEmpty());
            page.keyboard().press("Escape");
            button(page, "Clear kept").click();
            held.getFirst().abort();

            assertThat(page.getByRole(AriaRole.STATUS)).containsText("Clear shown: The instance cannot be reached.");
            assertThat(page.locator("#clear-dialog")).isVisible();
            assertThat(page.locator("#clear-dialog").getByRole(AriaRole.ALERT)).isHidden();
            assertThat(status("shown", "key")).isEqualTo(200);
        }
    }

    /** Requests that the browser sends when the test says so. */
    private static List<Route> hold(Page page, String url) {
        List<Route> held = new ArrayList<>();
        page.route(url, held::add);
        return held;
    }

    @Test
    void aWarmerRunsByItsButtonAndShowsHowFarItIs() {
        CountDownLatch half = new CountDownLatch(1);
        for (String key : List.of("a", "b", "c", "d")) {
            Answer answer = Answer.of(200, "Content-Type", "text/plain").body("value");
            origin.answers("/filled/" + key, key.equals("c") ? answer.heldBy(half) : answer);
        }
        try (Tab tab = open()) {
            Page page = tab.page();
            Locator progress =
                    page.getByRole(AriaRole.PROGRESSBAR, new Page.GetByRoleOptions().setName("Progress of filler"));
            button(page, "Run filler").click();

            assertThat(progress).hasAttribute("aria-valuenow", "50");
            assertThat(page.locator("#warmers")).containsText("2 of 4 keys");
            half.countDown();

            assertThat(progress).hasAttribute("aria-valuenow", "100");
            assertThat(page.locator("#warmers .badge")).hasText("done");
            assertThat(status("filled", "d")).isEqualTo(200);
        }
    }

    @Test
    void whatCallersNameStaysText() {
        String owner = "<b onclick=alert(2)>me</b>";
        String body = "{\"ttl\":\"5m\",\"owner\":\"" + owner + "\"}";
        assertThat(Http.post(weir.url("/v1/locks/" + Http.encode(HOSTILE)), body, JSON)
                        .statusCode())
                .isEqualTo(201);
        try (Tab tab = open()) {
            Page page = tab.page();
            Locator lock = page.locator("#locks tbody tr").filter(new Locator.FilterOptions().setHasText(HOSTILE));

            assertThat(lock).hasCount(1);
            assertThat(lock).containsText(owner);
            assertThat(page.locator("main img, main b[onclick]")).hasCount(0);
            assertThat(tab.complaints()).isEmpty();
        }
    }

    @Test
    void figuresAreResetOnceThatIsConfirmed() {
        put("kept", "counted", "");
        text(Http.get(entry("kept", "counted")), 200);
        try (Tab tab = open()) {
            Page page = tab.page();
            Locator reads = row(page, "caches", "kept").locator("td").first();
            assertThat(reads).not().hasText("0");
            button(page, "Reset figures…").click();
            button(page, "Reset figures").click();

            assertThat(page.getByRole(AriaRole.STATUS)).containsText("All figures count from zero.");
            assertThat(reads).hasText("0");
            assertThat(json(Http.get(weir.url("/v1/stats")), 200)
                            .path("cache")
                            .path("storedBytes")
                            .asLong())
                    .isZero();
        }
    }

    @Test
    void theKeyboardIsEnough() {
        put("kept", "key", "");
        try (Tab tab = open()) {
            Page page = tab.page();
            assertThat(button(page, "Clear kept")).isVisible();
            page.keyboard().press("Tab");
            assertThat(page.locator(":focus")).hasText("Skip to the figures");
            for (int i = 0; i < 60 && !focused(page).equals("Clear kept"); i++) {
                page.keyboard().press("Tab");
            }
            assertThat(focused(page)).isEqualTo("Clear kept");
            assertThat((String) page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle"))
                    .isNotEqualTo("none");
            page.keyboard().press("Enter");
            assertThat(page.locator("#clear-dialog")).isVisible();
            page.keyboard().press("Escape");

            assertThat(page.locator("#clear-dialog")).isHidden();
            assertThat(focused(page)).isEqualTo("Clear kept");
            assertThat(status("kept", "key")).isEqualTo(200);
        }
    }

    private static String focused(Page page) {
        return String.valueOf(page.evaluate("() => document.activeElement.getAttribute('aria-label')"));
    }

    /** Both schemes, and both ends of what a page is wide. */
    @ParameterizedTest
    @CsvSource({"LIGHT, 1280", "DARK, 360"})
    void itIsFitForEverybody(ColorScheme scheme, int width) {
        try (Tab tab = open(scheme, width)) {
            Page page = tab.page();
            assertThat(page.locator("#warmers li")).hasCount(1);

            assertThat(grave(new AxeBuilder(page))).isEmpty();
            button(page, "Clear kept").click();
            assertThat(grave(new AxeBuilder(page).include("#clear-dialog"))).isEmpty();
        }
    }

    private static List<Rule> grave(AxeBuilder axe) {
        return axe.analyze().getViolations().stream()
                .filter(rule -> List.of("serious", "critical").contains(rule.getImpact()))
                .toList();
    }

    @Test
    void itFitsAnyWidthInBothSchemes() {
        put("shown", "key", "");
        try (Tab tab = open();
                Load load = Load.start(
                        1, PATIENCE, weir.url(), n -> "/v1/caches/shown/entries/" + (n % 9 == 0 ? "x" : "key"))) {
            Page page = tab.page();
            await().atMost(PATIENCE).until(() -> latest(page, "chart-requests", 0) > 0);
            await().atMost(PATIENCE).until(() -> (Boolean) page.evaluate(
                    "() => Chart.getChart('chart-hits').data.datasets[0].data.filter(each => each.y > 0).length > 3"));
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                for (int width : List.of(1280, 768, 360)) {
                    page.setViewportSize(width, 900);

                    assertThat((Boolean) page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
                            .as("%s at %d", scheme, width)
                            .isTrue();
                    String name = scheme.name().toLowerCase(Locale.ROOT) + "-" + width;
                    assertThat(tab.screenshot("dashboard-" + name)).isNotEmptyFile();
                }
            }
            assertThat(load.stop().total()).isPositive();
        }
    }

    @Test
    void theSchemeIsChosenByItsButton() {
        try (Tab tab = open()) {
            Page page = tab.page();
            Object light = background(page);
            button(page, "Theme: automatic").click();
            button(page, "Theme: light").click();

            assertThat(button(page, "Theme: dark")).isVisible();
            assertThat(background(page)).isNotEqualTo(light);
            page.reload();
            assertThat(button(page, "Theme: dark")).isVisible();
        }
    }

    private static Object background(Page page) {
        return page.evaluate("() => getComputedStyle(document.body).backgroundColor");
    }
}
