import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * The origin behind the routes that are measured: {@code java Origin.java PORT FILE}. Answers below {@code /api} after the
 * delays of a slow dashboard's API, and everything else with the bytes of the file, at once.
 */
final class Origin {

    private static final Map<String, Long> DELAYS_MS = Map.of(
            "/api/users/me", 2_000L,
            "/api/inquiries", 1_500L,
            "/api/analytics/workload", 3_000L);

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        byte[] value = Files.readAllBytes(Path.of(args[1]));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> answer(exchange, value));
        server.start();
    }

    private static void answer(HttpExchange exchange, byte[] value) throws IOException {
        try (exchange) {
            Thread.sleep(DELAYS_MS.getOrDefault(exchange.getRequestURI().getPath(), 0L));
            exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
            exchange.sendResponseHeaders(200, value.length);
            exchange.getResponseBody().write(value);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
