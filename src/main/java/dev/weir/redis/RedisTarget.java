package dev.weir.redis;

import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where one Redis listens and who Weir is there.
 *
 * @param user the ACL user, or null for Redis' default one
 * @param database the number to {@code SELECT}
 */
public record RedisTarget(
        SocketAddress address,
        boolean tls,
        @Nullable String user,
        @Nullable String password,
        int database) {

    /**
     * Reads {@code redis://[user:password@]host[:port][/db]}, or {@code rediss://} for TLS.
     *
     * @throws IllegalArgumentException that says what is wrong, without the password
     */
    public static RedisTarget parse(String url) {
        URI uri;
        try {
            uri = URI.create(url.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("it is no URL of the form redis://[user:password@]host[:port][/db]", e);
        }
        boolean tls = "rediss".equals(uri.getScheme());
        if (!tls && !"redis".equals(uri.getScheme())) {
            throw new IllegalArgumentException("its scheme is neither redis:// nor rediss://");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("it names no host");
        }
        String userInfo = uri.getRawUserInfo();
        String user = null;
        String password = null;
        if (userInfo != null) {
            int colon = userInfo.indexOf(':');
            user = colon < 0 ? userInfo : userInfo.substring(0, colon);
            password = colon < 0 ? null : userInfo.substring(colon + 1);
        }
        int port = uri.getPort() < 0 ? 6379 : uri.getPort();
        String host = uri.getHost().startsWith("[")
                ? uri.getHost().substring(1, uri.getHost().length() - 1)
                : uri.getHost();
        return new RedisTarget(
                SocketAddress.inetSocketAddress(port, host),
                tls,
                user == null || user.isEmpty() ? null : decode(user),
                password == null || password.isEmpty() ? null : decode(password),
                database(uri.getPath()));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static int database(@Nullable String path) {
        if (path == null || path.isEmpty() || path.equals("/")) {
            return 0;
        }
        try {
            int number = Integer.parseInt(path.substring(1));
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("its path " + path + " is no number of a database", e);
        }
        throw new IllegalArgumentException("its path " + path + " is no number of a database");
    }

    /** Host and port, without credentials. */
    @Override
    public String toString() {
        return (tls ? "rediss://" : "redis://") + address.host() + ":" + address.port() + "/" + database;
    }
}
