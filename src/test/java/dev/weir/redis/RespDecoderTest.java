package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RespDecoderTest {

    private final List<Reply> replies = new ArrayList<>();
    private final RespDecoder decoder = new RespDecoder(replies::add);

    /** Replies as text, since arrays are not equal by their bytes. */
    private static String show(Reply reply) {
        return switch (reply) {
            case Reply.Bulk bulk -> "$" + HexFormat.of().formatHex(bulk.value());
            case Reply.Multi multi ->
                multi.items().stream().map(RespDecoderTest::show).collect(Collectors.joining(",", "[", "]"));
            default -> reply.toString();
        };
    }

    private static List<String> show(List<Reply> all) {
        return all.stream().map(RespDecoderTest::show).toList();
    }

    private static void encode(Reply reply, Buffer out) {
        switch (reply) {
            case Reply.Nil nil -> out.appendString("$-1\r\n");
            case Reply.Status status -> out.appendString("+" + status.text() + "\r\n");
            case Reply.Err error -> out.appendString("-" + error.message() + "\r\n");
            case Reply.Int number -> out.appendString(":" + number.value() + "\r\n");
            case Reply.Bulk bulk ->
                out.appendString("$" + bulk.value().length + "\r\n")
                        .appendBytes(bulk.value())
                        .appendString("\r\n");
            case Reply.Multi multi -> {
                out.appendString("*" + multi.items().size() + "\r\n");
                multi.items().forEach(item -> encode(item, out));
            }
        }
    }

    @Provide
    Arbitrary<List<Reply>> streams() {
        Arbitrary<String> lines = Arbitraries.strings().ofMaxLength(30).filter(text -> text.chars()
                .noneMatch(c -> c == '\r' || c == '\n' || Character.isSurrogate((char) c)));
        Arbitrary<Reply> leaves = Arbitraries.oneOf(
                Arbitraries.just(Reply.Nil.NIL),
                lines.map(Reply.Status::new),
                lines.map(Reply.Err::new),
                Arbitraries.longs().filter(n -> n != Long.MIN_VALUE).map(Reply.Int::new),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(60).map(Reply.Bulk::new),
                Arbitraries.of("\r\n", "$3\r\nabc\r\n", "*1\r\n")
                        .map(text -> new Reply.Bulk(text.getBytes(StandardCharsets.UTF_8))));
        Arbitrary<Reply> nested = Arbitraries.recursive(
                () -> leaves, inner -> inner.list().ofMaxSize(4).map(Reply.Multi::new), 0, 4);
        return Arbitraries.oneOf(leaves, nested).list().ofMaxSize(12);
    }

    @Property(tries = 500)
    void noCutBetweenChunksChangesAReply(@ForAll("streams") List<Reply> stream, @ForAll long seed) {
        Buffer bytes = Buffer.buffer();
        stream.forEach(reply -> encode(reply, bytes));
        Random random = new Random(seed);
        int most = 1 + random.nextInt(40);
        List<Reply> decoded = new ArrayList<>();
        RespDecoder pieces = new RespDecoder(decoded::add);
        for (int at = 0; at < bytes.length(); ) {
            int next = Math.min(bytes.length(), at + random.nextInt(most + 1));
            pieces.feed(bytes.getBuffer(at, next));
            at = next;
        }
        assertThat(show(decoded)).isEqualTo(show(stream));
    }

    @Property(tries = 500)
    void foreignBytesAreRefusedInOneWayOnly(@ForAll @Size(max = 60) byte[] bytes) {
        RespDecoder foreign = new RespDecoder(reply -> {});
        try {
            foreign.feed(Buffer.buffer(bytes));
        } catch (RedisError refused) {
            assertThat(refused).hasMessageNotContaining("null");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400 Bad Request\r\n",
                "%1\r\n",
                "_\r\n",
                "\r\n\r\n",
                ":\r\n",
                ":12a\r\n",
                ":--1\r\n",
                "$\r\n",
                "$x\r\n",
                "$536870913\r\n",
                "$99999999999\r\n",
                "*x\r\n",
                "*4294967297\r\n"
            })
    void whatIsNoReplyIsAnError(String text) {
        assertThatThrownBy(() -> decoder.feed(Buffer.buffer(text))).isInstanceOf(RedisError.class);
        assertThat(replies).isEmpty();
    }

    @Test
    void arraysNestOnlySoDeep() {
        decoder.feed(Buffer.buffer("*1\r\n".repeat(32) + ":1\r\n"));
        assertThat(replies).hasSize(1);
        assertThatThrownBy(() -> decoder.feed(Buffer.buffer("*1\r\n".repeat(33))))
                .isInstanceOf(RedisError.class);
    }

    @ParameterizedTest
    @CsvSource({
        "'$-1', NIL",
        "'*-1', NIL",
        "'*0', []",
        "'$0\r\n', $",
        "':-5', Int[value=-5]",
        "'-ERR x', Err[message=ERR x]"
    })
    void theEdgesOfTheProtocolAreUnderstood(String text, String shown) {
        decoder.feed(Buffer.buffer(text + "\r\n"));
        assertThat(show(replies)).containsExactly(shown);
    }

    @Test
    void aLargeStringArrivesWhole() {
        byte[] large = new byte[9 << 20];
        new Random(1).nextBytes(large);
        Buffer bytes = Buffer.buffer();
        encode(new Reply.Bulk(large), bytes);
        encode(new Reply.Int(7), bytes);
        for (int at = 0; at < bytes.length(); at += 65_536) {
            decoder.feed(bytes.getBuffer(at, Math.min(bytes.length(), at + 65_536)));
        }
        assertThat(replies).hasSize(2);
        assertThat(replies.getFirst().bytes()).isEqualTo(large);
    }

    @Test
    void whatWasHandedOnIsTheReceiversOwn() {
        decoder.feed(Buffer.buffer("$3\r\nabc\r\n"));
        decoder.feed(Buffer.buffer("$3\r\nxyz\r\n"));
        assertThat(replies.getFirst().text()).isEqualTo("abc");
    }

    @Test
    void aReplyIsReadAsWhatItIsOrNotAtAll() {
        Reply.Bulk number = new Reply.Bulk("42".getBytes(StandardCharsets.US_ASCII));
        assertThat(number.integer()).isEqualTo(42);
        assertThat(number.text()).isEqualTo("42");
        assertThat(new Reply.Status("OK").text()).isEqualTo("OK");
        assertThat(Reply.Nil.NIL.text()).isNull();
        assertThat(Reply.Nil.NIL.items()).isEmpty();
        assertThatThrownBy(() -> new Reply.Int(1).text()).isInstanceOf(RedisError.class);
        assertThatThrownBy(number::items).isInstanceOf(RedisError.class);
        assertThatThrownBy(() -> new Reply.Multi(List.of()).integer()).isInstanceOf(RedisError.class);
        assertThatThrownBy(() -> new Reply.Bulk(new byte[] {'x'}).integer()).isInstanceOf(RedisError.class);
    }
}
