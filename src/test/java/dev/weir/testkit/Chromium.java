package dev.weir.testkit;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The Chromium of this machine without a window: {@code /usr/bin/chromium}, or what the system property {@code
 * weir.chromium} names. It downloads nothing. To be used by the thread that started it.
 */
public final class Chromium implements AutoCloseable {

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final int PATIENCE_MS = 20_000;
    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** @throws IllegalStateException that says what to do if there is no Chromium */
    public static Chromium start() {
        Path executable = Path.of(System.getProperty("weir.chromium", "/usr/bin/chromium"));
        if (!Files.isExecutable(executable)) {
            throw new IllegalStateException("there is no Chromium at " + executable
                    + ": install it (Debian's package is called chromium), or name one by -Dweir.chromium=/path/to/it");
        }
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
        BrowserType.LaunchOptions options =
                new BrowserType.LaunchOptions().setExecutablePath(executable).setArgs(ARGUMENTS);
        return new Chromium(playwright, playwright.chromium().launch(options));
    }

    /** A tab with storage of its own, 1280 pixels wide, in the light scheme. */
    public Tab open(String url) {
        return open(url, ColorScheme.LIGHT, 1280);
    }

    public Tab open(String url, ColorScheme scheme, int width) {
        BrowserContext context = browser.newContext(
                new Browser.NewContextOptions().setViewportSize(width, 900).setColorScheme(scheme));
        context.setDefaultTimeout(PATIENCE_MS);
        Tab tab = new Tab(context.newPage());
        tab.page.navigate(url);
        return tab;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }

    /** A tab, with all that it asked for and complained of since it was opened. */
    public static final class Tab implements AutoCloseable {

        private final Page page;
        private final List<String> requested = new CopyOnWriteArrayList<>();
        private final List<String> complaints = new CopyOnWriteArrayList<>();

        private Tab(Page page) {
            this.page = page;
            page.onRequest(request -> requested.add(request.url()));
            page.onPageError(complaints::add);
            page.onDialog(dialog -> {
                complaints.add("a dialog: " + dialog.message());
                dialog.dismiss();
            });
            page.onConsoleMessage(message -> {
                if (message.type().equals("error") || message.type().equals("warning")) {
                    complaints.add(message.text() + " at " + message.location());
                }
            });
        }

        public Page page() {
            return page;
        }

        /** The URLs of all requests, failed ones included. */
        public List<String> requested() {
            return List.copyOf(requested);
        }

        /** Errors and warnings of the console, exceptions that nobody caught, and windows that a script opened. */
        public List<String> complaints() {
            return List.copyOf(complaints);
        }

        /** Writes the whole page to {@code target/screenshots/<name>.png}. */
        public Path screenshot(String name) {
            Path file = SCREENSHOTS.resolve(name + ".png");
            page.screenshot(new Page.ScreenshotOptions().setPath(file).setFullPage(true));
            return file;
        }

        @Override
        public void close() {
            page.context().close();
        }
    }
}
