package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestDirectivesTest {

    private static RequestDirectives of(String... headers) {
        return RequestDirectives.of(Headers.of(headers));
    }

    private static RequestDirectives cc(String control) {
        return of("Cache-Control", control);
    }

    @Test
    void aRequestThatSaysNothingAcceptsWhateverIsGood() {
        assertThat(of()).isSameAs(RequestDirectives.NONE);
        assertThat(of().leavesItToTheCache()).isTrue();
        assertThat(of().acceptsFresh(Long.MAX_VALUE, 1)).isTrue();
        assertThat(of().acceptsFresh(0, 0)).isFalse();
        assertThat(of().acceptsStale(0, 0)).isFalse();
        assertThat(of().noStore()).isFalse();
        assertThat(of().onlyIfCached()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    no-store                  | true  | false | false | -1    | -1    | -1
                    no-cache                  | false | true  | false | -1    | -1    | -1
                    only-if-cached            | false | false | true  | -1    | -1    | -1
                    max-age=5                 | false | false | false | 5000  | -1    | -1
                    max-age=0                 | false | false | false | 0     | -1    | -1
                    min-fresh=5               | false | false | false | -1    | 5000  | -1
                    max-stale=5               | false | false | false | -1    | -1    | 5000
                    max-stale                 | false | false | false | -1    | -1    | 9223372036854775807
                    max-stale=x               | false | false | false | -1    | -1    | -1
                    max-age=x                 | false | false | false | -1    | -1    | -1
                    max-age="5"               | false | false | false | 5000  | -1    | -1
                    'no-store, max-age=1, MIN-FRESH=2, max-stale=3, no-cache, only-if-cached' | true | true | true | 1000 | 2000 | 3000
                    foo                       | false | false | false | -1    | -1    | -1
                    """)
    void whatItSaysIsRead(
            String control,
            boolean noStore,
            boolean noCache,
            boolean onlyIfCached,
            long maxAgeMs,
            long minFreshMs,
            long maxStaleMs) {
        assertThat(cc(control))
                .isEqualTo(new RequestDirectives(noStore, noCache, onlyIfCached, maxAgeMs, minFreshMs, maxStaleMs));
    }

    @Test
    void pragmaCountsOnlyWithoutCacheControl() {
        assertThat(of("Pragma", "no-cache").noCache()).isTrue();
        assertThat(of("Pragma", "x, no-cache").noCache()).isTrue();
        assertThat(of("Pragma", "No-Cache").noCache()).isTrue();
        assertThat(of("Pragma", "x", "Pragma", "no-cache").noCache()).isTrue();
        assertThat(of("Pragma", "x")).isEqualTo(RequestDirectives.NONE);
        assertThat(of("Pragma", "no-cache", "Cache-Control", "max-age=5").noCache())
                .isFalse();
    }

    @Test
    void linesOfCacheControlCountTogether() {
        assertThat(of("Cache-Control", "max-age=5", "Cache-Control", "no-store").noStore())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    max-age=5   | 5000 | 1    | true
                    max-age=5   | 5001 | 1    | false
                    max-age=5   | 4999 | 0    | false
                    max-age=0   | 0    | 1    | false
                    max-age=0   | 1    | 1    | false
                    min-fresh=5 | 0    | 5000 | true
                    min-fresh=5 | 0    | 4999 | false
                    no-cache    | 0    | 9999 | false
                    max-stale   | 0    | 1    | true
                    no-store    | 0    | 1    | true
                    """)
    void whatIsFreshEnough(String control, long ageMs, long leftMs, boolean accepted) {
        assertThat(cc(control).acceptsFresh(ageMs, leftMs)).isEqualTo(accepted);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    max-stale=5              | 0     | 5000                | true
                    max-stale=5              | 0     | 5001                | false
                    max-stale                | 0     | 9223372036854775806 | true
                    max-age=5                | 0     | 0                   | false
                    'max-stale, max-age=5'   | 5000  | 1                   | true
                    'max-stale, max-age=5'   | 5001  | 1                   | false
                    'max-stale, min-fresh=1' | 0     | 1                   | false
                    'max-stale, no-cache'    | 0     | 1                   | false
                    """)
    void whatIsNotTooStale(String control, long ageMs, long staleForMs, boolean accepted) {
        assertThat(cc(control).acceptsStale(ageMs, staleForMs)).isEqualTo(accepted);
    }

    @ParameterizedTest
    @CsvSource({
        "no-cache, false",
        "max-age=5, false",
        "max-age=0, false",
        "min-fresh=5, false",
        "max-stale, true",
        "no-store, true",
        "only-if-cached, true"
    })
    void whoLeavesItToTheCache(String control, boolean leaves) {
        assertThat(cc(control).leavesItToTheCache()).isEqualTo(leaves);
    }
}
