package dev.weir.warm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.http.ClientTls;
import dev.weir.http.Correlation;
import dev.weir.http.Json;
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
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Keys out of JSON that an origin answers with. */
final class HttpKeys implements KeySource {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final long MAX_BYTES = 64 * 1024 * 1024;

    private final Vertx vertx;
    private final HttpClient client;
    private final String url;
    private final Map<String, String> headers;
    private final JsonPaths paths;
    private final Duration timeout;

    HttpKeys(Vertx vertx, String url, Map<String, String> headers, Optional<TlsConfiguration> tls, JsonPaths paths) {
        this(vertx, url, headers, tls, paths, TIMEOUT);
    }

    /** @param timeout for all of it, from looking for a connection to the last byte of the answer */
    HttpKeys(
            Vertx vertx,
            String url,
            Map<String, String> headers,
            Optional<TlsConfiguration> tls,
            JsonPaths paths,
            Duration timeout) {
        this.vertx = vertx;
        this.timeout = timeout;
        this.url = url;
        this.headers = headers;
        this.paths = paths;
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout((int) timeout.toMillis())
                .setDecompressionSupported(true);
        ClientTls.apply(options, tls, timeout);
        this.client = vertx.httpClientBuilder()
                .with(options)
                .withConnectHandler(OriginConnection::watch)
                .build();
    }

    @Override
    public Future<List<String>> keys() {
        long began = System.nanoTime();
        return Future.succeededFuture()
                .compose(go -> client.request(options()))
                .compose(request -> ask(request, began))
                .map(this::read)
                .recover(e -> Future.failedFuture(
                        e instanceof Problem ? e : failed("its keys cannot be had: " + Causes.words(e))));
    }

    private RequestOptions options() {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(url)
                .setConnectTimeout(timeout.toMillis())
                .putHeader("Accept", "application/json");
        Correlation.currentOrOwn().mark(options);
        headers.forEach(options::putHeader);
        return options;
    }

    private Future<Buffer> ask(HttpClientRequest request, long began) {
        OriginConnection.Exchange exchange = OriginConnection.begin(request.connection());
        Runnable giveUp = () -> exchange.unlessOver(request::reset);
        request.exceptionHandler(e -> {});
        Promise<Buffer> promise = Promise.promise();
        long left = timeout.toMillis() - (System.nanoTime() - began) / 1_000_000;
        // The client's own timeout ends with the answer's head, and an answer may never end.
        long timer = vertx.setTimer(Math.max(1, left), id -> {
            if (promise.tryFail(failed("asked for keys it did not answer within " + timeout.toMillis() + " ms"))) {
                giveUp.run();
            }
        });
        request.send().compose(response -> body(response, giveUp)).onComplete(answered -> {
            vertx.cancelTimer(timer);
            if (answered.succeeded()) {
                promise.tryComplete(answered.result());
            } else {
                promise.tryFail(answered.cause());
            }
        });
        return promise.future();
    }

    private static Future<Buffer> body(HttpClientResponse response, Runnable giveUp) {
        if (response.statusCode() != 200) {
            giveUp.run();
            return Future.failedFuture(failed("asked for keys it answered " + response.statusCode()));
        }
        Promise<Buffer> promise = Promise.promise();
        Buffer whole = Buffer.buffer();
        response.handler(chunk -> {
            if (whole.length() + chunk.length() > MAX_BYTES) {
                promise.tryFail(failed("asked for keys it answered with more than " + MAX_BYTES + " bytes"));
                giveUp.run();
            } else {
                whole.appendBuffer(chunk);
            }
        });
        response.endHandler(end -> promise.tryComplete(whole));
        response.exceptionHandler(promise::tryFail);
        return promise.future();
    }

    private List<String> read(Buffer body) {
        JsonNode document = Json.tryParse(body).orElseThrow(() -> failed("asked for keys it did not answer with JSON"));
        Set<String> keys = paths.find(document)
                .filter(node -> !node.isNull())
                .map(HttpKeys::key)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (keys.isEmpty() && !paths.isOfNone(document)) {
            throw failed("asked for keys it answered with JSON in which keys-pointer finds none");
        }
        return List.copyOf(keys);
    }

    private static String key(JsonNode node) {
        if (!node.isTextual() && !node.isIntegralNumber()) {
            throw failed("what keys-pointer finds is neither text nor a whole number, but "
                    + node.getNodeType().name().toLowerCase(Locale.ROOT));
        }
        return node.asText();
    }

    private static Problem failed(String words) {
        return new Problem(Problem.Kind.ORIGIN_FAILED, "the origin failed: " + words);
    }
}
