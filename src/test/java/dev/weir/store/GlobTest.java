package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.Command;
import dev.weir.redis.Reply;
import dev.weir.redis.TestGateway;
import dev.weir.testkit.RedisServer;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    private static RedisServer redis;
    private static TestGateway gateway;

    @BeforeContainer
    static void start() {
        redis = RedisServer.start();
        gateway = TestGateway.to(redis.url(), Duration.ofSeconds(5)).start();
    }

    @AfterContainer
    static void stop() {
        gateway.close();
        redis.close();
    }

    @Provide
    Arbitrary<List<String>> texts() {
        return Arbitraries.strings()
                .withChars("abc-^[]\\*?ü")
                .ofMinLength(1)
                .ofMaxLength(6)
                .list()
                .uniqueElements()
                .ofMinSize(5)
                .ofMaxSize(60);
    }

    @Provide
    Arbitrary<List<String>> patterns() {
        Arbitrary<String> parts = Arbitraries.of(
                "a", "b", "c", "-", "^", "*", "?", "[", "]", "\\", "[a-c]", "[^a]", "[c-a]", "\\*", "ü", "[ü]");
        // A range of other bytes than those of ASCII means to Redis what a char of C is on its machine.
        return parts.list()
                .ofMinSize(1)
                .ofMaxSize(7)
                .map(each -> String.join("", each))
                .filter(pattern -> !pattern.contains("-ü") && !pattern.contains("ü-"))
                .list()
                .ofSize(30);
    }

    /** Redis is asked itself. */
    @Property(tries = 150)
    void aPatternMatchesExactlyWhatRedisMatches(
            @ForAll("texts") List<String> texts, @ForAll("patterns") List<String> patterns) {
        Settled.value(gateway.gateway().send(Command.of("FLUSHDB")));
        Settled.value(Future.all(texts.stream()
                .map(text -> gateway.gateway().send(Command.of("SET", text, "x")))
                .toList()));
        List<Future<Reply>> asked = patterns.stream()
                .map(pattern -> gateway.gateway().send(Command.of("KEYS", pattern)))
                .toList();
        for (int i = 0; i < patterns.size(); i++) {
            Glob glob = Glob.of(patterns.get(i));
            List<String> matched = Settled.value(asked.get(i)).items().stream()
                    .map(Reply::text)
                    .toList();
            assertThat(texts.stream().filter(glob::matches).collect(Collectors.toList()))
                    .as("pattern " + patterns.get(i))
                    .containsExactlyInAnyOrderElementsOf(matched);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "h?llo, hello, true",
                "h?llo, hllo, false",
                "h*llo, hllo, true",
                "h*llo, heeeello, true",
                "h[ae]llo, hallo, true",
                "h[ae]llo, hillo, false",
                "h[^e]llo, hallo, true",
                "h[^e]llo, hello, false",
                "h[a-b]llo, hbllo, true",
                "h[a-b]llo, hcllo, false",
                "h[b-a]llo, hallo, true",
                "h\\*llo, h*llo, true",
                "h\\*llo, hello, false",
                "*, \"\", true",
                "\"\", \"\", true",
                "\"\", a, false",
                "**a**, bab, true",
                "*a*b*c, xaxbxc, true",
                "*a*b*c, xaxcxb, false",
                "a*b*c*d, abcbcd, true",
                "[a\\]]x, ]x, true",
                "[\\-]x, -x, true",
                "A, a, false"
            })
    void whatIsDocumentedHolds(String pattern, String text, boolean matches) {
        assertThat(Glob.of(pattern).matches(text)).isEqualTo(matches);
    }

    @Property(tries = 500)
    void whatIsQuotedMatchesItselfAndNothingElse(
            @ForAll @StringLength(max = 20) String text, @ForAll @StringLength(max = 20) String other) {
        Glob quoted = Glob.of(Glob.quote(text));
        assertThat(quoted.matches(text)).isTrue();
        assertThat(quoted.matches(other))
                .isEqualTo(java.util.Arrays.equals(
                        text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        other.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    @Test
    @Timeout(5)
    void noPatternTakesForEver() {
        String text = "a".repeat(512);
        assertThat(Glob.of("*a".repeat(250) + "b").matches(text)).isFalse();
        assertThat(Glob.of("a*".repeat(250) + "b").matches(text)).isFalse();
    }
}
