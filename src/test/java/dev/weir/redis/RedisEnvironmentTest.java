package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisEnvironmentTest {

    /** @param variables as {@code A=b C=d} */
    private static java.util.Optional<RedisTarget> target(String variables) {
        Map<String, String> environment = new HashMap<>();
        for (String each : variables.split(" ")) {
            if (!each.isEmpty()) {
                environment.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
            }
        }
        return RedisEnvironment.target(new SmallRyeConfigBuilder()
                .withSources(new EnvConfigSource(environment, 300))
                .build());
    }

    @ParameterizedTest
    @CsvSource({
        "REDIS_URL=redis://h:7000/2, redis://h:7000/2, ",
        "REDIS_URL=rediss://:pw@h, rediss://h:6379/0, pw",
        "REDIS_URL=redis://h REDIS_HOST=other, redis://h:6379/0, ",
        "REDIS_MODE=standalone REDIS_URL=redis://h, redis://h:6379/0, ",
        "REDIS_HOST=h, redis://h:6379/0, ",
        "REDIS_HOST=h REDIS_PORT=7000 REDIS_DB=3, redis://h:7000/3, ",
        "REDIS_HOST=h REDIS_PASSWORD=a+b/:@%&c, redis://h:6379/0, a+b/:@%&c",
        "REDIS_HOST=h REDIS_PORT=tcp://10.0.0.1:6379, redis://h:6379/0, ",
        "REDIS_HOST=h REDIS_PORT= REDIS_DB= REDIS_PASSWORD=, redis://h:6379/0, ",
        "REDIS_HOST=10.1.2.3, redis://10.1.2.3:6379/0, ",
        "REDIS_HOST=my_redis, redis://my_redis:6379/0, "
    })
    void theEnvironmentSaysWhereRedisIs(String variables, String shown, String password) {
        RedisTarget target = target(variables).orElseThrow();
        assertThat(target).hasToString(shown);
        assertThat(target.password()).isEqualTo(password);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "REDIS_URL=", "REDIS_HOST=", "REDIS_MODE=standalone"})
    void withoutAHostThereIsNoRedis(String variables) {
        assertThat(target(variables)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "REDIS_MODE=sentinel REDIS_URL=redis://h, REDIS_MODE",
        "REDIS_MODE=cluster, REDIS_MODE",
        "REDIS_MODE=nonsense, REDIS_MODE",
        "'REDIS_URL=redis://a,b', REDIS_URL",
        "REDIS_URL=http://h, REDIS_URL",
        "REDIS_URL=redis://h/x, REDIS_URL",
        "REDIS_HOST=h REDIS_PORT=0, REDIS_PORT",
        "REDIS_HOST=h REDIS_PORT=65536, REDIS_PORT",
        "REDIS_HOST=h REDIS_PORT=x, REDIS_PORT",
        "REDIS_HOST=h REDIS_DB=-1, REDIS_DB",
        "REDIS_HOST=h REDIS_DB=x, REDIS_DB",
        "REDIS_HOST=a/b@c, REDIS_HOST",
        "REDIS_HOST=redis://h, REDIS_HOST"
    })
    void aVariableThatMakesNoSenseIsNamed(String variables, String name) {
        assertThatThrownBy(() -> target(variables))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(name + ": ");
    }
}
