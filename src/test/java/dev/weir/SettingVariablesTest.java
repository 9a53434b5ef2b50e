package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.weir.route.RoutesConfig;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingVariablesTest {

    /** What is read without a mapping. */
    private static final Set<String> OTHERS = Set.of("weir.trusted-proxies");

    private static final List<Class<?>> MAPPINGS = mappings();

    private static List<Class<?>> mappings() {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.weir").stream()
                        .filter(each -> each.isAnnotatedWith(ConfigMapping.class))
                        .<Class<?>>map(JavaClass::reflect)
                        .toList();
    }

    private static SmallRyeConfig config(Map<String, String> variables, Map<String, String> settings) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withSources(new EnvConfigSource(variables, 300), new PropertiesConfigSource(settings, "file", 250));
        MAPPINGS.forEach(builder::withMapping);
        return builder.build();
    }

    /** What is said when these variables are set, and these settings elsewhere. */
    private static String refused(Map<String, String> variables, Map<String, String> settings) {
        try {
            SettingVariables.refuseUnknown(
                    config(variables, settings),
                    Set.of("cache", "caches", "limits", "lock", "redis", "routes", "trusted-proxies"));
            return "";
        } catch (ConfigurationException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "WEIR_CACHE_UNDECLARD",
                "WEIR_CACHES_USERS_TLL",
                "WEIR_CACHES_USERS_TTL_",
                "WEIR_CACHES_TTL",
                "WEIR_CACHES_USERS_NEAR_MAX_ENTRYS",
                "WEIR_CACHES_USERS_ORIGIN_HEADER_ACCEPT",
                "WEIR_LOCK_NAMES",
                "WEIR_REDIS_SERVICE",
                "weir_redis_timeouts",
                "weir.redis.timeouts",
                "WEIR_TRUSTED_PROXIES_1_"
            })
    void whatIsNoSettingIsRefused(String name) {
        assertThat(refused(Map.of(name, "1"), Map.of())).isEqualTo(name + ": there is no such setting");
    }

    @Test
    void allThatAreWrongAreNamed() {
        assertThat(refused(Map.of("WEIR_CACHE_B", "1", "WEIR_CACHE_A", "1", "WEIR_CACHE_UNDECLARED", "deny"), Map.of()))
                .isEqualTo("WEIR_CACHE_A: there is no such setting; WEIR_CACHE_B: there is no such setting");
    }

    @Test
    void whereTheNameIsKnownFromElsewhereTheVariableIsASetting() {
        Map<String, String> variable = Map.of("WEIR_CACHES_MY_CACHE_NEAR_MAX_ENTRIES", "1");
        assertThat(refused(variable, Map.of())).startsWith("WEIR_CACHES_MY_CACHE_NEAR_MAX_ENTRIES: set it in config/");
        assertThat(refused(variable, Map.of("weir.caches.my-cache.ttl", "1m"))).isEmpty();
        assertThat(refused(variable, Map.of("weir.caches.\"my.cache\".ttl", "1m")))
                .isNotEmpty();
        assertThat(refused(
                        Map.of("WEIR_CACHES__MY_CACHE__SLIDING", "true"), Map.of("weir.caches.\"my.cache\".ttl", "1m")))
                .isEmpty();
    }

    /** What is in the file already may be set otherwise, and a list be made longer. */
    @Test
    void ofListsAndMapsOnlyWhatIsReadIsASetting() {
        Map<String, String> route =
                Map.of("weir.routes.my-route.path", "/x", "weir.routes.my-route.origin", "http://app");
        Map<String, String> withList = new HashMap<>(route);
        withList.put("weir.routes.my-route.methods[0]", "GET");
        withList.put("weir.routes.my-route.headers.X-One", "1");
        Map<String, String> both =
                Map.of("WEIR_ROUTES_MY_ROUTE_METHODS_1_", "PUT", "WEIR_ROUTES_MY_ROUTE_HEADERS_X_ONE", "2");
        assertThat(refused(both, withList)).isEmpty();
        assertThat(refused(both, route)).contains("METHODS_1_: set it in", "HEADERS_X_ONE: set it in");
        assertThat(refused(Map.of("WEIR_ROUTES_MY_ROUTE_METHODS", "PUT"), route))
                .isEmpty();

        RoutesConfig.RouteSettings read = config(both, withList)
                .getConfigMapping(RoutesConfig.class)
                .byName()
                .get("my-route");
        assertThat(read.methods()).contains(List.of("GET", "PUT"));
        assertThat(read.headers()).isEqualTo(Map.of("X-One", "2"));
        RoutesConfig.RouteSettings unread = config(both, route)
                .getConfigMapping(RoutesConfig.class)
                .byName()
                .get("my-route");
        assertThat(unread.methods()).isEmpty();
        assertThat(unread.headers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "WEIR_REDIS_PORT, tcp://10.0.0.1:6379",
        "WEIR_REDIS_PORT_6379_UDP, udp://10.0.0.1:6379",
        "WEIR_REDIS_PORT_6379_TCP_ADDR, 10.0.0.1",
        "WEIR_REDIS_SERVICE_HOST, 10.0.0.1",
        "WEIR_REDIS_SERVICE_PORT, 6379",
        "WEIR_REDIS_SERVICE_PORT_TLS, 6379",
        "WEIR_LOCK_NAME, any",
        "WEIR_LOCK_FENCE, 7",
        "WEIR_LOCK_TOKEN, secret",
        "WEIR_HOME, /opt/weir",
        "WEIR_CACHESIZE, 5",
        "WEIR_TRUSTED_PROXIES, 10.0.0.1",
        "MY_WEIR_CACHE_X, 1",
    })
    void whatIsAnothersIsLeftToHim(String name, String value) {
        assertThat(refused(Map.of(name, value), Map.of())).isEmpty();
    }

    @Test
    void everySettingOfTheMappingsIsKnownAndNoOther() {
        Set<String> expected = new TreeSet<>(OTHERS);
        for (Class<?> each : MAPPINGS) {
            expected.addAll(ConfigClass.configClass(each).getProperties().keySet());
        }
        assertThat(SettingVariables.SETTINGS)
                .as(() -> String.join("\n", expected))
                .isEqualTo(List.copyOf(expected));
    }
}
