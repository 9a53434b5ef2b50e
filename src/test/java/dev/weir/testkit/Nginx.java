package dev.weir.testkit;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real nginx on the loopback interface: one process, as the current user, all of whose files lie in a directory of its
 * own. {@code close} and the end of the JVM kill it.
 */
public final class Nginx implements AutoCloseable {

    private static final int PORT_ATTEMPTS = 10;
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

    private final Path directory = Processes.temporaryDirectory("weir-nginx");
    private final int port = Ports.free();
    private final Process process;

    private Nginx(String http, String server) {
        try {
            for (String name : List.of("body", "proxy", "fastcgi", "uwsgi", "scgi")) {
                Files.createDirectory(directory.resolve(name));
            }
            Path file = Files.writeString(directory.resolve("nginx.conf"), configuration(http, server));
            process = Processes.start(new ProcessBuilder(
                            executable(), "-p", directory.toString(), "-c", file.toString(), "-e", log().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log().toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts nginx, and waits until it listens.
     *
     * @param http what is to stand in its {@code http} block, besides the server
     * @param server what is to stand in its {@code server} block, besides {@code listen}
     * @throws IllegalStateException with its log if it does not start, or where it is not installed
     */
    public static Nginx start(String http, String server) {
        String log = "";
        for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
            Nginx nginx = new Nginx(http, server);
            if (nginx.listens()) {
                return nginx;
            }
            log = nginx.logText();
            nginx.close();
        }
        throw new IllegalStateException("nginx does not start:\n" + log);
    }

    /** {@code http://127.0.0.1:port} and this path. */
    public String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** What it wrote to its error log. */
    public String logText() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    @Override
    public void close() {
        Processes.kill(process);
        Processes.delete(directory);
    }

    private Path log() {
        return directory.resolve("error.log");
    }

    private String configuration(String http, String server) {
        return """
                daemon off;
                master_process off;
                pid nginx.pid;
                events {}
                http {
                    access_log off;
                    client_body_temp_path body;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    %s
                    server {
                        listen 127.0.0.1:%d;
                        %s
                    }
                }
                """.formatted(http, port, server);
    }

    /** False when the process ended by itself, as it does when it cannot have the port. */
    private boolean listens() {
        await().atMost(START_TIMEOUT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !process.isAlive() || isOpen());
        return process.isAlive();
    }

    private boolean isOpen() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static String executable() {
        // Where Debian puts it, which is not on everybody's path.
        Stream<String> places = Stream.concat(
                Stream.of(String.valueOf(System.getenv("PATH")).split(File.pathSeparator)),
                Stream.of("/usr/sbin", "/usr/local/sbin"));
        return places.map(place -> Path.of(place, "nginx"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "nginx is not installed: install it (Debian: apt-get install nginx-light)"))
                .toString();
    }
}
