package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The check of the check of expressions. */
class PromQlTest {

    private static final Scrape SCRAPE = Scrape.of("""
            # HELP reads_total Reads
            # TYPE reads_total counter
            reads_total{cache="users",result="hit"} 3.0
            reads_total{cache="users",result="miss"} 1.0
            time_seconds_bucket{cache="users",le="0.1"} 1.0
            time_seconds_count{cache="users"} 1
            available 1.0
            runs_total{state="failed",warmer="a \\"b\\" {c} d"} 2.0
            """);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "available",
                "available == 0",
                "absent(up{job=\"weir\"} == 1)",
                "up{job=\"weir\"} == 1 unless on (namespace, pod) available",
                "sum(rate(reads_total[5m]))",
                "sum by (cache) (rate(reads_total{result!=\"miss\",namespace=~\"$namespace\"}[$__rate_interval]))"
                        + " / sum by (cache) (rate(reads_total[5m])) < 0.7 and sum by (cache) (rate(reads_total[5m])) > 1e-1",
                "sum by (result) (rate(reads_total[5m])) / ignoring (result) group_left () sum(rate(reads_total[5m]))",
                "histogram_quantile(0.99, sum by (pod, le) (rate(time_seconds_bucket[5m]))) > 0.1",
                "increase(runs_total{state=~\"fail.*|failed\"}[1h]) > 0",
            })
    void whatIsRightIsTaken(String expression) {
        assertThat(PromQl.follow(expression, SCRAPE).findings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\'', textBlock = """
            availble                                                     ; no metric availble
            sum(rate(read_total[5m]))                                    ; no metric read_total
            rate(reads_total{caches="users"}[5m])                        ; no label caches
            rate(reads_total{result="hits"}[5m])                         ; no result=hits
            rate(reads_total{result!="mis"}[5m])                         ; no result=mis
            increase(runs_total{state=~"failed|aborted"}[1h])            ; no state=aborted
            sum by (caches) (rate(reads_total[5m]))                      ; no label caches
            sum by (result) (sum by (cache) (rate(reads_total[5m])))     ; no label result
            available unless on (result) reads_total                     ; left of unless
            reads_total unless on (result) available                     ; right of unless
            sum by (cache) (rate(reads_total[5m])) / sum(rate(reads_total[5m])) ; never meet
            sum(rate(reads_total[5m])) / ignoring (result) sum(rate(reads_total[5m])) ; no label result
            histogram_quantile(0.9, sum by (pod) (rate(time_seconds_bucket[5m]))) ; no label le
            histogram_quantile(0.9, rate(time_seconds_count[5m]))        ; no label le
            rate(available[5m])                                          ; no counter
            rate(reads_total)                                            ; needs a range
            reads_total[5m]                                              ; where none belongs
            rate(reads_total[5])                                         ; range that is none
            sum(rate(reads_total[5m])                                    ; expected and not
            sum(available))                                              ; not understood
            available ! 3                                                ; not understood
            rates(available)                                             ; no function rates
            available{pod}                                               ; no matcher
            available >                                                  ; a value expected
            """)
    void whatIsWrongIsFound(String expression, String finding) {
        assertThat(PromQl.follow(expression, SCRAPE).findings()).anyMatch(found -> found.contains(finding));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            sum by (cache, pod) (rate(reads_total[5m])) > 1             ; cache,pod
            absent(up == 1)                                              ; ''
            histogram_quantile(0.9, sum by (le) (rate(time_seconds_bucket[5m]))) ; ''
            1 - sum by (pod) (available)                                 ; pod
            """)
    void theLabelsOfAResultAreKnown(String expression, String labels) {
        Set<String> expected = labels.isEmpty() ? Set.of() : Set.of(labels.split(","));
        assertThat(PromQl.follow(expression, SCRAPE).labels()).isEqualTo(expected);
    }
}
