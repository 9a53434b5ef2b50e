package dev.weir.redis;

import io.vertx.core.net.SocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static final Pattern FORM = Pattern.compile(
            "(rediss?)://(?:([^@/\\s]*)@)?" + "(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::(\\d{1,5}))?(?:/(\\d{1,6})?)?");

    private static final int DEFAULT_PORT = 6379;

    /**
     * Reads {@code redis://[user:password@]host[:port][/db]}, or {@code rediss://} for TLS.
     *
     * @throws IllegalArgumentException that says what is wrong, with no part of the URL: whatever part is wrong may
     *     belong to a password that should have been percent-encoded
     */
    public static RedisTarget parse(String url) {
        Matcher parts = FORM.matcher(url.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException("it is not of the form redis://[user:password@]host[:port][/db], or"
                    + " rediss:// for TLS, with whatever is special in user and password percent-encoded");
        }
        String userInfo = parts.group(2) == null ? "" : parts.group(2);
        int colon = userInfo.indexOf(':');
        String user = decode(colon < 0 ? userInfo : userInfo.substring(0, colon));
        String password = decode(colon < 0 ? "" : userInfo.substring(colon + 1));
        String host = parts.group(3).replaceAll("[\\[\\]]", "");
        int port = parts.group(4) == null ? DEFAULT_PORT : Integer.parseInt(parts.group(4));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("its port is none from 1 to 65535");
        }
        return new RedisTarget(
                SocketAddress.inetSocketAddress(port, host),
                parts.group(1).equals("rediss"),
                user.isEmpty() ? null : user,
                password.isEmpty() ? null : password,
                parts.group(5) == null ? 0 : Integer.parseInt(parts.group(5)));
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // Without its cause, which quotes a part of the password.
            throw new IllegalArgumentException("its user or password is not percent-encoded as it should be");
        }
    }

    /** Host and port, without credentials. */
    @Override
    public String toString() {
        return (tls ? "rediss://" : "redis://") + address.host() + ":" + address.port() + "/" + database;
    }
}
