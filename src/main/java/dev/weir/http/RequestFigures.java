package dev.weir.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
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

    /** Those that ended in one way: the quick by their times, and those that waited. */
    private record End(Timer times, Counter waits) {}

    private static final class Ends {

        final End success;
        final End clientError;
        final End serverError;

        Ends(String kind, MeterRegistry registry) {
            success = end(kind, "success", registry);
            clientError = end(kind, "client_error", registry);
            serverError = end(kind, "server_error", registry);
        }

        private static End end(String kind, String outcome, MeterRegistry registry) {
            return new End(
                    Timer.builder("weir_http_requests_seconds")
                            .description("Time from a request to the end of its answer")
                            .tag("kind", kind)
                            .tag("outcome", outcome)
                            .serviceLevelObjectives(Latencies.bounds())
                            .register(registry),
                    Counter.builder("weir_http_long_requests_total")
                            .description("Requests that take long because they wait for something, which are not timed")
                            .tag("kind", kind)
                            .tag("outcome", outcome)
                            .register(registry));
        }

        End of(int status) {
            return status < 400 ? success : status < 500 ? clientError : serverError;
        }
    }

    private final Ends api;
    private final Ends route;

    RequestFigures(MeterRegistry registry) {
        api = new Ends("api", registry);
        route = new Ends("route", registry);
    }

    private Ends of(Kind kind) {
        return kind == Kind.API ? api : route;
    }

    void count(Kind kind, int status, long nanos) {
        of(kind).of(status).times.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts one that waited on purpose. */
    void countLong(Kind kind, int status) {
        of(kind).of(status).waits.increment();
    }
}
