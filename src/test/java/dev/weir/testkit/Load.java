package dev.weir.testkit;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A constant load: so many connections, each held by one virtual thread that sends a request, reads the answer and
 * sends the next, until {@link #stop} or the limit of time.
 *
 * <p>Every connection is a socket of its own that is kept alive; one that breaks counts as a failed request and is
 * opened anew after ten milliseconds. No request is ever repeated, so that each failure is seen. A request that has no
 * whole answer within its timeout has failed. At most five million samples are kept; beyond them requests are only
 * counted.
 */
public final class Load implements AutoCloseable {

    private static final int MAX_SAMPLES = 5_000_000;
    private static final Duration MAX_LIMIT = Duration.ofMinutes(30);

    private final Builder settings;
    private final List<Worker> workers = new ArrayList<>();
    private final AtomicInteger number = new AtomicInteger();
    private final HeaderValues headerValues = new HeaderValues();
    private final Instant startedAt = Instant.now();
    private final long startNanos = System.nanoTime();
    private volatile boolean stopping;
    private volatile @Nullable RuntimeException mistake;
    private @Nullable LoadResult result;

    private Load(Builder settings) {
        this.settings = settings;
        for (int i = 0; i < settings.connections; i++) {
            URI target = settings.targets.get(i % settings.targets.size());
            workers.add(new Worker(new LoadConnection(target, settings.header, settings.timeout)));
        }
        workers.forEach(Worker::start);
    }

    /** GETs against one base URL; {@code path} is given the number of the request. Ends by itself after the limit. */
    public static Load start(int connections, Duration limit, String baseUrl, IntFunction<String> path) {
        return builder()
                .connections(connections)
                .limit(limit)
                .against(baseUrl)
                .paths(path)
                .start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Whether requests are still being sent. */
    public boolean isRunning() {
        return workers.stream().anyMatch(worker -> worker.thread.isAlive());
    }

    /** The requests that are finished, failed ones included, while the load runs. */
    public long finished() {
        return workers.stream().mapToLong(worker -> worker.samples.count()).sum();
    }

    /**
     * Ends the load: each connection finishes the request that it is in, or fails it at its timeout.
     *
     * @return what was measured; the same again on each further call
     * @throws IllegalStateException when the function that makes the requests threw, which ends the load at once
     */
    public synchronized LoadResult stop() {
        if (result == null) {
            stopping = true;
            workers.forEach(worker -> worker.join(settings.timeout.plusSeconds(1)));
            if (mistake != null) {
                throw new IllegalStateException("the load could not go on: " + mistake, mistake);
            }
            List<Samples> samples =
                    workers.stream().map(worker -> worker.samples).toList();
            long end = samples.stream().mapToLong(Samples::lastEndNanos).max().orElse(0);
            result = LoadResult.of(startedAt, Duration.ofNanos(end), samples, headerValues.names());
        }
        return result;
    }

    /** {@link #stop}, for a load whose result is not wanted or was had already. */
    @Override
    public void close() {
        stop();
    }

    /** A request as the load sends it; a body has {@code Content-Length} and what the headers say of it. */
    public record Request(String method, String path, List<String> headers, byte[] body) {

        /** A GET; {@code headers} are whole lines such as {@code Accept: text/plain}. */
        public static Request get(String path, String... headers) {
            return new Request("GET", path, List.of(headers), new byte[0]);
        }

        /** A request with a body of UTF-8 text. */
        public static Request of(String method, String path, String body, String... headers) {
            return new Request(method, path, List.of(headers), body.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What the load consists of. */
    public static final class Builder {

        private int connections = 16;
        private List<URI> targets = List.of();
        private IntFunction<Request> requests = number -> Request.get("/");
        private IntPredicate success = status -> status / 100 == 2;
        private Duration limit = Duration.ofMinutes(2);
        private Duration timeout = Duration.ofSeconds(10);
        private String header = "Weir-Scope";

        private Builder() {}

        /** 16 when nothing is said. */
        public Builder connections(int count) {
            connections = count;
            return this;
        }

        /** The instances ({@code http://host:port}) over which the connections are dealt out in turn. */
        public Builder against(String... baseUrls) {
            targets = List.of(baseUrls).stream().map(URI::create).toList();
            return this;
        }

        /** GETs of these paths, by the number of the request. */
        public Builder paths(IntFunction<String> path) {
            return requests(number -> Request.get(path.apply(number)));
        }

        /** Any requests, by their number. Called by all connections at the same time. */
        public Builder requests(IntFunction<Request> request) {
            requests = request;
            return this;
        }

        /** Which statuses are no failures: 2xx when nothing is said. */
        public Builder success(IntPredicate status) {
            success = status;
            return this;
        }

        /** When the load ends by itself: after two minutes when nothing is said, 30 at most. */
        public Builder limit(Duration duration) {
            if (duration.compareTo(MAX_LIMIT) > 0) {
                throw new IllegalArgumentException("a load may last " + MAX_LIMIT + " at most, not " + duration);
            }
            limit = duration;
            return this;
        }

        /** How long a request may take until its answer is whole: ten seconds when nothing is said, 30 at most. */
        public Builder timeout(Duration duration) {
            if (duration.compareTo(Duration.ofSeconds(30)) > 0) {
                throw new IllegalArgumentException("a request may last 30 seconds at most, not " + duration);
            }
            timeout = duration;
            return this;
        }

        /** The answers' header whose value is recorded: {@code Weir-Scope} when nothing is said. */
        public Builder recording(String headerName) {
            header = headerName;
            return this;
        }

        public Load start() {
            if (connections < 1 || targets.isEmpty()) {
                throw new IllegalArgumentException("a load needs connections and something to be sent against");
            }
            return new Load(this);
        }
    }

    /** One connection and what was measured on it. */
    private final class Worker {

        private final LoadConnection connection;
        private final Samples samples = new Samples(MAX_SAMPLES / settings.connections);
        private final Thread thread = Thread.ofVirtual().name("testkit-load").unstarted(this::run);

        Worker(LoadConnection connection) {
            this.connection = connection;
        }

        void start() {
            thread.start();
        }

        void join(Duration patience) {
            try {
                if (!thread.join(patience)) {
                    connection.close();
                    thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the load ended", e);
            }
        }

        private void run() {
            try {
                while (!stopping && System.nanoTime() - startNanos < settings.limit.toNanos()) {
                    exchange(settings.requests.apply(number.getAndIncrement()));
                }
            } catch (RuntimeException e) {
                mistake = e;
                stopping = true;
            } finally {
                connection.close();
            }
        }

        private void exchange(Request request) {
            long start = System.nanoTime();
            int status = 0;
            byte header = HeaderValues.ABSENT;
            String failure = null;
            try {
                status = connection.exchange(request);
                header = headerValues.index(connection.headerValue());
                if (!settings.success.test(status)) {
                    failure = "status " + status + ": " + connection.bodyStart();
                }
            } catch (IOException | NumberFormatException e) {
                failure = e.toString();
            }
            long end = System.nanoTime();
            if (failure != null) {
                failure = request.method() + " " + request.path() + " " + failure;
            }
            samples.add(start - startNanos, end - start, status, header, failure);
            if (status == 0) {
                connection.close();
                LockSupport.parkNanos(10_000_000);
            }
        }
    }
}
