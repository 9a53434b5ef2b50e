package dev.weir.route;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of bytes, both ends included (RFC 9110, section 14).
 *
 * @param first after {@code last} if the range asked for lies beyond the content
 */
record ByteRange(int first, int last) {

    private static final Pattern ONE = Pattern.compile("\\s*bytes\\s*=\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*");

    static final ByteRange UNSATISFIABLE = new ByteRange(0, -1);

    boolean isSatisfiable() {
        return first <= last;
    }

    int length() {
        return last - first + 1;
    }

    /** The one range that a {@code Range} asks for; null if it asks for several or cannot be understood: then for none. */
    static @Nullable ByteRange parse(String field, int length) {
        Matcher matcher = ONE.matcher(field);
        if (!matcher.matches()) {
            return null;
        }
        String from = matcher.group(1);
        String to = matcher.group(2);
        if (from.isEmpty()) {
            if (to.isEmpty()) {
                return null;
            }
            long suffix = Long.parseLong(to);
            return suffix == 0 || length == 0
                    ? UNSATISFIABLE
                    : new ByteRange((int) Math.max(0, length - suffix), length - 1);
        }
        long first = Long.parseLong(from);
        long last = to.isEmpty() ? Long.MAX_VALUE : Long.parseLong(to);
        if (last < first) {
            return null;
        }
        return first >= length ? UNSATISFIABLE : new ByteRange((int) first, (int) Math.min(last, length - 1L));
    }
}
