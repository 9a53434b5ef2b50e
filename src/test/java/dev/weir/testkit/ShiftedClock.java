package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Has a process believe that it is another time of day, by libfaketime; what it measures of time passed is not touched. */
public final class ShiftedClock {

    private static final String LIBRARY = "libfaketime.so.1";
    private static final List<Path> PLACES =
            List.of(Path.of("/usr/lib"), Path.of("/usr/lib64"), Path.of("/usr/local/lib"));

    private ShiftedClock() {}

    /**
     * The instance's clock is ahead by so many hours, or behind where they are negative.
     *
     * @throws IllegalStateException where libfaketime is not installed
     */
    public static WeirProcess.Builder shift(WeirProcess.Builder weir, int hours) {
        return weir.env("LD_PRELOAD", library().toString())
                .env("FAKETIME", String.format("%+dh", hours))
                .env("DONT_FAKE_MONOTONIC", "1")
                // Timed waits on the monotonic clock would return at once otherwise.
                .env("FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }

    private static Path library() {
        for (Path place : PLACES) {
            // As Debian has it, for each architecture a directory; elsewhere without one.
            try (Stream<Path> directories = Files.isDirectory(place) ? Files.list(place) : Stream.empty()) {
                List<Path> found = Stream.concat(Stream.of(place), directories)
                        .map(directory -> directory.resolve("faketime").resolve(LIBRARY))
                        .filter(Files::isRegularFile)
                        .toList();
                if (!found.isEmpty()) {
                    return found.getFirst();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new IllegalStateException(
                LIBRARY + " is in none of " + PLACES + ": install it (Debian: apt-get install faketime)");
    }
}
