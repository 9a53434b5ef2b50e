package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A setting of a warmer that makes no sense stops the start, with one line that names it and nothing else. */
class WarmerSettingsIT {

    private record Mistake(String setting, List<String> settings) {

        static Mistake of(String setting, String... settings) {
            return new Mistake(setting, List.of(settings));
        }

        WeirProcess.Builder builder() {
            WeirProcess.Builder builder = WeirProcess.builder()
                    .property("weir.caches.good.origin.url", "http://127.0.0.1:9/{key}")
                    .property("weir.caches.bare.ttl", "1m");
            for (int i = 0; i < settings.size(); i += 2) {
                builder.property(settings.get(i), settings.get(i + 1));
            }
            return builder;
        }
    }

    /** A warmer with keys that is good but for this. */
    private static Mistake with(String setting, String value) {
        return and(setting, "weir.warmers.w.keys", "a,b", "weir.warmers.w." + setting, value);
    }

    private static Mistake and(String setting, String... settings) {
        List<String> all = new ArrayList<>(List.of("weir.warmers.w.cache", "good"));
        all.addAll(List.of(settings));
        return new Mistake("weir.warmers.w." + setting, all);
    }

    private static Mistake from(String url) {
        return and("keys-from", "weir.warmers.w.keys-from", url);
    }

    private static Stream<Mistake> mistakes() {
        String w = "weir.warmers.w.";
        return Stream.of(
                Mistake.of(w + "cache", w + "keys", "a"),
                Mistake.of(w + "cache", w + "cache", "nope", w + "keys", "a"),
                Mistake.of(w + "cache", w + "cache", "bare", w + "keys", "a"),
                Mistake.of("weir.warmers", "weir.warmers.\"a b\".cache", "good", "weir.warmers.\"a b\".keys", "a"),
                and("keys"),
                and("keys", w + "keys", "a", w + "hot", "5"),
                and("keys", w + "keys", "a," + "x".repeat(600)),
                from("ftp://app/ids"),
                from("http://app:port/ids"),
                from("http://user:secret@app/ids"),
                and("keys-pointer", w + "keys-from", "http://127.0.0.1:9/", w + "keys-pointer", "data/*"),
                and("keys-pointer", w + "keys-from", "http://127.0.0.1:9/", w + "keys-pointer", "/a~b"),
                and(
                        "keys-tls-configuration",
                        w + "keys-from",
                        "https://127.0.0.1:9/",
                        w + "keys-tls-configuration",
                        "unheard-of"),
                and("hot", w + "hot", "10001"),
                with("every", "soon"),
                with("every", "999ms"),
                and("cron", w + "keys", "a", w + "cron", "0 3 * * *", w + "every", "5m"),
                with("cron", "often"),
                with("cron", "0 0 3 * * ?"),
                with("cron", "61 3 * * *"),
                with("cron", "0 3 * * 9"),
                with("cron", "off"),
                and("time-zone", w + "keys", "a", w + "cron", "0 3 * * *", w + "time-zone", "Mars/Olympus"),
                with("at-start", "perhaps"),
                with("concurrency", "0"),
                with("retries", "-1"),
                with("backoff", "-1s"),
                with("order-after", "nope"),
                and(
                        "order-after",
                        w + "keys",
                        "a",
                        w + "order-after",
                        "x",
                        "weir.warmers.x.cache",
                        "good",
                        "weir.warmers.x.keys",
                        "a",
                        "weir.warmers.x.order-after",
                        "w"),
                with("typo", "1"));
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
                    .contains(mistake.setting.equals("weir.warmers.w.order-after") ? ".order-after" : mistake.setting)
                    .doesNotContain("java.", "SRCFG", "Exception:", "secret");
            assertThat(exit.stdout()).noneMatch(line -> line.matches("\\s+at .*|.*Exception.*|.*Listening on.*"));
        });
    }
}
