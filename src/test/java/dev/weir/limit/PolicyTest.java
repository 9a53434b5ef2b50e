package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTest {

    private record Settings(
            long limit,
            Duration window,
            Algorithm algorithm,
            OptionalLong burst,
            WhenUnavailable whenUnavailable,
            boolean shadow)
            implements LimitsConfig.LimitSettings {}

    private static Policy policy(String name, long limit, String window, Algorithm algorithm, long burst) {
        return Policy.of(
                name,
                new Settings(
                        limit,
                        Duration.parse(window),
                        algorithm,
                        burst == 0 ? OptionalLong.empty() : OptionalLong.of(burst),
                        WhenUnavailable.LOCAL,
                        false));
    }

    @ParameterizedTest
    @CsvSource({
        "0, PT1S, SLIDING_LOG, 0, limit",
        "-1, PT1S, FIXED_WINDOW, 0, limit",
        "100001, PT1S, SLIDING_LOG, 0, limit",
        "10001, PT1S, CONCURRENCY, 0, limit",
        "1000000001, PT1S, TOKEN_BUCKET, 1, limit",
        "5, PT0S, SLIDING_LOG, 0, window",
        "5, PT-1S, SLIDING_LOG, 0, window",
        "5, PT0.0005S, SLIDING_LOG, 0, window",
        "5, PT0.0015S, SLIDING_LOG, 0, window",
        "5, P367D, SLIDING_LOG, 0, window",
        "1000000000, P366D, TOKEN_BUCKET, 0, window",
        "5, PT1S, SLIDING_LOG, 9, burst",
        "5, PT1S, TOKEN_BUCKET, -1, burst",
        "5, PT1S, TOKEN_BUCKET, 1000000001, burst",
    })
    void aSenselessSettingIsRefusedByName(long limit, String window, Algorithm algorithm, long burst, String setting) {
        assertThatThrownBy(() -> policy("chat", limit, window, algorithm, burst))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("weir.limits.chat." + setting + ": ");
    }

    @Test
    void aNameThatIsNoneIsRefused() {
        assertThatThrownBy(() -> policy("a b", 1, "PT1S", Algorithm.SLIDING_LOG, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a b' is no name");
    }

    @Test
    void theBurstIsTheLimitUnlessItIsSet() {
        assertThat(policy("a", 5, "PT1S", Algorithm.TOKEN_BUCKET, 0).quota()).isEqualTo(new Quota(5, 1_000_000, 5));
        assertThat(policy("a", 5, "PT1S", Algorithm.TOKEN_BUCKET, 9).overridden(7, 1_000))
                .isEqualTo(new Quota(7, 1_000, 9));
        assertThat(policy("a", 5, "PT1S", Algorithm.TOKEN_BUCKET, 0).overridden(7, 1_000))
                .isEqualTo(new Quota(7, 1_000, 7));
    }
}
