package dev.weir.testkit;

import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A Weir instance as a process of its own, on a loopback port that it chose itself.
 *
 * <p>It is the native executable that the system property {@code native.image.path} names, if there is such a file,
 * else {@code java -jar} of the property {@code weir.jar} (by default the jar that the build makes), run by this JVM's
 * own JDK. Its environment holds nothing of ours that begins with {@code REDIS_}, {@code WEIR_} or {@code QUARKUS_}.
 * When {@link Builder#start} returns, {@code /q/health/ready} has answered 200; if that takes over 30 seconds, or the
 * process ends, the exception bears its log. {@code close} and the end of the JVM kill it, a frozen one too.
 */
public final class WeirProcess implements AutoCloseable {

    private static final Duration READY_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(20);
    private static final Pattern LISTENING = Pattern.compile("Listening on: http://[^\\s/]+:(\\d+)");
    private static final Pattern INHERITED_SETTING = Pattern.compile("(REDIS|WEIR|QUARKUS)_.*");

    private final Process process;
    private final Output output;
    private volatile int port;

    private WeirProcess(Process process, Output output) {
        this.process = process;
        this.output = output;
    }

    /** An instance with default settings, in memory as long as nothing else is said; its log is lines for people. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * For settings that must stop the start, and for verbs of the command line: runs until the process ends.
     *
     * @throws IllegalStateException with all output if it still runs after 20 seconds; it is killed then
     */
    public static Exit runToExit(Builder builder) {
        Output stdout = new Output();
        Output stderr = new Output();
        Process process = Processes.start(
                builder.processBuilder().redirectOutput(stdout.redirect()).redirectError(stderr.redirect()));
        boolean ended = Processes.waitFor(process, EXIT_TIMEOUT);
        Processes.kill(process);
        Exit exit = new Exit(process.exitValue(), stdout.lines(), stderr.lines());
        if (!ended) {
            throw new IllegalStateException("Weir still ran after " + EXIT_TIMEOUT + ": " + exit);
        }
        return exit;
    }

    /** Returns as soon as {@code /q/health/ready} answers 200; only needed after {@link Builder#launch}. */
    public WeirProcess awaitReady() {
        try {
            await().atMost(READY_TIMEOUT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> !process.isAlive() || isReady());
        } catch (ConditionTimeoutException e) {
            kill();
            throw new IllegalStateException("Weir is not ready after " + READY_TIMEOUT + ":\n" + log(), e);
        }
        if (!process.isAlive()) {
            throw new IllegalStateException("Weir ended with status " + process.exitValue() + ":\n" + log());
        }
        return this;
    }

    /** {@code http://127.0.0.1:port}. */
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    /** {@link #url()} and this path, which begins with a slash and is encoded already. */
    public String url(String path) {
        return url() + path;
    }

    /** The port that the instance says it listens on. */
    public int port() {
        if (port == 0) {
            throw new IllegalStateException("Weir does not listen yet:\n" + log());
        }
        return port;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL: returns when the process is gone. */
    public void kill() {
        Processes.kill(process);
    }

    /**
     * SIGTERM: an orderly end.
     *
     * @return the exit status
     * @throws IllegalStateException with the log if it takes over 30 seconds; the process is killed then
     */
    public int terminate() {
        Processes.terminate(process);
        return awaitExit(Duration.ofSeconds(30));
    }

    /** Sends the signal of that name ({@code TERM}, {@code INT}) and does not wait for what comes of it. */
    public void signal(String name) {
        Processes.signal(process, name);
    }

    /**
     * The exit status, as soon as the process has ended.
     *
     * @throws IllegalStateException with the log if it still runs after that time; it is killed then
     */
    public int awaitExit(Duration patience) {
        if (!Processes.waitFor(process, patience)) {
            kill();
            throw new IllegalStateException("Weir still ran after " + patience + ":\n" + log());
        }
        return process.exitValue();
    }

    /** SIGSTOP: connections stay and nothing is answered. */
    public void freeze() {
        Processes.signal(process, "STOP");
    }

    /** SIGCONT. */
    public void thaw() {
        Processes.signal(process, "CONT");
    }

    /** What the process wrote so far, standard output and error in one. */
    public List<String> logLines() {
        return output.lines();
    }

    /** The log's lines in which this regular expression is found. */
    public List<String> logLinesMatching(String regex) {
        return logLines().stream().filter(Pattern.compile(regex).asPredicate()).toList();
    }

    /** {@link #logLines()} as one text. */
    public String log() {
        return String.join("\n", logLines());
    }

    @Override
    public void close() {
        kill();
    }

    private boolean isReady() {
        if (port == 0) {
            port = output.lines().stream()
                    .map(LISTENING::matcher)
                    .filter(Matcher::find)
                    .mapToInt(line -> Integer.parseInt(line.group(1)))
                    .findFirst()
                    .orElse(0);
        }
        if (port == 0) {
            return false;
        }
        try {
            HttpResponse<byte[]> answer = Http.send("GET", url("/q/health/ready"), null, Duration.ofSeconds(2));
            return answer.statusCode() == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    /** How a process ended, and all that it wrote. */
    public record Exit(int code, List<String> stdout, List<String> stderr) {}

    /** How to start an instance; each start of the same builder gives another one. */
    public static final class Builder {

        private final Map<String, String> properties = new LinkedHashMap<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private List<String> jvmArguments = List.of("-XX:TieredStopAtLevel=1", "-Xmx256m", "-XX:+UseSerialGC");
        private List<String> arguments = List.of();
        private @Nullable Path directory;

        private Builder() {
            property("quarkus.http.host", "127.0.0.1");
            property("quarkus.http.port", "0");
            property("quarkus.log.console.json.enabled", "false");
        }

        /** A system property of the instance, such as {@code weir.caches.users.ttl}. */
        public Builder property(String name, String value) {
            properties.put(name, value);
            return this;
        }

        /** Leaves a system property to the instance that is set by default. */
        public Builder withoutProperty(String name) {
            properties.remove(name);
            return this;
        }

        /** An environment variable of the instance. */
        public Builder env(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** Lets {@code REDIS_URL} name this server. */
        public Builder redis(RedisServer redis) {
            return env("REDIS_URL", redis.url());
        }

        /** Flags of the JVM in place of the small default heap and the fast start; a native executable heeds the heap. */
        public Builder jvmArgs(String... flags) {
            jvmArguments = List.of(flags);
            return this;
        }

        /** Arguments of Weir itself: a verb of the command line and what belongs to it. */
        public Builder args(String... verbAndArguments) {
            arguments = List.of(verbAndArguments);
            return this;
        }

        /** The working directory, in which Weir looks for {@code config/application.properties}; this JVM's by default. */
        public Builder directory(Path workingDirectory) {
            directory = workingDirectory;
            return this;
        }

        /** Mounts this file as {@code config/application.properties} in a working directory that has nothing else. */
        public Builder mount(Path settings) {
            return directory(Processes.mounted(settings));
        }

        /** Starts an instance and waits until it is ready. */
        public WeirProcess start() {
            return launch().awaitReady();
        }

        /** Starts an instance and does not wait, so that several may start at the same time. */
        public WeirProcess launch() {
            Output output = new Output();
            return new WeirProcess(
                    Processes.start(processBuilder().redirectErrorStream(true).redirectOutput(output.redirect())),
                    output);
        }

        private ProcessBuilder processBuilder() {
            List<String> command = new ArrayList<>();
            Path executable = nativeExecutable();
            if (executable == null) {
                command.add(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString());
                command.addAll(jvmArguments);
                properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
                command.addAll(List.of("-jar", jar().toString()));
            } else {
                command.add(executable.toString());
                jvmArguments.stream().filter(flag -> flag.startsWith("-Xmx")).forEach(command::add);
                properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
            }
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment()
                    .keySet()
                    .removeIf(name -> INHERITED_SETTING.matcher(name).matches());
            builder.environment().putAll(environment);
            if (directory != null) {
                builder.directory(directory.toFile());
            }
            return builder;
        }

        private static @Nullable Path nativeExecutable() {
            String path = System.getProperty("native.image.path", "");
            return path.isEmpty() || !Files.isRegularFile(Path.of(path))
                    ? null
                    : Path.of(path).toAbsolutePath();
        }

        private static Path jar() {
            Path jar = Path.of(System.getProperty("weir.jar", "target/quarkus-app/quarkus-run.jar"))
                    .toAbsolutePath();
            if (!Files.isRegularFile(jar)) {
                throw new IllegalStateException(jar + " is missing: package Weir first, or name its jar by -Dweir.jar");
            }
            return jar;
        }
    }
}
