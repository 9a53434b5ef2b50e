package dev.weir.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdsTest {

    @Test
    void noTwoAreTheSame() {
        Set<String> made = ConcurrentHashMap.newKeySet();
        int count = 100_000;
        IntStream.range(0, count)
                .parallel()
                .forEach(i -> made.add(RequestIds.next().toString()));
        assertThat(made).hasSize(count).allMatch(RequestIds::isSane).allMatch(id -> id.length() <= 26);
        assertThat(made.stream().map(id -> id.substring(0, id.indexOf('-'))).distinct())
                .singleElement()
                .asString()
                .hasSize(12);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "7b6f3c1e-5d0a-4c6f-9a55-0a3c1c2f7d10",
                "Root=1-67891233-abcdef012345678912345678",
                "a.b_c:d/e+f=g-H",
                "zZ09"
            })
    void aClientsOwnIsTaken(String id) {
        assertThat(RequestIds.isSane(id)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a\tb",
                "a\u0000b",
                "a\u007fb",
                "a\"b",
                "a\\b",
                "a,b",
                "a;b",
                "<b>",
                "a{b}",
                "a%0ab",
                "ä",
                "a\u2028b",
                "@",
                "[",
                "`"
            })
    void butNotOneThatCouldBeMistakenForSomethingElse(String id) {
        assertThat(RequestIds.isSane(id)).isFalse();
    }

    @Test
    void norALongOne() {
        assertThat(RequestIds.isSane("x".repeat(128))).isTrue();
        assertThat(RequestIds.isSane("x".repeat(129))).isFalse();
    }
}
