package dev.weir.warm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.store.Settled;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryWarmStoreTest extends WarmStoreContract {

    private final AtomicLong clock = new AtomicLong(1_800_000_000_000L);
    private final MemoryWarmStore store = new MemoryWarmStore(clock::get);

    @Override
    WarmStore store() {
        return store;
    }

    @Override
    long now() {
        return clock.get();
    }

    @Override
    void pass(Duration time) {
        clock.addAndGet(time.toMillis());
    }

    @Test
    void whatWasReadLongAgoMakesRoomForWhatIsReadNow() {
        Settled.value(store.countReads("users", Map.of("once", 100L, "rare", 1L)));
        pass(Duration.ofMinutes(30));
        Settled.value(store.countReads("users", Map.of("now", 20L)));
        assertThat(hot("users", 10)).containsExactly("now", "once");
        pass(Duration.ofDays(1));
        Settled.value(store.countReads("users", Map.of("late", 1L)));
        assertThat(hot("users", 10)).containsExactly("late");
    }

    @Test
    void aRunIsForgottenAfterADay() {
        Settled.value(store.save(run("users", "a", now(), "done")));
        pass(WarmStore.KNOWN);
        assertThat(Settled.value(store.find("users", "a"))).isNull();
        assertThat(Settled.value(store.list("users", 10))).isEmpty();
    }
}
