package dev.weir.lock;

import dev.weir.lock.LockStore.Lock;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Settled;
import org.jetbrains.kotlinx.lincheck.LinChecker;
import org.jetbrains.kotlinx.lincheck.annotations.Operation;
import org.jetbrains.kotlinx.lincheck.annotations.Param;
import org.jetbrains.kotlinx.lincheck.paramgen.IntGen;
import org.jetbrains.kotlinx.lincheck.strategy.stress.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Whatever threads do at once with a lock and with a semaphore in memory, there is an order of their calls in which each
 * has the answer that it had. The clock stands still: no time is over, and a fencing number tells how many came before.
 */
@Param(name = "token", gen = IntGen.class, conf = "1:3")
@Param(name = "permits", gen = IntGen.class, conf = "1:2")
public class MemoryLockStoreLinearizabilityTest {

    private final LockStore store = new MemoryLockStore(new ChangeBus("unused"), () -> 1_000);

    private static Lock lock(int permits) {
        return new Lock("with " + permits, permits);
    }

    private static String token(int token) {
        return "t" + token;
    }

    @Operation
    public String acquire(@Param(name = "permits") int permits, @Param(name = "token") int token) {
        return Settled.value(store.acquire(lock(permits), token(token), token(token), 10_000, 0))
                .toString();
    }

    @Operation
    public String extend(@Param(name = "permits") int permits, @Param(name = "token") int token) {
        return String.valueOf(Settled.value(store.extend(lock(permits), token(token), 20_000)));
    }

    @Operation
    public boolean release(@Param(name = "permits") int permits, @Param(name = "token") int token) {
        return Settled.value(store.release(lock(permits), token(token)));
    }

    @Operation
    public String describe(@Param(name = "permits") int permits) {
        return Settled.value(store.describe(lock(permits))).toString();
    }

    @Test
    void whatThreadsDoAtOnceHasAnOrder() {
        LinChecker.check(
                MemoryLockStoreLinearizabilityTest.class,
                new StressOptions()
                        .iterations(20)
                        .invocationsPerIteration(500)
                        .threads(3)
                        .actorsPerThread(3)
                        .minimizeFailedScenario(false));
    }
}
