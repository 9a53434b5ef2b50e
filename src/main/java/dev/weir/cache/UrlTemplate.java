package dev.weir.cache;

import dev.weir.http.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An origin's URL with {@code {key}} in its path or its query. */
final class UrlTemplate {

    private static final String KEY = "{key}";
    private static final String UNRESERVED = "-._~";

    private final List<String> parts;
    private final int inPath;
    private final String display;
    private final URI origin;
    private final int authorityEnd;

    /** @throws IllegalArgumentException that says what is wrong with it */
    UrlTemplate(String template) {
        URI sample;
        try {
            sample = new URI(template.replace(KEY, "x"));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + template + "' is no URL: " + e.getReason(), e);
        }
        if (!"http".equals(sample.getScheme()) && !"https".equals(sample.getScheme()) || sample.getHost() == null) {
            throw new IllegalArgumentException("'" + template + "' is no http:// or https:// URL with a host");
        }
        if (sample.getRawFragment() != null || sample.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "a URL with a fragment or with credentials: credentials belong in origin.headers");
        }
        origin = sample;
        authorityEnd = indexOfAny(template, template.indexOf("://") + 3);
        if (template.substring(0, authorityEnd).contains(KEY)) {
            throw new IllegalArgumentException("'" + template + "' lets a key choose the host");
        }
        int query = template.indexOf('?');
        parts = List.of(template.split("\\{key}", -1));
        inPath = count(query < 0 ? template : template.substring(0, query));
        display = template;
    }

    private static int indexOfAny(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if ("/?#".indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return text.length();
    }

    private static int count(String text) {
        return text.split("\\{key}", -1).length - 1;
    }

    /** @throws Problem if the key would leave the place that the template gives it */
    void check(String key) {
        if (inPath == 0) {
            return;
        }
        for (String segment : key.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw Problem.badRequest(
                        "key", "key has the path segment '" + segment + "', which would lead the origin astray");
            }
        }
    }

    /** The URL of a key: a {@code /} or {@code :} of the key stays one in a path, everything reserved is encoded. */
    String expand(String key) {
        StringBuilder url = new StringBuilder(display.length() + key.length() + 16);
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0) {
                encode(key, i <= inPath ? "/:@" : "", url);
            }
            url.append(parts.get(i));
        }
        return url.toString();
    }

    /** What a request for a key's URL has in its first line: the URL without scheme, host and port. */
    String target(String key) {
        String target = expand(key).substring(authorityEnd);
        return target.startsWith("/") ? target : "/" + target;
    }

    boolean isTls() {
        return "https".equals(origin.getScheme());
    }

    String host() {
        return origin.getHost();
    }

    int port() {
        int standard = isTls() ? 443 : 80;
        return origin.getPort() < 0 ? standard : origin.getPort();
    }

    private static void encode(String key, String kept, StringBuilder out) {
        for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            boolean plain =
                    c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0 || kept.indexOf(c) >= 0);
            if (plain) {
                out.append(c);
            } else {
                out.append('%').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
    }

    @Override
    public String toString() {
        return display;
    }
}
