package dev.weir.http;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 250ms}, {@code 30s}, {@code 5m}, {@code 24h}, {@code 7d}, or ISO-8601. */
public final class Durations {

    private static final Pattern SHORT = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");
    private static final Duration MAX = Duration.ofDays(3650);

    private Durations() {}

    /** The duration, or nothing if the text is none, or is negative, or longer than ten years. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = SHORT.matcher(text);
        Duration duration;
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            duration = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        } else if (text.startsWith("P")) {
            try {
                duration = Duration.parse(text);
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        } else {
            return Optional.empty();
        }
        return duration.isNegative() || duration.compareTo(MAX) > 0 ? Optional.empty() : Optional.of(duration);
    }

    /**
     * The duration that a request names, which must be positive.
     *
     * @throws Problem that names the field
     */
    public static Duration require(String field, String text) {
        return parse(text)
                .filter(Duration::isPositive)
                .orElseThrow(() -> Problem.badRequest(
                        field,
                        field + " is '" + Names.shorten(text)
                                + "', which is no duration: write 250ms, 30s, 5m, 24h, 7d or ISO-8601"));
    }
}
