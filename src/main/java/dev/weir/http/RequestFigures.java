package dev.weir.http;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The requests that this process has answered since its start, and how long that took. Paths are no labels: they hold keys.
 * Every meter exists from the start, so that none has to be looked for while requests are answered.
 */
@Singleton
final class RequestFigures {

    /** What a request is for. */
    enum Kind {
        /** It is one of those below {@code /v1}. */
        API,
        /** It is one of those that a site takes. */
        ROUTE
    }

    private enum Outcome {
        SUCCESS,
        CLIENT_ERROR,
        SERVER_ERROR;

        static Outcome of(int status) {
            return status < 400 ? SUCCESS : status < 500 ? CLIENT_ERROR : SERVER_ERROR;
        }
    }

    private static final Duration[] BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofNanos(250_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };

    private record Meters(Map<Outcome, Timer> times, Map<Outcome, Counter> waits) {}

    private final Map<Kind, Meters> meters = new EnumMap<>(Kind.class);

    RequestFigures(MeterRegistry registry) {
        for (Kind kind : Kind.values()) {
            Meters of = new Meters(new EnumMap<>(Outcome.class), new EnumMap<>(Outcome.class));
            meters.put(kind, of);
            for (Outcome outcome : Outcome.values()) {
                of.times.put(
                        outcome,
                        Timer.builder("weir_http_requests_seconds")
                                .description("Time from a request to the end of its answer")
                                .tag("kind", word(kind))
                                .tag("outcome", word(outcome))
                                .serviceLevelObjectives(BUCKETS)
                                .register(registry));
                of.waits.put(
                        outcome,
                        Counter.builder("weir_http_long_requests_total")
                                .description(
                                        "Requests that take long because they wait for something, which are not timed")
                                .tag("kind", word(kind))
                                .tag("outcome", word(outcome))
                                .register(registry));
            }
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private Meters of(Kind kind) {
        return requireNonNull(meters.get(kind));
    }

    void count(Kind kind, int status, long nanos) {
        requireNonNull(of(kind).times.get(Outcome.of(status))).record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts one that waited on purpose. */
    void countLong(Kind kind, int status) {
        requireNonNull(of(kind).waits.get(Outcome.of(status))).increment();
    }
}
