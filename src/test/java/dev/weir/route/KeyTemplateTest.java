package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.http.Names;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTemplateTest {

    private static final String CLIENT = "192.0.2.7";

    private static String key(String template, FakeRequest request) {
        return KeyTemplate.parse(template).key(request.build(), request.target(), CLIENT);
    }

    private static String uriKey(String uri) {
        FakeRequest request = FakeRequest.get(uri);
        return KeyTemplate.TARGET_URI.key(request.build(), request.target(), CLIENT);
    }

    // What stands for what

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {path}                      | /api/users
                    {query}                     | a=1&b=2&b=1
                    {query.b}                   | 2&1
                    {query.a}                   | 1
                    {query.none}x{path}         | x/api/users
                    {header.X-User}             | ann
                    {header.x-user}             | ann
                    {header.X-Many}             | 1,2
                    {header.None}-{path}        | -/api/users
                    {cookie.session}            | s1
                    {cookie.none}:{method}      | :GET
                    {client-ip}                 | 192.0.2.7
                    {method}                    | GET
                    <{header.X-User}>           | <ann>
                    """)
    void aPlaceholderIsFilledIn(String template, String expected) {
        FakeRequest request = FakeRequest.get("/api/users?b=2&a=1&b=1")
                .header("X-User", "ann")
                .header("X-Many", "1")
                .header("X-Many", "2")
                .header("Cookie", "other=x; session=s1");
        assertThat(key(template, request)).isEqualTo(expected);
    }

    @Test
    void whatSeparatesIsEscapedInValuesAndNothingElse() {
        FakeRequest request =
                FakeRequest.get("/p").header("X-A", "a:b/c%d e\u00e4").header("X-B", "u");
        assertThat(key("{header.X-A}:{header.X-B}", request)).isEqualTo("a%3Ab/c%25d%20e%C3%A4:u");
        assertThat(key("{header.X-A}/{header.X-B}", request)).isEqualTo("a:b%2Fc%25d%20e%C3%A4/u");
    }

    @Test
    void headIsAnsweredByWhatIsKeptOfGet() {
        assertThat(key("{method}", FakeRequest.get("/").method(HttpMethod.HEAD)))
                .isEqualTo("GET");
        assertThat(key("{method}", FakeRequest.get("/").method(HttpMethod.POST)))
                .isEqualTo("POST");
    }

    @Test
    void aKeyIsNeverEmpty() {
        assertThat(key("{header.None}", FakeRequest.get("/"))).isEqualTo("-");
        assertThat(key("{query}", FakeRequest.get("/"))).isEqualTo("-");
    }

    @Test
    void withoutATemplateItIsPathAndSortedQuery() {
        assertThat(KeyTemplate.TARGET_URI.isTargetUri()).isTrue();
        assertThat(KeyTemplate.parse("{path}").isTargetUri()).isFalse();
        assertThat(uriKey("/a")).isEqualTo("/a");
        assertThat(uriKey("/a?")).isEqualTo("/a");
        assertThat(uriKey("/a?c=1&b=2")).isEqualTo("/a?b=2&c=1");
        assertThat(uriKey("/a?c=1&b=2")).isEqualTo(KeyTemplate.targetUri("/a", "b=2&c=1"));
        assertThat(uriKey("/a%3Fb")).isEqualTo("/a%3Fb");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''            | ''
                    a             | a
                    b&a           | a&b
                    b=1&a=2       | a=2&b=1
                    a=2&a=1       | a=2&a=1
                    b=1&a=2&b=0   | a=2&b=1&b=0
                    &b=1&&a=2&    | a=2&b=1
                    a&            | a
                    a=b=c&a=      | a=b=c&a=
                    ab=1&a=2      | a=2&ab=1
                    """)
    void parametersAreSortedByNameAndThoseOfOneNameKeepTheirOrder(String query, String sorted) {
        assertThat(KeyTemplate.sorted(query)).isEqualTo(sorted);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    id=1              | 1
                    x=2&id=1&y=3      | 1
                    id=1&id=2         | 1&2
                    id=2&id=1         | 2&1
                    id                | ''
                    id=               | ''
                    xid=1             | ''
                    idx=1             | ''
                    ''                | ''
                    id=a=b            | a=b
                    %69d=1            | 1
                    i%64=1&id=2       | 1&2
                    %zz=3&id=1        | 1
                    id=%31            | %2531
                    """)
    void aParameterIsAllThatTheOriginMayTakeForIt(String query, String value) {
        assertThat(key("<{query.id}>", FakeRequest.get("/a?" + query))).isEqualTo("<" + value + ">");
    }

    // What tells whom the key is for

    @Test
    void whetherItHoldsCredentialsOrCookiesIsKnown() {
        assertThat(KeyTemplate.parse("{header.authorization}").hasHeader("Authorization"))
                .isTrue();
        assertThat(KeyTemplate.parse("{query.authorization}").hasHeader("authorization"))
                .isFalse();
        assertThat(KeyTemplate.parse("{path}").hasHeader("authorization")).isFalse();
        assertThat(KeyTemplate.parse("{cookie.a}").hasCookies()).isTrue();
        assertThat(KeyTemplate.parse("{header.Cookie}").hasCookies()).isTrue();
        assertThat(KeyTemplate.parse("{header.X-Cookie}").hasCookies()).isFalse();
        assertThat(KeyTemplate.TARGET_URI.hasCookies()).isFalse();
    }

    // Two requests, two keys

    record Triple(String role, String user, String path) {

        FakeRequest request() {
            return FakeRequest.get(path).header("X-Role", role).header("X-User", user);
        }
    }

    @Provide
    Arbitrary<Triple> triples() {
        Arbitrary<String> values =
                Arbitraries.strings().withChars(":/%3Aab~&=?, \u00e4").ofMaxLength(4);
        Arbitrary<String> paths =
                Arbitraries.strings().withChars(":/ab~&=").ofMaxLength(5).map(text -> "/" + text);
        return Combinators.combine(values, values, paths).as(Triple::new);
    }

    @Property(tries = 5_000)
    void whoDiffersInRoleUserOrPathHasAnotherKey(@ForAll("triples") Triple a, @ForAll("triples") Triple b) {
        for (String template : List.of(
                "{header.X-Role}:{header.X-User}:{path}",
                "{path}:{header.X-Role}:{header.X-User}",
                "{header.X-Role}:{path}:{header.X-User}",
                "{header.X-Role}ab{header.X-User}/{path}",
                "{header.X-Role}3A{header.X-User}2:{path}",
                "r={header.X-Role}&u={header.X-User}&p={path}")) {
            assertThat(key(template, a.request()).equals(key(template, b.request())))
                    .as("%s: %s and %s", template, a, b)
                    .isEqualTo(a.equals(b));
        }
    }

    record Target(String path, String query) {

        FakeRequest request() {
            return FakeRequest.get(query.isEmpty() ? path : path + '?' + query).header("X-User", "u");
        }
    }

    @Provide
    Arbitrary<Target> targets() {
        Arbitrary<String> paths =
                Arbitraries.strings().withChars(":/a?").ofMaxLength(4).map(text -> "/" + text.replace("?", "%3A"));
        // Without an ampersand, so that sorting has nothing to change.
        Arbitrary<String> queries = Arbitraries.strings().withChars(":/a?%3").ofMaxLength(4);
        return Combinators.combine(paths, queries).as(Target::new);
    }

    @Property(tries = 5_000)
    void whoDiffersInPathOrQueryHasAnotherKey(@ForAll("targets") Target a, @ForAll("targets") Target b) {
        for (String template : List.of(
                "{path}:{query}",
                "{query}:{path}",
                "{path}/{query}",
                "{header.X-User}:{path}:{query}",
                "{path}:{header.X-User}:{query}",
                "{query}2{header.X-User}2{path}",
                "{path}3A{query}3A",
                "{query}:{path}:{header.X-User}")) {
            assertThat(key(template, a.request()).equals(key(template, b.request())))
                    .as("%s: %s and %s", template, a, b)
                    .isEqualTo(a.equals(b));
        }
        assertThat(uriKey(a.request().build().uri())
                        .equals(uriKey(b.request().build().uri())))
                .isEqualTo(a.equals(b));
    }

    @Test
    void pathAndQueryCanBeReadInTheKeyOfOneUser() {
        FakeRequest request = FakeRequest.get("/api/inquiries?status=open&page=1")
                .header("X-Role", "manager")
                .header("X-User", "ann");
        assertThat(key("{header.X-Role}:{header.X-User}:{path}:{query}", request))
                .isEqualTo("manager:ann:/api/inquiries:page=1&status=open");
        assertThat(key("{path}:{header.X-User}", request)).isEqualTo("/api/inquiries:ann");
        assertThat(key("{path}/{query}", request)).isEqualTo("%2Fapi%2Finquiries/page=1&status=open");
    }

    @Test
    void whatStandsLastStandsAsItIs() {
        FakeRequest request = FakeRequest.get("/a:b%20c?d:e%20f").header("X-User", "u:v");
        assertThat(key("{header.X-User}:{path}", request)).isEqualTo("u%3Av:/a:b%20c");
        assertThat(key("{header.X-User}:{path}:{query}", request)).isEqualTo("u%3Av:/a%3Ab%2520c:d:e%20f");
        assertThat(key("{query}:{path}", request)).isEqualTo("d%3Ae%2520f:/a:b%20c");
        assertThat(key("{path}:", request)).isEqualTo("/a%3Ab%2520c:");
    }

    // Long ones

    @Test
    void aKeyOfFourHundredBytesStaysAsItIs() {
        String path = "/" + "a".repeat(399);
        assertThat(uriKey(path)).isEqualTo(path);
        assertThat(uriKey(path + "a")).hasSize(123).startsWith("/" + "a".repeat(99) + "~");
    }

    @Test
    void bytesCountAndNotCharacters() {
        String path = "/" + "\u00e4".repeat(200);
        assertThat(uriKey(path)).startsWith("/" + "\u00e4".repeat(99) + "~");
        String exact = "/a" + "\u00e4".repeat(199);
        assertThat(uriKey(exact)).isEqualTo(exact);
    }

    @Property
    void aLongKeyIsShortReadableAtItsBeginningAndValid(@ForAll("longTexts") String text) {
        String key = KeyTemplate.shortened(text);
        assertThat(Names.requireKey("key", key)).isEqualTo(key);
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        assertThat(bytes.length).isLessThanOrEqualTo(400);
        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(key);
        String begin = key.substring(0, key.length() - 23);
        assertThat(text).startsWith(begin);
        assertThat(begin.length()).isBetween(99, 100);
        assertThat(KeyTemplate.shortened(text)).isEqualTo(key);
        assertThat(KeyTemplate.shortened(text + "x")).isNotEqualTo(key);
    }

    @Provide
    Arbitrary<String> longTexts() {
        return Arbitraries.of("a", "\u00e4", "\u20ac", "\ud83d\ude00")
                .list()
                .ofMinSize(401)
                .ofMaxSize(600)
                .map(parts -> String.join("", parts));
    }

    @Test
    void nobodyCanAskForTheKeyThatALongOneWasGiven() {
        String victim = KeyTemplate.shortened("/" + "a".repeat(500));
        assertThat(uriKey(victim)).isNotEqualTo(victim);
        assertThat(KeyTemplate.shortened(uriKey(victim))).isNotEqualTo(victim);
    }

    @Test
    void aHashIsTwentyTwoCharactersThatMayStandAnywhere() {
        assertThat(KeyTemplate.hash("")).isEqualTo("47DEQpj8HBSa-_TImW-5JA");
        assertThat(KeyTemplate.hash("a")).hasSize(22).matches("[A-Za-z0-9_-]{22}");
    }

    // What is no template

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{nonsense}",
                "{path}{nonsense}",
                "{}",
                "{path.x}",
                "{query.}",
                "{header.}",
                "{cookie.}",
                "{header}",
                "{header.a b}",
                "{client-ip.x}",
                "{method.x}",
                "{Path}",
                "{ path }",
                "{query.a=b}"
            })
    void aPlaceholderThatThereIsNotIsRefused(String template) {
        assertThatThrownBy(() -> KeyTemplate.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no {")
                .hasMessageContaining("{client-ip}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{path", "path}", "{path}}", "{{path}", "{path}{", "a{"})
    void aBraceWithoutItsOtherHalfIsRefused(String template) {
        assertThatThrownBy(() -> KeyTemplate.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("brace");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "everything"})
    void oneKeyForAllIsRefused(String template) {
        assertThatThrownBy(() -> KeyTemplate.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the same key");
    }

    @Test
    void whatStandsSideBySideIsToldApart() {
        String template = "{header.X-Role}{header.X-User}";
        String one = key(template, FakeRequest.get("/a").header("X-Role", "ab").header("X-User", "c"));
        assertThat(one).isEqualTo("ab|c");
        assertThat(key(template, FakeRequest.get("/a").header("X-Role", "a").header("X-User", "bc")))
                .isEqualTo("a|bc");
        assertThat(key(template, FakeRequest.get("/a").header("X-Role", "ab|c").header("X-User", "")))
                .isEqualTo("ab%7Cc|");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{header.X-Role}%{path}", "%25{path}", "{path}%"})
    void aPercentSignOfItsOwnIsRefused(String template) {
        assertThatThrownBy(() -> KeyTemplate.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("%");
    }

    // Values by themselves, as removals want them

    @Test
    void aValueIsTheRequestsOwnNotEscapedAndNullIfAbsent() {
        FakeRequest request = FakeRequest.get("/a?b=2&a=1").header("X-User", "a:b");
        var built = request.build();
        RequestTarget target = request.target();
        assertThat(KeyTemplate.value("header.X-User", built, target, CLIENT)).isEqualTo("a:b");
        assertThat(KeyTemplate.value("header.None", built, target, CLIENT)).isNull();
        assertThat(KeyTemplate.value("path", built, target, CLIENT)).isEqualTo("/a");
        assertThat(KeyTemplate.value("query", built, target, CLIENT)).isEqualTo("a=1&b=2");
        assertThat(KeyTemplate.value("query.b", built, target, CLIENT)).isEqualTo("2");
        assertThat(KeyTemplate.value("query.c", built, target, CLIENT)).isNull();
        assertThat(KeyTemplate.value("cookie.c", built, target, CLIENT)).isNull();
        assertThat(KeyTemplate.value("client-ip", built, target, CLIENT)).isEqualTo(CLIENT);
        assertThat(KeyTemplate.value("method", built, target, CLIENT)).isEqualTo("GET");
        assertThatThrownBy(() -> KeyTemplate.check("id")).isInstanceOf(IllegalArgumentException.class);
        KeyTemplate.check("path");
    }
}
