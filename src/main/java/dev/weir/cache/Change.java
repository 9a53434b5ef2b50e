package dev.weir.cache;

import java.util.Optional;

/**
 * What happened to the entries of a cache, as instances tell each other.
 *
 * @param cache the cache; empty for {@link Op#CLEAR_ALL}
 * @param subject the key, tag or glob; empty where there is none
 */
record Change(Op op, String cache, String subject) {

    /** The kinds of changes. */
    enum Op {
        PUT,
        REMOVE,
        /** A load ended without a value; whoever waits for it may try. */
        RELEASE,
        REMOVE_TAG,
        REMOVE_PATTERN,
        CLEAR_ALL
    }

    static final String TOPIC = "cache";

    static Change of(CacheStore.Selection selection) {
        return switch (selection) {
            case CacheStore.Selection.Key(String cache, String key) -> new Change(Op.REMOVE, cache, key);
            case CacheStore.Selection.Tag(String cache, String tag) -> new Change(Op.REMOVE_TAG, cache, tag);
            case CacheStore.Selection.Pattern(String cache, String glob) -> new Change(Op.REMOVE_PATTERN, cache, glob);
            case CacheStore.Selection.Everything() -> new Change(Op.CLEAR_ALL, "", "");
        };
    }

    String encode() {
        return op.name() + '\0' + cache + '\0' + subject;
    }

    /** The change that {@code payload} tells of; nothing if a newer Weir tells of something unknown. */
    static Optional<Change> decode(String payload) {
        String[] parts = payload.split("\0", 3);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Change(Op.valueOf(parts[0]), parts[1], parts[2]));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
