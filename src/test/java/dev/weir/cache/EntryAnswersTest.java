package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryAnswersTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip",
                "GZIP",
                "x-gzip",
                "gzip, deflate, br",
                "br;q=1.0, gzip;q=0.8",
                "gzip;q=0.001",
                "deflate , gzip ; q=1",
                "*",
                "identity;q=0, *;q=0.5",
                "*;q=0, gzip"
            })
    void gzipIsAcceptedWhereItIsNamedOrEverythingIs(String header) {
        assertThat(EntryAnswers.acceptsGzip(header)).isTrue();
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "identity",
                "br",
                "gzip;q=0",
                "gzip; q=0.0",
                "gzip ;q=0.000",
                "gzip;q=0, *",
                "*, gzip;q=0",
                "*;q=0",
                "gzipped",
                "br;q=0.5, deflate"
            })
    void gzipIsNotSentWhereItWasNotAskedForOrIsRefused(String header) {
        assertThat(EntryAnswers.acceptsGzip(header)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "\"abc\", abc",
                "W/\"abc\", abc",
                "  \"abc\" , abc",
                "\"abc-gzip\", abc",
                "W/\"abc-gzip\", abc",
                "\"-gzip\", ''",
                "\"\", ''",
                "abc,",
                "\"abc,",
                "abc\",",
                "\",",
                "w/\"abc\",",
                "'',"
            })
    void anEntityTagIsWhatStandsBetweenItsQuotationMarks(String tag, String opaque) {
        assertThat(EntryAnswers.opaque(tag)).isEqualTo(opaque);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "!!!!!!!!!!!!!!!!!!!!!!", "AAAAAAAAAAAAAAAAAAAAAAA"})
    void aForeignTagHasNoBytes(String opaque) {
        assertThat(Entry.tagBytes(opaque)).isNull();
    }

    @org.junit.jupiter.api.Test
    void theTagOfAnEntryReadsBackToItsBytes() {
        Entry entry = Entries.of("x", Entries.LONG, 0);
        assertThat(entry.entityTag()).matches("\"[A-Za-z0-9_-]{22}\"");
        assertThat(Entry.tagBytes(EntryAnswers.opaque(entry.entityTag()))).isEqualTo(entry.etag());
    }
}
