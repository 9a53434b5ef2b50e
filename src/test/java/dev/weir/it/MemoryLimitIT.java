package dev.weir.it;

import static dev.weir.it.Checks.admits;
import static dev.weir.it.Seen.metric;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.WeirProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Limits without any Redis. */
class MemoryLimitIT extends LimitContract {

    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        weir = settings().start();
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    @Override
    WeirProcess weir() {
        return weir;
    }

    @Override
    String itsScope() {
        return "local";
    }

    @Test
    void nothingIsAFallbackWithoutARedis() {
        assertThat(Checks.peek(weir, "chat", "no-fallback").has("fallback")).isFalse();
        assertThat(Seen.mode(weir)).isEqualTo("memory");
    }

    @Test
    void memoryIsBounded() {
        try (WeirProcess small = WeirProcess.builder()
                .property("weir.limits.one.limit", "1")
                .property("weir.limits.one.window", "1h")
                .property("weir.limit.memory-max-bytes", "64KiB")
                .start()) {
            for (int i = 0; i < 2_000; i++) {
                assertThat(admits(small, "one", "key-" + i)).isTrue();
            }
            assertThat(metric(small, "weir_limit_evictions_total")).isBetween(1_000.0, 1_999.0);
            assertThat(admits(small, "one", "key-1999"))
                    .as("the latest is remembered")
                    .isFalse();
        }
    }
}
