package dev.weir.route;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Dates of HTTP (RFC 9110, section 5.6.7), in all three formats that a recipient must accept, and in no other: a cache
 * that guesses what a date means would keep an answer for longer than its origin said.
 */
final class HttpDate {

    /** What {@link #parse} returns for a text that is no date. */
    static final long NONE = Long.MIN_VALUE;

    private static final DateTimeFormatter IMF_FIXDATE =
            strict(DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US));
    private static final DateTimeFormatter ASCTIME =
            strict(DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US));

    /** A year of two digits that appears to be more than 50 years ahead is one of the past. */
    private static final int YEARS_AHEAD = 50;

    private HttpDate() {}

    /** Milliseconds since the epoch, or {@link #NONE}. */
    static long parse(@Nullable String text) {
        if (text == null || text.length() < 24) {
            return NONE;
        }
        try {
            DateTimeFormatter format = text.charAt(3) == ',' ? IMF_FIXDATE : text.charAt(3) == ' ' ? ASCTIME : rfc850();
            return LocalDateTime.parse(text, format).toInstant(ZoneOffset.UTC).toEpochMilli();
        } catch (DateTimeException e) {
            return NONE;
        }
    }

    private static DateTimeFormatter rfc850() {
        LocalDate base = LocalDate.now(ZoneOffset.UTC).plusYears(YEARS_AHEAD - 99);
        return strict(new DateTimeFormatterBuilder()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, base)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.US));
    }

    /** Otherwise the 31st of November would be its 30th, and 24:00 the next day. */
    private static DateTimeFormatter strict(DateTimeFormatter format) {
        return format.withResolverStyle(ResolverStyle.STRICT);
    }

    static String format(long epochMs) {
        return IMF_FIXDATE.format(Instant.ofEpochMilli(epochMs).atOffset(ZoneOffset.UTC));
    }
}
