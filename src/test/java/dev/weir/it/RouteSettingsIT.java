package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A setting of a route that makes no sense stops the start, with one line that names it and nothing else. */
class RouteSettingsIT {

    private static final String ORIGIN = "http://127.0.0.1:9";

    /**
     * @param setting that the line must name
     * @param settings names and values in turn, beside those of a route that is sound
     */
    private record Mistake(String setting, List<String> settings) {

        WeirProcess.Builder builder() {
            WeirProcess.Builder builder = WeirProcess.builder()
                    .property("weir.caches.answers.ttl", "5m")
                    .property("weir.routes.x.path", "/x/*")
                    .property("weir.routes.x.origin", ORIGIN)
                    .property("weir.routes.x.cache", "answers");
            for (int i = 0; i < settings.size(); i += 2) {
                builder.property(settings.get(i), settings.get(i + 1));
            }
            return builder;
        }

        String name() {
            return String.join(" ", settings);
        }
    }

    private static Mistake x(String setting, String value) {
        return new Mistake("weir.routes.x." + setting, List.of("weir.routes.x." + setting, value));
    }

    private static Mistake of(String setting, String... settings) {
        return new Mistake(setting, List.of(settings));
    }

    private static Stream<Mistake> mistakes() {
        return Stream.of(
                x("typo", "1"),
                x("path", "x"),
                x("path", "/x*"),
                x("path", "/v1"),
                x("path", "/q/health"),
                x("origin", "127.0.0.1:9"),
                x("origin", "http://127.0.0.1:9/?x=1"),
                x("origin", "http://user:secret@127.0.0.1:9"),
                x("origin", "http://127.0.0.1:9/a b"),
                x("cache", "nope"),
                x("key", "{nonsense}"),
                x("key", "everybody"),
                x("methods", "GE T"),
                x("timeout", "0s"),
                x("timeout", "soon"),
                x("max-concurrent", "0"),
                x("override-ttl", "-1m"),
                x("invalidates", "nope:*"),
                x("invalidates", "answers:{nonsense}"),
                x("preserve-host", "perhaps"),
                of("weir.routes.x.headers", "weir.routes.x.headers.\"X Odd\"", "1"),
                of("weir.routes.x.headers.X-Odd", "weir.routes.x.headers.X-Odd", "a\r\nX-Other: b"),
                of("weir.routes.y.path", "weir.routes.y.origin", ORIGIN),
                of("weir.routes.y.origin", "weir.routes.y.path", "/y"),
                of("weir.routes.y.path", "weir.routes.y.path", "/x/*", "weir.routes.y.origin", ORIGIN),
                of(
                        "weir.routes.y.key",
                        "weir.routes.y.path",
                        "/y",
                        "weir.routes.y.origin",
                        ORIGIN,
                        "weir.routes.y.key",
                        "{path}"),
                of(
                        "weir.routes.y.override-ttl",
                        "weir.routes.y.path",
                        "/y",
                        "weir.routes.y.origin",
                        ORIGIN,
                        "weir.routes.y.override-ttl",
                        "5m"),
                of("weir.routes", "weir.routes.\"a b\".path", "/y", "weir.routes.\"a b\".origin", ORIGIN),
                of("weir.trusted-proxies", "weir.trusted-proxies", "proxy.example"),
                of("weir.trusted-proxies", "weir.trusted-proxies", "10.0.0.0/8,10.0.0.0/33"));
    }

    @TestFactory
    Stream<DynamicTest> stopTheStartWithOneLineThatNamesThem() {
        ExecutorService two = Executors.newFixedThreadPool(2);
        List<DynamicTest> tests = mistakes().map(mistake -> test(mistake, two)).toList();
        two.shutdown();
        return tests.stream();
    }

    /** All processes are under way, two at a time, before the first test asks what became of its own. */
    private static DynamicTest test(Mistake mistake, ExecutorService two) {
        Future<Exit> running = two.submit(() -> WeirProcess.runToExit(mistake.builder()));
        return DynamicTest.dynamicTest(mistake.name(), () -> {
            Exit exit = running.get();
            assertThat(exit.code()).as(exit.toString()).isEqualTo(1);
            assertThat(exit.stderr()).as(mistake.name() + ", standard error").hasSize(1);
            assertThat(exit.stderr().getFirst())
                    .startsWith("weir: ")
                    .contains(mistake.setting)
                    .doesNotContain("secret", "java.", "SRCFG", "Exception:");
            assertThat(exit.stdout())
                    .as(mistake.name() + ", standard output")
                    .noneMatch(line -> line.matches("\\s+at .*|.*Exception.*|.*Listening on.*"));
        });
    }
}
