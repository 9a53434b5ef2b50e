package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class MergingTest {

    private static MultiMap merged(MultiMap known, MultiMap news) {
        return Merging.merge(new StoredResponse(200, known, Buffer.buffer("body")), news);
    }

    @Test
    void whatIsNewReplacesWhatWasThereAndTheRestStays() {
        MultiMap known = Headers.of("ETag", "\"a\"", "Cache-Control", "max-age=1", "X-Kept", "1");
        MultiMap merged = merged(known, Headers.of("cache-control", "max-age=2", "X-New", "2"));
        assertThat(Headers.lines(merged))
                .containsExactlyInAnyOrder("etag: \"a\"", "cache-control: max-age=2", "x-kept: 1", "x-new: 2");
    }

    @Test
    void allLinesOfANewFieldReplaceAllOfTheOldOne() {
        MultiMap merged = merged(Headers.of("X-A", "1", "X-A", "2", "X-A", "3"), Headers.of("X-A", "4", "x-a", "5"));
        assertThat(merged.getAll("X-A")).containsExactly("4", "5");
    }

    @Test
    void whatDescribesTheContentStays() {
        MultiMap known = Headers.of(
                "Content-Length",
                "4",
                "Content-Type",
                "text/plain",
                "Content-Encoding",
                "br",
                "Content-Language",
                "de");
        MultiMap merged = merged(
                known,
                Headers.of(
                        "Content-Length",
                        "0",
                        "content-type",
                        "text/html",
                        "Content-Encoding",
                        "gzip",
                        "Content-Range",
                        "bytes 0-1/2",
                        "Content-Language",
                        "en"));
        assertThat(Headers.lines(merged))
                .containsExactlyInAnyOrder(
                        "content-length: 4",
                        "content-type: text/plain",
                        "content-encoding: br",
                        "content-language: en");
    }

    @Test
    void theOldAgeIsGoneWhetherThereIsANewOneOrNot() {
        assertThat(merged(Headers.of("Age", "50"), Headers.of()).contains("Age"))
                .isFalse();
        assertThat(merged(Headers.of("Age", "50"), Headers.of("Age", "3")).getAll("Age"))
                .containsExactly("3");
    }

    @Test
    void whatIsKeptIsNotChanged() {
        MultiMap known = Headers.of("X-A", "1", "Age", "5");
        merged(known, Headers.of("X-A", "2"));
        assertThat(Headers.lines(known)).containsExactly("x-a: 1", "age: 5");
    }
}
