package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cache.CacheStore.Condition;
import dev.weir.cache.CacheStore.Lease;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class MemoryCacheStoreTest extends CacheStoreContract {

    private final CopyOnWriteArrayList<Change> heard = new CopyOnWriteArrayList<>();
    private final List<String> evicted = new ArrayList<>();
    private final ChangeBus bus = new ChangeBus("unused");
    private final MemoryCacheStore store = store(64 << 20);

    MemoryCacheStoreTest() {
        bus.addListener(listener(heard));
    }

    private MemoryCacheStore store(long maxBytes) {
        return new MemoryCacheStore(bus, maxBytes, System::currentTimeMillis, evicted::add);
    }

    @Override
    CacheStore store() {
        return store;
    }

    @Override
    CopyOnWriteArrayList<Change> heard() {
        return heard;
    }

    @Test
    void clearingForgetsEntriesAliasesAndLeases() {
        CacheKey key = new CacheKey("users", "1");
        Settled.value(store.put(
                key, Entries.of("x", Entries.LONG, store.now(), List.of(), List.of("a")), new Condition.Always()));
        CacheKey loading = new CacheKey("users", "2");
        long token = ((Lease.Granted) Settled.value(store.lease(loading, null, Duration.ofSeconds(9)))).token();
        store.clear();

        assertThat(Settled.value(store.get(key, false))).isNull();
        assertThat(Settled.value(store.resolve("users", "a"))).isNull();
        assertThat(Settled.value(store.fill(loading, token, Entries.of("old", Entries.LONG, store.now()))))
                .isFalse();
        assertThat(Settled.value(store.get(loading, false))).isNull();
    }

    @Test
    void whatEntriesWeighIsBoundedAndWhatHadToGoIsCounted() {
        MemoryCacheStore small = store(100_000);
        String kilobyte = "x".repeat(1_000);
        for (int i = 0; i < 1_000; i++) {
            Settled.value(small.put(
                    new CacheKey("users", "k" + i),
                    Entries.of(kilobyte, Entries.LONG, small.now()),
                    new Condition.Always()));
        }
        int kept =
                Settled.value(small.list("users", "*", null, 2_000)).entries().size();
        assertThat(kept).isBetween(1, 100);
        assertThat(evicted).hasSize(1_000 - kept).containsOnly("users");
    }

    @Test
    void anEntryLargerThanTheWholeStoreIsNotKept() {
        MemoryCacheStore small = store(10_000);
        CacheKey key = new CacheKey("users", "big");
        Settled.value(
                small.put(key, Entries.of("x".repeat(20_000), Entries.LONG, small.now()), new Condition.Always()));
        assertThat(Settled.value(small.get(key, false))).isNull();
    }
}
