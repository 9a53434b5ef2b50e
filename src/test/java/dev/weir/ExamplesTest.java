package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cache.CacheConfig;
import dev.weir.cache.CachesConfig;
import dev.weir.cache.EventsConfig;
import dev.weir.limit.LimitsConfig;
import dev.weir.lock.LocksConfig;
import dev.weir.redis.RedisConfig;
import dev.weir.route.RoutesConfig;
import dev.weir.warm.WarmersConfig;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Weir knows every setting of the examples. */
class ExamplesTest {

    /** What an example sets besides what the mappings know: where the API is, and whom to believe. */
    private static final List<String> OTHERS = List.of("app.url", "weir.trusted-proxies");

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("deploy", "examples"))) {
            return files.sorted().toList();
        }
    }

    private static SmallRyeConfig read(PropertiesConfigSource... sources) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withSources(sources)
                .withMapping(CacheConfig.class)
                .withMapping(CachesConfig.class)
                .withMapping(EventsConfig.class)
                .withMapping(LimitsConfig.class)
                .withMapping(LocksConfig.class)
                .withMapping(RedisConfig.class)
                .withMapping(RoutesConfig.class)
                .withMapping(WarmersConfig.class)
                .build();
    }

    private static PropertiesConfigSource source(Path example) throws IOException {
        return new PropertiesConfigSource(example.toUri().toURL());
    }

    private static List<String> settings(Path example) throws IOException {
        return Files.readAllLines(example).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.substring(0, line.indexOf('=')))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everySettingIsKnownAndStandsOnce(Path example) throws IOException {
        assertThat(settings(example))
                .doesNotHaveDuplicates()
                .allMatch(setting -> setting.startsWith("weir.") || OTHERS.contains(setting));
        assertThat(read(source(example)).getConfigMapping(CachesConfig.class).byName())
                .isNotEmpty();
        Map<String, String> typo = Map.of("weir.caches.any.tll", "5m");
        assertThatThrownBy(() -> read(source(example), new PropertiesConfigSource(typo, "typo", 500)))
                .isInstanceOf(ConfigValidationException.class)
                .hasMessageContaining("weir.caches.any.tll");
    }

    @Test
    void eachTeamHasOne() throws IOException {
        assertThat(examples())
                .extracting(file -> file.getFileName().toString())
                .containsExactly(
                        "chat.properties",
                        "context-graph.properties",
                        "initiatives.properties",
                        "inquiries.properties",
                        "marketplace.properties");
    }

    /** The head of each says how it is used. */
    @ParameterizedTest
    @MethodSource("examples")
    void itsHeadSaysHowItIsMounted(Path example) throws IOException {
        List<String> lines = Files.readAllLines(example);
        assertThat(String.join(" ", lines.subList(0, 2)))
                .contains("config/application.properties", "APP_URL", "REDIS_URL");
    }
}
