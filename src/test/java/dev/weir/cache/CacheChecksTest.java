package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheChecksTest {

    private static final Map<String, String> GOOD = Map.of(
            "weir.caches.users.ttl", "PT5M",
            "weir.caches.users.origin.url", "http://app:3000/users/{key}");

    static CachesConfig caches(Map<String, String> properties) {
        return config(properties).getConfigMapping(CachesConfig.class);
    }

    static SmallRyeConfig config(Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .withMapping(CachesConfig.class)
                .withMapping(CacheConfig.class)
                .withConverter(java.time.Duration.class, 200, CacheChecksTest::duration)
                .withSources(new PropertiesConfigSource(properties, "test", 500))
                .build();
    }

    /** Quarkus' own converter, as far as the defaults need it. */
    static java.time.Duration duration(String text) {
        return dev.weir.http.Durations.parse(text).orElseGet(() -> java.time.Duration.parse(text));
    }

    private static void check(String setting, String value) {
        Map<String, String> properties = new HashMap<>(GOOD);
        properties.put(setting, value);
        CachesConfig caches = caches(properties);
        caches.byName().forEach(CacheChecks::check);
        CacheChecks.check(config(properties).getConfigMapping(CacheConfig.class));
    }

    @Test
    void theDefaultsMakeSense() {
        assertThatCode(() -> check("weir.caches.other.ttl", "PT1S")).doesNotThrowAnyException();
        CachePolicy policy = CachePolicy.of(caches(GOOD).settingsOf("never-declared"));
        assertThat(policy)
                .isEqualTo(new CachePolicy(
                        new Lifetimes(300_000, 0, 0), new Lifetimes(5_000, 0, 0), 0, false, 1_024, 1 << 20));
    }

    @ParameterizedTest
    @CsvSource({
        "weir.caches.users.ttl, PT0S",
        "weir.caches.users.ttl, -PT1S",
        "weir.caches.users.ttl, P4000D",
        "weir.caches.users.stale-while-revalidate, -PT1S",
        "weir.caches.users.stale-if-error, -PT1S",
        "weir.caches.users.stale-if-error, P4000D",
        "weir.caches.users.negative-ttl, -PT1S",
        "weir.caches.users.near.ttl, -PT1S",
        "weir.caches.users.near.max-entries, -1",
        "weir.caches.users.refresh-ahead, -0.1",
        "weir.caches.users.refresh-ahead, 1",
        "weir.caches.users.refresh-ahead, NaN",
        "weir.caches.users.max-entry-size, 0",
        "weir.caches.users.max-entry-size, 257MiB",
        "weir.caches.users.origin.url, app/{key}",
        "weir.caches.users.origin.timeout, PT0S",
        "weir.caches.users.origin.retries, -1",
        "weir.caches.users.origin.retries, 11",
        "weir.caches.users.origin.max-concurrent, 0",
        "weir.caches.users.origin.max-concurrent, 10001",
        "weir.cache.journal-max-entries, 0",
        "weir.cache.memory-max-bytes, 0"
    })
    void aSettingThatMakesNoSenseIsNamed(String setting, String value) {
        assertThatThrownBy(() -> check(setting, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(setting + ": ");
    }

    @ParameterizedTest
    @CsvSource({
        "weir.caches.users.stale-while-revalidate, PT0S",
        "weir.caches.users.negative-ttl, PT0S",
        "weir.caches.users.near.ttl, PT0S",
        "weir.caches.users.near.max-entries, 0",
        "weir.caches.users.near.max-bytes, 0",
        "weir.caches.users.refresh-ahead, 0.99",
        "weir.caches.users.max-entry-size, 256MiB",
        "weir.caches.users.compress-over, 0",
        "weir.caches.users.origin.retries, 0",
        "weir.cache.journal-max-entries, 1",
        "weir.cache.memory-max-bytes, 1"
    })
    void theEdgesOfWhatMakesSenseAreAccepted(String setting, String value) {
        assertThatCode(() -> check(setting, value)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"weir.caches.\"a b\".ttl", "weir.caches.\"a/b\".ttl", "weir.caches.\"ü\".ttl"})
    void aCacheWhoseNameIsNoneIsRefused(String setting) {
        assertThatThrownBy(() -> check(setting, "PT1S"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no name");
    }
}
