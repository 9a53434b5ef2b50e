package dev.weir.cli;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a verb was typed: its environment, what it reads and what it writes. Output is UTF-8 whatever the locale says,
 * since JSON is; colours and redrawing are only for a terminal, colours not with {@code NO_COLOR}.
 */
final class Terminal {

    private static final int DEFAULT_COLUMNS = 80;
    private static final int DEFAULT_ROWS = 24;

    private final Map<String, String> environment;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;

    Terminal(Map<String, String> environment, InputStream in, OutputStream out, OutputStream err, boolean interactive) {
        this.environment = environment;
        this.in = in;
        this.out = new PrintStream(new BufferedOutputStream(out), false, StandardCharsets.UTF_8);
        this.err = new PrintStream(new BufferedOutputStream(err), true, StandardCharsets.UTF_8);
        this.interactive = interactive;
    }

    /** That of this process. */
    static Terminal ofProcess() {
        return new Terminal(
                System.getenv(),
                System.in,
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                isAtTerminal());
    }

    /** Whether this process reads from and writes to a terminal. */
    @SuppressWarnings("SystemConsoleNull") // JDK 25 does return null again where there is no terminal.
    static boolean isAtTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** A variable of the environment; one that is empty is not set. */
    @Nullable
    String variable(String name) {
        String value = environment.get(name);
        return value == null || value.isBlank() ? null : value;
    }

    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    /** Prints lines and sees that they are out. */
    void print(List<String> lines) {
        lines.forEach(line -> out.print(line + "\n"));
        out.flush();
    }

    void print(String line) {
        print(List.of(line));
    }

    /** A line for a person, which is not what the verb was asked for. */
    void say(String line) {
        err.print("weir: " + Figures.printable(line) + "\n");
        err.flush();
    }

    /** Whether nobody reads any more what is written. */
    boolean isClosed() {
        return out.checkError();
    }

    /** Whether a person is at both ends. */
    boolean isInteractive() {
        return interactive;
    }

    boolean hasColours() {
        return interactive && variable("NO_COLOR") == null && !"dumb".equals(variable("TERM"));
    }

    /** The text in a colour of ANSI (31 is red, 33 yellow, 32 green, 1 bold), if colours are wanted. */
    String coloured(int code, String text) {
        return hasColours() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    /** Asks, and reads a line; false for all but a yes. */
    boolean confirm(String question) {
        err.print(question + " [y/N] ");
        err.flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            return answer != null && answer.strip().matches("(?i)y|yes");
        } catch (IOException e) {
            return false;
        }
    }

    /** Rows and columns: what {@code LINES} and {@code COLUMNS} say, else the terminal itself, else 24 by 80. */
    int[] size() {
        int rows = number(variable("LINES"));
        int columns = number(variable("COLUMNS"));
        if (interactive && (rows == 0 || columns == 0)) {
            String[] asked = askTerminal().split(" ");
            if (asked.length == 2) {
                rows = rows == 0 ? number(asked[0]) : rows;
                columns = columns == 0 ? number(asked[1]) : columns;
            }
        }
        return new int[] {rows == 0 ? DEFAULT_ROWS : rows, columns == 0 ? DEFAULT_COLUMNS : columns};
    }

    private static int number(@Nullable String text) {
        return text != null && text.matches("\\d{1,4}") ? Integer.parseInt(text) : 0;
    }

    private static String askTerminal() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
