package dev.weir.route;

import dev.weir.http.ClientTls;
import dev.weir.http.OriginConnection;
import dev.weir.http.Problem;
import dev.weir.store.Causes;
import io.quarkus.tls.TlsConfiguration;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.ContextInternal;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way to a route's origin: one client with its own connections per route, so that an origin that hangs holds up
 * nobody else. Bodies stream in both directions; who reads slowly slows the sender.
 */
final class OriginClient {

    /** Shorter than what common servers grant, so that few requests meet a connection that is about to be closed. */
    private static final int KEEP_ALIVE_S = 4;

    private static final int WAITING_PER_CALL = 64;

    /** How often a request without a body is sent that met a connection which broke before any answer. */
    private static final int ATTEMPTS = 2;

    private final Vertx vertx;
    private final HttpClient client;
    private final String prefix;
    private final URI origin;
    private final Duration timeout;
    private final boolean preserveHost;
    private final Map<String, String> headers;

    /** @param tls what an origin over TLS is trusted by and shown; nothing for what the process itself trusts */
    OriginClient(Vertx vertx, URI origin, RoutesConfig.RouteSettings settings, Optional<TlsConfiguration> tls) {
        this.vertx = vertx;
        this.origin = origin;
        String path = origin.getRawPath() == null ? "" : origin.getRawPath();
        this.prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        this.timeout = settings.timeout();
        this.preserveHost = settings.preserveHost();
        this.headers = settings.headers();
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout((int) Math.min(Integer.MAX_VALUE, timeout.toMillis()))
                .setKeepAliveTimeout(KEEP_ALIVE_S)
                // Nothing sent and nothing received: an upload that goes on may take as long as it likes.
                .setIdleTimeout((int) Math.min(Integer.MAX_VALUE, timeout.toMillis()))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setDecompressionSupported(false)
                .setMaxHeaderSize(64 * 1024)
                .setMaxChunkSize(64 * 1024);
        ClientTls.apply(options, tls, timeout);
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

    /** One call. Its answer, which comes paused, is had on the context that began it. */
    final class Call {
        private final ContextInternal context;
        private final Promise<HttpClientResponse> answer;
        private final RequestOptions options;
        private final @Nullable HttpServerRequest body;
        private @Nullable HttpClientRequest sent;
        private OriginConnection.@Nullable Exchange exchange;
        private boolean cancelled;
        private boolean ended;
        private Handler<Buffer> chunks = ignored -> {};
        private Runnable whole = () -> {};
        private Handler<Throwable> broken = ignored -> {};
        private @Nullable Throwable brokenBy;
        private int attempts;
        private long timer;

        private Call(ContextInternal context, RequestOptions options, @Nullable HttpServerRequest body) {
            this.context = context;
            this.answer = context.promise();
            this.options = options;
            this.body = body;
        }

        /** The head of the answer; fails with a problem that says what became of the origin. */
        Future<HttpClientResponse> answer() {
            return answer.future();
        }

        /** Reads the body of the answer; exactly one of {@code whole} and {@code broken} is run at last. */
        void read(Handler<Buffer> chunks, Runnable whole, Handler<Throwable> broken) {
            this.chunks = chunks;
            this.whole = whole;
            this.broken = broken;
            Throwable cause = brokenBy;
            if (cause == null) {
                resume();
            } else {
                broken.handle(cause);
            }
        }

        /** From its head on, since it may also break off while nobody reads it. */
        private HttpClientResponse watch(HttpClientResponse response) {
            return response.handler(chunk -> chunks.handle(chunk))
                    .endHandler(end -> isWhole())
                    // Some failures are told on the connection's own event loop.
                    .exceptionHandler(e -> context.execute(e, this::breaksOff))
                    .pause();
        }

        private void isWhole() {
            if (body != null && !body.isEnded()) {
                // The origin has heard enough; its connection would wait for the rest, and serve no other call.
                reset();
            }
            ended = true;
            whole.run();
        }

        private void breaksOff(Throwable cause) {
            ended = true;
            brokenBy = cause;
            broken.handle(cause);
        }

        void pause() {
            answer.future().result().pause();
        }

        void resume() {
            answer.future().result().resume();
        }

        /**
         * Gives up. What there is of the answer is dropped; if it is not all there, the origin is told by the end of the
         * connection. The client would end the connection also after the whole answer, when it may be another call's: only
         * on the connection's own event loop is it certain whose it is.
         */
        void cancel() {
            if (cancelled) {
                return;
            }
            cancelled = true;
            answer.tryFail(new Problem(Problem.Kind.ORIGIN_FAILED, "the call of the origin was given up"));
            if (answer.future().succeeded() && !ended) {
                read(ignored -> {}, () -> {}, e -> {});
                vertx.getOrCreateContext().runOnContext(go -> reset());
            } else {
                reset();
            }
        }

        private void reset() {
            HttpClientRequest open = sent;
            OriginConnection.Exchange through = exchange;
            if (open != null && through != null && !ended) {
                through.unlessOver(open::reset);
            }
        }

        private void attempt() {
            attempts++;
            // A client that is closed, as it is when the process ends, throws instead of failing.
            Future.succeededFuture()
                    .compose(go -> client.request(options))
                    .compose(request -> {
                        sent = request;
                        exchange = OriginConnection.begin(request.connection());
                        // What goes wrong is told by the answer; a call that is given up is no error.
                        request.exceptionHandler(e -> {});
                        if (cancelled) {
                            request.reset();
                            return Future.failedFuture("cancelled");
                        }
                        return send(request).map(this::watch);
                    })
                    .onComplete(result -> {
                        if (result.succeeded()) {
                            answer.tryComplete(result.result());
                        } else if (mayPass(result.cause())) {
                            attempt();
                        } else {
                            answer.tryFail(problem(result.cause()));
                        }
                    });
        }

        private Future<HttpClientResponse> send(HttpClientRequest request) {
            if (body == null) {
                return request.send();
            }
            if (!request.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
                request.setChunked(true);
            }
            // Not as the client's own send(body) does it, which ends the request as if it were whole when the body
            // fails.
            body.pipe().endOnFailure(false).to(request);
            return request.response();
        }

        /** A connection that was kept alive may have been closed by the origin as the request was under way to it. */
        private boolean mayPass(Throwable cause) {
            return body == null
                    && !cancelled
                    && attempts < ATTEMPTS
                    && cause instanceof HttpClosedException
                    && (isSafe(options.getMethod()) || HttpMethod.DELETE.equals(options.getMethod()));
        }

        private void expectAnswer() {
            timer = vertx.setTimer(timeout.toMillis(), id -> {
                if (body != null && !body.isEnded()) {
                    expectAnswer();
                } else {
                    expire();
                }
            });
        }

        private void expire() {
            if (answer.tryFail(new Problem(
                            Problem.Kind.ORIGIN_TIMEOUT,
                            "the origin did not answer within " + timeout.toMillis()
                                    + " ms: see why, or raise the route's timeout")
                    .with("timeoutMs", timeout.toMillis()))) {
                cancel();
            }
        }
    }

    static boolean isSafe(HttpMethod method) {
        return HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method) || HttpMethod.OPTIONS.equals(method);
    }

    /** What a failed call comes to for the client. */
    static Problem problem(Throwable cause) {
        if (cause instanceof Problem problem) {
            return problem;
        }
        return new Problem(
                Problem.Kind.ORIGIN_FAILED,
                "the origin cannot be reached (" + Causes.words(cause) + "): see whether it is well");
    }

    /**
     * Begins a call.
     *
     * @param fields what the origin is to see, without {@code Host}
     * @param body where the body comes from, null if there is none
     */
    Call call(HttpMethod method, RequestTarget target, MultiMap fields, @Nullable HttpServerRequest body) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setSsl("https".equals(origin.getScheme()))
                .setHost(origin.getHost())
                .setPort(port())
                .setURI(prefix + target.uri())
                .setConnectTimeout(timeout.toMillis());
        headers.forEach(fields::set);
        fields.set("Host", preserveHost && !target.host().isEmpty() ? target.host() : authority());
        options.setHeaders(fields);
        Call call = new Call((ContextInternal) vertx.getOrCreateContext(), options, body);
        call.expectAnswer();
        call.answer().onComplete(done -> vertx.cancelTimer(call.timer));
        call.attempt();
        return call;
    }

    private int port() {
        return origin.getPort() > 0 ? origin.getPort() : "https".equals(origin.getScheme()) ? 443 : 80;
    }

    private String authority() {
        return origin.getPort() > 0 ? origin.getHost() + ':' + origin.getPort() : origin.getHost();
    }

    /** The target URI that a field of an answer names, null if it is none of this origin's. */
    @Nullable
    String targetOf(@Nullable String field, String host) {
        try {
            return field == null ? null : targetOf(URI.create(field), host);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private @Nullable String targetOf(URI reference, String host) {
        if (reference.isAbsolute() || reference.getRawAuthority() != null) {
            String authority = reference.getRawAuthority();
            boolean own =
                    authority != null && (authority.equalsIgnoreCase(host) || authority.equalsIgnoreCase(authority()));
            if (!own) {
                return null;
            }
        }
        String path = reference.getRawPath();
        if (path == null || !path.startsWith("/")) {
            return null;
        }
        String mine = path.startsWith(prefix + "/") ? path.substring(prefix.length()) : path;
        return KeyTemplate.targetUri(mine, reference.getRawQuery() == null ? "" : reference.getRawQuery());
    }

    void close() {
        client.close();
    }
}
