package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EntryCodecTest {

    private static final Entry ENTRY =
            Entries.of("the body", Entries.LONG, 1_000, List.of("tag", "another"), List.of("alias"));

    @Provide
    Arbitrary<Entry> entries() {
        Arbitrary<String> names = Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(40)
                .filter(text -> text.indexOf('\0') < 0 && text.chars().noneMatch(c -> Character.isSurrogate((char) c)));
        Arbitrary<Long> times = Arbitraries.longs().between(0, 10_000_000_000_000L);
        Arbitrary<Entry.Content> contents = Combinators.combine(
                        Arbitraries.bytes().array(byte[].class).ofSize(16),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(0, Integer.MAX_VALUE),
                        Arbitraries.of("", "text/plain", "application/json; charset=utf-8", "t/ü"),
                        names.list().ofMaxSize(64),
                        names.list().ofMaxSize(64),
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(300).map(Buffer::buffer))
                .as(Entry.Content::new);
        return Combinators.combine(
                        contents, times, times, times, times, Arbitraries.longs(), Arbitraries.of(true, false))
                .as((content, created, fresh, stale, error, version, negative) -> new Entry(
                        negative,
                        version,
                        created,
                        fresh,
                        stale,
                        error,
                        fresh - created,
                        content.etag(),
                        content.gzip(),
                        content.rawLength(),
                        content.contentType(),
                        content.tags(),
                        content.aliases(),
                        content.body()));
    }

    @Property(tries = 500)
    void whatIsEncodedDecodesToTheSame(@ForAll("entries") Entry entry) {
        Entry back = EntryCodec.decode(EntryCodec.encode(entry));
        assertThat(back).usingRecursiveComparison().ignoringFields("body").isEqualTo(entry);
        assertThat(back.body()).isEqualTo(entry.body());
    }

    @Property(tries = 300)
    void noCutAndNoFlippedByteEverThrows(
            @ForAll("entries") Entry entry,
            @ForAll @IntRange(max = 5_000) int length,
            @ForAll int at,
            @ForAll byte value) {
        byte[] bytes = EntryCodec.encode(entry);
        byte[] torn = Arrays.copyOf(bytes, Math.min(length, bytes.length));
        assertThatCode(() -> EntryCodec.decode(torn)).doesNotThrowAnyException();
        bytes[Math.floorMod(at, bytes.length)] = value;
        assertThatCode(() -> EntryCodec.decode(bytes)).doesNotThrowAnyException();
    }

    @Property(tries = 300)
    void foreignBytesNeverThrow(@ForAll @Size(max = 200) byte[] bytes) {
        assertThatCode(() -> EntryCodec.decode(bytes)).doesNotThrowAnyException();
        if (bytes.length > 1) {
            bytes[0] = 1;
            bytes[1] = 'V';
            assertThatCode(() -> EntryCodec.decode(bytes)).doesNotThrowAnyException();
        }
    }

    @Test
    void everyCutWithinTheHeaderOrItsTextsIsAMiss() {
        byte[] bytes = EntryCodec.encode(ENTRY);
        for (int length = 0; length < bytes.length - "the body".length(); length++) {
            assertThat(EntryCodec.decode(Arrays.copyOf(bytes, length)))
                    .as("cut to " + length)
                    .isNull();
        }
    }

    @Test
    void whatIsAbsentALeaseOrOfAnotherFormatIsAMiss() {
        assertThat(EntryCodec.decode(null)).isNull();
        assertThat(EntryCodec.decode(new byte[0])).isNull();
        byte[] lease = EntryCodec.encode(ENTRY);
        lease[1] = 'L';
        assertThat(EntryCodec.decode(lease)).isNull();
        byte[] newer = EntryCodec.encode(ENTRY);
        newer[0] = 2;
        assertThat(EntryCodec.decode(newer)).isNull();
    }

    /** Scripts count on these places. */
    @Test
    void theHeaderHasItsFixedPlaces() {
        byte[] bytes = EntryCodec.encode(ENTRY);
        java.nio.ByteBuffer header = java.nio.ByteBuffer.wrap(bytes);
        assertThat(bytes[0]).isEqualTo((byte) 1);
        assertThat(bytes[1]).isEqualTo((byte) 'V');
        assertThat(Arrays.copyOfRange(bytes, 2, 18)).containsOnly(0);
        assertThat(header.getLong(18)).isEqualTo(ENTRY.version());
        assertThat(header.getLong(26)).isEqualTo(ENTRY.created());
        assertThat(header.getLong(34)).isEqualTo(ENTRY.freshUntil());
        assertThat(header.getLong(42)).isEqualTo(ENTRY.staleUntil());
        assertThat(header.getLong(50)).isEqualTo(ENTRY.errorUntil());
        assertThat(header.getLong(58)).isEqualTo(ENTRY.ttl());
        assertThat(Arrays.copyOfRange(bytes, 66, 82)).isEqualTo(ENTRY.etag());
        assertThat(bytes[82]).isEqualTo((byte) 'i');
        assertThat(header.getInt(83)).isEqualTo(8);
        assertThat(new String(bytes, 93, 10, java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("text/plain");
    }
}
