package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.ops.Figures.Name;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00.123Z");

    private static final Report SOME = new Report(
            "weir-1",
            "1.2.3",
            "shared",
            START,
            START.plusSeconds(5),
            1_800_000_000_000L,
            new Figures(
                    Map.of(new Name("cache", "users", "near"), 5L),
                    Map.of(new Name("cache", "users", "nearEntries"), 2L),
                    Map.of(new Name("cache", "users", "get"), DistributionTest.of(9, 1, 4, 0, 1))),
            Figures.NONE);

    @Test
    void whatIsWrittenIsRead() {
        assertThat(Report.decode(SOME.encode())).contains(SOME);
    }

    @Test
    void whatIsNoReportIsNone() {
        for (String text : List.of("", "nonsense", "[1]", "7", "{", "null")) {
            assertThat(Report.decode(text)).as(text).isEmpty();
        }
    }

    @Test
    void aReportOfAnotherVersionIsReadAsFarAsItIsUnderstood() {
        Report read = Report.decode("{\"id\":\"new\",\"colour\":\"blue\",\"total\":{\"counts\":{\"a/b/c\":1}}}")
                .orElseThrow();
        assertThat(read.id()).isEqualTo("new");
        assertThat(read.total().count("a", "b", "c")).isEqualTo(1);
        assertThat(read.epoch()).isZero();
    }

    @Test
    void emptiedItIsStillWhoItIs() {
        Report emptied = SOME.emptied(START.plusSeconds(60));
        assertThat(emptied.id()).isEqualTo("weir-1");
        assertThat(emptied.total()).isEqualTo(Figures.NONE);
        assertThat(emptied.since()).isEqualTo(START.plusSeconds(60));
    }
}
