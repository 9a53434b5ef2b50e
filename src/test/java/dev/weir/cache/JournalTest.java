package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cache.CacheStore.Selection;
import dev.weir.store.Availability;
import dev.weir.store.Settled;
import dev.weir.store.StoreUnavailable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.reflect.Proxy;
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

    private final CacheStore away =
            removing(selection -> Future.failedFuture(StoreUnavailable.unreachable("still away")));

    private static Selection key(String cache, int i) {
        return new Selection.Key(cache, "k" + i);
    }

    @Test
    void everythingPendingIsToldOnceAndInItsOrder() {
        Journal journal = new Journal(100);
        List<Selection> all = List.of(
                key("users", 1),
                new Selection.Tag("users", "t"),
                key("users", 0),
                new Selection.Pattern("users", "a*"));
        all.forEach(journal::add);
        journal.add(key("users", 1));
        assertThat(journal.size()).isEqualTo(4);
        Settled.value(journal.replay(willing));
        assertThat(told).containsExactlyElementsOf(all);
        assertThat(journal.size()).isZero();
        Settled.value(journal.replay(willing));
        assertThat(told).hasSize(4);
    }

    @Test
    void manyOfManyCachesAreAllTold() {
        Journal journal = new Journal(10_000);
        for (int i = 0; i < 1_700; i++) {
            journal.add(key("a", i));
            journal.add(key("b", i));
        }
        journal.add(new Selection.Everything());
        Settled.value(journal.replay(willing));
        assertThat(told).hasSize(3_401).doesNotHaveDuplicates().contains(new Selection.Everything());
    }

    @Test
    void beyondItsBoundAllOfThatCacheIsDroppedInstead() {
        Journal journal = new Journal(10);
        IntStream.range(0, 1_000).forEach(i -> journal.add(key("users", i)));
        IntStream.range(0, 10).forEach(i -> journal.add(key("others", i)));
        assertThat(journal.size()).isEqualTo(11);
        Settled.value(journal.replay(willing));
        assertThat(told).contains(new Selection.Pattern("users", "*")).hasSize(11);
    }

    @Test
    void thatEverythingGoesIsNeverForgottenWhateverTheBound() {
        Journal journal = new Journal(1);
        journal.add(new Selection.Everything());
        journal.add(new Selection.Everything());
        Settled.value(journal.replay(willing));
        assertThat(told).contains(new Selection.Everything());
    }

    @Test
    void whatTheStoreWasNotToldStaysPending() {
        Journal journal = new Journal(10_000);
        IntStream.range(0, 1_200).forEach(i -> journal.add(key("users", i)));
        assertThat(Settled.failure(journal.replay(away))).isInstanceOf(StoreUnavailable.class);
        assertThat(journal.size()).isEqualTo(1_200);
        Settled.value(journal.replay(willing));
        assertThat(told).hasSize(1_200).doesNotHaveDuplicates();
    }

    @Test
    void whatIsAddedWhileItReplaysIsToldToo() {
        Journal journal = new Journal(100);
        List<Promise<Long>> pending = new ArrayList<>();
        CacheStore slow = removing(selection -> {
            told.add(selection);
            Promise<Long> promise = Promise.promise();
            pending.add(promise);
            return promise.future();
        });
        journal.add(key("users", 1));
        Future<Void> replay = journal.replay(slow);
        journal.add(key("users", 2));
        journal.add(key("users", 1)); // invalidated again: what the first removal left may be newer
        assertThat(replay.isComplete()).isFalse();
        pending.getFirst().complete(0L);
        assertThat(told).containsExactly(key("users", 1), key("users", 2), key("users", 1));
        pending.get(1).complete(0L);
        pending.get(2).complete(0L);
        Settled.value(replay);
        assertThat(journal.size()).isZero();
    }

    @Test
    void anInvalidationThatComesAsRedisReturnsIsToldAtOnce() {
        Availability availability = Availability.of(true, new SimpleMeterRegistry());
        Journal journal = new Journal(100);
        journal.add(key("users", 1));
        Settled.value(journal.settle(willing, availability));
        assertThat(told).as("Redis is away").isEmpty();
        availability.up();
        Settled.value(journal.settle(willing, availability));
        assertThat(told).containsExactly(key("users", 1));
    }

    @Test
    void anInvalidationThatCannotBeToldMakesRedisUnavailableUntilItCan() {
        Availability availability = Availability.of(true, new SimpleMeterRegistry());
        availability.up();
        Journal journal = new Journal(100);
        journal.add(key("users", 1));
        Settled.value(journal.settle(away, availability));
        assertThat(availability.isUp()).isFalse();
        assertThat(journal.size()).isEqualTo(1);
    }
}
