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

/** A setting of a limit that makes no sense stops the start, with one line that names it and nothing else. */
class LimitSettingsIT {

    private record Mistake(String setting, List<String> settings) {

        static Mistake of(String setting, String... settings) {
            return new Mistake(setting, List.of(settings));
        }

        WeirProcess.Builder builder() {
            WeirProcess.Builder builder = WeirProcess.builder()
                    .property("weir.limits.good.limit", "5")
                    .property("weir.limits.good.window", "1m")
                    .property("weir.routes.x.path", "/x/*")
                    .property("weir.routes.x.origin", "http://127.0.0.1:9");
            for (int i = 0; i < settings.size(); i += 2) {
                builder.property(settings.get(i), settings.get(i + 1));
            }
            return builder;
        }
    }

    private static Mistake good(String setting, String value) {
        String name = "weir.limits.good." + setting;
        return Mistake.of(name, name, value);
    }

    private static Stream<Mistake> mistakes() {
        String limit = "weir.routes.x.limit";
        String key = "weir.routes.x.limit-key";
        return Stream.of(
                Mistake.of(limit, limit, "nope"),
                Mistake.of(limit, limit, "good,nope"),
                Mistake.of(limit, limit, "good,good"),
                Mistake.of(key, key, "{client-ip}"),
                Mistake.of(key, limit, "good", key, "{nonsense}"),
                Mistake.of(key, limit, "good", key, "everybody"),
                good("limit", "0"),
                good("limit", "-5"),
                good("limit", "many"),
                good("limit", "100001"),
                good("window", "0s"),
                good("window", "soon"),
                good("window", "367d"),
                good("window", "-1m"),
                good("algorithm", "leaky-bucket"),
                good("burst", "10"),
                good("when-unavailable", "panic"),
                good("shadow", "perhaps"),
                good("typo", "1"),
                Mistake.of(
                        "weir.limits.good.burst",
                        "weir.limits.good.algorithm",
                        "token-bucket",
                        "weir.limits.good.burst",
                        "0"),
                Mistake.of("weir.limits.other.limit", "weir.limits.other.window", "1m"),
                Mistake.of("weir.limits.other.window", "weir.limits.other.limit", "5"),
                Mistake.of("weir.limits", "weir.limits.\"a b\".limit", "5", "weir.limits.\"a b\".window", "1m"),
                Mistake.of("weir.limit.headers", "weir.limit.headers", "none"),
                Mistake.of("weir.limit.near-max-entries", "weir.limit.near-max-entries", "-1"),
                Mistake.of("weir.limit.memory-max-bytes", "weir.limit.memory-max-bytes", "some"),
                Mistake.of("weir.limit.typo", "weir.limit.typo", "1"));
    }

    @TestFactory
    Stream<DynamicTest> aMistakeStopsTheStartWithOneLineThatNamesIt() {
        ExecutorService two = Executors.newFixedThreadPool(2);
        List<DynamicTest> tests = mistakes().map(mistake -> test(mistake, two)).toList();
        two.shutdown();
        return tests.stream();
    }

    /** All processes are under way, two at a time, before the first test asks what became of its own. */
    private static DynamicTest test(Mistake mistake, ExecutorService two) {
        Future<Exit> running = two.submit(() -> WeirProcess.runToExit(mistake.builder()));
        return DynamicTest.dynamicTest(String.join(" ", mistake.settings), () -> {
            Exit exit = running.get();
            assertThat(exit.code()).as(exit.toString()).isEqualTo(1);
            assertThat(exit.stderr()).as("standard error").hasSize(1);
            assertThat(exit.stderr().getFirst())
                    .startsWith("weir: ")
                    .contains(mistake.setting)
                    .doesNotContain("java.", "SRCFG", "Exception:");
            assertThat(exit.stdout()).noneMatch(line -> line.matches("\\s+at .*|.*Exception.*|.*Listening on.*"));
        });
    }
}
