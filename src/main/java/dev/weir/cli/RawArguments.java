package dev.weir.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments as they were typed, which are not always those that {@code main} is given. Under the locale of most
 * containers, {@code POSIX}, a JVM turns every letter beyond ASCII into a question mark; and the executable takes for
 * itself what looks like an option of a JVM ({@code -Dx=y}, {@code -Xmx1g}) wherever it stands, also in a command that is
 * to be run under a lock. Linux keeps the truth in {@code /proc/self/cmdline}; elsewhere there is what there is.
 */
final class RawArguments {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private RawArguments() {}

    static List<String> of(String... given) {
        try {
            boolean executable = "runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"));
            return restore(List.of(given), words(Files.readAllBytes(COMMAND_LINE)), executable);
        } catch (IOException e) {
            return List.of(given);
        }
    }

    /** @param words the whole command line of the process */
    static List<String> restore(List<String> given, List<String> words, boolean executable) {
        int first = executable ? 1 : words.size() - given.size();
        while (executable && first < words.size() && words.get(first).matches("-[DX].*")) {
            first++;
        }
        if (first < 1 || words.size() - first < given.size()) {
            return given;
        }
        List<String> raw = words.subList(first, words.size());
        // The verb is plain ASCII and never taken away: where it differs, this is not the command line that we think it
        // is.
        return !given.isEmpty() && raw.getFirst().equals(given.getFirst()) ? List.copyOf(raw) : given;
    }

    static List<String> words(byte[] commandLine) {
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < commandLine.length; i++) {
            if (commandLine[i] == 0) {
                words.add(new String(commandLine, start, i - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        return words;
    }
}
