package dev.weir.route;

import io.netty.buffer.Unpooled;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer as it is kept: its status, the fields that may be kept, in their order, and its content. Its {@code Age} field
 * is the age that it had when it was stored. As an entry's value it is an HTTP message ({@code message/http}), which any
 * reader of the cache can make sense of.
 */
final class StoredResponse {

    static final String CONTENT_TYPE = "message/http";

    private static final String START = "HTTP/1.1 ";

    private final int status;
    private final MultiMap headers;
    private final Buffer body;
    private final CacheControl cacheControl;
    private final long ageAtStoreMs;
    private final @Nullable String etag;
    private final @Nullable String lastModified;

    StoredResponse(int status, MultiMap headers, Buffer body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.cacheControl = CacheControl.parse(headers.getAll(HttpHeaders.CACHE_CONTROL));
        String age = headers.get(HttpHeaders.AGE);
        this.ageAtStoreMs = age == null ? 0 : Math.max(0, CacheControl.parseSeconds(age)) * 1000;
        this.etag = headers.get(HttpHeaders.ETAG);
        this.lastModified = headers.get(HttpHeaders.LAST_MODIFIED);
    }

    int status() {
        return status;
    }

    /** Not to be changed. */
    MultiMap headers() {
        return headers;
    }

    Buffer body() {
        return body;
    }

    CacheControl cacheControl() {
        return cacheControl;
    }

    long ageAtStoreMs() {
        return ageAtStoreMs;
    }

    @Nullable
    String etag() {
        return etag;
    }

    @Nullable
    String lastModified() {
        return lastModified;
    }

    /** True if the origin can be asked whether it is still good. */
    boolean isValidatable() {
        return etag != null || HttpDate.parse(lastModified) != HttpDate.NONE;
    }

    Buffer encode() {
        StringBuilder head = new StringBuilder(512).append(START).append(status).append("\r\n");
        for (Map.Entry<String, String> field : headers) {
            head.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
        }
        byte[] bytes = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        return Buffer.buffer(bytes.length + body.length()).appendBytes(bytes).appendBuffer(body);
    }

    /** The answer that an entry's value is; null if it is none. */
    static @Nullable StoredResponse decode(Buffer message) {
        int end = endOfHead(message);
        if (end < 0) {
            return null;
        }
        String head = message.getString(0, end, StandardCharsets.ISO_8859_1.name());
        // At nothing else than what encode puts there: a CR alone must not make two fields of one.
        List<String> lines = List.of(head.split("\r\n", -1));
        if (!lines.getFirst().matches("HTTP/1\\.1 \\d{3}")) {
            return null;
        }
        // Optimized strings are written without being encoded, and an answer is written more often than it is read.
        MultiMap headers = HttpHeaders.headers();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(": ");
            if (colon <= 0) {
                return null;
            }
            try {
                headers.add(
                        HttpHeaders.createOptimized(line.substring(0, colon)),
                        HttpHeaders.createOptimized(line.substring(colon + 2)));
            } catch (IllegalArgumentException e) {
                // No field of a message: anybody may write into a cache.
                return null;
            }
        }
        int status = Integer.parseInt(lines.getFirst().substring(START.length()));
        return new StoredResponse(status, headers, rest(message, end + 4));
    }

    private static int endOfHead(Buffer message) {
        for (int i = 0; i + 3 < message.length(); i++) {
            if (message.getByte(i) == '\r'
                    && message.getByte(i + 1) == '\n'
                    && message.getByte(i + 2) == '\r'
                    && message.getByte(i + 3) == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Shares the bytes of the message. */
    @SuppressWarnings("deprecation") // the only way to a Buffer that shares an array
    private static Buffer rest(Buffer message, int from) {
        return Buffer.buffer(Unpooled.unreleasableBuffer(message.getByteBuf().slice(from, message.length() - from)));
    }

    /** The names of the fields of a {@code Vary}, in lower case and in order, each once; {@code *} alone if it is one. */
    static List<String> varyOf(MultiMap headers) {
        List<String> names = new ArrayList<>();
        for (String field : headers.getAll(HttpHeaders.VARY)) {
            for (String name : field.split(",", -1)) {
                String plain = name.strip().toLowerCase(java.util.Locale.ROOT);
                if (plain.equals("*")) {
                    return List.of("*");
                }
                if (!plain.isEmpty() && !names.contains(plain)) {
                    names.add(plain);
                }
            }
        }
        names.sort(null);
        return names;
    }
}
