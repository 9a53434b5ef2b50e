package dev.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How durations, sizes, names, keys and percent-encoding are read. */
class TextsTest {

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String field) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Problem.class, e -> {
            assertThat(e.kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
            assertThat(e.toJson().path("field").asText()).isEqualTo(field);
            assertThat(e.getMessage()).contains(field);
        });
    }

    // Durations

    @ParameterizedTest
    @CsvSource({
        "0ms, 0",
        "250ms, 250",
        "30s, 30000",
        "5m, 300000",
        "24h, 86400000",
        "7d, 604800000",
        "007s, 7000",
        "PT0.5S, 500",
        "PT1H30M, 5400000",
        "P1DT1S, 86401000",
        "3650d, 315360000000"
    })
    void aDurationIsReadAsPeopleWriteIt(String text, long millis) {
        assertThat(Durations.parse(text)).contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "5",
                "s",
                "-5s",
                "+5s",
                "5 s",
                " 5s",
                "5S",
                "5min",
                "1.5s",
                "1h30m",
                "5s5",
                "PT",
                "P",
                "PT-5S",
                "3651d",
                "P99999999D",
                "9999999999999s",
                "999999999999d",
                "PT9223372036854775807S",
                "٥s",
                "infinity"
            })
    void whatIsNoDurationIsNone(String text) {
        assertThat(Durations.parse(text)).isEmpty();
        assertRefused(() -> Durations.require("ttl", text), "ttl");
    }

    @Test
    void aRequestsDurationIsPositive() {
        assertThat(Durations.require("ttl", "1ms")).isEqualTo(Duration.ofMillis(1));
        assertRefused(() -> Durations.require("ttl", "0s"), "ttl");
    }

    // Sizes

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512B, 512",
        "1KiB, 1024",
        "1 kib, 1024",
        "1k, 1024",
        "64MiB, 67108864",
        "2M, 2097152",
        "1GiB, 1073741824",
        "' 3g ', 3221225472"
    })
    void aSizeIsReadAsPeopleWriteIt(String text, long bytes) {
        assertThat(ByteSize.of(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "k", "-1", "1.5M", "1TiB", "1 K B", "1KB", "0x10", "9999999999999999", "999999999999999GiB"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> ByteSize.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSizeIsNeverMoreThanAnArrayHolds() {
        assertThat(new ByteSize(7).toInt()).isEqualTo(7);
        assertThat(ByteSize.of("3g").toInt()).isEqualTo(Integer.MAX_VALUE);
    }

    // Names and keys

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "Z",
                "0",
                "users",
                "user-name_1.x",
                ".",
                "-",
                "x23456789012345678901234567890123456789012345678901234567890abcd"
            })
    void aNameIsAWordOfPlainCharacters(String text) {
        assertThat(Names.isName(text)).isTrue();
        assertThat(Names.requireName("cache", text)).isEqualTo(text);
    }

    static Stream<String> noNames() {
        return Stream.of("", " ", "a b", "a/b", "a:b", "ü", "a\n", "{a}", "a%20b", "٣", "x".repeat(65));
    }

    @ParameterizedTest
    @MethodSource("noNames")
    void whatIsNoNameIsRefused(String text) {
        assertThat(Names.isName(text)).isFalse();
        assertRefused(() -> Names.requireName("cache", text), "cache");
    }

    static Stream<String> keys() {
        return Stream.of(
                "a",
                " ",
                "a/b:c",
                "//",
                "ключ",
                "🔑",
                "\n",
                "{}*",
                "x".repeat(512),
                "ü".repeat(256),
                "€".repeat(170),
                "🔑".repeat(128));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void aKeyIsAnyTextOfUpTo512Bytes(String text) {
        assertThat(Names.requireKey("key", text)).isEqualTo(text);
    }

    static Stream<String> noKeys() {
        return Stream.of(
                "",
                "a\0b",
                "x".repeat(513),
                "ü".repeat(257),
                "€".repeat(171),
                "🔑".repeat(129),
                "\uD83D",
                "a\uDD11",
                "\uDD11\uD83D");
    }

    @ParameterizedTest
    @MethodSource("noKeys")
    void whatIsNoKeyIsRefused(String text) {
        assertRefused(() -> Names.requireKey("key", text), "key");
    }

    @Test
    void aCallersTextIsQuotedShortAndPrintable() {
        assertThat(Names.shorten("abc")).isEqualTo("abc");
        assertThat(Names.shorten("a\r\nb\0")).isEqualTo("a??b?");
        assertThat(Names.shorten("x".repeat(1000))).hasSize(64).endsWith("...");
    }

    // Percent-encoding

    @ParameterizedTest
    @CsvSource({
        "abc, abc",
        "%41, A",
        "a%2Fb, a/b",
        "a%2fb, a/b",
        "%252F, %2F",
        "a+b, a+b",
        "%E2%82%AC, €",
        "%F0%9F%94%91x, 🔑x",
        "'', ''",
        "a;b/c, a;b/c"
    })
    void aPathIsDecodedOnce(String raw, String text) {
        assertThat(Percent.decode("key", raw, false)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"a+b, a b", "a%2Bb, a+b", "%2B+, '+ '"})
    void inAQueryAPlusIsASpace(String raw, String text) {
        assertThat(Percent.decode("q", raw, true)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%",
                "%4",
                "%4x",
                "%x4",
                "a%",
                "100%",
                "%-1",
                "%+1",
                "%C3",
                "%C3%28",
                "%ED%A0%80",
                "%FF",
                "%C0%AF",
                "€"
            })
    void whatIsNoPercentEncodedUtf8IsRefused(String raw) {
        assertRefused(() -> Percent.decode("key", raw, false), "key");
    }

    @Test
    void aByteThatTheClientSentUnencodedIsTakenAsSuch() {
        String raw = new String("ü".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(Percent.decode("key", raw, false)).isEqualTo("ü");
    }

    @Property(tries = 500)
    void whatIsEncodedDecodesToTheSame(@ForAll @StringLength(max = 40) String text) {
        String valid = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        String encoded = URLEncoder.encode(valid, StandardCharsets.UTF_8);
        assertThat(Percent.decode("key", encoded, true)).isEqualTo(valid);
        assertThat(Percent.decode("key", encoded.replace("+", "%20"), false)).isEqualTo(valid);
    }

    @Property(tries = 500)
    void nothingButAProblemEverComesOfForeignText(@ForAll @StringLength(max = 20) String text) {
        assertThatCode(() -> {
                    try {
                        Names.requireKey("key", Percent.decode("key", text, true));
                        Durations.require("ttl", text);
                    } catch (Problem expected) {
                        assertThat(expected.status()).isEqualTo(400);
                    }
                })
                .doesNotThrowAnyException();
    }
}
