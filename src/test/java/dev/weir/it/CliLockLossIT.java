package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir lock} when the lock is lost while the command runs. */
class CliLockLossIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private static boolean isAlive(Path pid) throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                .filter(ProcessHandle::isAlive)
                .isPresent();
    }

    private static void awaitFile(Path file) {
        await().atMost(PATIENCE).until(() -> Files.exists(file) && Files.size(file) > 0);
    }

    @Test
    void theCommandAndAllThatItStartedEndUnlessTheyAreToBeKept() throws IOException {
        Path child = directory.resolve("child");
        Path kept = directory.resolve("kept");
        Path go = directory.resolve("go");
        try (RedisServer redis = RedisServer.start();
                WeirProcess weir = WeirProcess.builder()
                        .redis(redis)
                        .property("weir.redis.timeout", "5s")
                        .start();
                WeirProcess ended = Verb.at(
                                weir,
                                "lock",
                                "ended",
                                "--ttl",
                                "6s",
                                "--",
                                "sh",
                                "-c",
                                "sleep 300 & echo $! > \"$0\"; wait",
                                child.toString())
                        .launch();
                WeirProcess going = Verb.at(
                                weir,
                                "lock",
                                "going",
                                "--ttl",
                                "6s",
                                "--keep",
                                "--",
                                "sh",
                                "-c",
                                "echo here > \"$0\"; until [ -e \"$1\" ]; do sleep 0.1; done; exit 5",
                                kept.toString(),
                                go.toString())
                        .launch()) {
            awaitFile(child);
            awaitFile(kept);
            redis.command("FLUSHALL");

            assertThat(ended.awaitExit(PATIENCE)).isEqualTo(1);
            assertThat(ended.logLinesMatching("^weir: the lock 'ended' is lost: .*; the command is ended$"))
                    .hasSize(1);
            await().atMost(PATIENCE).until(() -> !isAlive(child));

            await().atMost(PATIENCE)
                    .until(() -> !going.logLinesMatching("'going' is lost: ").isEmpty());
            assertThat(going.isAlive()).isTrue();
            Files.writeString(go, "on");
            assertThat(going.awaitExit(PATIENCE)).isEqualTo(5);
        }
    }

    @Test
    void aServiceThatDoesNotAnswerForLongerThanTheTtlHasLostTheLock() throws IOException {
        Path child = directory.resolve("child");
        // It does not heed SIGTERM, and is ended for good some seconds later.
        try (WeirProcess weir = WeirProcess.builder().start();
                WeirProcess ended = Verb.at(
                                weir,
                                "lock",
                                "frozen",
                                "--ttl",
                                "2s",
                                "--timeout",
                                "1s",
                                "--",
                                "sh",
                                "-c",
                                "trap '' TERM; echo $$ > \"$0\"; while :; do sleep 0.1; done",
                                child.toString())
                        .launch()) {
            awaitFile(child);
            weir.freeze();
            assertThat(ended.awaitExit(PATIENCE)).isEqualTo(1);
            assertThat(ended.logLinesMatching("'frozen' is lost: it could not be renewed within its time"))
                    .hasSize(1);
            assertThat(isAlive(child)).isFalse();
        }
    }

    @Test
    void aServiceThatIsAwayForLessThanTheTtlIsAskedAgain() {
        Path running = directory.resolve("running");
        Path go = directory.resolve("go");
        try (RedisServer redis = RedisServer.start();
                WeirProcess first = WeirProcess.builder().redis(redis).start();
                WeirProcess process = Verb.at(
                                first,
                                "lock",
                                "away",
                                "--ttl",
                                "15s",
                                "--",
                                "sh",
                                "-c",
                                "echo here > \"$0\"; until [ -e \"$1\" ]; do sleep 0.1; done; exit 5",
                                running.toString(),
                                go.toString())
                        .launch()) {
            awaitFile(running);
            String port = Integer.toString(first.port());
            first.kill();
            try (WeirProcess second = WeirProcess.builder()
                    .redis(redis)
                    .property("quarkus.http.port", port)
                    .start()) {
                Files.writeString(go, "on");
                assertThat(process.awaitExit(PATIENCE)).isEqualTo(5);
                assertThat(process.log()).isEmpty();
                assertThat(Seen.json(dev.weir.testkit.Http.get(second.url("/v1/locks/away")), 200)
                                .path("held")
                                .asBoolean())
                        .isFalse();
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
