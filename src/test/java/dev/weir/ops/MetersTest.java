package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The registry is put together as the service has it: one that is scraped, below one that stands for all. */
class MetersTest {

    @SuppressWarnings("deprecation") // it is the one that Quarkus brings
    private final CompositeMeterRegistry registry =
            new CompositeMeterRegistry().add(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));

    private final Meters meters = new Meters(registry);

    private Timer timer(String name, String... tags) {
        return Timer.builder(name)
                .tags(tags)
                .serviceLevelObjectives(Duration.ofMillis(1), Duration.ofMillis(10), Duration.ofMillis(100))
                .register(registry);
    }

    private void count(int times, String name, String... tags) {
        Counter.builder(name).tags(tags).register(registry).increment(times);
    }

    @Test
    void aTimersBucketsAreReadEachForItself() {
        Timer gets = timer("weir_cache_get_seconds", "cache", "users");
        for (int millis : new int[] {1, 5, 5, 50, 2000, 3000}) {
            gets.record(Duration.ofMillis(millis));
        }
        assertThat(meters.read().time(Meters.CACHE, List.of("users"), "get"))
                .isEqualTo(DistributionTest.of(5061, 1, 1, 10, 2, 100, 1, 0, 2));
    }

    @Test
    void countersAreFoundUnderTheirSubjects() {
        count(3, "weir_cache_requests_total", "cache", "users", "result", "near");
        count(2, "weir_cache_requests_total", "cache", "lists", "result", "near");
        count(4, "weir_limit_fallbacks_total", "policy", "chat", "mode", "local");
        count(1, "weir_limit_fallbacks_total", "policy", "chat", "mode", "deny");
        count(5, "weir_lock_acquisitions_total", "outcome", "granted");
        count(6, "weir_warmer_runs_total", "warmer", "users", "state", "done");
        count(7, "weir_route_requests", "route", "api", "result", "hit");
        count(8, "weir_http_long_requests_total", "kind", "api", "outcome", "success");
        count(9, "another_total", "cache", "users", "result", "near");
        timer("weir_cache_load_seconds", "cache", "users", "outcome", "success").record(Duration.ofMillis(1));
        timer("weir_cache_load_seconds", "cache", "users", "outcome", "failure").record(Duration.ofMillis(1));
        Gauge.builder("weir_cache_near_entries", () -> 12).tag("cache", "users").register(registry);

        Figures read = meters.read();

        assertThat(read.count(Meters.CACHE, "users", "near")).isEqualTo(3);
        assertThat(read.count(Meters.CACHE, "lists", "near")).isEqualTo(2);
        assertThat(read.count(Meters.CACHE, "users", "loads")).isEqualTo(1);
        assertThat(read.count(Meters.CACHE, "users", "loadFailures")).isEqualTo(1);
        assertThat(read.count(Meters.LIMIT, "chat", "fallbacks"))
                .as("whatever the policy did then")
                .isEqualTo(5);
        assertThat(read.count(Meters.LOCK, "", "granted")).isEqualTo(5);
        assertThat(read.count(Meters.WARMER, "users", Meters.RUN + "done")).isEqualTo(6);
        assertThat(read.count(Meters.ROUTE, "api", "hit")).isEqualTo(7);
        assertThat(read.level(Meters.CACHE, List.of("users"), "nearEntries")).isEqualTo(12);
        assertThat(RequestSums.of(read, List.of("api")).total()).isEqualTo(8);
        assertThat(RequestSums.of(read, List.of("api")).times().count()).isZero();
    }

    @Test
    void requestsAreCountedByTheirOutcomes() {
        timer("weir_http_requests_seconds", "kind", "api", "outcome", "success").record(Duration.ofMillis(5));
        timer("weir_http_requests_seconds", "kind", "api", "outcome", "client_error")
                .record(Duration.ofMillis(5));
        timer("weir_http_requests_seconds", "kind", "route", "outcome", "server_error")
                .record(Duration.ofMillis(5));
        count(1, "weir_http_long_requests_total", "kind", "route", "outcome", "server_error");

        RequestSums sums = RequestSums.of(meters.read(), List.of("api", "route"));

        assertThat(sums.total()).isEqualTo(4);
        assertThat(sums.errors()).isEqualTo(2);
        assertThat(sums.errorRate()).isEqualTo(0.5);
        assertThat(sums.times().count()).isEqualTo(3);
    }
}
