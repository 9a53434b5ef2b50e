package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Ending.Unreachable;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A running Weir, over HTTP/1.1. Each call has an end: no connection within two seconds, or no whole answer within the
 * call's patience, is {@link Unreachable}.
 */
final class Service {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    private final HttpClient client;
    private final String base;
    private final @Nullable String token;

    /** @param base {@code http://host:port}, perhaps with a path, without a slash at its end */
    Service(String base, @Nullable String token) {
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_TIMEOUT);
        if (base.regionMatches(true, 0, "http:", 0, 5)) {
            builder.sslContext(NoTls.create()).sslParameters(new SSLParameters());
        }
        this.client = builder.build();
        this.base = base;
        this.token = token;
    }

    String base() {
        return base;
    }

    /** A segment of a path, or a value of a query, percent-encoded: all but letters, digits and {@code -._~}. */
    static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(String.format("%02X", b & 0xFF));
            }
        }
        // As a segment of its own a dot would be resolved away, on the way or at the end of it.
        return text.equals(".") || text.equals("..") ? encoded.toString().replace(".", "%2E") : encoded.toString();
    }

    Reply get(String path, Duration patience) {
        return send("GET", path, null, patience);
    }

    /**
     * One call.
     *
     * @param path with the query, encoded
     * @param headers names and values in turn
     */
    Reply send(String method, String path, @Nullable JsonNode body, Duration patience, String... headers) {
        HttpRequest.Builder request = request(path)
                .timeout(patience)
                .method(
                        method,
                        body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(Documents.print(body)));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> answer =
                await(client.sendAsync(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8)), patience);
        ObjectNode json = Documents.parse(answer.body()).orElse(null);
        return new Reply(base, answer.statusCode(), answer.headers(), json);
    }

    /** A stream of server-sent events; its head must be there within the patience. */
    HttpResponse<InputStream> stream(String path, Duration patience) {
        HttpRequest request = request(path)
                .timeout(patience)
                .header("Accept", "text/event-stream")
                .build();
        return await(client.sendAsync(request, BodyHandlers.ofInputStream()), patience);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    private <T> T await(CompletableFuture<T> answer, Duration patience) {
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw unreachable(e, patience);
        } catch (ExecutionException e) {
            throw unreachable(e.getCause(), patience);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new CancellationException();
        }
    }

    private Unreachable unreachable(@Nullable Throwable cause, Duration patience) {
        String waited = Durations.human(patience.toMillis());
        return switch (cause) {
            case HttpConnectTimeoutException e ->
                new Unreachable(
                        base + ": no connection within "
                                + Durations.human(Math.min(CONNECT_TIMEOUT.toMillis(), patience.toMillis())),
                        true);
            case HttpTimeoutException e -> new Unreachable(base + ": no answer within " + waited, false);
            case TimeoutException e -> new Unreachable(base + ": no answer within " + waited, false);
            case ConnectException e -> new Unreachable(base + ": " + refusal(e), true);
            case SSLException e -> new Unreachable(base + ": no TLS: " + e.getMessage(), true);
            case IOException e -> new Unreachable(base + ": the connection broke: " + e.getMessage(), false);
            case null, default -> new Unreachable(base + ": " + cause, false);
        };
    }

    private static String refusal(ConnectException e) {
        for (Throwable each = e; each != null; each = each.getCause()) {
            if (each instanceof UnresolvedAddressException) {
                return "unknown host";
            }
        }
        return "connection refused";
    }
}
