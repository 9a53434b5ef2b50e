package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisTargetTest {

    @ParameterizedTest
    @CsvSource({
        "redis://h, h, 6379, false, , , 0",
        "redis://h/, h, 6379, false, , , 0",
        "redis://h:7000, h, 7000, false, , , 0",
        "rediss://h:7000/2, h, 7000, true, , , 2",
        "' redis://h ', h, 6379, false, , , 0",
        "redis://:pw@h, h, 6379, false, , pw, 0",
        "redis://user:pw@h:1/15, h, 1, false, user, pw, 15",
        "redis://user@h, h, 6379, false, user, , 0",
        "redis://user:@h, h, 6379, false, user, , 0",
        "redis://:p:w@h, h, 6379, false, , p:w, 0",
        "redis://:p%40%2F%3A%25@h, h, 6379, false, , p@/:%, 0",
        "redis://:a+b%20c@h, h, 6379, false, , a+b c, 0",
        "redis://us%C3%A9r:%E2%82%AC@h, h, 6379, false, usér, €, 0",
        "redis://[::1]:7000/1, ::1, 7000, false, , , 1",
        "redis://127.0.0.1:6379/0, 127.0.0.1, 6379, false, , , 0",
        "redis://my_redis:6379, my_redis, 6379, false, , , 0"
    })
    void aUrlSaysWhereRedisIs(
            String url, String host, int port, boolean tls, String user, String password, int database) {
        RedisTarget target = RedisTarget.parse(url);
        assertThat(target.address().host()).isEqualTo(host);
        assertThat(target.address().port()).isEqualTo(port);
        assertThat(target.tls()).isEqualTo(tls);
        assertThat(target.user()).isEqualTo(user);
        assertThat(target.password()).isEqualTo(password);
        assertThat(target.database()).isEqualTo(database);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "h",
                "h:6379",
                "http://h",
                "redis:h",
                "redis://",
                "redis:///1",
                "redis://h/x",
                "redis://h/-1",
                "redis://h/1/2",
                "redis://h/99999999999",
                "redis://:%zz@h",
                "redis://h h",
                "redis://:s3cret word@h",
                "redis://:s3cret/word@h/0",
                "redis://user:1234/s3cret@h:6379/0"
            })
    void whatSaysNothingOfTheKindIsRefusedWithoutTellingThePassword(String url) {
        assertThatThrownBy(() -> RedisTarget.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> {
                    StringWriter trace = new StringWriter();
                    e.printStackTrace(new PrintWriter(trace));
                    assertThat(trace.toString()).doesNotContain("s3cret");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://user:s3cret@h:7000/1", "rediss://:s3cret@h:7000/1"})
    void itsTextHoldsNoCredentials(String url) {
        assertThat(RedisTarget.parse(url).toString()).matches("rediss?://h:7000/1");
    }
}
