package dev.weir.ops;

import java.util.concurrent.atomic.AtomicLong;

class MemoryInstanceStoreTest extends InstanceStoreContract {

    private final AtomicLong clock = new AtomicLong(1_800_000_000_000L);
    private final InstanceStore store = new MemoryInstanceStore(clock::get);

    @Override
    InstanceStore store() {
        return store;
    }

    @Override
    void age(long millis) {
        clock.addAndGet(millis);
    }
}
