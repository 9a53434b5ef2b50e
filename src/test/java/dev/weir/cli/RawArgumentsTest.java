package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RawArgumentsTest {

    @Test
    void lettersThatTheLocaleDoesNotKnowAreRestored() {
        assertThat(RawArguments.restore(
                        List.of("limit", "chat", "m??ller"),
                        List.of("java", "-Xmx1g", "-jar", "weir.jar", "limit", "chat", "müller"),
                        false))
                .containsExactly("limit", "chat", "müller");
    }

    @Test
    void whatTheExecutableHasTakenForItselfIsRestored() {
        assertThat(RawArguments.restore(
                        List.of("lock", "n", "--", "java", "-jar", "x"),
                        List.of("./weir", "-Da=b", "-Xmx9m", "lock", "n", "--", "java", "-Dx=y", "-Xmx1g", "-jar", "x"),
                        true))
                .containsExactly("lock", "n", "--", "java", "-Dx=y", "-Xmx1g", "-jar", "x");
    }

    @Test
    void anotherCommandLineIsNotBelieved() {
        List<String> given = List.of("health", "--json");
        assertThat(RawArguments.restore(given, List.of("wrapper"), false)).isEqualTo(given);
        assertThat(RawArguments.restore(given, List.of("a", "stats", "--json"), false))
                .isEqualTo(given);
        assertThat(RawArguments.restore(given, List.of("a", "stats", "--json"), true))
                .isEqualTo(given);
        assertThat(RawArguments.restore(List.of(), List.of("weir"), true)).isEmpty();
    }

    @Test
    void emptyWordsAreWords() {
        assertThat(RawArguments.words("a\0\0ü\0".getBytes(StandardCharsets.UTF_8)))
                .containsExactly("a", "", "ü");
    }
}
