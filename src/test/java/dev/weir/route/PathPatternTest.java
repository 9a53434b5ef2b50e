package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathPatternTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /api/users       | /api/users        | true
                    /api/users       | /api/users/       | false
                    /api/users       | /api/usersx       | false
                    /api/users       | /api/user         | false
                    /api/users       | /api              | false
                    /api/users       | /API/users        | false
                    /api/users       | /api//users       | false
                    /api/users       | /x/api/users      | false
                    /api/users/      | /api/users/       | true
                    /api/users/      | /api/users        | false
                    /api/users/*     | /api/users        | true
                    /api/users/*     | /api/users/       | true
                    /api/users/*     | /api/users/42     | true
                    /api/users/*     | /api/users/42/x/  | true
                    /api/users/*     | /api/users//      | true
                    /api/users/*     | /api/usersx       | false
                    /api/users/*     | /api              | false
                    /api/*/items     | /api/42/items     | true
                    /api/*/items     | /api//items       | false
                    /api/*/items     | /api/items        | false
                    /api/*/items     | /api/4/2/items    | false
                    /api/*/items     | /api/42/items/    | false
                    /api/*/items/*   | /api/42/items     | true
                    /api/*/items/*   | /api/42/items/1/2 | true
                    /api/*/items/*   | /api/42/item      | false
                    /*               | /                 | true
                    /*               | /a                | true
                    /*               | //                | true
                    /*/*             | /a                | true
                    /*/*             | /a/b              | true
                    /*/*             | /                 | false
                    /                | /                 | true
                    /                | /a                | false
                    //*              | /                 | true
                    //*              | //a               | true
                    //*              | /a                | false
                    /a%2Fb           | /a%2Fb            | true
                    /a%2Fb           | /a%2fb            | false
                    /a%2Fb           | /a/b              | false
                    /a.b             | /axb              | false
                    """)
    void aPathIsThePatternsOrNot(String pattern, String path, boolean matches) {
        assertThat(new PathPattern(pattern).matches(path)).isEqualTo(matches);
        assertThat(new PathPattern(pattern)).hasToString(pattern);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "api",
                "*",
                "api/*",
                "http://x/a",
                "/a*",
                "/a*/b",
                "/*a/b",
                "/a/**",
                "/**",
                "/a?b",
                "/a#b",
                "/a/*?"
            })
    void whatIsNoPatternIsRefusedAndNamed(String text) {
        assertThatThrownBy(() -> new PathPattern(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @Property
    void itMatchesAsTheRegularExpressionThatItStandsFor(
            @ForAll("patterns") String pattern, @ForAll("paths") String path) {
        assertThat(new PathPattern(pattern).matches(path))
                .isEqualTo(regex(pattern).matcher(path).matches());
    }

    private static Pattern regex(String pattern) {
        boolean open = pattern.endsWith("/*");
        String closed = open ? pattern.substring(0, pattern.length() - 2) : pattern;
        String segments = closed.isEmpty()
                ? ""
                : Stream.of(closed.substring(1).split("/", -1))
                        .map(segment -> segment.equals("*") ? "/[^/]+" : "/" + Pattern.quote(segment))
                        .collect(Collectors.joining());
        return Pattern.compile(segments + (open ? "(/.*)?" : ""));
    }

    @Provide
    Arbitrary<String> patterns() {
        return Combinators.combine(segments("a", "b", "*"), Arbitraries.of("", "/*"))
                .as((text, end) -> text + end)
                .filter(text -> !text.isEmpty());
    }

    @Provide
    Arbitrary<String> paths() {
        return segments("a", "b", "", "*").filter(text -> !text.isEmpty());
    }

    private static Arbitrary<String> segments(String... of) {
        return Arbitraries.of(of).list().ofMaxSize(4).map(list -> list.stream()
                .map(segment -> "/" + segment)
                .collect(Collectors.joining()));
    }

    @Test
    void theMoreSpecificComesFirst() {
        List<String> inOrder = List.of(
                "/api/users/me/x",
                "/api/users/me",
                "/api/users/me/*",
                "/api/*/me/*/*",
                "/api/users",
                "/api/users/*/*",
                "/api/users/*",
                "/api/*/*",
                "/api/*",
                "/*/*/*",
                "/*/*",
                "/*");
        List<PathPattern> patterns =
                new ArrayList<>(inOrder.stream().map(PathPattern::new).toList());
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(patterns, new Random(seed));
            patterns.sort(PathPattern::bySpecificity);
            // Those that match no path together may stand either way.
            for (String path :
                    List.of("/api/users/me", "/api/users/me/x", "/api/users/1", "/api/users", "/api", "/x/y/z")) {
                List<String> matching = patterns.stream()
                        .filter(pattern -> pattern.matches(path))
                        .map(PathPattern::toString)
                        .toList();
                assertThat(matching)
                        .as(path)
                        .containsExactlyElementsOf(
                                inOrder.stream().filter(matching::contains).toList());
            }
        }
    }

    @Property
    void theOrderIsOne(@ForAll("patterns") String a, @ForAll("patterns") String b, @ForAll("patterns") String c) {
        PathPattern first = new PathPattern(a);
        PathPattern second = new PathPattern(b);
        PathPattern third = new PathPattern(c);
        int ab = PathPattern.bySpecificity(first, second);
        assertThat(Integer.signum(ab)).isEqualTo(-Integer.signum(PathPattern.bySpecificity(second, first)));
        if (ab <= 0 && PathPattern.bySpecificity(second, third) <= 0) {
            assertThat(PathPattern.bySpecificity(first, third)).isLessThanOrEqualTo(0);
        }
    }
}
