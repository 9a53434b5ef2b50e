package dev.weir.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
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

    private final Timer[][] times = new Timer[Kind.values().length][Outcome.values().length];
    private final Counter[][] waits = new Counter[Kind.values().length][Outcome.values().length];

    RequestFigures(MeterRegistry registry) {
        for (Kind kind : Kind.values()) {
            for (Outcome outcome : Outcome.values()) {
                times[kind.ordinal()][outcome.ordinal()] = Timer.builder("weir_http_requests_seconds")
                        .description("Time from a request to the end of its answer")
                        .tag("kind", word(kind))
                        .tag("outcome", word(outcome))
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry);
                waits[kind.ordinal()][outcome.ordinal()] = Counter.builder("weir_http_long_requests_total")
                        .description("Requests that take long because they wait for something, which are not timed")
                        .tag("kind", word(kind))
                        .tag("outcome", word(outcome))
                        .register(registry);
            }
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    void count(Kind kind, int status, long nanos) {
        times[kind.ordinal()][Outcome.of(status).ordinal()].record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts one that waited on purpose. */
    void countLong(Kind kind, int status) {
        waits[kind.ordinal()][Outcome.of(status).ordinal()].increment();
    }
}
