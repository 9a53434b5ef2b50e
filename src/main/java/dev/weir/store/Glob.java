package dev.weir.store;

import java.nio.charset.StandardCharsets;

/**
 * A pattern as Redis' {@code MATCH} takes it, byte by byte as Redis does it: {@code *}, {@code ?}, {@code [a-z]},
 * {@code [^a]} and a backslash before a literal. The memory stores and near caches use it, so that a pattern means the
 * same with Redis and without.
 */
public final class Glob {

    private final byte[] pattern;

    private Glob(byte[] pattern) {
        this.pattern = pattern;
    }

    public static Glob of(String pattern) {
        return new Glob(pattern.getBytes(StandardCharsets.UTF_8));
    }

    /** The pattern that matches {@code text} and nothing else. */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ("*?[]^-\\".indexOf(c) >= 0) {
                quoted.append('\\');
            }
            quoted.append(c);
        }
        return quoted.toString();
    }

    /**
     * The same pattern, written so that something can be appended: Redis reads a pattern leniently that ends within a
     * set or an escape, and would take what follows for a part of it.
     */
    public static String terminated(String pattern) {
        int i = 0;
        while (i < pattern.length()) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                if (i + 1 == pattern.length()) {
                    return pattern + '\\';
                }
                i += 2;
            } else if (c == '[') {
                StringBuilder set = new StringBuilder("[");
                int end = copySet(pattern, i + 1, set);
                if (end == pattern.length()) {
                    return pattern.substring(0, i) + set + ']';
                }
                i = end + 1;
            } else {
                i++;
            }
        }
        return pattern;
    }

    /** Writes a set so that nothing in it can be taken for its end; returns where it ends, the length if it does not. */
    private static int copySet(String pattern, int from, StringBuilder out) {
        int p = from;
        if (p < pattern.length() && pattern.charAt(p) == '^') {
            out.append('^');
            p++;
        }
        while (p < pattern.length() && pattern.charAt(p) != ']') {
            if (pattern.charAt(p) == '\\' && p + 1 < pattern.length()) {
                out.append(pattern, p, p + 2);
                p += 2;
            } else if (p + 2 < pattern.length() && pattern.charAt(p + 1) == '-') {
                out.append(pattern, p, p + 3);
                p += 3;
            } else {
                out.append('\\').append(pattern.charAt(p));
                p++;
            }
        }
        return p;
    }

    public boolean matches(String text) {
        return matches(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Linear in practice: after a star only the last star is ever tried again. */
    private boolean matches(byte[] text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int starText = 0;
        while (t < text.length) {
            if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                starText = t;
                continue;
            }
            int next = p < pattern.length ? one(p, text[t]) : -1;
            if (next >= 0) {
                p = next;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    /** The position after the element at {@code p} if it matches the byte, else -1. */
    private int one(int p, byte c) {
        return switch (pattern[p]) {
            case '?' -> p + 1;
            case '[' -> set(p + 1, c);
            case '\\' -> {
                int literal = p + 1 < pattern.length ? p + 1 : p;
                yield pattern[literal] == c ? literal + 1 : -1;
            }
            default -> pattern[p] == c ? p + 1 : -1;
        };
    }

    private int set(int from, byte byteToFind) {
        int p = from;
        int c = byteToFind & 0xFF;
        boolean negated = p < pattern.length && pattern[p] == '^';
        if (negated) {
            p++;
        }
        boolean found = false;
        while (p < pattern.length && pattern[p] != ']') {
            if (pattern[p] == '\\' && p + 1 < pattern.length) {
                p++;
                found |= (pattern[p] & 0xFF) == c;
                p++;
            } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
                int low = pattern[p] & 0xFF;
                int high = pattern[p + 2] & 0xFF;
                found |= Math.min(low, high) <= c && c <= Math.max(low, high);
                p += 3;
            } else {
                found |= (pattern[p] & 0xFF) == c;
                p++;
            }
        }
        int after = p < pattern.length ? p + 1 : p;
        return found != negated ? after : -1;
    }
}
