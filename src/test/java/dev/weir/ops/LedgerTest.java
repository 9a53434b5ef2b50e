package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.ops.Figures.Name;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private static final Name HITS = new Name("cache", "users", "near");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final long SECOND = 1_000_000_000L;

    private final Ledger ledger = new Ledger(START, 0);

    private static Figures counted(long hits) {
        return new Figures(Map.of(HITS, hits), Map.of(), Map.of());
    }

    private static long hits(Figures figures) {
        return figures.count("cache", "users", "near");
    }

    @Test
    void atFirstAllThatWasCountedIsOfLate() {
        assertThat(hits(ledger.total(counted(5)))).isEqualTo(5);
        assertThat(hits(ledger.recent(counted(5)))).isEqualTo(5);
        assertThat(ledger.since()).isEqualTo(START);
    }

    /** One a second for an hour: of late there are three hundred, and up to ten more. */
    @Test
    void whatWasCountedLongAgoIsNotOfLate() {
        for (long second = 0; second <= 3600; second++) {
            ledger.mark(counted(second), second * SECOND);
            assertThat(hits(ledger.total(counted(second)))).isEqualTo(second);
            assertThat(hits(ledger.recent(counted(second)))).isBetween(Math.min(second, 300), 310L);
        }
    }

    @Test
    void afterAResetAllBeginsAtZero() {
        ledger.mark(counted(100), 60 * SECOND);
        Instant reset = START.plusSeconds(90);
        ledger.reset(counted(150), reset, 90 * SECOND);
        assertThat(hits(ledger.total(counted(160)))).isEqualTo(10);
        assertThat(hits(ledger.recent(counted(160)))).isEqualTo(10);
        assertThat(ledger.since()).isEqualTo(reset);
    }

    @Test
    void aResetIsNewsOnce() {
        assertThat(ledger.knows(0)).as("nobody was asked yet").isFalse();
        assertThat(ledger.isNews(1000)).as("it was before this process").isFalse();
        assertThat(ledger.epoch()).isEqualTo(1000);
        assertThat(ledger.knows(1000)).isTrue();
        assertThat(ledger.isNews(1000)).isFalse();
        assertThat(ledger.isNews(2000)).isTrue();
        assertThat(ledger.isNews(2000)).isFalse();
        assertThat(ledger.epoch()).isEqualTo(2000);
    }

    @Test
    void aStoreThatHasForgottenItsResetsIsNoReset() {
        ledger.isNews(0);
        assertThat(ledger.isNews(5000)).isTrue();
        assertThat(ledger.isNews(0)).isFalse();
        assertThat(ledger.knows(0)).isTrue();
        assertThat(ledger.isNews(6000)).isTrue();
    }

    @Test
    void anAnswerThatComesLateIsNoReset() {
        ledger.isNews(1000);
        assertThat(ledger.isNews(2000)).isTrue();
        assertThat(ledger.isNews(1000))
                .as("asked before that reset, answered after it")
                .isFalse();
        assertThat(ledger.isNews(2000)).as("the same reset again").isFalse();
        assertThat(ledger.epoch()).isEqualTo(2000);
    }
}
