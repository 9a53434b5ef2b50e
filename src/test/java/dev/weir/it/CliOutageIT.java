package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the command line says of a service that is not well. */
class CliOutageIT {

    @Test
    void healthIsBadNewsWhileRedisIsAwayAndGoodAfterwards() {
        try (RedisServer redis = RedisServer.start();
                WeirProcess weir = WeirProcess.builder().redis(redis).start()) {
            assertThat(Verb.text(Verb.run(weir, "health"), 0)).contains("ready, shared", "standalone");
            redis.kill();
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> Verb.run(weir, "health").code() == 1);
            assertThat(Verb.text(Verb.run(weir, "health"), 1)).contains("ready, degraded", "down since");
            redis.restart();
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> Verb.run(weir, "health").code() == 0);
        }
    }

    @Test
    void theMonitorGoesOnWhenTheServiceIsBack() {
        WeirProcess first = WeirProcess.builder().start();
        String port = Integer.toString(first.port());
        try (first;
                WeirProcess monitor = Verb.at(first, "monitor").launch()) {
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> !monitor.logLinesMatching("instances=1").isEmpty());
            first.kill();
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> !monitor.logLinesMatching("trying again").isEmpty());
            int before = monitor.logLinesMatching("instances=1").size();
            try (WeirProcess second =
                    WeirProcess.builder().property("quarkus.http.port", port).start()) {
                await().atMost(Duration.ofSeconds(15))
                        .until(() -> monitor.logLinesMatching("instances=1").size() > before);
                assertThat(monitor.log()).contains(second.url() + ": connected again");
                monitor.signal("INT");
                assertThat(monitor.awaitExit(Duration.ofSeconds(10))).isEqualTo(130);
            }
        }
    }

    @Test
    void aVerbThatNobodyNeedsToWaitForSaysWhichServiceItMeant() {
        Exit exit = WeirProcess.runToExit(Verb.at("http://127.0.0.1:1", "health", "--url", "http://127.0.0.1:2/weir/"));
        assertThat(Verb.complaint(exit, 3)).startsWith("weir: http://127.0.0.1:2/weir: ");
    }
}
