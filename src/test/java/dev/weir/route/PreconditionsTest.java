package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreconditionsTest {

    private static final String THEN = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final String BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";
    private static final String AFTER = "Sun, 06 Nov 1994 08:49:38 GMT";

    private static StoredResponse kept(String... headers) {
        return new StoredResponse(200, Headers.of(headers), Buffer.buffer());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', nullValues = "none", textBlock = """
                    "a"              | "a"   | true
                    "a"              | W/"a" | true
                    W/"a"            | "a"   | true
                    W/"a"            | W/"a" | true
                    "b"              | "a"   | false
                    "b", "a"         | "a"   | true
                    "b","c"          | "a"   | false
                    "b" , W/"a" ,"c" | "a"   | true
                    "a,b"            | "a"   | false
                    "a,b", "a"       | "a"   | true
                    *                | "a"   | true
                    ' * '            | "a"   | true
                    *                | none  | true
                    "a"              | none  | false
                    a                | a     | true
                    a                | b     | false
                    "a               | "a"   | false
                    ""               | ""    | true
                    ''               | "a"   | false
                    """)
    void tagsAreComparedWeakly(String ifNoneMatch, String etag, boolean notModified) {
        StoredResponse response = etag == null ? kept() : kept("ETag", etag);
        assertThat(Preconditions.isNotModified(Headers.of("If-None-Match", ifNoneMatch), response))
                .isEqualTo(notModified);
    }

    @Test
    void linesOfIfNoneMatchAreOneList() {
        assertThat(Preconditions.isNotModified(
                        Headers.of("If-None-Match", "\"b\"", "If-None-Match", "\"a\""), kept("ETag", "\"a\"")))
                .isTrue();
    }

    @Test
    void aTagPrevailsOverADate() {
        assertThat(Preconditions.isNotModified(
                        Headers.of("If-None-Match", "\"b\"", "If-Modified-Since", THEN),
                        kept("ETag", "\"a\"", "Last-Modified", THEN)))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"same, true", "before, false", "after, true", "garbage, false", "none, false"})
    void aDateIsComparedWithThatOfTheLastChangeElseWithTheAnswersOwn(String since, boolean notModified) {
        String date =
                switch (since) {
                    case "same" -> THEN;
                    case "before" -> BEFORE;
                    case "after" -> AFTER;
                    case "garbage" -> "soon";
                    default -> null;
                };
        var request = date == null ? Headers.of() : Headers.of("If-Modified-Since", date);
        assertThat(Preconditions.isNotModified(request, kept("Last-Modified", THEN, "Date", AFTER)))
                .isEqualTo(notModified);
        assertThat(Preconditions.isNotModified(request, kept("Date", THEN))).isEqualTo(notModified);
        assertThat(Preconditions.isNotModified(request, kept())).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    "a"                            | "a"   | true
                    "b"                            | "a"   | false
                    W/"a"                          | W/"a" | false
                    "a"                            | W/"a" | false
                    Sun, 06 Nov 1994 08:49:37 GMT  | "a"   | true
                    Sun, 06 Nov 1994 08:49:38 GMT  | "a"   | false
                    Sun, 06 Nov 1994 08:49:36 GMT  | "a"   | false
                    soon                           | "a"   | false
                    """)
    void aRangeIsOfTheVeryAnswerThatIfRangeNames(String ifRange, String etag, boolean applicable) {
        StoredResponse response = kept("ETag", etag, "Last-Modified", THEN);
        assertThat(Preconditions.isRangeApplicable(Headers.of("If-Range", ifRange), response))
                .isEqualTo(applicable);
        assertThat(Preconditions.isRangeApplicable(Headers.of(), response)).isTrue();
        assertThat(Preconditions.isRangeApplicable(Headers.of("If-Range", THEN), kept()))
                .isFalse();
    }

    @Test
    void whatOnlyTheOriginCanJudge() {
        assertThat(Preconditions.needOrigin(Headers.of("If-Match", "\"a\""))).isTrue();
        assertThat(Preconditions.needOrigin(Headers.of("If-Unmodified-Since", THEN)))
                .isTrue();
        assertThat(Preconditions.needOrigin(
                        Headers.of("If-None-Match", "\"a\"", "If-Modified-Since", THEN, "If-Range", "\"a\"")))
                .isFalse();
    }
}
