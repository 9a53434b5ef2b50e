package dev.weir.http;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A {@code traceparent} field (W3C Trace Context, section 3.2).
 *
 * @param text as it came
 * @param spanId the caller's span, the field's {@code parent-id}
 */
public record TraceParent(String text, String traceId, String spanId) {

    /** What is common to all versions; a later one may add fields, of which nothing is known but the dash before them. */
    private static final Pattern FORM =
            Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?");

    private static final String INVALID_VERSION = "ff";
    private static final Pattern ZERO = Pattern.compile("0+");

    /** The trace that the fields of a request name; null unless there is exactly one field, and a valid one. */
    static @Nullable TraceParent of(List<String> fields) {
        return fields.size() == 1 ? of(fields.getFirst()) : null;
    }

    private static @Nullable TraceParent of(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            return null;
        }
        String version = parts.group(1);
        boolean grown = parts.group(4) != null;
        boolean invalid = version.equals(INVALID_VERSION)
                || grown && version.equals("00")
                || ZERO.matcher(parts.group(2)).matches()
                || ZERO.matcher(parts.group(3)).matches();
        return invalid ? null : new TraceParent(text, parts.group(2), parts.group(3));
    }
}
