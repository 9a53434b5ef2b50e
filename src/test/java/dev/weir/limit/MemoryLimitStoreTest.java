package dev.weir.limit;

import dev.weir.redis.ChangeBus;

class MemoryLimitStoreTest extends LimitStoreContract {

    private final MemoryLimitStore store =
            new MemoryLimitStore(64 << 20, new ChangeBus("unused"), () -> 1_790_000_000_123_456L, () -> {});

    @Override
    LimitStore store() {
        return store;
    }
}
