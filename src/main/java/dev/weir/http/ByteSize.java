package dev.weir.http;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes as configuration writes it: {@code 512}, {@code 1KiB}, {@code 64MiB}, {@code 1GiB}. */
public record ByteSize(long bytes) {

    private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s*(b|kib|mib|gib|k|m|g)?");
    private static final Map<String, Integer> SHIFTS = Map.of("k", 10, "m", 20, "g", 30);

    /** @throws IllegalArgumentException if the text is no size */
    public static ByteSize of(String text) {
        Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no size: write 512, 1KiB, 64MiB or 1GiB");
        }
        String unit = matcher.group(2);
        int shift = unit == null ? 0 : SHIFTS.getOrDefault(unit.substring(0, 1), 0);
        long number = Long.parseLong(matcher.group(1));
        if (number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("'" + text + "' is more bytes than there can be");
        }
        return new ByteSize(number << shift);
    }

    /** As an array index, at most 2 GiB - 1. */
    public int toInt() {
        return (int) Math.min(Integer.MAX_VALUE, bytes);
    }
}
