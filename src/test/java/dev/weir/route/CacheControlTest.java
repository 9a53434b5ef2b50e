package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheControlTest {

    private static CacheControl of(String... fields) {
        return CacheControl.parse(List.of(fields));
    }

    @Test
    void withoutAFieldThereIsNothing() {
        assertThat(of()).isSameAs(CacheControl.NONE);
        assertThat(CacheControl.NONE.has("no-store")).isFalse();
        assertThat(CacheControl.NONE.hasUnqualified("no-store")).isFalse();
        assertThat(CacheControl.NONE.seconds("max-age")).isEqualTo(CacheControl.ABSENT);
        assertThat(CacheControl.NONE.fields("private")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    max-age=60                              | 60
                    max-age=0                               | 0
                    max-age=007                             | 7
                    MAX-Age=60                              | 60
                    max-age="60"                            | 60
                    max-age=" 60 "                          | 60
                    max-age="6\\0"                          | 60
                    max-age="60"x                           | 60
                    max-age = 60                            | 60
                    public, max-age=60, x                   | 60
                    ,, , max-age=60,,                       | 60
                    public,max-age=60                       | 60
                    x=y=z, max-age=60                       | 60
                    x="a, max-age=7", max-age=60            | 60
                    x="a\\", max-age=7, \\"", max-age=60    | 60
                    max-age=60, max-age=7                   | 60
                    =5, max-age=60                          | 60
                    max-age=2147483647                      | 2147483647
                    max-age=2147483648                      | 2147483648
                    max-age=2147483649                      | 2147483648
                    max-age=99999999999999999999999999      | 2147483648
                    s-maxage=60                             | -1
                    max-age-x=60                            | -1
                    xmax-age=60                             | -1
                    x="max-age=60"                          | -1
                    ''                                      | -1
                    max-age                                 | -2
                    max-age=                                | -2
                    max-age=""                              | -2
                    max-age=-1                              | -2
                    max-age=+1                              | -2
                    max-age=1.5                             | -2
                    max-age=6 0                             | -2
                    max-age=60s                             | -2
                    max-age=0x10                            | -2
                    max-age=:                               | -2
                    max-age=/                               | -2
                    max-age='٣'                             | -2
                    """)
    void secondsAreReadOrSaidToBeNone(String field, long seconds) {
        assertThat(of(field == null ? "" : field).seconds("max-age")).isEqualTo(seconds);
    }

    @Test
    void allFieldsCountInTheirOrder() {
        CacheControl control = of("max-age=1, public", "max-age=2, s-maxage=3");
        assertThat(control.seconds("max-age")).isEqualTo(1);
        assertThat(control.seconds("s-maxage")).isEqualTo(3);
        assertThat(control.has("public")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"private", "PRIVATE", " private ", "x, private", "private,", "private=\"\"", "private="})
    void aDirectiveWithoutAnArgumentIsUnqualified(String field) {
        assertThat(of(field).has("private")).isTrue();
        assertThat(of(field).hasUnqualified("private")).isTrue();
        assertThat(of(field).fields("private")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"private=\"a, B\"", "private=\" a ,,b\"", "private=\"a\\, b\"", "x, Private=\"b,a\""})
    void aDirectiveWithFieldsNamesThem(String field) {
        assertThat(of(field).has("private")).isTrue();
        assertThat(of(field).hasUnqualified("private")).isFalse();
        assertThat(of(field).fields("private")).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aTokenIsTakenForAFieldsName() {
        assertThat(of("no-cache=Set-Cookie, max-age=1").fields("no-cache")).containsExactly("set-cookie");
        assertThat(of("no-cache=Set-Cookie, max-age=1").seconds("max-age")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "private=\"a\", private",
                "private, private=\"a\"",
                "private=\"a\", PRIVATE",
                "private=\"a\", private, private=\"b\""
            })
    void whatIsForbiddenOnceIsForbidden(String field) {
        assertThat(of(field).hasUnqualified("private")).isTrue();
    }

    @Test
    void theFieldsOfADirectiveThatIsGivenTwiceAreThoseOfBoth() {
        assertThat(of("private=\"a\"", "private=\"b\"").fields("private")).containsExactlyInAnyOrder("a", "b");
        assertThat(of("no-cache=\"a\", no-cache=\"b\"").fields("no-cache")).containsExactlyInAnyOrder("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"private=\"a", "private=\"", "private=\"a\\", "private=\"a\\\""})
    void anArgumentThatDoesNotEndLeavesTheDirectiveUnqualified(String field) {
        assertThat(of(field).hasUnqualified("private")).isTrue();
    }

    @Test
    void aNumberThatDoesNotEndIsNone() {
        assertThat(of("max-age=\"60").seconds("max-age")).isEqualTo(CacheControl.INVALID);
        assertThat(of("max-age=60\"").seconds("max-age")).isEqualTo(CacheControl.INVALID);
    }

    @Property
    void nothingMakesItThrow(
            @ForAll @StringLength(max = 40) @Chars({',', '=', '"', '\\', ' '}) @CharRange(from = 'a', to = 'c')
                    String field) {
        assertThatCode(() -> of(field)).doesNotThrowAnyException();
    }

    @Property
    void whatStandsInQuotationMarksIsNeverADirective(
            @ForAll @StringLength(max = 20) @Chars({',', '=', ' ', 'a', 'b'}) String text) {
        CacheControl control = of("x=\"" + text + ",no-store,\", max-age=5");
        assertThat(control.has("no-store")).isFalse();
        assertThat(control.seconds("max-age")).isEqualTo(5);
    }
}
