package dev.weir.lock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lock.LockStore.Lock;
import dev.weir.lock.LockStore.Outcome;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Settled;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryLockStoreTest extends LockStoreContract {

    private final CopyOnWriteArrayList<Handed> heard = new CopyOnWriteArrayList<>();
    private final ChangeBus bus = new ChangeBus("unused");
    private final MemoryLockStore store = new MemoryLockStore(bus, () -> System.nanoTime() / 1_000_000);

    MemoryLockStoreTest() {
        bus.addListener(listener(heard));
    }

    @Override
    LockStore store() {
        return store;
    }

    @Override
    CopyOnWriteArrayList<Handed> heard() {
        return heard;
    }

    @Test
    void fencesGrowAlsoOverWhatIsForgotten() {
        AtomicLong clock = new AtomicLong(1_000);
        MemoryLockStore small = new MemoryLockStore(bus, clock::get);
        long last = 0;
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 10; i++) {
                String token = round + "-" + i;
                long fence = ((Outcome.Held) Settled.value(small.acquire(LOCK, token, "", LONG, 0))).fence();
                assertThat(fence).isGreaterThan(last);
                last = fence;
                Settled.value(small.release(LOCK, token));
            }
            clock.addAndGet(3_600_000);
            for (int i = 0; i < 3_000; i++) {
                Settled.value(small.describe(new Lock("other", 1)));
            }
        }
    }
}
