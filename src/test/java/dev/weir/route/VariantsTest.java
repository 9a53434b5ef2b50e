package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.http.Names;
import io.vertx.core.buffer.Buffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VariantsTest {

    private static final Variants TWO = new Variants("g1", List.of("accept", "x-user"));

    private static String key(String... headers) {
        return TWO.keyOf("/a", Headers.of(headers));
    }

    @Test
    void whatIsEncodedIsDecodedAsItWas() {
        assertThat(Variants.decode(TWO.encode())).isEqualTo(TWO);
        Variants fresh = Variants.of(List.of("accept"));
        assertThat(Variants.decode(fresh.encode())).isEqualTo(fresh);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "g1", "g1\n", "\n"})
    void withoutNamesThereAreNone(String content) {
        assertThat(Variants.decode(Buffer.buffer(content))).isNull();
    }

    @Test
    void eachGenerationIsAnother() {
        Set<String> generations = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            generations.add(Variants.of(List.of("accept")).generation());
        }
        assertThat(generations).hasSize(1_000).allMatch(generation -> generation.matches("[0-9a-z]{1,13}"));
    }

    @Test
    void theKeyIsThatOfTheRequestItsGenerationAndItsValues() {
        assertThat(key("Accept", "a", "X-User", "u")).startsWith("/a~g1").hasSize(2 + 3 + 22);
        assertThat(key("Accept", "a", "X-User", "u")).isEqualTo(key("x-user", "u", "accept", "a"));
        assertThat(key("Accept", "a", "X-User", "u")).isNotEqualTo(key("Accept", "a", "X-User", "v"));
        assertThat(key("Accept", "a", "X-User", "u")).isNotEqualTo(key("Accept", "u", "X-User", "a"));
        assertThat(new Variants("g2", TWO.names()).keyOf("/a", Headers.of())).isNotEqualTo(key());
        assertThat(TWO.keyOf("/b", Headers.of())).isNotEqualTo(key());
    }

    @Test
    void otherFieldsDoNotCount() {
        assertThat(key("Accept", "a", "X-Other", "1")).isEqualTo(key("Accept", "a", "X-Other", "2"));
    }

    @Test
    void anAbsentFieldIsNotAnEmptyOne() {
        assertThat(key("Accept", "")).isNotEqualTo(key());
        assertThat(key("Accept", "-")).isNotEqualTo(key());
        assertThat(key("Accept", "")).isNotEqualTo(key("X-User", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    'a, b'   | 'a,b'    | true
                    'a ,  b' | 'a,b'    | true
                    a        | A        | false
                    'a,b'    | 'b,a'    | false
                    'a b'    | 'ab'     | false
                    'a;q=1'  | 'a'      | false
                    'a,'     | 'a'      | false
                    """)
    void blanksAroundCommasDoNotCount(String one, String other, boolean same) {
        assertThat(key("Accept", one).equals(key("Accept", other))).isEqualTo(same);
    }

    @Test
    void linesOfOneFieldAreOneList() {
        assertThat(key("Accept", "a", "Accept", "b")).isEqualTo(key("Accept", "a, b"));
        assertThat(key("Accept", "a", "Accept", "b")).isNotEqualTo(key("Accept", "b", "Accept", "a"));
    }

    @Test
    void aUnionHasEachNameOnceAndInOrder() {
        assertThat(Variants.union(List.of("b", "c"), List.of("a", "b"))).containsExactly("a", "b", "c");
        assertThat(Variants.union(List.of(), List.of("a"))).containsExactly("a");
    }

    @Test
    void theLongestKeyIsStillOne() {
        String longest = KeyTemplate.shortened("/" + "\u20ac".repeat(133));
        Variants variants = new Variants(Long.toUnsignedString(-1, 36), List.of("accept"));
        Names.requireKey("key", variants.keyOf(longest, Headers.of("Accept", "x".repeat(9_000))));
    }
}
