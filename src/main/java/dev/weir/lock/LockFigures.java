package dev.weir.lock;

import dev.weir.lock.Locks.Answer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** What this process has done about locks since its start. Names of locks are no labels: there may be any number. */
final class LockFigures {

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5)
    };

    private final MeterRegistry registry;
    private final Counter granted;
    private final Counter refused;
    private final Timer waited;
    final Counter lost;

    LockFigures(MeterRegistry registry) {
        this.registry = registry;
        granted = acquisitions("granted");
        refused = acquisitions("refused");
        waited = Timer.builder("weir_lock_wait_seconds")
                .description("Time until a lock that was waited for was granted or refused")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        lost = Counter.builder("weir_lock_lost_total")
                .description("Extensions and releases of locks that were not held any more")
                .register(registry);
    }

    private Counter acquisitions(String outcome) {
        return Counter.builder("weir_lock_acquisitions_total")
                .description("Attempts to take a lock by their outcome")
                .tag("outcome", outcome)
                .register(registry);
    }

    void bindWaiting(IntSupplier waiting) {
        Gauge.builder("weir_lock_waiting", () -> waiting.getAsInt())
                .description("Those who wait for a lock at this instance")
                .register(registry);
    }

    /** @param waitedNanos 0 for one that was not to wait */
    void count(Answer answer, long waitedNanos) {
        (answer instanceof Answer.Granted ? granted : refused).increment();
        if (waitedNanos > 0) {
            waited.record(waitedNanos, TimeUnit.NANOSECONDS);
        }
    }
}
