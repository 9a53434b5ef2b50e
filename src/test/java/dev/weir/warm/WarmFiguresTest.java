package dev.weir.warm;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class WarmFiguresTest {

    /** A counter that begins at 1 has not increased, for all that Prometheus can see. */
    @Test
    void whatWillBeCountedIsThereBeforeItHappens() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        WarmFigures figures = new WarmFigures(registry);
        figures.announce("users");
        for (String state : new String[] {"done", "skipped", "failed", "aborted"}) {
            assertThat(registry.get("weir_warmer_runs_total")
                            .tags("warmer", "users", "state", state)
                            .counter()
                            .count())
                    .as(state)
                    .isZero();
        }
        assertThat(registry.find("weir_warmer_runs_total")
                        .tag("state", "running")
                        .counter())
                .isNull();
        figures.ended("users", Run.State.FAILED);
        figures.failed("users");
        assertThat(registry.get("weir_warmer_runs_total")
                        .tag("state", "failed")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("weir_warmer_keys_total")
                        .tag("outcome", "failed")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("weir_warmer_keys_total")
                        .tag("outcome", "warmed")
                        .counter()
                        .count())
                .isZero();
    }
}
