package dev.weir.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The command that runs under a lock, with this process' input and output. Signals that come to this process go on to it,
 * but for what a terminal has sent to both already.
 */
final class LockedCommand {

    private static final Pattern ERROR = Pattern.compile("error[=:] ?(\\d+)");
    private static final String NO_SUCH_FILE = "2";
    private static final String NOT_PERMITTED = "13";
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Process process;
    private final @Nullable Pump pump;

    private LockedCommand(Process process, @Nullable Pump pump) {
        this.process = process;
        this.pump = pump;
    }

    /** That a command could not be started: 127 if there is none, 126 if it cannot be run, as in shells. */
    static final class NotStarted extends Exception {

        private final int status;

        NotStarted(String line, int status) {
            super(line, null, false, false);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /** @param aside its output goes to standard error, since standard output is for a document */
    static LockedCommand start(List<String> command, Map<String, String> variables, boolean aside) throws NotStarted {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        if (aside) {
            builder.redirectOutput(Redirect.PIPE);
        }
        builder.environment().putAll(variables);
        try {
            Process process = builder.start();
            return new LockedCommand(process, aside ? new Pump(process.getInputStream(), System.err) : null);
        } catch (IOException e) {
            throw notStarted(command.getFirst(), String.valueOf(e.getMessage()));
        }
    }

    private static NotStarted notStarted(String name, String message) {
        Matcher error = ERROR.matcher(message);
        String number = error.find() ? error.group(1) : "";
        return switch (number) {
            case NO_SUCH_FILE -> new NotStarted(name + ": command not found", 127);
            case NOT_PERMITTED -> new NotStarted(name + ": permission denied", 126);
            default -> new NotStarted(name + ": it cannot be run: " + message, 126);
        };
    }

    /** Its exit status; 128 and the number of the signal that ended it. */
    int await() throws InterruptedException {
        int status = process.waitFor();
        if (pump != null) {
            pump.finish(GRACE);
        }
        return status;
    }

    /** Ends the command and all that it started: SIGTERM, and after five seconds SIGKILL. */
    void end() {
        try {
            new ProcessTree(process.toHandle()).end(GRACE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void forward(Signals signal) {
        if (signal == Signals.TERM) {
            terminate();
        } else if (!isInForeground()) {
            send(signal);
        }
    }

    /** SIGTERM, and nothing else: the process' own method would also close the pipe that its last words come by. */
    private void terminate() {
        process.toHandle().destroy();
    }

    private void send(Signals signal) {
        try {
            // The shell's own kill: there may be no other.
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start();
            if (kill.waitFor() != 0) {
                terminate();
            }
        } catch (IOException e) {
            terminate();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether what is typed at a terminal, such as Ctrl-C, reaches this process' whole group. */
    private static boolean isInForeground() {
        try {
            return isInForeground(Files.readString(Path.of("/proc/self/stat")));
        } catch (IOException e) {
            return Terminal.isAtTerminal();
        }
    }

    /** @param stat as in {@code proc_pid_stat(5)}: after the name state, parent, group, session, terminal, its group */
    static boolean isInForeground(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return !fields[4].equals("0") && fields[2].equals(fields[5]);
    }
}
