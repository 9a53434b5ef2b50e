package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {

    private static final long LAST_OF_FOUR_DIGITS = 253_402_300_799L;
    private static final DateTimeFormatter RFC_850 =
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-uu HH:mm:ss 'GMT'", Locale.US);
    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Sun, 06 Nov 1994 08:49:37 GMT     | 784111777000
                    Sunday, 06-Nov-94 08:49:37 GMT    | 784111777000
                    Sun Nov  6 08:49:37 1994          | 784111777000
                    Sun Nov 06 08:49:37 1994          | 784111777000
                    Wed Nov 16 08:49:37 1994          | 784975777000
                    Thu, 01 Jan 1970 00:00:00 GMT     | 0
                    Thu, 29 Feb 2024 23:59:59 GMT     | 1709251199000
                    """)
    void allThreeFormatsAreRead(String text, long epochMs) {
        assertThat(HttpDate.parse(text)).isEqualTo(epochMs);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "0",
                "-1",
                "784111777",
                "1994-11-06T08:49:37Z",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun, 06 Nov 1994 08:49:37 +0000",
                "Sun, 06 Nov 1994 08:49:37 EST",
                "Sun, 06 Nov 1994 08:49:37 gmt",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 GMT ",
                " Sun, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37  GMT",
                "Sun,  06 Nov 1994 08:49:37 GMT",
                "Sun,06 Nov 1994 08:49:37 GMT",
                "sun, 06 nov 1994 08:49:37 GMT",
                "SUN, 06 NOV 1994 08:49:37 GMT",
                "Mon, 06 Nov 1994 08:49:37 GMT",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 94 08:49:37 GMT",
                "Sun, 06 Nov 01994 08:49:37 GMT",
                "Sun, 06 Nov -994 08:49:37 GMT",
                "Sun, 06 November 1994 08:49:37 GMT",
                "Sun, 06 11 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 8:49:37 GMT",
                "Sun, 06 Nov 1994 08:49 GMT",
                "Sun, 06 Nov 1994 08:49:37.5 GMT",
                "Sun, 06 Nov 1994 08.49.37 GMT",
                "Sun, 06 Nov 1994 24:00:00 GMT",
                "Sun, 06 Nov 1994 25:00:00 GMT",
                "Sun, 06 Nov 1994 08:60:37 GMT",
                "Sun, 06 Nov 1994 08:49:60 GMT",
                "Sun, 00 Nov 1994 08:49:37 GMT",
                "Sun, 32 Nov 1994 08:49:37 GMT",
                // The last of the month is a Wednesday: nobody is to take the 31st for it.
                "Wed, 31 Nov 1994 08:49:37 GMT",
                "Sun, 29 Feb 2027 00:00:00 GMT",
                "Sun, 06-Nov-1994 08:49:37 GMT",
                "Sun, 06-Nov-94 08:49:37 GMT",
                "Sunday, 06-Nov-1994 08:49:37 GMT",
                "Sunday, 06 Nov 94 08:49:37 GMT",
                "Sunday, 6-Nov-94 08:49:37 GMT",
                "Monday, 06-Nov-94 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 UTC",
                "Sunday, 06-Nov-94 24:00:00 GMT",
                "Sun Nov 6 08:49:37 1994",
                "Sun Nov   6 08:49:37 1994",
                "Sun Nov  6 08:49:37 94",
                "Sun Nov  6 08:49:37 1994 GMT",
                "Mon Nov  6 08:49:37 1994",
                "Sun Nov  6 24:00:00 1994",
                "Sunday Nov  6 08:49:37 1994",
                "Sün, 06 Nov 1994 08:49:37 GMT",
                "Sun, ٠٦ Nov 1994 08:49:37 GMT"
            })
    void everythingElseIsNone(String text) {
        assertThat(HttpDate.parse(text)).isEqualTo(HttpDate.NONE);
    }

    @Property
    void whatIsWrittenIsRead(@ForAll @LongRange(min = 0, max = LAST_OF_FOUR_DIGITS) long second) {
        assertThat(HttpDate.parse(HttpDate.format(second * 1000))).isEqualTo(second * 1000);
    }

    @Property
    void whatLiesBetweenTwoSecondsIsWrittenAsTheFirst(
            @ForAll @LongRange(min = 0, max = LAST_OF_FOUR_DIGITS) long second,
            @ForAll @LongRange(min = 0, max = 999) long millis) {
        assertThat(HttpDate.format(second * 1000 + millis)).isEqualTo(HttpDate.format(second * 1000));
    }

    @Property
    void theOldFormatsSayTheSame(@ForAll @LongRange(min = 0, max = LAST_OF_FOUR_DIGITS) long second) {
        LocalDateTime moment = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
        assertThat(HttpDate.parse(ASCTIME.format(moment))).isEqualTo(second * 1000);
        int now = Year.now(ZoneOffset.UTC).getValue();
        if (moment.getYear() > now - 49 && moment.getYear() < now + 50) {
            assertThat(HttpDate.parse(RFC_850.format(moment))).isEqualTo(second * 1000);
        }
    }

    @Test
    void aYearOfTwoDigitsIsNeverMoreThanFiftyYearsAhead() {
        int now = Year.now(ZoneOffset.UTC).getValue();
        for (int year = now - 49; year <= now + 50; year++) {
            LocalDateTime moment = LocalDateTime.of(year, 6, 15, 12, 0);
            assertThat(HttpDate.parse(RFC_850.format(moment)))
                    .as("%s", moment)
                    .isEqualTo(moment.toInstant(ZoneOffset.UTC).toEpochMilli());
        }
    }
}
