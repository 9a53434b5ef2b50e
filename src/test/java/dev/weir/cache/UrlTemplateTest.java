package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.http.Problem;
import java.net.URI;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTemplateTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "http://app:3000/users/{key}, 42, http://app:3000/users/42",
                "https://app/users/{key}, a/b:c@d, https://app/users/a/b:c@d",
                "http://app/users/{key}, a b, http://app/users/a%20b",
                "http://app/{key}, \"?a=b&c#d;e,f\", http://app/%3fa%3db%26c%23d%3be%2cf",
                "http://app/{key}, %2e%2e/x, http://app/%252e%252e/x",
                "http://app/{key}, ü, http://app/%c3%bc",
                "http://app/{key}, 🔑, http://app/%f0%9f%94%91",
                "http://app/{key}, a-._~b, http://app/a-._~b",
                "http://app/{key}, a\\b, http://app/a%5cb",
                "http://app/users?id={key}, a/b:c@d&e, http://app/users?id=a%2fb%3ac%40d%26e",
                "http://app/{key}/x?id={key}, a/b, http://app/a/b/x?id=a%2fb",
                "http://app/fixed, 42, http://app/fixed",
                "http://app/x?y=.., .., http://app/x?y=.."
            })
    void aKeyIsEncodedForTheFieldItStandsIn(String template, String key, String url) {
        UrlTemplate parsed = new UrlTemplate(template);
        parsed.check(key);
        assertThat(parsed.expand(key)).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "..", "../admin", "a/../b", "a/..", "./a", "a/."})
    void aKeyThatWouldLeaveItsPlaceIsRefused(String key) {
        assertThatThrownBy(() -> new UrlTemplate("http://app/users/{key}").check(key))
                .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.kind()).isEqualTo(Problem.Kind.BAD_REQUEST));
        assertThatCode(() -> new UrlTemplate("http://app/users?id={key}").check(key))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"...", "a..b", "..a", "a.", ".a/b", "%2e%2e"})
    void aKeyWithHarmlessDotsIsAccepted(String key) {
        assertThatCode(() -> new UrlTemplate("http://app/users/{key}").check(key))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "app/{key}",
                "ftp://app/{key}",
                "http:///{key}",
                "http://{key}/x",
                "http://{key}.app/x",
                "http://app{key}",
                "http://app:{key}/",
                "http://app?{key}#f",
                "http://app/{key}#part",
                "http://user:secret@app/{key}",
                "http://app/{key} x",
                "file:///etc/{key}"
            })
    void aTemplateThatMakesNoSenseIsRefused(String template) {
        assertThatThrownBy(() -> new UrlTemplate(template)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"http://app/a/{key}.json", "http://app/{key}/details"})
    void anythingMayStandAroundTheKey(String template) {
        assertThat(new UrlTemplate(template).expand("1")).isEqualTo(template.replace("{key}", "1"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://app:3000/users/{key}, false, app,   3000, /users/a/b",
        "https://app/users/{key},     true,  app,   443,  /users/a/b",
        "http://app?id={key},         false, app,   80,   /?id=a%2fb",
        "http://[::1]:81/{key},       false, [::1], 81,   /a/b",
    })
    void aRequestIsMadeOfItsParts(String template, boolean tls, String host, int port, String target) {
        UrlTemplate url = new UrlTemplate(template);
        assertThat(url.isTls()).isEqualTo(tls);
        assertThat(url.host()).isEqualTo(host);
        assertThat(url.port()).isEqualTo(port);
        assertThat(url.target("a/b")).isEqualTo(target);
    }

    @Property(tries = 500)
    void everyExpansionIsAUrlOfTheSameHostBelowTheSamePath(@ForAll @StringLength(min = 1, max = 50) String key) {
        String url = new UrlTemplate("http://app:3000/users/{key}?id={key}").expand(key);
        URI uri = URI.create(url);
        assertThat(uri.getHost()).isEqualTo("app");
        assertThat(uri.getPort()).isEqualTo(3000);
        assertThat(uri.getRawPath()).startsWith("/users/");
        assertThat(uri.getRawFragment()).isNull();
        assertThat(url.chars()).allMatch(c -> c > 0x20 && c < 0x7F);
    }
}
