package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({"250ms, PT0.25S", "30s, PT30S", "5m, PT5M", "24h, PT24H", "7d, PT168H", "PT1M30S, PT1M30S", "0s, PT0S"})
    void areReadAsTheServiceReadsThem(String text, Duration expected) {
        assertThat(Durations.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5 s", "-5s", "1.5s", "5S", "Px", "9999999999999s"})
    void whatIsNoneIsQuoted(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + text + "' is no duration");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 ms",
        "999, 999 ms",
        "12300, 12.3 s",
        "60000, 60 s",
        "300000, 5 min",
        "7200000, 2 h",
        "172800000, 2 d"
    })
    void arePrintedForPeople(long millis, String expected) {
        assertThat(Durations.human(millis)).isEqualTo(expected);
    }
}
