package dev.weir.route;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The directives of the {@code Cache-Control} fields of a message (RFC 9111, section 5.2). Names are compared without
 * regard to case; of a number that is given more than once the first counts, as section 4.2.1 allows, and of what forbids
 * something all that it forbids. An argument that does not end is none. What cannot be understood is left out, except that
 * a number which is none is told from one that is absent.
 */
final class CacheControl {

    static final CacheControl NONE = new CacheControl(Map.of());

    /** {@link #seconds} of a directive that is not there. */
    static final long ABSENT = -1;

    /** {@link #seconds} of a directive whose argument is no number. */
    static final long INVALID = -2;

    /** What a greater number counts as (section 1.2.2). */
    static final long MAX_SECONDS = 1L << 31;

    /** Those that may name fields. */
    private static final Set<String> FORBIDDING = Set.of("private", "no-cache");

    private final Map<String, String> directives;

    private CacheControl(Map<String, String> directives) {
        this.directives = directives;
    }

    static CacheControl parse(List<String> fields) {
        if (fields.isEmpty()) {
            return NONE;
        }
        Map<String, String> directives = new HashMap<>();
        for (String field : fields) {
            new Reader(field).readInto(directives);
        }
        return new CacheControl(directives);
    }

    boolean has(String directive) {
        return directives.containsKey(directive);
    }

    /** True if it is there and has no argument: it concerns the whole answer, not only some of its fields. */
    boolean hasUnqualified(String directive) {
        return "".equals(directives.get(directive));
    }

    /** The names of the fields that a directive such as {@code private="a, b"} speaks of, in lower case. */
    Set<String> fields(String directive) {
        String names = directives.getOrDefault(directive, "");
        return Stream.of(names.split(",", -1))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    }

    /** The number of seconds of a directive, {@link #ABSENT} or {@link #INVALID}; never more than {@link #MAX_SECONDS}. */
    long seconds(String directive) {
        String text = directives.get(directive);
        return text == null ? ABSENT : parseSeconds(text);
    }

    /** Delta seconds, {@link #INVALID} if the text is something else. */
    static long parseSeconds(String text) {
        if (text.isEmpty()) {
            return INVALID;
        }
        long seconds = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return INVALID;
            }
            seconds = Math.min(MAX_SECONDS, seconds * 10 + digit);
        }
        return seconds;
    }

    /** Reads {@code name[=token|="quoted string"]} separated by commas. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        void readInto(Map<String, String> directives) {
            while (at < text.length()) {
                String name = until("=,").strip().toLowerCase(Locale.ROOT);
                String value = at < text.length() && text.charAt(at) == '=' ? value() : "";
                if (!name.isEmpty()) {
                    directives.merge(name, value, FORBIDDING.contains(name) ? Reader::both : (first, next) -> first);
                }
                until(",");
                at++;
            }
        }

        /** Without an argument it forbids more than with any. */
        private static String both(String first, String next) {
            return first.isEmpty() || next.isEmpty() ? "" : first + ',' + next;
        }

        private String until(String ends) {
            int from = at;
            while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(from, at);
        }

        /** Empty if a quoted string does not end. */
        private String value() {
            at++;
            if (at >= text.length() || text.charAt(at) != '"') {
                return until(",").strip();
            }
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            return at < text.length() ? value.toString().strip() : "";
        }
    }
}
