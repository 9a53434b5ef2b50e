package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredResponseTest {

    private static StoredResponse of(String... headers) {
        return new StoredResponse(200, Headers.of(headers), Buffer.buffer("body"));
    }

    private static Buffer latin1(String text) {
        return Buffer.buffer(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static List<Map.Entry<String, String>> fields(StoredResponse response) {
        return response.headers().entries().stream()
                .map(field -> Map.entry(field.getKey(), field.getValue()))
                .toList();
    }

    // As a message

    @Test
    void itIsKeptAsAMessage() {
        StoredResponse response = of("Content-Type", "text/plain", "X-A", "1", "X-A", "2", "X-Empty", "");
        assertThat(response.encode().toString())
                .isEqualTo("HTTP/1.1 200\r\nContent-Type: text/plain\r\nX-A: 1\r\nX-A: 2\r\nX-Empty: \r\n\r\nbody");
    }

    @Test
    void withoutFieldsOrBodyItIsAMessageAllTheSame() {
        StoredResponse empty = new StoredResponse(204, Headers.of(), Buffer.buffer());
        assertThat(empty.encode().toString()).isEqualTo("HTTP/1.1 204\r\n\r\n");
        StoredResponse decoded = StoredResponse.decode(empty.encode());
        assertThat(decoded.status()).isEqualTo(204);
        assertThat(decoded.headers().isEmpty()).isTrue();
        assertThat(decoded.body().length()).isZero();
    }

    @Property
    void whatIsEncodedIsDecodedAsItWas(
            @ForAll @IntRange(min = 200, max = 599) int status,
            @ForAll("headers") List<Tuple2<String, String>> headers,
            @ForAll("bodies") byte[] body) {
        MultiMap fields = Headers.of();
        headers.forEach(field -> fields.add(field.get1(), field.get2()));
        StoredResponse response = new StoredResponse(status, fields, Buffer.buffer(body));
        StoredResponse decoded = StoredResponse.decode(response.encode());
        assertThat(decoded.status()).isEqualTo(status);
        assertThat(fields(decoded)).isEqualTo(fields(response));
        assertThat(decoded.body().getBytes()).isEqualTo(body);
        assertThat(decoded.encode().getBytes()).isEqualTo(response.encode().getBytes());
    }

    @Provide
    Arbitrary<List<Tuple2<String, String>>> headers() {
        Arbitrary<String> names = Arbitraries.strings()
                .withChars("aZ0!#$%&'*+-.^_`|~")
                .ofMinLength(1)
                .ofMaxLength(8);
        // All that may stand in a field's value, NEL and colons among it.
        Arbitrary<String> values = Arbitraries.strings()
                .withChars("\t: ,;=\"\u0085\u00a0\u00e4\u00ff")
                .withCharRange(' ', '~')
                .withCharRange('\u0080', '\u00ff')
                .ofMaxLength(12);
        return Combinators.combine(names, values).as(Tuple::of).list().ofMaxSize(6);
    }

    @Provide
    Arbitrary<byte[]> bodies() {
        Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(30);
        Arbitrary<byte[]> likeAMessage = Arbitraries.strings()
                .withChars("\r\n:H ")
                .ofMaxLength(30)
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
        Arbitrary<byte[]> withABlankLine = any.map(bytes -> {
            byte[] all = Arrays.copyOf("a\r\n\r\nb".getBytes(StandardCharsets.US_ASCII), 6 + bytes.length);
            System.arraycopy(bytes, 0, all, 6, bytes.length);
            return all;
        });
        return Arbitraries.oneOf(any, likeAMessage, withABlankLine);
    }

    @Property
    void whatBreaksOffInTheHeadIsNone(
            @ForAll("headers") List<Tuple2<String, String>> headers, @ForAll @IntRange(min = 0, max = 200) int length) {
        MultiMap fields = Headers.of();
        headers.forEach(field -> fields.add(field.get1(), field.get2()));
        Buffer whole = new StoredResponse(200, fields, Buffer.buffer()).encode();
        if (length < whole.length()) {
            assertThat(StoredResponse.decode(whole.getBuffer(0, length))).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n\r\n",
                "\n\n",
                "body",
                "{\"json\":true}",
                "HTTP/1.1 200",
                "HTTP/1.1 200\r\n",
                "HTTP/1.1 200\n\n",
                "HTTP/1.1 20\r\n\r\n",
                "HTTP/1.1 2000\r\n\r\n",
                "HTTP/1.1 -20\r\n\r\n",
                "HTTP/1.1 abc\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.0 200\r\n\r\n",
                "HTTP/2 200\r\n\r\n",
                "http/1.1 200\r\n\r\n",
                " HTTP/1.1 200\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "HTTP/1.1 200\r\nnocolon\r\n\r\n",
                "HTTP/1.1 200\r\nA:1\r\n\r\n",
                "HTTP/1.1 200\r\n: 1\r\n\r\n",
                "HTTP/1.1 200\r\nA B: 1\r\n\r\n",
                "HTTP/1.1 200\r\nA: 1\r\n folded\r\n\r\n",
                "HTTP/1.1 200\r\nA: 1\0\r\n\r\n",
                "HTTP/1.1 200\r\nA: 1\rB: 2\r\n\r\n",
                "HTTP/1.1 200\r\nA: 1\nB: 2\r\n\r\n"
            })
    void aDamagedMessageIsNone(String message) {
        assertThat(StoredResponse.decode(latin1(message))).isNull();
    }

    @Property
    void nothingMakesItThrow(@ForAll("bodies") byte[] bytes, @ForAll boolean withStart) {
        Buffer message = withStart
                ? latin1("HTTP/1.1 200\r\n").appendBytes(bytes).appendString("\r\n\r\n")
                : Buffer.buffer(bytes);
        assertThatCode(() -> StoredResponse.decode(message)).doesNotThrowAnyException();
    }

    // What it says of itself

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1000", "86400, 86400000", "x, 0", "-1, 0", "'', 0", "1.5, 0"})
    void theAgeAtWhichItWasStoredIsItsField(String age, long ms) {
        assertThat(of("Age", age).ageAtStoreMs()).isEqualTo(ms);
        assertThat(of().ageAtStoreMs()).isZero();
    }

    @Test
    void itKnowsItsDirectivesAndValidators() {
        StoredResponse response =
                of("Cache-Control", "a", "Cache-Control", "max-age=5", "ETag", "\"x\"", "Last-Modified", "y");
        assertThat(response.cacheControl().has("a")).isTrue();
        assertThat(response.cacheControl().seconds("max-age")).isEqualTo(5);
        assertThat(response.etag()).isEqualTo("\"x\"");
        assertThat(response.lastModified()).isEqualTo("y");
        assertThat(of().etag()).isNull();
        assertThat(of().lastModified()).isNull();
    }

    @Test
    void itCanBeValidatedByATagOrADate() {
        assertThat(of().isValidatable()).isFalse();
        assertThat(of("ETag", "\"x\"").isValidatable()).isTrue();
        assertThat(of("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT").isValidatable())
                .isTrue();
        assertThat(of("Last-Modified", "yesterday").isValidatable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Accept                      | accept
                    Accept, ACCEPT              | accept
                    X-B, X-A                    | x-a,x-b
                    ' ,Accept,, '               | accept
                    Accept, *                   | *
                    *, Accept                   | *
                    """)
    void whatItVariesByIsInOrderAndEachOnce(String vary, String names) {
        assertThat(StoredResponse.varyOf(Headers.of("Vary", vary))).containsExactly(names.split(","));
    }

    @Test
    void allVaryFieldsCount() {
        assertThat(StoredResponse.varyOf(Headers.of())).isEmpty();
        assertThat(StoredResponse.varyOf(Headers.of("Vary", ""))).isEmpty();
        assertThat(StoredResponse.varyOf(Headers.of("Vary", "B", "Vary", "A, b")))
                .containsExactly("a", "b");
        assertThat(StoredResponse.varyOf(Headers.of("Vary", "B", "Vary", "*"))).containsExactly("*");
    }
}
