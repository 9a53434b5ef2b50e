package dev.weir.route;

import java.util.List;

/**
 * The paths of a route: segments that are compared as they are sent, {@code *} for any one of them, and {@code /*} at the
 * end for whatever follows, nothing included.
 */
final class PathPattern {

    private static final String ANY = "*";

    private final String text;
    private final List<String> segments;
    private final boolean open;
    private final int literals;

    /** @throws IllegalArgumentException that says what is wrong with it */
    PathPattern(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("'" + text + "' does not begin with a slash");
        }
        this.text = text;
        this.open = text.endsWith("/*");
        String closed = open ? text.substring(0, text.length() - 2) : text;
        this.segments =
                closed.isEmpty() ? List.of() : List.of(closed.substring(1).split("/", -1));
        for (String segment : segments) {
            if (segment.contains(ANY) && !segment.equals(ANY)) {
                throw new IllegalArgumentException("'" + text + "' has a * that is not a whole segment");
            }
        }
        this.literals =
                (int) segments.stream().filter(segment -> !segment.equals(ANY)).count();
        if (text.indexOf('?') >= 0 || text.indexOf('#') >= 0) {
            throw new IllegalArgumentException("'" + text + "' is more than a path");
        }
    }

    boolean matches(String path) {
        int at = 0;
        for (String segment : segments) {
            if (at >= path.length() || path.charAt(at) != '/') {
                return false;
            }
            int slash = path.indexOf('/', at + 1);
            int end = slash < 0 ? path.length() : slash;
            boolean same = segment.equals(ANY)
                    ? end > at + 1
                    : end - at - 1 == segment.length() && path.startsWith(segment, at + 1);
            if (!same) {
                return false;
            }
            at = end;
        }
        return open || at == path.length();
    }

    /** The more specific of two patterns that match the same path comes first. */
    static int bySpecificity(PathPattern a, PathPattern b) {
        int byLiterals = Integer.compare(b.literals, a.literals);
        if (byLiterals != 0) {
            return byLiterals;
        }
        int byOpenness = Boolean.compare(a.open, b.open);
        return byOpenness != 0 ? byOpenness : Integer.compare(b.segments.size(), a.segments.size());
    }

    @Override
    public String toString() {
        return text;
    }
}
