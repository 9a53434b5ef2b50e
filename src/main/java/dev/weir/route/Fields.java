package dev.weir.route;

import dev.weir.http.Correlation;
import dev.weir.http.TrustedProxies;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which fields of a message go on, and what a gateway adds to them (RFC 9110, section 7.6; RFC 7239). */
final class Fields {

    static final CharSequence VIA = HttpHeaders.createOptimized("Via");

    static final CharSequence RANGE = HttpHeaders.createOptimized("Range");
    static final CharSequence IF_RANGE = HttpHeaders.createOptimized("If-Range");
    static final CharSequence IF_UNMODIFIED_SINCE = HttpHeaders.createOptimized("If-Unmodified-Since");
    static final CharSequence CONTENT_LOCATION = HttpHeaders.createOptimized("Content-Location");

    /** What Weir calls itself in {@code Via}, as RFC 9110 allows in place of a host name. */
    static final String PSEUDONYM = "weir";

    private static final CharSequence FORWARDED = HttpHeaders.createOptimized("Forwarded");
    private static final CharSequence X_FORWARDED_FOR = HttpHeaders.createOptimized("X-Forwarded-For");
    private static final CharSequence X_FORWARDED_HOST = HttpHeaders.createOptimized("X-Forwarded-Host");
    private static final CharSequence X_FORWARDED_PROTO = HttpHeaders.createOptimized("X-Forwarded-Proto");

    /** What concerns one connection only, named in {@code Connection} or not. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings");

    /** What a proxy that is not trusted, or a client, must not be able to say. */
    private static final Set<String> SAID_BY_PROXIES = Set.of(
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-port",
            "x-forwarded-prefix",
            "x-real-ip");

    private Fields() {}

    /**
     * The fields of a request as its origin is to see them; without {@code Host}. A trace goes on as it came, since Weir has
     * no span of its own in it.
     *
     * @param requestId what the origin is to call it
     */
    static MultiMap forOrigin(
            HttpServerRequest request, RequestTarget target, TrustedProxies proxies, @Nullable String requestId) {
        String peer = TrustedProxies.peer(request);
        boolean trusted = proxies.trust(peer);
        MultiMap fields = endToEnd(request.headers());
        fields.remove(HttpHeaders.HOST);
        // Weir has said "100 Continue" itself by then.
        fields.remove(HttpHeaders.EXPECT);
        if (!trusted) {
            SAID_BY_PROXIES.forEach(fields::remove);
        }
        String proto = request.isSSL() ? "https" : "http";
        append(fields, X_FORWARDED_FOR, peer);
        if (!fields.contains(X_FORWARDED_PROTO)) {
            fields.set(X_FORWARDED_PROTO, proto);
        }
        if (!fields.contains(X_FORWARDED_HOST) && !target.host().isEmpty()) {
            fields.set(X_FORWARDED_HOST, target.host());
        }
        append(fields, FORWARDED, forwarded(peer, target.host(), proto));
        append(fields, VIA, via(request.version()));
        if (requestId != null) {
            fields.set(Correlation.REQUEST_ID, requestId);
        }
        return fields;
    }

    private static String forwarded(String peer, String host, String proto) {
        String node = peer.indexOf(':') >= 0 ? "\"[" + peer + "]\"" : peer;
        return "for=" + node + (host.isEmpty() ? "" : ";host=\"" + host + '"') + ";proto=" + proto;
    }

    private static String via(HttpVersion version) {
        String number =
                switch (version) {
                    case HTTP_1_0 -> "1.0 ";
                    case HTTP_1_1 -> "1.1 ";
                    case HTTP_2 -> "2.0 ";
                };
        return number + PSEUDONYM;
    }

    private static void append(MultiMap fields, CharSequence name, String value) {
        String before = String.join(", ", fields.getAll(name));
        fields.set(name, before.isEmpty() ? value : before + ", " + value);
    }

    /** The fields of a message that go beyond this connection (RFC 9110, section 7.6.1). */
    static MultiMap endToEnd(MultiMap from) {
        Set<String> dropped = HOP_BY_HOP;
        if (from.contains(HttpHeaders.CONNECTION)) {
            dropped = new HashSet<>(HOP_BY_HOP);
            for (String field : from.getAll(HttpHeaders.CONNECTION)) {
                for (String name : field.split(",", -1)) {
                    dropped.add(name.strip().toLowerCase(Locale.ROOT));
                }
            }
            // What says where the body ends is not the sender's to take away.
            dropped.remove("content-length");
            dropped.remove("host");
        }
        MultiMap fields = HttpHeaders.headers();
        for (Map.Entry<String, String> field : from) {
            if (!dropped.contains(field.getKey().toLowerCase(Locale.ROOT))) {
                fields.add(field.getKey(), field.getValue());
            }
        }
        return fields;
    }

    /** The fields of an origin's answer as a client, and the cache, are to see them. */
    static MultiMap fromOrigin(MultiMap answer, long receivedAt) {
        MultiMap fields = endToEnd(answer);
        // It was told the request's id; an answer that is kept must not bear one, and the client has it from Weir.
        fields.remove(Correlation.REQUEST_ID);
        if (!fields.contains(HttpHeaders.DATE)) {
            // RFC 9110, section 6.6.1: who has a clock adds what the origin left out.
            fields.set(HttpHeaders.DATE, HttpDate.format(receivedAt));
        }
        append(fields, VIA, "1.1 " + PSEUDONYM);
        return fields;
    }

    /** How often Weir has had this request on its way. */
    static int timesSeen(HttpServerRequest request) {
        int times = 0;
        for (String field : request.headers().getAll(VIA)) {
            for (String hop : field.split(",", -1)) {
                times += hop.strip().endsWith(" " + PSEUDONYM) ? 1 : 0;
            }
        }
        return times;
    }
}
