package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The processes and directories that the kit makes: none of them outlives this JVM's orderly end. */
final class Processes {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();
    private static final Set<Path> DIRECTORIES = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Processes::clear, "testkit-leftovers"));
    }

    private Processes() {}

    static Process start(ProcessBuilder builder) {
        try {
            Process process = builder.start();
            RUNNING.removeIf(earlier -> !earlier.isAlive());
            RUNNING.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + builder.command(), e);
        }
    }

    /** SIGTERM. */
    static void terminate(Process process) {
        process.toHandle().destroy();
    }

    /** SIGKILL, which ends a stopped process as well; returns when the process is gone. */
    static void kill(Process process) {
        process.toHandle().destroyForcibly();
        if (!waitFor(process, SOON)) {
            throw new IllegalStateException("process " + process.pid() + " outlived SIGKILL");
        }
    }

    /** Sends the signal of that name ({@code STOP}, {@code CONT}). */
    static void signal(Process process, String name) {
        Process kill = start(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO());
        if (!waitFor(kill, SOON) || kill.exitValue() != 0) {
            throw new IllegalStateException("cannot send SIG" + name + " to process " + process.pid());
        }
    }

    /** Whether the process ended within that time. */
    static boolean waitFor(Process process, Duration patience) {
        try {
            return process.waitFor(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for process " + process.pid(), e);
        }
    }

    static Path temporaryDirectory(String prefix) {
        try {
            Path directory = Files.createTempDirectory(prefix);
            DIRECTORIES.add(directory);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A directory with nothing but this very file, as {@code config/application.properties}. */
    static Path mounted(Path file) {
        try {
            Path directory = temporaryDirectory("weir-directory");
            Path config = Files.createDirectory(directory.resolve("config"));
            Files.createSymbolicLink(config.resolve("application.properties"), file.toRealPath());
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path directory) {
        DIRECTORIES.remove(directory);
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void clear() {
        for (Process process : RUNNING) {
            kill(process);
        }
        DIRECTORIES.forEach(Processes::delete);
    }
}
