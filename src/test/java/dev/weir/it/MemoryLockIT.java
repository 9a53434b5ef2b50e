package dev.weir.it;

import dev.weir.testkit.WeirProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Locks without any Redis. */
class MemoryLockIT extends LockContract {

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
}
