package dev.weir.limit;

import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a slot is given back by: a random name that cannot be guessed in a lease's time, and how much it holds.
 *
 * @param cost how many units it holds
 */
record SlotName(String id, long cost) {

    private static final Pattern SYNTAX = Pattern.compile("([0-9a-f]{16})-(\\d{1,5})");

    static String newId() {
        return String.format("%016x", ThreadLocalRandom.current().nextLong());
    }

    /** Null if the text is none. */
    static @Nullable SlotName parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        return matcher.matches() ? new SlotName(matcher.group(1), Long.parseLong(matcher.group(2))) : null;
    }

    @Override
    public String toString() {
        return id + '-' + cost;
    }
}
