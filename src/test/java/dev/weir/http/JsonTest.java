package dev.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    private static ObjectNode object(String text) {
        return (ObjectNode) Json.parse(Buffer.buffer(text));
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String field) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Problem.class, e -> {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.toJson().path("field").asText()).isEqualTo(field);
            assertThat(e.getMessage()).contains(field).doesNotContain("jackson", "java.", "[Source");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "\"x\"",
                "[]",
                "{}",
                "{\"a\":[1,{\"b\":null}]}",
                "1",
                "-1",
                "1.10",
                "0.1",
                "1e400",
                "123456789012345678901234567890",
                "3.141592653589793238462643383279",
                "\"\\u0000ü🔑\""
            })
    void whatIsReadIsWrittenWithEveryDigit(String text) {
        String written = Json.write(Json.parse(Buffer.buffer(text))).toString();
        assertThat(Json.parse(Buffer.buffer(written))).isEqualTo(Json.parse(Buffer.buffer(text)));
        if (text.matches("[-0-9.]+")) {
            assertThat(written).isEqualTo(text);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "{",
                "}",
                "{\"a\":1,}",
                "[1,]",
                "{\"a\":1}x",
                "{} {}",
                "{\"a\":1,\"a\":2}",
                "{a:1}",
                "{'a':1}",
                "NaN",
                "Infinity",
                "01",
                "+1",
                "1.",
                ".5",
                "undefined",
                "// x\n1",
                "\"a",
                "\"\t\"",
                "tru",
                "\u0000"
            })
    void whatIsNoJsonIsRefused(String text) {
        assertRefused(() -> Json.parse(Buffer.buffer(text)), "body");
        assertThat(Json.tryParse(Buffer.buffer(text))).isEmpty();
    }

    @Test
    void aHostileBodyIsRefusedToo() {
        assertRefused(() -> Json.parse(Buffer.buffer("[".repeat(100_000))), "body");
        assertRefused(() -> Json.parse(Buffer.buffer("9".repeat(100_000))), "body");
        assertRefused(() -> Json.parse(Buffer.buffer(new byte[] {'"', (byte) 0xFF, (byte) 0xFE, '"'})), "body");
    }

    @Test
    void anUnknownFieldIsNamed() {
        assertThat(Json.parseObject(Buffer.buffer("{\"a\":1}"), "a", "b").size())
                .isEqualTo(1);
        assertRefused(() -> Json.parseObject(Buffer.buffer("{\"a\":1,\"c\":2}"), "a", "b"), "c");
        assertRefused(() -> Json.requireObject("put[0]", object("{\"ttll\":1}"), "ttl"), "put[0].ttll");
        assertRefused(() -> Json.parseObject(Buffer.buffer("[]"), "a"), "body");
        assertRefused(() -> Json.parseObject(Buffer.buffer("null"), "a"), "body");
    }

    @Test
    void textsAndItemsAreWhatTheyAreOrRefused() {
        ObjectNode object = object("{\"s\":\"x\",\"n\":null,\"i\":1,\"l\":[\"a\",\"b\"],\"m\":[\"a\",1]}");
        assertThat(Json.optionalText("s", object, "s")).isEqualTo("x");
        assertThat(Json.optionalText("n", object, "n")).isNull();
        assertThat(Json.optionalText("z", object, "z")).isNull();
        assertRefused(() -> Json.optionalText("i", object, "i"), "i");
        assertThat(Json.texts("l", object, "l")).containsExactly("a", "b");
        assertThat(Json.texts("n", object, "n")).isEmpty();
        assertThat(Json.texts("z", object, "z")).isEmpty();
        assertRefused(() -> Json.texts("m", object, "m"), "m");
        assertRefused(() -> Json.texts("s", object, "s"), "s");
        assertThat(Json.items("m", object, "m")).hasSize(2);
    }

    @Test
    void wholeNumbersAreInTheirRangeOrRefused() {
        ObjectNode object = object("{\"i\":7,\"d\":7.5,\"e\":7e0,\"s\":\"7\",\"b\":99999999999999999999,\"n\":null}");
        assertThat(Json.wholeNumber("i", object, "i", 1, 1, 10)).isEqualTo(7);
        assertThat(Json.wholeNumber("n", object, "n", 3, 1, 10)).isEqualTo(3);
        assertThat(Json.wholeNumber("z", object, "z", 3, 1, 10)).isEqualTo(3);
        assertRefused(() -> Json.wholeNumber("i", object, "i", 1, 8, 10), "i");
        assertRefused(() -> Json.wholeNumber("i", object, "i", 1, 1, 6), "i");
        for (String wrong : List.of("d", "e", "s", "b")) {
            assertRefused(() -> Json.wholeNumber(wrong, object, wrong, 1, 1, 10), wrong);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BAD_REQUEST, bad-request, 400",
        "UNAUTHORIZED, unauthorized, 401",
        "FORBIDDEN, forbidden, 403",
        "NOT_FOUND, not-found, 404",
        "CONFLICT, conflict, 409",
        "PRECONDITION_FAILED, precondition-failed, 412",
        "TOO_LARGE, too-large, 413",
        "UNPROCESSABLE, unprocessable, 422",
        "ORIGIN_FAILED, origin-failed, 502",
        "STORE_UNAVAILABLE, store-unavailable, 503",
        "ORIGIN_TIMEOUT, origin-timeout, 504"
    })
    void aProblemIsWhatTheContractSays(Problem.Kind kind, String name, int status) {
        ObjectNode json = new Problem(kind, "do this")
                .with("text", "x")
                .with("number", 7)
                .with("long", 1L << 40)
                .with("flag", true)
                .toJson();
        assertThat(json.path("type").asText()).isEqualTo("urn:weir:problem:" + name);
        assertThat(json.path("status").intValue()).isEqualTo(status);
        assertThat(json.path("title").asText()).isNotBlank();
        assertThat(json.path("detail").asText()).isEqualTo("do this");
        assertThat(json.path("text").isTextual()).isTrue();
        assertThat(json.path("number").isInt()).isTrue();
        assertThat(json.path("long").longValue()).isEqualTo(1L << 40);
        assertThat(json.path("flag").isBoolean()).isTrue();
    }
}
