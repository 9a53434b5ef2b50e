package dev.weir.route;

import dev.weir.http.Names;
import dev.weir.http.Problem;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a request asks for, as it was sent: not decoded, not normalised, since the origin decides what it means. So that
 * Weir and the origin cannot understand two things, whatever could be read in more than one way is refused: this is where
 * requests are smuggled and caches poisoned (RFC 9112, section 11).
 *
 * @param path begins with a slash
 * @param query without its question mark, empty if there is none
 * @param host what the client calls this server
 */
record RequestTarget(String path, String query, String host) {

    private static final Pattern ABSOLUTE = Pattern.compile("(?i)https?://([^/?#]*)(.*)");
    private static final int MAX_LENGTH_DIGITS = 18;
    private static final int MAX_PORT_LENGTH = ":65535".length();

    /** @throws Problem {@code bad-request} that names what is wrong */
    static RequestTarget of(HttpServerRequest request) {
        requireSoundHeaders(request);
        requireSoundFraming(request);
        String host = host(request);
        String uri = request.uri();
        if (!uri.startsWith("/")) {
            var absolute = ABSOLUTE.matcher(uri);
            if (!absolute.matches() || !absolute.group(1).equalsIgnoreCase(host)) {
                throw Problem.badRequest("path", "the request target is neither a path nor a URL of this host");
            }
            uri = absolute.group(2).startsWith("/") ? absolute.group(2) : "/" + absolute.group(2);
        }
        int question = uri.indexOf('?');
        String path = question < 0 ? uri : uri.substring(0, question);
        String query = question < 0 ? "" : uri.substring(question + 1);
        requireSoundPath(path);
        requirePlain("query", query);
        return new RequestTarget(path, query, host);
    }

    /** Path and query as they were sent. */
    String uri() {
        return query.isEmpty() ? path : path + '?' + query;
    }

    /**
     * A path as routes compare it: characters that need not be encoded are not (RFC 3986, section 6.2.2.2), since to the
     * origin the two are one, and another route's rules must not be had by spelling a path differently.
     */
    static String comparable(String path) {
        int percent = path.indexOf('%');
        if (percent < 0) {
            return path;
        }
        StringBuilder plain = new StringBuilder(path.length());
        int from = 0;
        for (int at = percent; at >= 0 && at + 2 < path.length(); at = path.indexOf('%', at + 1)) {
            int high = Character.digit(path.charAt(at + 1), 16);
            int low = Character.digit(path.charAt(at + 2), 16);
            char c = (char) (high * 16 + low);
            if (high >= 0 && low >= 0 && (isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
                plain.append(path, from, at).append(c);
                from = at + 3;
            }
        }
        return plain.append(path, from, path.length()).toString();
    }

    private static void requireSoundHeaders(HttpServerRequest request) {
        for (Map.Entry<String, String> field : request.headers()) {
            if (!isToken(field.getKey())) {
                throw Problem.badRequest("header", "the name of a header field is no token");
            }
            String value = field.getValue();
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c < ' ' && c != '\t' || c == 0x7F) {
                    String name = Names.shorten(field.getKey());
                    throw Problem.badRequest(name, name + " has a control character in its value");
                }
            }
        }
    }

    static boolean isToken(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isLetterOrDigit(c) && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static boolean isLetterOrDigit(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    /** RFC 9112, section 6: exactly one way to tell where the body ends. */
    private static void requireSoundFraming(HttpServerRequest request) {
        List<String> encodings = request.headers().getAll("transfer-encoding");
        List<String> lengths = request.headers().getAll("content-length");
        if (!encodings.isEmpty() && !lengths.isEmpty()) {
            throw Problem.badRequest("Content-Length", "the request has both a Content-Length and a Transfer-Encoding")
                    .withHeader("Connection", "close");
        }
        if (!encodings.isEmpty() && request.version() == HttpVersion.HTTP_1_0) {
            throw Problem.badRequest("Transfer-Encoding", "HTTP/1.0 knows no Transfer-Encoding")
                    .withHeader("Connection", "close");
        }
        if (encodings.size() > 1
                || encodings.size() == 1 && !encodings.getFirst().strip().equalsIgnoreCase("chunked")) {
            throw Problem.badRequest("Transfer-Encoding", "Transfer-Encoding may only be 'chunked', once")
                    .withHeader("Connection", "close");
        }
        boolean badLength = lengths.size() == 1
                && (lengths.getFirst().length() > MAX_LENGTH_DIGITS
                        || CacheControl.parseSeconds(lengths.getFirst()) == CacheControl.INVALID);
        if (lengths.size() > 1 || badLength) {
            throw Problem.badRequest("Content-Length", "Content-Length has to be one whole number")
                    .withHeader("Connection", "close");
        }
    }

    private static String host(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            return request.authority() == null ? "" : request.authority().toString();
        }
        List<String> hosts = request.headers().getAll("host");
        if (hosts.size() > 1 || hosts.isEmpty() && request.version() == HttpVersion.HTTP_1_1) {
            throw Problem.badRequest("Host", "the request has " + hosts.size() + " Host fields instead of one");
        }
        String host = hosts.isEmpty() ? "" : hosts.getFirst().strip();
        if (!isHost(host)) {
            throw Problem.badRequest("Host", "Host is no host name with an optional port");
        }
        return host;
    }

    /** A name or address with an optional port (RFC 3986, section 3.2.2), without user information. */
    private static boolean isHost(String host) {
        boolean address = host.startsWith("[");
        int nameEnd = address ? host.indexOf(']') + 1 : host.indexOf(':') < 0 ? host.length() : host.indexOf(':');
        if (address && nameEnd == 0) {
            return false;
        }
        for (int i = 0; i < nameEnd; i++) {
            char c = host.charAt(i);
            boolean inAddress = Character.digit(c, 16) >= 0 && c < 0x80 || "[]:.".indexOf(c) >= 0;
            if (address ? !inAddress : !isLetterOrDigit(c) && "-._~%!$&'()*+,;=".indexOf(c) < 0) {
                return false;
            }
        }
        for (int i = nameEnd; i < host.length(); i++) {
            char c = host.charAt(i);
            if (i == nameEnd ? c != ':' : c < '0' || c > '9') {
                return false;
            }
        }
        return host.length() - nameEnd <= MAX_PORT_LENGTH;
    }

    private static void requireSoundPath(String path) {
        requirePlain("path", path);
        if (path.indexOf('%') >= 0) {
            requireSoundEscapes(path);
        }
        if (path.contains("/.") || path.contains("\\") || path.indexOf('%') >= 0) {
            String decoded = decodeSeparators(path);
            for (String segment : decoded.split("/", -1)) {
                // A parameter of a segment is none to some origins: "..;x" is then "..".
                String name = segment.split(";", 2)[0];
                if (name.equals(".") || name.equals("..")) {
                    throw Problem.badRequest("path", "path has the segment '" + name + "': send it resolved");
                }
            }
            if (path.contains("\\")) {
                throw Problem.badRequest("path", "path has a backslash: encode it");
            }
        }
    }

    private static void requirePlain(String field, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c == 0x7F || c == '#') {
                throw Problem.badRequest(field, field + " has a character that must be percent-encoded");
            }
        }
    }

    private static void requireSoundEscapes(String path) {
        for (int at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 1)) {
            boolean sound = at + 2 < path.length()
                    && Character.digit(path.charAt(at + 1), 16) >= 0
                    && Character.digit(path.charAt(at + 2), 16) >= 0;
            if (!sound) {
                throw Problem.badRequest("path", "path is not percent-encoded as it should be");
            }
            if (path.startsWith("00", at + 1)) {
                throw Problem.badRequest("path", "path has an encoded NUL");
            }
        }
    }

    /** What an origin may take for dots and slashes, also after decoding twice. */
    private static String decodeSeparators(String path) {
        String text = path.toLowerCase(Locale.ROOT);
        for (int i = 0; i < 2; i++) {
            text = text.replace("%25", "%")
                    .replace("%2e", ".")
                    .replace("%2f", "/")
                    .replace("%5c", "/");
        }
        return text.replace('\\', '/');
    }
}
