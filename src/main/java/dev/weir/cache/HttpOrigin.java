package dev.weir.cache;

import dev.weir.http.ClientTls;
import dev.weir.http.Correlation;
import dev.weir.http.OriginConnection;
import dev.weir.http.Problem;
import dev.weir.store.Causes;
import io.quarkus.tls.TlsConfiguration;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.ContextInternal;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An origin over HTTP. One client with its own pool of connections per cache, so that an origin that hangs holds up
 * nobody else. A call has one budget of time for waiting for a connection, all attempts and the pauses between them. Only
 * what may pass is tried again: a connection that cannot be had or breaks before an answer, and 502, 503, 504; all
 * methods used are idempotent.
 */
final class HttpOrigin implements Origin {

    private static final long FIRST_PAUSE_MS = 50;
    private static final int WAITING_PER_CALL = 64;
    private static final int MAX_DISCARDED_DIGITS = 5;

    private final Vertx vertx;
    private final HttpClient client;
    private final UrlTemplate url;
    private final CachesConfig.OriginSettings settings;
    private final long maxBytes;

    /**
     * @param tls what an origin over TLS is trusted by and shown; nothing for what the process itself trusts
     * @param maxBytes a longer answer is a failure
     */
    HttpOrigin(
            Vertx vertx,
            UrlTemplate url,
            CachesConfig.OriginSettings settings,
            Optional<TlsConfiguration> tls,
            long maxBytes) {
        this.vertx = vertx;
        this.url = url;
        this.settings = settings;
        this.maxBytes = maxBytes;
        int timeout = (int) Math.min(Integer.MAX_VALUE / 2, settings.timeout().toMillis());
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(timeout)
                .setKeepAliveTimeout(30)
                // A stream that nobody waits for any more must not hold its connection for ever.
                .setReadIdleTimeout(timeout + 1_000)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setDecompressionSupported(true)
                .setMaxChunkSize(64 * 1024);
        ClientTls.apply(options, tls, settings.timeout());
        // Beside the options: the builder heeds none of theirs that concern the pool.
        PoolOptions pool = new PoolOptions()
                .setHttp1MaxSize(settings.maxConcurrent())
                .setMaxWaitQueueSize(
                        (int) Math.min(Integer.MAX_VALUE, (long) settings.maxConcurrent() * WAITING_PER_CALL));
        this.client = vertx.httpClientBuilder()
                .with(options)
                .with(pool)
                .withConnectHandler(OriginConnection::watch)
                .build();
    }

    @Override
    public void check(String key) {
        url.check(key);
    }

    @Override
    public Future<Answer> load(String key, Correlation cause) {
        return call(HttpMethod.GET, key, null, null, cause)
                .map(response -> response.status == 404
                        ? new Answer.Missing()
                        : new Answer.Found(response.body, response.contentType));
    }

    @Override
    public Future<Void> write(String key, Buffer body, String contentType) {
        return call(HttpMethod.PUT, key, body, contentType, Correlation.currentOrOwn())
                .compose(response -> response.status == 404
                        ? Future.failedFuture(
                                failed("it answered 404 to the PUT").with("originStatus", 404))
                        : Future.succeededFuture());
    }

    private record Response(int status, String contentType, Buffer body) {}

    /** A failure, and whether another attempt may fare better. */
    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Problem problem;
        private final boolean mayPass;

        Failed(Problem problem, boolean mayPass) {
            super(problem.getMessage(), null, false, false);
            this.problem = problem;
            this.mayPass = mayPass;
        }
    }

    private static Problem failed(String words) {
        return new Problem(Problem.Kind.ORIGIN_FAILED, "the origin failed: " + words + "; see whether it is well");
    }

    /** One call with its budget: everything below stops when the budget is spent. */
    private final class Call {
        private final Promise<Response> answer;
        private final HttpMethod method;
        private final String target;
        private final @Nullable Buffer body;
        private final @Nullable String contentType;
        private final Correlation cause;
        private final long timer;
        private final long began = System.nanoTime();
        private @Nullable HttpClientRequest request;
        private OriginConnection.@Nullable Exchange exchange;
        private int attempts;

        Call(
                Promise<Response> answer,
                HttpMethod method,
                String target,
                @Nullable Buffer body,
                @Nullable String contentType,
                Correlation cause) {
            this.answer = answer;
            this.method = method;
            this.target = target;
            this.body = body;
            this.contentType = contentType;
            this.cause = cause;
            this.timer = vertx.setTimer(settings.timeout().toMillis(), id -> expire());
        }

        private void expire() {
            Problem late = new Problem(
                            Problem.Kind.ORIGIN_TIMEOUT,
                            "the origin did not answer within "
                                    + settings.timeout().toMillis() + " ms: see why, or raise origin.timeout")
                    .with("timeoutMs", settings.timeout().toMillis());
            if (answer.tryFail(late)) {
                giveUp();
            }
        }

        /** Ends the connection under a call that is still on it. */
        private void giveUp() {
            HttpClientRequest open = request;
            OriginConnection.Exchange through = exchange;
            if (open != null && through != null) {
                through.unlessOver(open::reset);
            }
        }

        /** What is left of the budget; a call that waits for a connection longer leaves the queue. */
        private long left() {
            return Math.max(1, settings.timeout().toMillis() - (System.nanoTime() - began) / 1_000_000);
        }

        private boolean isOver() {
            return answer.future().isComplete();
        }

        void attempt() {
            attempts++;
            RequestOptions options = new RequestOptions()
                    .setMethod(method)
                    .setSsl(url.isTls())
                    .setHost(url.host())
                    .setPort(url.port())
                    .setURI(target)
                    .setConnectTimeout(left());
            options.putHeader(HttpHeaders.USER_AGENT, "weir");
            cause.mark(options);
            settings.headers().forEach(options::putHeader);
            if (contentType != null) {
                options.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
            }
            // A client that is closed, as it is when the process ends, throws instead of failing.
            Future.succeededFuture()
                    .compose(go -> client.request(options))
                    .compose(opened -> {
                        request = opened;
                        exchange = OriginConnection.begin(opened.connection());
                        // What goes wrong is told by the answer; beside that, Vert.x would write it to the log.
                        opened.exceptionHandler(e -> {});
                        if (isOver()) {
                            opened.reset();
                            return Future.failedFuture("over");
                        }
                        return (body == null ? opened.send() : opened.send(body)).compose(this::read);
                    })
                    .onComplete(result -> {
                        if (result.succeeded()) {
                            vertx.cancelTimer(timer);
                            answer.tryComplete(result.result());
                        } else {
                            failed(result.cause());
                        }
                    });
        }

        private Future<Response> read(HttpClientResponse response) {
            int status = response.statusCode();
            boolean good = status >= 200 && status < 300 || status == 404;
            if (!good) {
                discard(response);
                boolean mayPass = status == 502 || status == 503 || status == 504;
                Problem problem = HttpOrigin.failed("it answered " + status).with("originStatus", status);
                return Future.failedFuture(new Failed(problem, mayPass));
            }
            return collect(response).map(whole -> new Response(status, typeOf(response), whole));
        }

        /** Reads away a body that is known to be short, so that the connection can be used again; else gives it up. */
        private void discard(HttpClientResponse response) {
            String length = response.getHeader(HttpHeaders.CONTENT_LENGTH);
            if (length != null && length.length() <= MAX_DISCARDED_DIGITS) {
                response.exceptionHandler(e -> {});
                response.resume();
            } else {
                giveUp();
            }
        }

        private Future<Buffer> collect(HttpClientResponse response) {
            Promise<Buffer> promise = Promise.promise();
            Buffer whole = Buffer.buffer();
            response.handler(chunk -> {
                if (whole.length() + chunk.length() > maxBytes) {
                    promise.tryFail(new Failed(
                            new Problem(
                                    Problem.Kind.ORIGIN_FAILED,
                                    "the origin's answer has more than the " + maxBytes
                                            + " bytes of max-entry-size: raise it"),
                            false));
                    giveUp();
                } else {
                    whole.appendBuffer(chunk);
                }
            });
            response.endHandler(end -> promise.tryComplete(whole));
            response.exceptionHandler(promise::tryFail);
            return promise.future();
        }

        private void failed(Throwable cause) {
            if (isOver()) {
                return;
            }
            boolean mayPass = !(cause instanceof Failed failed) || failed.mayPass;
            if (mayPass && attempts <= settings.retries()) {
                long ceiling = FIRST_PAUSE_MS << Math.min(attempts - 1, 6);
                vertx.setTimer(ThreadLocalRandom.current().nextLong(ceiling / 2, ceiling + 1), id -> {
                    if (!isOver()) {
                        attempt();
                    }
                });
                return;
            }
            vertx.cancelTimer(timer);
            answer.tryFail(
                    cause instanceof Failed failed
                            ? failed.problem
                            : HttpOrigin.failed("it cannot be reached (" + Causes.words(cause) + ")"));
        }
    }

    private static String typeOf(HttpClientResponse response) {
        String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
        return CacheInput.isContentType(type) ? type : "application/octet-stream";
    }

    private Future<Response> call(
            HttpMethod method, String key, @Nullable Buffer body, @Nullable String contentType, Correlation cause) {
        ContextInternal context = (ContextInternal) vertx.getOrCreateContext();
        Promise<Response> answer = context.promise();
        new Call(answer, method, url.target(key), body, contentType, cause).attempt();
        return answer.future();
    }
}
