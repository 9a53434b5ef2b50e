package dev.weir.warm;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumSet;
import java.util.Locale;

/** What warmers have done in this process since its start. */
final class WarmFigures {

    private final MeterRegistry registry;

    WarmFigures(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Shows all that will be counted as 0: Prometheus sees no increase in a counter that was not there before. */
    void announce(String warmer) {
        keys(warmer, "warmed");
        keys(warmer, "failed");
        EnumSet.complementOf(EnumSet.of(Run.State.RUNNING)).forEach(how -> runs(warmer, how));
    }

    void warmed(String warmer) {
        keys(warmer, "warmed").increment();
    }

    void failed(String warmer) {
        keys(warmer, "failed").increment();
    }

    void ended(String warmer, Run.State how) {
        runs(warmer, how).increment();
    }

    private Counter keys(String warmer, String outcome) {
        return Counter.builder("weir_warmer_keys_total")
                .description("Keys by what came of warming them")
                .tag("warmer", warmer)
                .tag("outcome", outcome)
                .register(registry);
    }

    private Counter runs(String warmer, Run.State how) {
        return Counter.builder("weir_warmer_runs_total")
                .description("Runs by how they ended")
                .tag("warmer", warmer)
                .tag("state", how.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }
}
