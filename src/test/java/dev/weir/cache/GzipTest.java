package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.store.Settled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipTest {

    private static Vertx vertx;
    private static Gzip gzip;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        gzip = new Gzip(vertx);
    }

    @AfterAll
    static void stop() {
        Settled.value(vertx.close());
    }

    private static Entry.Content pack(Buffer raw, long over) {
        return Settled.value(gzip.pack(raw, "text/plain", List.of("t"), List.of("a"), over));
    }

    private static Entry entry(Entry.Content content) {
        return Entry.of(content, Entries.LONG, 0);
    }

    private static Buffer noise(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return Buffer.buffer(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_024, 1_025, 4_096, 4_097, 65_536, 65_537, 1 << 20})
    void whatIsPackedUnpacksToTheSame(int length) {
        for (Buffer raw : List.of(Buffer.buffer("ab".repeat(length).substring(0, length)), noise(length))) {
            Entry.Content content = pack(raw, 1_024);
            assertThat(content.rawLength()).isEqualTo(length);
            assertThat(content.tags()).containsExactly("t");
            assertThat(content.aliases()).containsExactly("a");
            assertThat(Settled.value(gzip.unpack(entry(content)))).isEqualTo(raw);
        }
    }

    @Test
    void onlyWhatIsLongEnoughAndGetsShorterIsCompressed() throws IOException {
        Buffer text = Buffer.buffer("ab".repeat(600));
        assertThat(pack(text, 1_200).gzip()).isFalse();
        assertThat(pack(noise(10_000), 1_000).gzip()).isFalse();
        Entry.Content content = pack(text, 1_199);
        assertThat(content.gzip()).isTrue();
        assertThat(content.body().length()).isLessThan(200);
        try (var in =
                new GZIPInputStream(new ByteArrayInputStream(content.body().getBytes()))) {
            assertThat(in.readAllBytes()).isEqualTo(text.getBytes());
        }
    }

    @Test
    void theEtagIsOfTheValueAndItsTypeAndNotOfItsEncoding() {
        Buffer text = Buffer.buffer("ab".repeat(600));
        byte[] etag = pack(text, 100).etag();
        assertThat(etag).hasSize(16).isEqualTo(pack(text, 10_000).etag());
        assertThat(Settled.value(gzip.pack(text, "text/html", List.of(), List.of(), 100))
                        .etag())
                .isNotEqualTo(etag);
        assertThat(pack(Buffer.buffer("ab".repeat(601)), 100).etag()).isNotEqualTo(etag);
    }

    @Test
    void anEventLoopIsNeverHeldUpByALargeValue() {
        Buffer large = Buffer.buffer("ab".repeat(5 << 20));
        Promise<Boolean> waited = Promise.promise();
        vertx.runOnContext(go -> {
            Future<Entry.Content> packing = gzip.pack(large, "text/plain", List.of(), List.of(), 1_000);
            boolean packedInPlace = packing.isComplete();
            packing.onSuccess(content -> {
                Future<Buffer> unpacking = gzip.unpack(entry(content));
                waited.complete(!packedInPlace && !unpacking.isComplete());
            });
        });
        assertThat(Settled.value(waited.future())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {2_000, 100_000})
    void bytesThatAreNoGzipFailTheReadAndNothingElse(int length) {
        Entry.Content content = pack(Buffer.buffer("ab".repeat(length / 2)), 100);
        byte[] broken = content.body().getBytes();
        Arrays.fill(broken, 0, 2, (byte) 0);
        Entry entry = entry(new Entry.Content(
                content.etag(), true, length, "text/plain", List.of(), List.of(), Buffer.buffer(broken)));
        assertThat(Settled.failure(Future.succeededFuture().compose(go -> gzip.unpack(entry))))
                .isInstanceOf(java.io.UncheckedIOException.class);
    }

    @Test
    void nothingExpandsBeyondTheLengthThatItsHeaderTells() {
        Entry.Content content = pack(Buffer.buffer("a".repeat(1 << 20)), 100);
        Entry lying =
                entry(new Entry.Content(content.etag(), true, 10, "text/plain", List.of(), List.of(), content.body()));
        assertThat(Settled.value(gzip.unpack(lying)).length()).isEqualTo(10);
    }
}
