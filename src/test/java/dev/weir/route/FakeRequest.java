package dev.weir.route;

import io.vertx.core.MultiMap;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/** A request as far as routes look at one; whatever else it is asked throws. */
public final class FakeRequest {

    private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    private String uri = "/";
    private HttpMethod method = HttpMethod.GET;
    private HttpVersion version = HttpVersion.HTTP_1_1;
    private String peer = "192.0.2.1";
    private boolean ssl;

    private FakeRequest() {}

    /** GET of this request target, of the host {@code weir.example}. */
    public static FakeRequest get(String uri) {
        FakeRequest request = of(uri);
        request.headers.add("Host", "weir.example");
        return request;
    }

    /** GET of this request target without any header. */
    public static FakeRequest of(String uri) {
        FakeRequest request = new FakeRequest();
        request.uri = uri;
        return request;
    }

    public FakeRequest header(String name, String value) {
        headers.add(name, value);
        return this;
    }

    public FakeRequest method(HttpMethod what) {
        method = what;
        return this;
    }

    public FakeRequest version(HttpVersion which) {
        version = which;
        return this;
    }

    /** The address of the connection's other end; null for one that has none. */
    public FakeRequest from(String address) {
        peer = address;
        return this;
    }

    public FakeRequest overTls() {
        ssl = true;
        return this;
    }

    public HttpServerRequest build() {
        HttpConnection connection = fake(HttpConnection.class, (proxy, called, arguments) -> switch (called.getName()) {
            case "remoteAddress" -> peer == null ? null : SocketAddress.inetSocketAddress(4711, peer);
            default -> throw new UnsupportedOperationException(called.toString());
        });
        return fake(HttpServerRequest.class, (proxy, called, arguments) -> switch (called.getName()) {
            case "headers" -> headers;
            case "getHeader" -> headers.get((CharSequence) arguments[0]);
            case "uri" -> uri;
            case "path" -> uri.startsWith("/") ? uri.split("\\?", 2)[0] : null;
            case "method" -> method;
            case "version" -> version;
            case "isSSL" -> ssl;
            case "connection" -> connection;
            case "authority" ->
                headers.contains(HttpHeaders.HOST)
                        ? HostAndPort.parseAuthority(headers.get(HttpHeaders.HOST), -1)
                        : null;
            case "getCookie" -> cookie((String) arguments[0]);
            default -> throw new UnsupportedOperationException(called.toString());
        });
    }

    RequestTarget target() {
        return RequestTarget.of(build());
    }

    private Cookie cookie(String name) {
        for (String field : headers.getAll(HttpHeaders.COOKIE)) {
            for (String pair : field.split(";", -1)) {
                String[] parts = pair.strip().split("=", 2);
                if (parts[0].equals(name)) {
                    return Cookie.cookie(name, parts.length < 2 ? "" : parts[1]);
                }
            }
        }
        return null;
    }

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(FakeRequest.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
