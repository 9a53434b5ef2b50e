package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The lines that a process writes. They go to a file without anybody's help: what the process wrote before it answered a
 * request is there when the answer is, however busy this JVM may be.
 */
final class Output {

    private final Path file = Processes.temporaryDirectory("weir-output").resolve("output");

    ProcessBuilder.Redirect redirect() {
        return ProcessBuilder.Redirect.to(file.toFile());
    }

    /** All lines so far; the last one may be half written. */
    List<String> lines() {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
