package dev.weir.http;

import java.nio.charset.StandardCharsets;

/** What names and keys may look like. */
public final class Names {

    private static final int MAX_NAME = 64;
    private static final int MAX_KEY = 512;

    private Names() {}

    /** True if {@code text} matches {@code [A-Za-z0-9._-]{1,64}}. */
    public static boolean isName(String text) {
        if (text.isEmpty() || text.length() > MAX_NAME) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean good = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '.'
                    || c == '_'
                    || c == '-';
            if (!good) {
                return false;
            }
        }
        return true;
    }

    /** @throws Problem that names the field, unless {@code text} is a name */
    public static String requireName(String field, String text) {
        if (!isName(text)) {
            throw Problem.badRequest(
                    field, field + " '" + shorten(text) + "' is no name: 1 to 64 of A-Z a-z 0-9 . _ - are");
        }
        return text;
    }

    /** @throws Problem that names the field, unless {@code text} is a key: 1 to 512 bytes of UTF-8 without NUL */
    public static String requireKey(String field, String text) {
        if (text.isEmpty()) {
            throw Problem.badRequest(field, field + " is empty: 1 to 512 bytes are needed");
        }
        // A char makes at most three bytes: only a long text has to be measured exactly.
        if (text.length() * 3 > MAX_KEY) {
            int bytes = text.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_KEY) {
                throw Problem.badRequest(field, field + " has " + bytes + " bytes, more than " + MAX_KEY);
            }
        }
        if (text.indexOf('\0') >= 0) {
            throw Problem.badRequest(field, field + " holds a NUL character, which no key may");
        }
        if (hasLoneSurrogate(text)) {
            throw Problem.badRequest(field, field + " holds half a surrogate pair, which is no UTF-8");
        }
        return text;
    }

    private static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    /** A caller's text, short and printable enough to be quoted in a message. */
    public static String shorten(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= 64 ? printable : printable.substring(0, 61) + "...";
    }
}
