package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code weir lock}: a command that runs under a lock, and what becomes of both. */
class CliLockIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static RedisServer redis;
    private static WeirProcess weir;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        weir = WeirProcess.builder()
                .redis(redis)
                .property("weir.redis.timeout", "5s")
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        redis.close();
    }

    private static WeirProcess.Builder lock(WeirProcess at, List<String> options, String... command) {
        List<String> args = new ArrayList<>(List.of("lock"));
        args.addAll(options);
        args.add("--");
        args.addAll(List.of(command));
        return Verb.at(at, args.toArray(String[]::new));
    }

    private static Exit run(List<String> options, String... command) {
        return WeirProcess.runToExit(lock(weir, options, command));
    }

    private static boolean isHeld(String name) {
        JsonNode lock = Seen.json(Http.get(weir.url("/v1/locks/" + name)), 200);
        return lock.path("held").asBoolean();
    }

    private static void awaitFile(Path file) {
        await().atMost(PATIENCE).until(() -> Files.exists(file) && Files.size(file) > 0);
    }

    /** A command that says that it runs. */
    private static String[] waiting(Path running) {
        return new String[] {"sh", "-c", "echo here > \"$0\"; exec sleep 300", running.toString()};
    }

    @Test
    void theCommandKnowsItsLockAndItsStatusIsPassedOn() {
        Exit exit = run(
                List.of("répôrt/ü", "--owner", "me"),
                "sh",
                "-c",
                "echo \"$WEIR_LOCK_NAME:$WEIR_LOCK_FENCE:${#WEIR_LOCK_TOKEN}:$*\"; exit 7",
                "sh",
                "--ttl",
                "--",
                "-Dx=y");
        assertThat(Verb.text(exit, 7)).matches("répôrt/ü:\\d+:43:--ttl -- -Dx=y");
        assertThat(isHeld("r%C3%A9p%C3%B4rt%2F%C3%BC")).isFalse();
    }

    @Test
    void aCommandThatCannotRunGivesTheLockBack() throws IOException {
        assertThat(Verb.complaint(run(List.of("missing"), "no-such-command"), 127))
                .isEqualTo("weir: no-such-command: command not found");
        Path text = Files.writeString(directory.resolve("text"), "no program");
        assertThat(Verb.complaint(run(List.of("missing"), text.toString()), 126))
                .contains("permission denied");
        assertThat(isHeld("missing")).isFalse();
    }

    @Test
    void ofTwoOneWorksAndTheOtherOneWaitsIfItIsToldTo() {
        Path pid = directory.resolve("pid");
        try (WeirProcess first = lock(weir, List.of("single", "--owner", "worker 1"), waiting(pid))
                .launch()) {
            awaitFile(pid);
            assertThat(Verb.complaint(run(List.of("single"), "echo", "mine"), 1))
                    .contains("'worker 1'");
            try (WeirProcess second = lock(weir, List.of("single", "--wait", "1m"), "echo", "mine")
                    .launch()) {
                await().atMost(PATIENCE)
                        .until(() -> Seen.json(Http.get(weir.url("/v1/locks/single")), 200)
                                        .path("waiting")
                                        .asInt()
                                == 1);
                first.signal("TERM");
                assertThat(first.awaitExit(PATIENCE)).isEqualTo(143);
                assertThat(second.awaitExit(PATIENCE)).isZero();
                assertThat(second.logLines()).containsExactly("mine");
            }
        }
        assertThat(isHeld("single")).isFalse();
    }

    @Test
    void signalsGoToTheCommandWhichMayAnswerAsItLikes() {
        for (String signal : List.of("INT", "HUP", "TERM")) {
            Path ready = directory.resolve(signal);
            try (WeirProcess process = lock(
                            weir,
                            List.of("signals"),
                            "sh",
                            "-c",
                            "trap 'echo got it; exit 9' " + signal
                                    + "; echo ready > \"$0\"; while :; do sleep 0.1; done",
                            ready.toString())
                    .launch()) {
                awaitFile(ready);
                process.signal(signal);
                assertThat(process.awaitExit(PATIENCE)).as(signal).isEqualTo(9);
                assertThat(process.logLines()).as(signal).containsExactly("got it");
            }
            assertThat(isHeld("signals")).isFalse();
        }
    }

    @Test
    void whatTheCommandSaysWhenItIsToldToEndIsStillHeardBesideADocument() {
        Path ready = directory.resolve("ready");
        try (WeirProcess process = lock(
                        weir,
                        List.of("told", "--json"),
                        "sh",
                        "-c",
                        "trap 'echo bye; exit 7' TERM; echo ready > \"$0\"; while :; do sleep 0.1; done",
                        ready.toString())
                .launch()) {
            awaitFile(ready);
            process.signal("TERM");
            assertThat(process.awaitExit(PATIENCE)).as(process.log()).isEqualTo(7);
            assertThat(process.logLines()).first().isEqualTo("bye");
            assertThat(process.log()).contains("\"exitStatus\":7");
        }
    }

    @Test
    void whatTheCommandLeavesBehindDoesNotHoldTheLock() throws IOException {
        Path child = directory.resolve("child");
        String[] leaving = {"sh", "-c", "sleep 300 & echo $! > \"$0\"; seq 20000; exit 3", child.toString()};
        try {
            Exit exit = run(List.of("left", "--json"), leaving);
            assertThat(Verb.document(exit, 3).path("lost").asBoolean()).isFalse();
            assertThat(exit.stderr()).hasSize(20_000);
            assertThat(isHeld("left")).isFalse();
        } finally {
            ProcessHandle.of(Long.parseLong(Files.readString(child).strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void whoWaitsForTheLockLeavesTheQueueWhenTold() {
        Path pid = directory.resolve("pid");
        try (WeirProcess first = lock(weir, List.of("queue"), waiting(pid)).launch()) {
            awaitFile(pid);
            try (WeirProcess second =
                    lock(weir, List.of("queue", "--wait", "1m"), "echo", "mine").launch()) {
                await().atMost(PATIENCE)
                        .until(() -> Seen.json(Http.get(weir.url("/v1/locks/queue")), 200)
                                        .path("waiting")
                                        .asInt()
                                == 1);
                second.signal("TERM");
                assertThat(second.awaitExit(PATIENCE)).isEqualTo(143);
                await().atMost(PATIENCE)
                        .until(() -> Seen.json(Http.get(weir.url("/v1/locks/queue")), 200)
                                        .path("waiting")
                                        .asInt()
                                == 0);
            }
            first.signal("TERM");
            first.awaitExit(PATIENCE);
        }
    }

    @Test
    void aLockIsHeldForAsLongAsTheCommandRuns() {
        Exit exit = run(List.of("long", "--ttl", "3s", "--json"), "sleep", "4");
        assertThat(Verb.document(exit, 0).path("lost").asBoolean()).isFalse();
    }

    @Test
    void muchOutputComesThroughWhole() {
        String[] much = {"sh", "-c", "yes 0123456789 | head -n 300000; yes e | head -n 1000 >&2"};
        Exit plain = run(List.of("much"), much);
        assertThat(plain.code()).isZero();
        assertThat(plain.stdout()).hasSize(300_000);
        assertThat(plain.stderr()).hasSize(1_000);
        Exit aside = run(List.of("much", "--json"), much);
        assertThat(Verb.document(aside, 0).path("exitStatus").asInt()).isZero();
        assertThat(aside.stderr()).hasSize(301_000);
    }
}
