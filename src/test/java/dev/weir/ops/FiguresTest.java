package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import dev.weir.ops.Figures.Name;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresTest {

    private static final Name HITS = new Name("cache", "users", "near");
    private static final Name MISSES = new Name("cache", "users", "miss");
    private static final Name ENTRIES = new Name("cache", "users", "nearEntries");
    private static final Name GETS = new Name("cache", "users", "get");

    private static Figures figures(long hits, long misses, long entries, Distribution gets) {
        return new Figures(Map.of(HITS, hits, MISSES, misses), Map.of(ENTRIES, entries), Map.of(GETS, gets));
    }

    private final Figures some = figures(10, 4, 7, DistributionTest.of(20, 1, 10, 10, 4));

    @Test
    void namesAreReadAsTheyAreWritten() {
        for (Name name : List.of(HITS, new Name("lock", "", "granted"), new Name("requests", "api", "long success"))) {
            assertThat(Name.parse(name.toString())).isEqualTo(name);
        }
        assertThat(Name.parse("nonsense")).isEqualTo(new Name("", "", "nonsense"));
    }

    @Test
    void whatIsWrittenIsReadButForWhatIsZero() {
        assertThat(Figures.fromJson(reread(some))).isEqualTo(some);
        Figures mostly = figures(3, 0, 0, Distribution.NONE);
        assertThat(Figures.fromJson(reread(mostly))).isEqualTo(new Figures(Map.of(HITS, 3L), Map.of(), Map.of()));
        assertThat(Figures.fromJson(reread(Figures.NONE))).isEqualTo(Figures.NONE);
    }

    private static ObjectNode reread(Figures figures) {
        return (ObjectNode) Json.parse(Json.write(figures.toJson()));
    }

    @Test
    void whatAnotherVersionOrAForeignHandWroteDoesNoHarm() {
        for (String text : List.of(
                "{}",
                "{\"counts\":7,\"levels\":[1],\"times\":null}",
                "{\"counts\":{\"cache/users/near\":\"many\",\"x\":-5},\"times\":{\"a/b/c\":3,\"d\":{\"buckets\":[1]}}}")) {
            Figures read = Figures.fromJson(Json.parse(Buffer.buffer(text)));
            assertThat(read.count("cache", "users", "near")).isZero();
            assertThat(read.counts().values()).allMatch(count -> count >= 0);
            assertThat(read.plus(some).count("cache", "users", "near")).isEqualTo(10);
        }
    }

    @Test
    void countsAndTimesAreSubtractedLevelsAreAsTheyAre() {
        Figures before = figures(6, 4, 99, DistributionTest.of(5, 1, 2));
        Figures since = some.minus(before);
        assertThat(since).isEqualTo(figures(4, 0, 7, DistributionTest.of(15, 1, 8, 10, 4)));
        assertThat(some.minus(Figures.NONE)).isEqualTo(some);
        assertThat(before.minus(some).count("cache", "users", "near")).isZero();
    }

    @Test
    void sumsAreOfAllThatEitherKnows() {
        Figures other =
                new Figures(Map.of(HITS, 1L, new Name("cache", "lists", "near"), 2L), Map.of(ENTRIES, 3L), Map.of());
        Figures sum = some.plus(other);
        assertThat(sum.subjects("cache")).containsExactly("lists", "users");
        assertThat(sum.subjects("limit")).isEmpty();
        assertThat(sum.count("cache", "users", "near")).isEqualTo(11);
        assertThat(sum.count("cache", List.of("users", "lists"), "near")).isEqualTo(13);
        assertThat(sum.level("cache", List.of("users", "lists"), "nearEntries")).isEqualTo(10);
        assertThat(sum.time("cache", List.of("users", "lists"), "get").count()).isEqualTo(14);
        assertThat(Figures.NONE.plus(Figures.NONE).subjects("cache")).isEmpty();
    }
}
