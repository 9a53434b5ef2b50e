package dev.weir.it;

import static dev.weir.it.Checks.admits;
import static dev.weir.it.Checks.figures;
import static dev.weir.it.Checks.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Load;
import dev.weir.testkit.LoadResult;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who hammers a limit that has refused him costs Redis nothing. */
class HammerIT {

    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("weir.hammer.seconds", 3));
    private static final int CONNECTIONS = 64;

    /** What Redis was sent. */
    private record Commands(long scripts, long all) {

        static Commands of(RedisServer redis) {
            String scripts = String.valueOf(redis.command("INFO", "commandstats"));
            String all = String.valueOf(redis.command("INFO", "stats"));
            return new Commands(
                    count(scripts, "cmdstat_eval(?:sha)?:calls=(\\d+)"), count(all, "total_commands_processed:(\\d+)"));
        }

        private static long count(String info, String regex) {
            Matcher matcher = Pattern.compile(regex).matcher(info);
            long sum = 0;
            while (matcher.find()) {
                sum += Long.parseLong(matcher.group(1));
            }
            return sum;
        }
    }

    @Test
    void hammeringARefusedKeyCostsRedisNothing() {
        try (RedisServer redis = RedisServer.start();
                WeirProcess weir = WeirProcess.builder()
                        .redis(redis)
                        .property("weir.redis.timeout", "5s")
                        .property("weir.limits.few.limit", "10")
                        .property("weir.limits.few.window", "1h")
                        .start()) {
            await().atMost(Duration.ofSeconds(10)).until(() -> Seen.mode(weir).equals("shared"));
            for (int i = 0; i < 10; i++) {
                assertThat(admits(weir, "few", "hammered")).isTrue();
            }
            assertThat(admits(weir, "few", "hammered")).isFalse();

            Commands before = Commands.of(redis);
            LoadResult result;
            try (Load load = Load.builder()
                    .connections(CONNECTIONS)
                    .against(weir.url())
                    .requests(number -> Load.Request.of("POST", path("few", "hammered"), ""))
                    .success(status -> status == 429)
                    .limit(LENGTH)
                    .start()) {
                await().atMost(LENGTH.plusSeconds(20)).until(() -> !load.isRunning());
                result = load.stop();
            }
            Commands after = Commands.of(redis);

            // One of the two INFO of the first look, and one of the second, are counted in between.
            long scripts = after.scripts - before.scripts;
            long all = after.all - before.all - 2;
            double seconds = result.elapsed().toMillis() / 1000.0;
            System.out.printf(
                    "%d connections, %.1f s: %d requests refused (%.0f/s); Redis was sent %d scripts (%.1f/s), %d commands"
                            + " (%.1f/s)%n",
                    CONNECTIONS,
                    seconds,
                    result.total(),
                    result.requestsPerSecond(),
                    scripts,
                    scripts / seconds,
                    all,
                    all / seconds);
            assertThat(result.failureCount()).as(result.toString()).isZero();
            assertThat(result.total()).isGreaterThan(CONNECTIONS);
            assertThat(result.scopeTransitions()).containsExactly("shared");
            assertThat(scripts / seconds).as("scripts a second").isLessThan(10);
            assertThat(all / seconds)
                    .as("commands a second, keep-alives included")
                    .isLessThan(10);
            assertThat(figures(weir, "few").path("nearRefusals").asLong()).isGreaterThanOrEqualTo(result.total() - 10);
        }
    }
}
