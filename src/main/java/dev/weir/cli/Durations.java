package dev.weir.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as the service reads and as people write them: {@code 250ms}, {@code 30s}, {@code 5m}, or ISO-8601. */
final class Durations {

    private static final Pattern SHORT = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");

    private Durations() {}

    /** @throws IllegalArgumentException that says what is wrong with the text */
    static Duration parse(String text) {
        Matcher matcher = SHORT.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
        if (text.startsWith("P")) {
            try {
                return Duration.parse(text);
            } catch (DateTimeParseException e) {
                throw none(text);
            }
        }
        throw none(text);
    }

    private static IllegalArgumentException none(String text) {
        return new IllegalArgumentException("'" + text + "' is no duration: write 250ms, 30s, 5m, 24h, 7d or ISO-8601");
    }

    /** As the service reads it. */
    static String text(Duration duration) {
        return duration.toMillis() + "ms";
    }

    /** As a person reads it: {@code 250 ms}, {@code 12.3 s}, {@code 5 min}. */
    static String human(long millis) {
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 120_000) {
            return millis % 1_000 == 0 ? millis / 1_000 + " s" : Figures.decimal(millis / 1_000.0, 1) + " s";
        }
        long minutes = millis / 60_000;
        if (minutes < 120) {
            return minutes + " min";
        }
        return minutes < 48 * 60 ? minutes / 60 + " h" : minutes / 60 / 24 + " d";
    }

    /** The same, of any length: of thousands of years only the days are told. */
    private static String human(Duration duration) {
        return Math.abs(duration.toDays()) > 365_000 ? duration.toDays() + " d" : human(duration.toMillis());
    }

    /**
     * @throws Ending as a usage error that names the option, if it is not within these bounds
     */
    static Duration require(String option, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw Ending.misuse(option + ": " + human(value) + " is not within " + human(min) + " and " + human(max));
        }
        return value;
    }
}
