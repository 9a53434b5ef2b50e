package dev.weir.cache;

import dev.weir.http.Names;
import dev.weir.http.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What callers say about an entry, checked. */
final class CacheInput {

    private static final int MAX_NAMES = 64;
    private static final int MAX_TAG = 256;
    private static final int MAX_CONTENT_TYPE = 256;

    private CacheInput() {}

    /** The lifetimes of a value whose caller may have wished for others than the cache's own. */
    static Lifetimes lifetimes(CachePolicy policy, @Nullable Duration ttl, @Nullable Duration stale) {
        Lifetimes own = policy.lifetimes();
        return new Lifetimes(
                ttl == null ? own.ttlMs() : ttl.toMillis(),
                stale == null ? own.staleMs() : stale.toMillis(),
                own.errorMs());
    }

    static List<String> tags(String field, List<String> tags) {
        requireFew(field, tags);
        for (String tag : tags) {
            requireTag(field, tag);
        }
        return tags.stream().distinct().toList();
    }

    static String requireTag(String field, String tag) {
        int bytes = tag.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MAX_TAG) {
            throw Problem.badRequest(field, field + " has " + bytes + " bytes, not 1 to " + MAX_TAG);
        }
        if (tag.chars().anyMatch(Character::isISOControl)) {
            throw Problem.badRequest(field, field + " '" + Names.shorten(tag) + "' holds a control character");
        }
        return tag;
    }

    static List<String> aliases(String field, List<String> aliases) {
        requireFew(field, aliases);
        return aliases.stream()
                .map(alias -> Names.requireKey(field, alias))
                .distinct()
                .toList();
    }

    private static void requireFew(String field, List<String> names) {
        if (names.size() > MAX_NAMES) {
            throw Problem.badRequest(field, field + " is given " + names.size() + " times, more than " + MAX_NAMES);
        }
    }

    static boolean isContentType(@Nullable String type) {
        return type != null
                && !type.isBlank()
                && type.length() <= MAX_CONTENT_TYPE
                && type.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /** A media type is sent back as a header: it must be one line of printable ASCII. */
    static String requireContentType(String field, String type) {
        if (!isContentType(type)) {
            throw Problem.badRequest(
                    field, field + " is not 1 to " + MAX_CONTENT_TYPE + " printable characters of ASCII");
        }
        return type;
    }

    static String requirePattern(String field, String pattern) {
        if (pattern.isEmpty()) {
            throw Problem.badRequest(field, field + " is empty: * matches every key");
        }
        return Names.requireKey(field, pattern);
    }
}
