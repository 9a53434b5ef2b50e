package dev.weir.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 requests in one line each, on the JDK's own client, which shares no code with Weir's server.
 *
 * <p>URLs are sent as they are given, so what a path holds is encoded already ({@link #encode}). {@code headers} are
 * names and values in turn. Redirects are not followed and answers not decompressed. A request that has no answer after
 * 30 seconds, or that meets a broken connection, throws {@link UncheckedIOException}.
 */
public final class Http {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private Http() {}

    public static HttpResponse<byte[]> get(String url, String... headers) {
        return send("GET", url, null, TIMEOUT, headers);
    }

    public static HttpResponse<byte[]> head(String url, String... headers) {
        return send("HEAD", url, null, TIMEOUT, headers);
    }

    public static HttpResponse<byte[]> delete(String url, String... headers) {
        return send("DELETE", url, null, TIMEOUT, headers);
    }

    /** A POST without a body. */
    public static HttpResponse<byte[]> post(String url) {
        return send("POST", url, null, TIMEOUT);
    }

    public static HttpResponse<byte[]> post(String url, String body, String contentType, String... headers) {
        return post(url, utf8(body), contentType, headers);
    }

    public static HttpResponse<byte[]> post(String url, byte[] body, String contentType, String... headers) {
        return send("POST", url, body, TIMEOUT, with(contentType, headers));
    }

    public static HttpResponse<byte[]> put(String url, String body, String contentType, String... headers) {
        return put(url, utf8(body), contentType, headers);
    }

    public static HttpResponse<byte[]> put(String url, byte[] body, String contentType, String... headers) {
        return send("PUT", url, body, TIMEOUT, with(contentType, headers));
    }

    public static HttpResponse<byte[]> patch(String url, String body, String contentType, String... headers) {
        return send("PATCH", url, utf8(body), TIMEOUT, with(contentType, headers));
    }

    /** Any method; a null body sends none. */
    public static HttpResponse<byte[]> send(
            String method, String url, byte @Nullable [] body, Duration timeout, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(timeout)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + url + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + method + " " + url, e);
        }
    }

    /** The body as UTF-8. */
    public static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    /**
     * The body as JSON.
     *
     * @throws AssertionError with status and body when it is none
     */
    public static JsonNode json(HttpResponse<byte[]> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError("no JSON, status " + response.statusCode() + ": " + text(response), e);
        }
    }

    /** The header's first value, null when there is none. */
    public static @Nullable String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse(null);
    }

    /** The text percent-encoded as one segment of a path; a slash becomes {@code %2F}. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String[] with(String contentType, String... headers) {
        String[] all = new String[headers.length + 2];
        all[0] = "Content-Type";
        all[1] = contentType;
        System.arraycopy(headers, 0, all, 2, headers.length);
        return all;
    }
}
