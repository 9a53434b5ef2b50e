import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The training run of Dockerfile.jvm: starts the command in its arguments, which is to run Weir and to record an AOT
 * cache, sends it the requests that a day brings, and stops it by SIGTERM.
 *
 * <p>It ends with status 0 only if Weir answered each request as it should and ended in order. Whatever is not asked
 * here works all the same in the image; it is loaded and compiled as on any other JVM.
 */
final class Train {

    private static final int ROUNDS = 500;
    private static final String TOKEN = "a-token-for-training-only";
    private static final Duration START = Duration.ofSeconds(60);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final String weir;

    private Train(int port) {
        weir = "http://127.0.0.1:" + port;
    }

    public static void main(String... command) throws IOException, InterruptedException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, loopback)) {
            port = free.getLocalPort();
        }
        HttpServer origin = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
        byte[] answer = "{\"name\":\"somebody\"}".getBytes(StandardCharsets.UTF_8);
        origin.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        origin.start();

        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment()
                .putAll(Map.of(
                        "QUARKUS_HTTP_HOST", "127.0.0.1",
                        "QUARKUS_HTTP_PORT", String.valueOf(port),
                        "WEIR_AUTH_TOKENS_TRAINING_VALUE", TOKEN,
                        "WEIR_AUTH_TOKENS_TRAINING_ROLE", "admin",
                        "WEIR_CACHES_TRAINING_TTL", "1m",
                        "WEIR_CACHES_TRAINING_ORIGIN_URL",
                                "http://127.0.0.1:" + origin.getAddress().getPort() + "/{key}"));
        Process process = builder.start();
        try {
            Train train = new Train(port);
            train.awaitReady(process);
            for (int round = 0; round < ROUNDS; round++) {
                train.ask(round);
            }
            train.look();
            process.destroy();
            // What is recorded becomes the cache before the process ends, and that takes a while.
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                throw new IllegalStateException("Weir did not end after SIGTERM");
            }
            // 128 and SIGTERM, as a JVM ends that was told to, or 0.
            if (process.exitValue() != 143 && process.exitValue() != 0) {
                throw new IllegalStateException("Weir ended with status " + process.exitValue());
            }
        } finally {
            process.destroyForcibly();
            origin.stop(0);
        }
    }

    private void awaitReady(Process process) throws InterruptedException {
        Instant end = Instant.now().plus(START);
        while (!isReady()) {
            if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("Weir ended as it started, with status " + process.exitValue());
            }
            if (Instant.now().isAfter(end)) {
                throw new IllegalStateException("Weir is not ready after " + START);
            }
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(weir + "/q/health/ready")).build();
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** What callers ask all the time. */
    private void ask(int round) throws IOException, InterruptedException {
        String entry = "/v1/caches/default/entries/user:" + round;
        expect(201, "PUT", entry + "?ttl=1m&tag=users&alias=a" + round, "{\"id\":" + round + "}");
        String tag = expect(200, "GET", entry, "").headers().firstValue("ETag").orElseThrow();
        expect(304, "GET", entry, "", "If-None-Match", tag);
        expect(200, "GET", "/v1/caches/default/aliases/a" + round, "");
        expect(204, "PUT", entry, "x".repeat(5_000));
        expect(200, "GET", entry, "", "Accept-Encoding", "gzip");
        expect(200, "GET", "/v1/caches/training/entries/" + round % 20, "");
        expect(404, "GET", entry + "/absent", "");
        expect(
                200,
                "POST",
                "/v1/caches/default/batch",
                "{\"get\":[\"user:0\"],\"put\":[{\"key\":\"b\",\"value\":{},\"ttl\":\"5m\",\"tags\":[\"t\"]}],\"delete\":[\"c\"]}",
                "Content-Type",
                "application/json");
        expect(200, "DELETE", "/v1/caches/default/entries?tag=users", "");
        expect(204, "DELETE", entry, "");
    }

    /** What is asked now and then. */
    private void look() throws IOException, InterruptedException {
        expect(401, "GET", "/v1/caches", "", "Authorization", "Bearer nobody-knows-this-one");
        expect(400, "PUT", "/v1/caches/default/entries/a?ttl=soon", "x");
        expect(200, "GET", "/v1/caches", "");
        expect(200, "GET", "/v1/caches/default/entries?pattern=*", "");
        expect(200, "DELETE", "/v1/caches/default/entries?pattern=user:*", "");
        expect(200, "DELETE", "/v1/caches", "");
        for (String path : new String[] {"/q/metrics", "/q/health/live", "/q/health/started", "/q/openapi"}) {
            expect(200, "GET", path, "");
        }
    }

    private HttpResponse<byte[]> expect(int status, String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(weir + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .setHeader("Authorization", "Bearer " + TOKEN);
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
        if (response.statusCode() != status) {
            throw new IllegalStateException(
                    method + " " + path + " was answered with " + response.statusCode() + ", not " + status + ": "
                            + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response;
    }
}
