package dev.weir.testkit;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisExecProvider;

/**
 * A real redis-server on the loopback interface, as a process of its own that can be killed, frozen and brought back.
 *
 * <p>When {@code start}, {@code startOn} or {@link #restart} returns, this very process answers PING on {@link
 * #port()}. Nothing is kept on disk unless the extra arguments say so ({@code "--appendonly", "yes"}); the working
 * directory survives a restart and goes with {@link #close}. {@code close} always ends the process, a frozen one too,
 * and so does the end of the JVM.
 */
public final class RedisServer implements AutoCloseable {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(2);
    private static final int PORT_ATTEMPTS = 10;

    private final int port;
    private final int tlsPort;
    private final List<String> extraArguments;
    private final Path directory = Processes.temporaryDirectory("weir-redis");
    private volatile @Nullable Process process;

    private RedisServer(int port, String... extraArguments) {
        this(port, 0, extraArguments);
    }

    private RedisServer(int port, int tlsPort, String... extraArguments) {
        this.port = port;
        this.tlsPort = tlsPort;
        this.extraArguments = List.of(extraArguments);
    }

    /** Starts a server on a free port; takes another one if that is lost to someone else. */
    public static RedisServer start(String... extraArguments) {
        return start(() -> new RedisServer(Ports.free(), extraArguments));
    }

    /**
     * Starts a server that speaks TLS on a port of its own, with the certificate of that name, and that wants one of its
     * clients if it is {@code demanding}. {@link #port} is still without.
     */
    public static RedisServer startTls(Certificates certificates, String name, boolean demanding) {
        return start(() -> {
            int tlsPort = Ports.free();
            return new RedisServer(
                    Ports.free(),
                    tlsPort,
                    "--tls-port",
                    Integer.toString(tlsPort),
                    "--tls-cert-file",
                    certificates.chain(name).toString(),
                    "--tls-key-file",
                    certificates.key(name).toString(),
                    "--tls-ca-cert-file",
                    certificates.authority().toString(),
                    "--tls-auth-clients",
                    demanding ? "yes" : "no");
        });
    }

    private static RedisServer start(Supplier<RedisServer> servers) {
        String log = "";
        for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
            RedisServer server = servers.get();
            if (server.launch()) {
                return server;
            }
            log = server.log();
            server.close();
        }
        throw new IllegalStateException("redis-server does not start:\n" + log);
    }

    /** Starts a server on this port, and waits for up to ten seconds until the port is free. */
    public static RedisServer startOn(int port, String... extraArguments) {
        RedisServer server = new RedisServer(port, extraArguments);
        try {
            server.launchPatiently();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    public int port() {
        return port;
    }

    /** {@code redis://127.0.0.1:port}. */
    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** {@code rediss://localhost:port}, after {@link #startTls}. */
    public String tlsUrl() {
        if (tlsPort == 0) {
            throw new IllegalStateException("this server does not speak TLS");
        }
        return "rediss://localhost:" + tlsPort;
    }

    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** SIGKILL: connections break and new ones are refused. Nothing happens when it is dead already. */
    public void kill() {
        if (process != null) {
            Processes.kill(process);
        }
    }

    /** SIGSTOP: connections stay, new ones are accepted by the kernel, and nothing is ever answered. */
    public void freeze() {
        Processes.signal(running(), "STOP");
    }

    /** SIGCONT: what was sent meanwhile is answered now. */
    public void thaw() {
        Processes.signal(running(), "CONT");
    }

    /** Kills the server if it lives and starts it again: same port, same arguments, same directory. */
    public void restart() {
        kill();
        launchPatiently();
    }

    /**
     * Sends one command on a connection of its own, authenticated if {@code --requirepass} is among the extra
     * arguments.
     *
     * @return a String, a Long, null, or a List of these
     * @throws IllegalStateException with Redis' words when it answers with an error
     * @throws UncheckedIOException when there is no answer within two seconds
     */
    public @Nullable Object command(String... command) {
        try (Resp connection = new Resp(port, COMMAND_TIMEOUT)) {
            int password = extraArguments.indexOf("--requirepass") + 1;
            if (password > 0) {
                connection.call("AUTH", extraArguments.get(password));
            }
            return connection.call(command);
        } catch (IOException e) {
            throw new UncheckedIOException("redis-server on port " + port + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        kill();
        Processes.delete(directory);
    }

    private void launchPatiently() {
        long start = System.nanoTime();
        while (!launch()) {
            if (System.nanoTime() - start > START_TIMEOUT.toNanos()) {
                throw new IllegalStateException("redis-server does not start on port " + port + ":\n" + log());
            }
        }
    }

    /** False when the process ended by itself, as it does when it cannot have the port. */
    private boolean launch() {
        List<String> command = new ArrayList<>(List.of(Executable.FILE.getPath(), "--port", Integer.toString(port)));
        command.addAll(List.of("--bind", "127.0.0.1", "--daemonize", "no", "--save", "", "--appendonly", "no"));
        command.addAll(extraArguments);
        Process started = Processes.start(new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile())));
        process = started;
        try {
            await().atMost(START_TIMEOUT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> !started.isAlive() || answers(started));
        } catch (ConditionTimeoutException e) {
            kill();
            throw new IllegalStateException("redis-server on port " + port + " does not answer:\n" + log(), e);
        }
        return started.isAlive();
    }

    /** Whether it is this process, and not another one on its port, that answers. */
    private boolean answers(Process started) {
        try {
            return "PONG".equals(command("PING"))
                    && String.valueOf(command("INFO", "server")).contains("process_id:" + started.pid() + "\r\n");
        } catch (UncheckedIOException | IllegalStateException notYet) {
            return false;
        }
    }

    private Process running() {
        if (process == null || !process.isAlive()) {
            throw new IllegalStateException("redis-server on port " + port + " is not running");
        }
        return process;
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    /** The executable that embedded-redis carries for this platform, unpacked on first use, deleted with the JVM. */
    private static final class Executable {

        static final File FILE = unpack();

        private static File unpack() {
            try {
                return RedisExecProvider.defaultProvider().get().getAbsoluteFile();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot unpack redis-server", e);
            }
        }
    }
}
