package dev.weir.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The lines that a process writes, read as they come, so that it never blocks on a full pipe. */
final class Output {

    /** Beyond this the oldest lines go: a process that logs without end must not take the tests with it. */
    private static final int MAX_LINES = 200_000;

    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread reader;

    Output(InputStream stream) {
        reader = Thread.ofVirtual().name("testkit-output").start(() -> read(stream));
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** All lines of a process that has ended, the last ones included. */
    List<String> linesAtEnd() {
        try {
            reader.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return lines();
    }

    private void read(InputStream stream) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            add("(the output ended: " + e + ")");
        }
    }

    private synchronized void add(String line) {
        if (lines.size() == MAX_LINES) {
            lines.removeFirst();
        }
        lines.addLast(line);
    }
}
