package dev.weir.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A real HTTP origin on a free loopback port, that counts what it is asked and fails in the ways in which origins fail.
 *
 * <p>A request is recorded and counted as soon as it has arrived whole, so also while the origin hangs or delays. The
 * route with the longest matching prefix answers; where none matches it is 404. Every setting may change at any time
 * and holds from the next request on. Requests are served by a virtual thread each, as many at once as there are.
 */
public final class Origin implements AutoCloseable {

    static {
        // The JDK's server would otherwise hold back small answers (Nagle) and close all but 200 idle connections.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "10000");
    }

    private final Map<String, OriginRoute> routes = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
    private final Map<String, Received> last = new ConcurrentHashMap<>();
    private final AtomicInteger total = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger maxInFlight = new AtomicInteger();
    private final @Nullable SSLContext tls;
    private final boolean demanding;
    private final int port;
    private @Nullable HttpServer server;
    private @Nullable ExecutorService executor;
    private volatile CountDownLatch stopped = new CountDownLatch(1);
    private volatile CountDownLatch gate = new CountDownLatch(0);

    private Origin(@Nullable SSLContext tls, boolean demanding) {
        this.tls = tls;
        this.demanding = demanding;
        port = listen(0);
    }

    /** An origin that listens, and answers 404 until it has routes. */
    public static Origin open() {
        return new Origin(null, false);
    }

    /** The same over TLS; one that is {@code demanding} talks only to clients with a certificate that it trusts. */
    public static Origin openTls(SSLContext tls, boolean demanding) {
        return new Origin(tls, demanding);
    }

    /** The route of that prefix, made on first mention: 200 with an empty body until it is told otherwise. */
    public OriginRoute on(String pathPrefix) {
        return routes.computeIfAbsent(pathPrefix, prefix -> new OriginRoute());
    }

    public int port() {
        return port;
    }

    /** {@code http://127.0.0.1:port}, or {@code https://localhost:port}. */
    public String url() {
        return (tls == null ? "http://127.0.0.1:" : "https://localhost:") + port;
    }

    /** {@link #url()} and this path. */
    public String url(String path) {
        return url() + path;
    }

    /** The requests that arrived, on all paths. */
    public int calls() {
        return total.get();
    }

    /** The requests that arrived on exactly this path, as it was sent (not decoded), whatever their query. */
    public int calls(String path) {
        AtomicInteger count = calls.get(path);
        return count == null ? 0 : count.get();
    }

    /** The most requests that were being answered at one time. */
    public int maxConcurrent() {
        return maxInFlight.get();
    }

    /**
     * The latest request on this path.
     *
     * @throws NoSuchElementException when there was none
     */
    public Received last(String path) {
        Received request = last.get(path);
        if (request == null) {
            throw new NoSuchElementException("no request on " + path + ", only on " + calls);
        }
        return request;
    }

    /** Forgets all counts and requests, and keeps the routes. */
    public void reset() {
        calls.clear();
        last.clear();
        total.set(0);
        maxInFlight.set(inFlight.get());
    }

    /** From now on requests are taken and not answered, until {@link #release}. */
    public synchronized void hang() {
        if (gate.getCount() == 0) {
            gate = new CountDownLatch(1);
        }
    }

    /** Ends {@link #hang}: all that waited is answered now. */
    public synchronized void release() {
        gate.countDown();
    }

    /**
     * Breaks all connections; new ones are refused until {@link #start}. Nothing happens when it is stopped already.
     */
    public synchronized void stop() {
        if (server == null || executor == null) {
            return;
        }
        stopped.countDown();
        gate.countDown();
        server.stop(0);
        executor.shutdownNow();
        server = null;
        executor = null;
    }

    /** Listens again on the same port after {@link #stop}; routes and counts are as they were. */
    public synchronized void start() {
        if (server == null) {
            stopped = new CountDownLatch(1);
            listen(port);
        }
    }

    @Override
    public void close() {
        stop();
    }

    private int listen(int wantedPort) {
        try {
            HttpServer http = server(new InetSocketAddress(InetAddress.getLoopbackAddress(), wantedPort));
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
            http.setExecutor(threads);
            http.createContext("/", this::handle);
            http.start();
            server = http;
            executor = threads;
            return http.getAddress().getPort();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on port " + wantedPort, e);
        }
    }

    private HttpServer server(InetSocketAddress address) throws IOException {
        if (tls == null) {
            return HttpServer.create(address, 1_024);
        }
        HttpsServer https = HttpsServer.create(address, 1_024);
        https.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setNeedClientAuth(demanding);
                parameters.setSSLParameters(wanted);
            }
        });
        return https;
    }

    private void handle(HttpExchange exchange) throws IOException {
        maxInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
        try (exchange) {
            CountDownLatch end = stopped;
            Received request = receive(exchange);
            gate.await();
            OriginRoute route = routeOf(request.path());
            if (!end.await(route.delay().toNanos(), TimeUnit.NANOSECONDS) && end.getCount() > 0) {
                route.answer(exchange, request);
            }
        } catch (InterruptedException stoppedMeanwhile) {
            Thread.currentThread().interrupt();
        } finally {
            inFlight.decrementAndGet();
        }
    }

    private Received receive(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, String.join(", ", values)));
        Received request = new Received(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                headers,
                exchange.getRequestBody().readAllBytes());
        last.put(request.path(), request);
        calls.computeIfAbsent(request.path(), path -> new AtomicInteger()).incrementAndGet();
        total.incrementAndGet();
        return request;
    }

    private OriginRoute routeOf(String path) {
        OriginRoute best = OriginRoute.NOT_FOUND;
        int length = -1;
        for (Map.Entry<String, OriginRoute> entry : routes.entrySet()) {
            if (path.startsWith(entry.getKey()) && entry.getKey().length() > length) {
                best = entry.getValue();
                length = entry.getKey().length();
            }
        }
        return best;
    }

    /**
     * A request as it arrived.
     *
     * @param headers by name in any case, several values of one name joined by a comma
     */
    public record Received(String method, URI uri, Map<String, String> headers, byte[] body) {

        /** The path as it was sent, not decoded. */
        public String path() {
            return uri.getRawPath();
        }

        /** The query as it was sent, null when there was none. */
        public @Nullable String query() {
            return uri.getRawQuery();
        }

        /** The header's value, null when there was none. */
        public @Nullable String header(String name) {
            return headers.get(name);
        }

        /** The body as UTF-8. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }
}
