package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.WeirProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Caches without any Redis. */
class MemoryCacheIT extends CacheContract {

    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        weir = settings().start();
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    @Test
    void nothingIsDegradedWithoutARedis() {
        assertThat(Seen.mode(weir)).isEqualTo("memory");
    }

    @Override
    WeirProcess weir() {
        return weir;
    }

    @Override
    String itsScope() {
        return "local";
    }

    @Override
    String itsStore() {
        return "memory";
    }
}
