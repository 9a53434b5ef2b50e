package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cache.CacheStore.Selection;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Availability;
import dev.weir.store.Settled;
import dev.weir.store.StoreUnavailable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JournalTest {

    private final List<Selection> told = new ArrayList<>();

    /** A store that only knows how to remove. */
    private static CacheStore removing(Function<Selection, Future<Long>> remove) {
        return (CacheStore) Proxy.newProxyInstance(
                CacheStore.class.getClassLoader(), new Class<?>[] {CacheStore.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("remove")) {
                        throw new AssertionError(method + " was called");
                    }
                    return remove.apply((Selection) arguments[0]);
                });
    }

    private final CacheStore willing = removing(selection -> {
        told.add(selection);
        return Future.succeededFuture(0L);
    });

    private static Selection key(String cache, int i) {
        return new Selection.Key(cache, "k" + i);
    }

    @Test
    void everythingPendingIsToldOnce() {
        Journal journal = new Journal(100, willing);
        List<Selection> all = List.of(
                key("users", 1),
                new Selection.Tag("users", "t"),
                key("users", 0),
                new Selection.Pattern("users", "a*"));
        all.forEach(journal::add);
        journal.add(key("users", 1));
        assertThat(journal.size()).isEqualTo(4);
        Settled.value(journal.run());
        assertThat(told).containsExactlyInAnyOrderElementsOf(all);
        assertThat(journal.size()).isZero();
        Settled.value(journal.run());
        assertThat(told).hasSize(4);
    }

    @Test
    void manyOfManyCachesAreAllTold() {
        Journal journal = new Journal(10_000, willing);
        for (int i = 0; i < 1_700; i++) {
            journal.add(key("a", i));
            journal.add(key("b", i));
        }
        journal.add(new Selection.Everything());
        Settled.value(journal.run());
        assertThat(told).hasSize(3_401).doesNotHaveDuplicates().contains(new Selection.Everything());
    }

    @Test
    void beyondItsBoundAllOfThatCacheIsDroppedInstead() {
        Journal journal = new Journal(10, willing);
        IntStream.range(0, 1_000).forEach(i -> journal.add(key("users", i)));
        IntStream.range(0, 10).forEach(i -> journal.add(key("others", i)));
        assertThat(journal.size()).isEqualTo(11);
        Settled.value(journal.run());
        assertThat(told).contains(new Selection.Pattern("users", "*")).hasSize(11);
    }

    @Test
    void thatEverythingGoesIsNeverForgottenWhateverTheBound() {
        Journal journal = new Journal(1, willing);
        journal.add(new Selection.Everything());
        journal.add(new Selection.Everything());
        Settled.value(journal.run());
        assertThat(told).contains(new Selection.Everything());
    }

    @Test
    void whatTheStoreWasNotToldStaysPending() {
        boolean[] back = {false};
        Journal journal = new Journal(10_000, removing(selection -> {
            if (!back[0]) {
                return Future.failedFuture(StoreUnavailable.unreachable("still away"));
            }
            told.add(selection);
            return Future.succeededFuture(0L);
        }));
        IntStream.range(0, 1_200).forEach(i -> journal.add(key("users", i)));
        assertThat(Settled.failure(journal.run())).isInstanceOf(StoreUnavailable.class);
        assertThat(journal.size()).isEqualTo(1_200);
        back[0] = true;
        Settled.value(journal.run());
        assertThat(told).hasSize(1_200).doesNotHaveDuplicates();
    }

    @Test
    void whatIsAddedWhileItReplaysIsToldToo() {
        List<Promise<Long>> pending = new ArrayList<>();
        CacheStore slow = removing(selection -> {
            told.add(selection);
            Promise<Long> promise = Promise.promise();
            pending.add(promise);
            return promise.future();
        });
        Journal journal = new Journal(100, slow);
        journal.add(key("users", 1));
        Future<?> replay = journal.run();
        journal.add(key("users", 2));
        journal.add(key("users", 1)); // invalidated again: what the first removal left may be newer
        assertThat(replay.isComplete()).isFalse();
        pending.getFirst().complete(0L);
        assertThat(told)
                .containsExactlyInAnyOrder(key("users", 1), key("users", 2), key("users", 1))
                .startsWith(key("users", 1));
        pending.get(1).complete(0L);
        pending.get(2).complete(0L);
        Settled.value(replay);
        assertThat(journal.size()).isZero();
    }

    @Test
    void tagsAndPatternsAreToldOneAtATime() {
        List<Promise<Long>> pending = new ArrayList<>();
        Journal journal = new Journal(100, removing(selection -> {
            Promise<Long> promise = Promise.promise();
            pending.add(promise);
            return promise.future();
        }));
        journal.add(new Selection.Tag("users", "a"));
        journal.add(new Selection.Pattern("users", "b*"));
        Future<?> replay = journal.run();
        assertThat(pending).hasSize(1);
        pending.getFirst().complete(0L);
        assertThat(pending).hasSize(2);
        pending.getLast().complete(0L);
        Settled.value(replay);
    }

    @Test
    void redisIsNotBelievedWhileAnInvalidationIsPending() {
        Journal journal = new Journal(100, willing);
        boolean[] up = {false};
        journal.add(key("users", 1));
        assertThat(journal.ifNothingPending(() -> up[0] = true)).isFalse();
        assertThat(up[0]).isFalse();
        Settled.value(journal.run());
        assertThat(journal.ifNothingPending(() -> up[0] = true)).isTrue();
        assertThat(up[0]).isTrue();
    }

    @Test
    void anInvalidationThatComesAsRedisReturnsIsToldAtOnce() {
        Availability availability = Availability.of(true, new SimpleMeterRegistry());
        Journal journal = new Journal(100, willing);
        JournalingCacheStore local = standIn(journal, willing, availability);
        Settled.value(local.remove(key("users", 1)));
        assertThat(told).as("Redis is away").isEmpty();
        assertThat(journal.size()).isEqualTo(1);
        availability.up();
        Settled.value(local.remove(key("users", 2)));
        assertThat(told).containsExactly(key("users", 2));
        assertThat(journal.size()).isEqualTo(1);
    }

    @Test
    void anInvalidationThatCannotBeToldMakesRedisUnavailableUntilItCan() {
        Availability availability = Availability.of(true, new SimpleMeterRegistry());
        availability.up();
        CacheStore away = removing(selection -> Future.failedFuture(StoreUnavailable.unreachable("still away")));
        Journal journal = new Journal(100, willing);
        Settled.value(standIn(journal, away, availability).remove(key("users", 1)));
        assertThat(availability.isUp()).isFalse();
        assertThat(journal.size()).isEqualTo(1);
    }

    private static JournalingCacheStore standIn(Journal journal, CacheStore shared, Availability availability) {
        MemoryCacheStore memory =
                new MemoryCacheStore(new ChangeBus("changes"), 1 << 20, System::currentTimeMillis, cache -> {});
        return new JournalingCacheStore(memory, journal, shared, availability);
    }

    @Test
    void memoryKeepsNothingWhileRedisAnswers() {
        Availability availability = Availability.of(true, new SimpleMeterRegistry());
        availability.up();
        MemoryCacheStore memory =
                new MemoryCacheStore(new ChangeBus("changes"), 1 << 20, System::currentTimeMillis, cache -> {});
        JournalingCacheStore local = new JournalingCacheStore(memory, new Journal(100, willing), willing, availability);
        CacheKey key = new CacheKey("users", "1");
        Entry entry = Entry.negative(new Lifetimes(60_000, 0, 0), System.currentTimeMillis());
        CacheStore.Lease lease = Settled.value(local.lease(key, null, Duration.ofSeconds(1)));
        assertThat(lease).isInstanceOf(CacheStore.Lease.Granted.class);
        long token = ((CacheStore.Lease.Granted) lease).token();
        assertThat(Settled.value(local.fill(key, token, entry))).isFalse();
        assertThat(Settled.value(memory.get(key, false))).isNull();
    }
}
