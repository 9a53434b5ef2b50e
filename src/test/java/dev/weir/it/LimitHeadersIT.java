package dev.weir.it;

import static dev.weir.it.Checks.spend;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which header fields tell what is left. */
class LimitHeadersIT {

    @ParameterizedTest
    @CsvSource({"draft, true, false", "legacy, false, true", "both, true, true"})
    void areThoseThatWereAskedFor(String setting, boolean draft, boolean legacy) {
        try (WeirProcess weir = WeirProcess.builder()
                .property("weir.limit.headers", setting)
                .property("weir.limits.two.limit", "2")
                .property("weir.limits.two.window", "90m")
                .property("weir.limits.more.limit", "100")
                .property("weir.limits.more.window", "1500ms")
                .start()) {
            HttpResponse<byte[]> first = spend(weir, "two", "k");
            assertThat(Http.header(first, "RateLimit-Policy")).isEqualTo(draft ? "\"two\";q=2;w=5400" : null);
            assertThat(Http.header(first, "RateLimit")).isEqualTo(draft ? "\"two\";r=1;t=5400" : null);
            assertThat(Http.header(first, "X-RateLimit-Limit")).isEqualTo(legacy ? "2" : null);
            assertThat(Http.header(first, "X-RateLimit-Remaining")).isEqualTo(legacy ? "1" : null);
            assertThat(Http.header(first, "X-RateLimit-Reset")).isEqualTo(legacy ? "5400" : null);

            HttpResponse<byte[]> many = Http.post(
                    weir.url("/v1/limits"),
                    "{\"checks\":[{\"policy\":\"more\",\"key\":\"k\"},{\"policy\":\"two\",\"key\":\"k\"}]}",
                    "application/json");
            assertThat(Http.header(many, "RateLimit-Policy"))
                    .isEqualTo(draft ? "\"more\";q=100;w=2, \"two\";q=2;w=5400" : null);
            assertThat(Http.header(many, "X-RateLimit-Remaining"))
                    .as("of the one that has least left")
                    .isEqualTo(legacy ? "0" : null);

            HttpResponse<byte[]> refused = spend(weir, "two", "k");
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(Http.header(refused, "X-RateLimit-Remaining")).isEqualTo(legacy ? "0" : null);
            assertThat(Http.header(refused, "Retry-After")).matches("5[34]\\d\\d");
            assertThat(Http.header(Http.get(weir.url("/v1/gate/two?key=k")), "X-RateLimit-Limit"))
                    .isEqualTo(legacy ? "2" : null);
        }
    }
}
