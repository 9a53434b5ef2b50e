package dev.weir.warm;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** What warmers have done in this process since its start. */
final class WarmFigures {

    private final MeterRegistry registry;

    WarmFigures(MeterRegistry registry) {
        this.registry = registry;
    }

    void warmed(String warmer) {
        keys(warmer, "warmed");
    }

    void failed(String warmer) {
        keys(warmer, "failed");
    }

    private void keys(String warmer, String outcome) {
        Counter.builder("weir_warmer_keys_total")
                .description("Keys by what came of warming them")
                .tag("warmer", warmer)
                .tag("outcome", outcome)
                .register(registry)
                .increment();
    }

    void ended(String warmer, Run.State how) {
        Counter.builder("weir_warmer_runs_total")
                .description("Runs by how they ended")
                .tag("warmer", warmer)
                .tag("state", how.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .increment();
    }
}
