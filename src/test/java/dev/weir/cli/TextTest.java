package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What people are shown. */
class TextTest {

    private static JsonNode json(String text) {
        return Documents.parse(text.replace('\'', '"')).orElseThrow();
    }

    private static List<String> stats(String text) {
        ByteArrayOutputStream none = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(Map.of(), new ByteArrayInputStream(new byte[0]), none, none, false);
        return new StatsText(terminal, json(text)).lines();
    }

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        Table table = new Table("NAME", "N");
        assertThat(table.lines()).isEmpty();
        table.row("ü", "1,000");
        table.row("longer", "1");
        assertThat(table.lines()).containsExactly("NAME        N", "ü       1,000", "longer      1");
    }

    @Test
    void figuresAreReadable() {
        JsonNode of = json("{'n':1234567,'rate':0.5,'ms':0.414,'none':null}");
        assertThat(Figures.count(of, "n")).isEqualTo("1,234,567");
        assertThat(Figures.percent(of, "rate")).isEqualTo("50.0 %");
        assertThat(Figures.millis(of, "ms")).isEqualTo("0.41 ms");
        assertThat(Figures.bytes(of, "n")).isEqualTo("1.2 MiB");
        assertThat(Figures.bytes(1023)).isEqualTo("1023 B");
        assertThat(List.of(
                        Figures.count(of, "none"),
                        Figures.percent(of, "x"),
                        Figures.millis(of, "none"),
                        Figures.text(of, "none")))
                .containsOnly("-");
    }

    @Test
    void adviceSaysWhatToChangeAndWhere() {
        assertThat(stats("{'advice':[{'severity':'warning','subject':{'cache':'users'},'message':'low',"
                        + "'change':'raise weir.caches.users.ttl'}]}"))
                .containsSequence("warning  cache users: low", "         raise weir.caches.users.ttl");
    }

    @Test
    void whatIsNotThereIsNotShown() {
        assertThat(stats("{}")).noneMatch(line -> line.startsWith("CACHE") || line.startsWith("LIMIT"));
        assertThat(stats("{'redis':{'status':'up','mode':'memory','memory':{}}}"))
                .contains("redis        none: everything is kept in the memory of each process");
        assertThat(stats("{'redis':{'status':'down','mode':'standalone','since':'now','latencyMs':null,'memory':{}}}"))
                .contains("redis        down since now, standalone");
    }

    @Test
    void namesDoNotCommandTheTerminal() {
        assertThat(String.join("\n", stats("{'limits':[{'policy':'a\\u001b[2Jb'}]}")))
                .contains("a?[2Jb")
                .doesNotContain("\u001b");
    }

    /** As a line and within a document: U+009B begins a command as ESC [ does, U+202E turns round what follows. */
    @Test
    void nothingThatCannotBeSeenReachesTheTerminal() {
        String hidden = "a\u009b2Jb\u0000\u007f\u202ec\u2066d\u200ee\ufefff\u2028g\ue000\uffff" + "\udb40\udc41h\tö";
        assertThat(Figures.printable(hidden)).isEqualTo("a?2Jb???c?d?e?f?g???h?ö");
        String document = Documents.print(Documents.object().put("key", hidden + "\"\\"));
        assertThat(document).matches("[\\x20-\\x7eö]+").contains("a\\u009b2Jb\\u0000");
        assertThat(Documents.parse(document).orElseThrow().path("key").asText()).isEqualTo(hidden + "\"\\");
    }

    /** Persian and the scripts of India spell words with joiners, and pictures are joined by them. */
    @Test
    void ordinaryScriptsStayAsTheyAre() {
        for (String text : List.of("grüße", "می\u200cخواهم", "क्\u200dष", "日本語", "👩\u200d💻", "e\u0301", "⚠\ufe0f")) {
            assertThat(Figures.printable(text)).isEqualTo(text);
            assertThat(Documents.print(Documents.object().put("key", text))).contains(text);
        }
    }

    @Test
    void aLineIsCutByWhatIsSeenOfIt() {
        assertThat(Ansi.cut("ab\u001b[31mcd\u001b[0mef", 3)).isEqualTo("ab\u001b[31mc\u001b[0m");
        assertThat(Ansi.cut("ab", 3)).isEqualTo("ab");
    }

    @Test
    void barsAndOutcomesOfRuns() {
        assertThat(WarmProgress.bar(0, 3)).startsWith("[---").endsWith("  0 %");
        assertThat(WarmProgress.bar(3, 3)).startsWith("[###").endsWith("100 %");
        assertThat(WarmProgress.isGood(json("{'state':'done','failed':0}"))).isTrue();
        assertThat(WarmProgress.isGood(json("{'state':'skipped','failed':0}"))).isTrue();
        assertThat(WarmProgress.isGood(json("{'state':'done','failed':1}"))).isFalse();
        assertThat(WarmProgress.isGood(json("{'state':'aborted','failed':0}"))).isFalse();
    }

    @Test
    void segmentsOfPathsAreEncoded() {
        assertThat(Service.encode("a/b ü?%.-_~")).isEqualTo("a%2Fb%20%C3%BC%3F%25.-_~");
        assertThat(Service.encode("..")).isEqualTo("%2E%2E");
    }

    @Test
    void theForegroundIsTheGroupThatHasTheTerminal() {
        assertThat(LockedCommand.isInForeground("7 (a b) c) S 1 42 42 34816 42 0"))
                .isTrue();
        assertThat(LockedCommand.isInForeground("7 (weir) S 1 42 42 34816 99 0"))
                .isFalse();
        assertThat(LockedCommand.isInForeground("7 (weir) S 1 42 42 0 -1 0")).isFalse();
    }
}
