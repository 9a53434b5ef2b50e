package dev.weir.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.weir.testkit.Chromium;
import dev.weir.testkit.Chromium.Tab;
import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The dashboard where tokens are wanted. */
class DashboardTokensIT {

    private static final String READER = "token-of-the-reader-1";
    private static final String ADMIN = "token-of-the-admin-3";

    private static WeirProcess weir;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        weir = WeirProcess.builder()
                .property("weir.auth.tokens.reader.value", READER)
                .property("weir.auth.tokens.reader.role", "read")
                .property("weir.auth.tokens.admin.value", ADMIN)
                .property("weir.auth.tokens.admin.role", "admin")
                .launch();
        chromium = Chromium.start();
        weir.awaitReady();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        weir.close();
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static void signIn(Page page, String token) {
        page.getByLabel("Token", new Page.GetByLabelOptions().setExact(true)).fill(token);
        button(page, "Sign in").click();
    }

    private static String stored(Page page, String where) {
        return (String) page.evaluate("where => JSON.stringify({ ...window[where] })", where);
    }

    @Test
    void withoutATokenItAsksForOneAndKeepsItInTheTabAlone() {
        try (Tab tab = chromium.open(weir.url("/"))) {
            Page page = tab.page();
            Locator form = page.locator("#token-dialog");
            assertThat(form).isVisible();
            assertThat(form.getByRole(AriaRole.ALERT)).isHidden();

            signIn(page, READER + "x");
            assertThat(form.getByRole(AriaRole.ALERT))
                    .hasText("send Authorization: Bearer with a token that this Weir knows");
            assertThat(stored(page, "sessionStorage")).isEqualTo("{}");
            signIn(page, "no token ✗");
            assertThat(form.getByRole(AriaRole.ALERT)).containsText("no characters beyond ASCII");

            signIn(page, READER);
            assertThat(form).isHidden();
            assertThat(page.locator("#link")).hasText("Live");
            assertThat(stored(page, "sessionStorage")).isEqualTo("{\"weir.token\":\"" + READER + "\"}");
            page.reload();
            assertThat(page.locator("#link")).hasText("Live");
            assertThat(form).isHidden();
            assertThat(stored(page, "localStorage")).isEqualTo("{}");
            assertThat(page.context().cookies()).isEmpty();
            assertThat(tab.requested()).noneMatch(url -> url.contains(READER));

            button(page, "Sign out").click();
            assertThat(form).isVisible();
            assertThat(stored(page, "sessionStorage")).isEqualTo("{}");
            assertThat(page.locator("#caches tbody tr")).hasCount(0);
        }
        try (Tab another = chromium.open(weir.url("/"))) {
            assertThat(another.page().locator("#token-dialog")).isVisible();
        }
    }

    @Test
    void aTokenThatMayNotIsToldWhy() {
        String entry = weir.url("/v1/caches/default/entries/guarded");
        String admin = "Bearer " + ADMIN;
        Http.put(entry, "value", "text/plain", "Authorization", admin);
        try (Tab tab = chromium.open(weir.url("/"))) {
            Page page = tab.page();
            signIn(page, READER);
            button(page, "Clear default").click();
            button(page, "Clear cache").click();

            assertThat(page.locator("#clear-dialog").getByRole(AriaRole.ALERT))
                    .hasText("this call needs a token of role admin");
            assertThat(page.locator("#clear-dialog")).isVisible();
            assertThat(Http.get(entry, "Authorization", admin).statusCode()).isEqualTo(200);
            assertThat(page.locator("#link")).hasText("Live");
            button(page, "Cancel").click();
            button(page, "Sign out").click();
            signIn(page, ADMIN);
            button(page, "Clear default").click();
            button(page, "Clear cache").click();

            assertThat(page.getByRole(AriaRole.STATUS)).containsText("Cleared default: 1 entry removed.");
            assertThat(Http.get(entry, "Authorization", admin).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aTokenThatIsRefusedAfterABreakIsAllThatIsComplainedOf() {
        String problem = "{\"status\":401,\"detail\":\"this token is known no more\"}";
        try (Tab tab = chromium.open(weir.url("/"))) {
            Page page = tab.page();
            page.route("**/v1/stats/events", Route::abort);
            signIn(page, READER);
            assertThat(page.locator("#banner-link")).containsText("Disconnected since");
            page.route(
                    "**/v1/stats/events",
                    route -> route.fulfill(new Route.FulfillOptions()
                            .setStatus(401)
                            .setContentType("application/problem+json")
                            .setBody(problem)));

            assertThat(page.locator("#token-dialog").getByRole(AriaRole.ALERT)).hasText("this token is known no more");
            assertThat(page.locator("#link")).hasText("Signed out");
            assertThat(page.locator("#banner-link")).isHidden();
        }
    }

    @Test
    void whoDoesNotSignInIsNotHeld() {
        try (Tab tab = chromium.open(weir.url("/"))) {
            Page page = tab.page();
            assertThat(page.locator("#token-dialog")).isVisible();
            page.keyboard().press("Escape");

            assertThat(page.locator("#token-dialog")).isHidden();
            button(page, "Sign in…").click();
            assertThat(page.locator("#token-dialog")).isVisible();
        }
    }
}
