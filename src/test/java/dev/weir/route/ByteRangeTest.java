package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 0",
        "bytes=0-9, 0, 9",
        "bytes=0-, 0, 9",
        "bytes=3-5, 3, 5",
        "bytes=9-9, 9, 9",
        "bytes=9-, 9, 9",
        "bytes=3-9, 3, 9",
        "bytes=3-10, 3, 9",
        "bytes=3-999999999999999999, 3, 9",
        "bytes=-1, 9, 9",
        "bytes=-10, 0, 9",
        "bytes=-11, 0, 9",
        "bytes=-999999999999999999, 0, 9",
        "bytes=007-008, 7, 8",
        "bytes = 3 - 5, 3, 5"
    })
    void oneRangeOfTenBytes(String field, int first, int last) {
        ByteRange range = ByteRange.parse(field, 10);
        assertThat(range).isEqualTo(new ByteRange(first, last));
        assertThat(range.isSatisfiable()).isTrue();
        assertThat(range.length()).isEqualTo(last - first + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes=10-",
                "bytes=10-10",
                "bytes=11-20",
                "bytes=999999999999999999-",
                "bytes=-0",
                "bytes=4294967296-4294967297"
            })
    void whatLiesBeyondTheContentCannotBeHad(String field) {
        ByteRange range = ByteRange.parse(field, 10);
        assertThat(range).isEqualTo(ByteRange.UNSATISFIABLE);
        assertThat(range.isSatisfiable()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-0", "bytes=0-", "bytes=-1", "bytes=-0"})
    void ofNothingThereIsNoPart(String field) {
        assertThat(ByteRange.parse(field, 0)).isEqualTo(ByteRange.UNSATISFIABLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=-",
                "bytes=5",
                "bytes=5-3",
                "bytes=0-1,3-4",
                "bytes=0-1,",
                "bytes=,0-1",
                "bytes=a-b",
                "bytes=0-b",
                "bytes=--1",
                "bytes=+0-1",
                "bytes=0--1",
                "bytes=0-1-2",
                "bytes=1.0-2",
                "bytes:0-1",
                "items=0-1",
                "xbytes=0-1",
                "bytes=0-1x",
                "bytes=9999999999999999999-",
                "bytes=٠-٣"
            })
    void whatIsNotOneRangeAsksForNone(String field) {
        assertThat(ByteRange.parse(field, 10)).isNull();
    }

    @Test
    void aRangeMayEndAtTheGreatestLength() {
        assertThat(ByteRange.parse("bytes=2147483646-", Integer.MAX_VALUE))
                .isEqualTo(new ByteRange(Integer.MAX_VALUE - 1, Integer.MAX_VALUE - 1));
    }

    @Property
    void aRangeLiesWithinTheContent(
            @ForAll @IntRange(min = 0, max = 20) int first,
            @ForAll @IntRange(min = 0, max = 20) int last,
            @ForAll @IntRange(min = 0, max = 12) int length) {
        ByteRange range = ByteRange.parse("bytes=" + first + "-" + last, length);
        if (last < first) {
            assertThat(range).isNull();
        } else if (first >= length) {
            assertThat(range.isSatisfiable()).isFalse();
        } else {
            assertThat(range.first()).isEqualTo(first);
            assertThat(range.last()).isEqualTo(Math.min(last, length - 1));
            assertThat(range.length()).isPositive();
        }
    }

    @Property
    void aSuffixIsTheLastOfTheContent(
            @ForAll @IntRange(min = 1, max = 20) int suffix, @ForAll @IntRange(min = 1, max = 12) int length) {
        ByteRange range = ByteRange.parse("bytes=-" + suffix, length);
        assertThat(range.last()).isEqualTo(length - 1);
        assertThat(range.length()).isEqualTo(Math.min(suffix, length));
    }
}
