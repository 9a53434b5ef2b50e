package dev.weir.route;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a key is made of a request: text with {@code {path}}, {@code {query}} (its parameters sorted by name),
 * {@code {query.x}}, {@code {header.X}}, {@code {cookie.x}}, {@code {client-ip}} and {@code {method}}. What is absent
 * is empty.
 *
 * <p>Two requests that differ in what the template names have two keys: whatever the template uses as a separator is
 * percent-encoded in every value, but for a path or query that stands last, after which nothing can be mistaken. A key
 * that would be too long ends in a hash.
 */
final class KeyTemplate {

    /** The key of a route that names none: path and sorted query, what RFC 9111 calls the target URI. */
    static final KeyTemplate TARGET_URI = new KeyTemplate(List.of(), "");

    /** Leaves room for what tells the variants of one key apart. */
    private static final int MAX_BYTES = 400;

    /** What is put between two placeholders that stand side by side. */
    private static final String BETWEEN = "|";

    /** Before the hash that a key ends in. */
    private static final char MARK = '~';

    private static final int HASH_CHARACTERS = 22;

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

    /** Where a part of a key comes from. */
    enum Source {
        LITERAL,
        PATH,
        QUERY,
        QUERY_PARAMETER,
        HEADER,
        COOKIE,
        CLIENT_IP,
        METHOD
    }

    private record Part(Source source, String name) {}

    private final List<Part> parts;
    private final String separators;

    private KeyTemplate(List<Part> parts, String separators) {
        this.parts = parts;
        this.separators = separators;
    }

    /** @throws IllegalArgumentException that names the placeholder that there is not */
    static KeyTemplate parse(String text) {
        List<Part> parts = new ArrayList<>();
        Matcher matcher = PLACEHOLDER.matcher(text);
        int at = 0;
        StringBuilder separators = new StringBuilder("%");
        while (matcher.find()) {
            literal(text.substring(at, matcher.start()), parts, separators);
            Part part = part(matcher.group(1));
            if (!parts.isEmpty() && parts.getLast().source != Source.LITERAL) {
                // With nothing between them two requests could have one key.
                literal(BETWEEN, parts, separators);
            }
            parts.add(part);
            at = matcher.end();
        }
        literal(text.substring(at), parts, separators);
        if (parts.stream().allMatch(part -> part.source == Source.LITERAL)) {
            throw new IllegalArgumentException("'" + text + "' gives every request the same key");
        }
        return new KeyTemplate(List.copyOf(parts), separators.toString());
    }

    private static void literal(String text, List<Part> parts, StringBuilder separators) {
        if (text.indexOf('{') >= 0 || text.indexOf('}') >= 0) {
            throw new IllegalArgumentException("'" + text + "' has a brace without its other half");
        }
        if (text.indexOf('%') >= 0) {
            throw new IllegalArgumentException("'" + text + "' has a %, which tells what is encoded in a value");
        }
        if (!text.isEmpty()) {
            parts.add(new Part(Source.LITERAL, text));
            separators.append(text);
        }
    }

    private static Part part(String name) {
        int dot = name.indexOf('.');
        String rest = dot < 0 ? "" : name.substring(dot + 1);
        Source source =
                switch (dot < 0 ? name : name.substring(0, dot + 1)) {
                    case "path" -> Source.PATH;
                    case "query" -> Source.QUERY;
                    case "query." -> Source.QUERY_PARAMETER;
                    case "header." -> Source.HEADER;
                    case "cookie." -> Source.COOKIE;
                    case "client-ip" -> Source.CLIENT_IP;
                    case "method" -> Source.METHOD;
                    default -> null;
                };
        if (source == null || dot >= 0 && !RequestTarget.isToken(rest)) {
            throw new IllegalArgumentException("there is no {" + name + "}: known are {path}, {query}, {query.x},"
                    + " {header.X}, {cookie.x}, {client-ip}, {method}");
        }
        return new Part(source, rest);
    }

    /** True if the key tells the target URI and nothing else. */
    boolean isTargetUri() {
        return parts.isEmpty();
    }

    boolean hasHeader(String name) {
        return parts.stream().anyMatch(part -> part.source == Source.HEADER && part.name.equalsIgnoreCase(name));
    }

    boolean hasCookies() {
        return hasHeader("cookie") || parts.stream().anyMatch(part -> part.source == Source.COOKIE);
    }

    /** The key of a request. */
    String key(HttpServerRequest request, RequestTarget target, String clientIp) {
        if (isTargetUri()) {
            return shortened(targetUri(target.path(), target.query()));
        }
        StringBuilder key = new StringBuilder(128);
        for (Part part : parts) {
            switch (part.source) {
                case LITERAL -> key.append(part.name);
                case PATH -> append(part, target.path(), key);
                case QUERY -> append(part, sorted(target.query()), key);
                default -> escape(valueOf(part, request, target, clientIp), key);
            }
        }
        return key.isEmpty() ? "-" : shortened(key.toString());
    }

    /** The value of one placeholder, null if the request has none. */
    static @Nullable String value(String name, HttpServerRequest request, RequestTarget target, String clientIp) {
        Part part = part(name);
        return switch (part.source) {
            case PATH -> target.path();
            case QUERY -> sorted(target.query());
            default -> valueOf(part, request, target, clientIp);
        };
    }

    /** @throws IllegalArgumentException if there is no such placeholder */
    static void check(String name) {
        part(name);
    }

    /** The key, whoever asks, that {@link #TARGET_URI} gives to a path and a query. */
    static String targetUri(String path, String query) {
        return query.isEmpty() ? path : path + '?' + sorted(query);
    }

    private static @Nullable String valueOf(
            Part part, HttpServerRequest request, RequestTarget target, String clientIp) {
        return switch (part.source) {
            case QUERY_PARAMETER -> parameter(target.query(), part.name);
            case HEADER ->
                part.name.equalsIgnoreCase("host")
                        // HTTP/2 has it elsewhere.
                        ? target.host()
                        : request.headers().contains(part.name)
                                ? String.join(",", request.headers().getAll(part.name))
                                : null;
            case COOKIE -> {
                Cookie cookie = request.getCookie(part.name);
                yield cookie == null ? null : cookie.getValue();
            }
            case CLIENT_IP -> clientIp;
            // An entry that HEAD is answered with is that of GET.
            case METHOD ->
                request.method().name().equals("HEAD")
                        ? "GET"
                        : request.method().name();
            default -> throw new IllegalStateException(part.source + " has no value of its own");
        };
    }

    /** As it is where nothing comes after it. */
    @SuppressWarnings("ReferenceEquality") // the last one, not one that is like it
    private void append(Part part, String value, StringBuilder out) {
        if (part == parts.getLast()) {
            out.append(value);
        } else {
            escape(value, out);
        }
    }

    private void escape(@Nullable String value, StringBuilder out) {
        if (value == null) {
            return;
        }
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (c <= ' ' || c >= 0x7F || separators.indexOf(c) >= 0) {
                out.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
            } else {
                out.append(c);
            }
        }
    }

    /** All that any origin may take for the parameter's value: every one of that name, encoded or not. */
    private static @Nullable String parameter(String query, String name) {
        String all = null;
        for (String pair : query.split("&", -1)) {
            String own = nameOf(pair);
            if (own.equals(name) || own.indexOf('%') >= 0 && decoded(own).equals(name)) {
                String value = pair.length() == own.length() ? "" : pair.substring(own.length() + 1);
                all = all == null ? value : all + '&' + value;
            }
        }
        return all;
    }

    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return name;
        }
    }

    private static String nameOf(String pair) {
        int equals = pair.indexOf('=');
        return equals < 0 ? pair : pair.substring(0, equals);
    }

    /** The parameters in the order of their names; those of one name stay in theirs, which may mean something. */
    static String sorted(String query) {
        return query.indexOf('&') < 0
                ? query
                : Arrays.stream(query.split("&", -1))
                        .filter(pair -> !pair.isEmpty())
                        .sorted(Comparator.comparing(KeyTemplate::nameOf))
                        .collect(Collectors.joining("&"));
    }

    /**
     * The key itself, or its beginning and a hash if it is too long; also if it looks as if it had been: otherwise whoever
     * knows a long key could ask for another under the same name.
     */
    static String shortened(String key) {
        boolean tooLong = key.length() * 3 > MAX_BYTES && key.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES;
        int mark = key.length() - 1 - HASH_CHARACTERS;
        if (!tooLong && !(mark >= 0 && key.charAt(mark) == MARK)) {
            return key;
        }
        // Its beginning stays, for whoever reads it or removes by pattern.
        int kept = Math.min(key.length(), MAX_BYTES / 4);
        return key.substring(0, Character.isHighSurrogate(key.charAt(kept - 1)) ? kept - 1 : kept) + MARK + hash(key);
    }

    /** 128 bits of SHA-256, in 22 characters. */
    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
