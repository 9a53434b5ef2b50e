package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.store.Scope;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NearCacheTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final AtomicInteger evictions = new AtomicInteger();
    private final NearCache near = near(HOUR, 1_000, 10 << 20);

    private NearCache near(Duration ttl, long entries, long bytes) {
        return new NearCache(ttl, entries, bytes, evictions::incrementAndGet);
    }

    private static Entry entry(String text, String... tags) {
        return Entries.of(text, Entries.LONG, 1_000_000, List.of(tags), List.of());
    }

    private static void fill(NearCache near, String key, Entry entry) {
        near.fill(key, entry, Scope.LOCAL, near.ticket(key));
    }

    @Test
    void whatWasFetchedIsKeptWithItsScope() {
        Entry entry = entry("x");
        fill(near, "a", entry);
        assertThat(near.get("a").entry()).isSameAs(entry);
        assertThat(near.get("a").scope()).isEqualTo(Scope.LOCAL);
        assertThat(near.get("b")).isNull();
        assertThat(near.size()).isEqualTo(1);
        assertThat(near.bytes()).isGreaterThan(1);
    }

    static Stream<Named<Consumer<NearCache>>> invalidations() {
        return Stream.of(
                Named.of("evict", near -> near.evict("a")),
                Named.of("evictTagged", near -> near.evictTagged("t")),
                Named.of("evictMatching", near -> near.evictMatching("a*")),
                Named.of("clear", NearCache::clear),
                Named.of("suspend", NearCache::suspend),
                Named.of("resume", NearCache::resume),
                Named.of("accept", near -> near.accept(Scope.LOCAL)));
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void anInvalidationRemovesWhatIsKept(Consumer<NearCache> invalidation) {
        fill(near, "a", entry("x", "t"));
        invalidation.accept(near);
        assertThat(near.get("a")).isNull();
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void whatWasFetchedBeforeAnInvalidationIsNotKeptAfterIt(Consumer<NearCache> invalidation) {
        long ticket = near.ticket("a");
        invalidation.accept(near);
        near.resume();
        near.fill("a", entry("older", "t"), Scope.LOCAL, ticket);
        assertThat(near.get("a")).isNull();
    }

    /** The fill is held up at its last step, after it has looked whether an invalidation passed. */
    @ParameterizedTest
    @MethodSource("invalidations")
    void aFillThatAnInvalidationOvertakesLeavesNothing(Consumer<NearCache> invalidation) throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Entry slow = heldUp(entry("older", "t"), reached, goOn);
        Thread filling = Thread.ofPlatform().start(() -> fill(near, "a", slow));
        assertThat(reached.await(5, TimeUnit.SECONDS)).isTrue();
        // Where the invalidation waits for the fill, it must take the copy away; where it does not, the fill must.
        Thread invalidating = Thread.ofPlatform().start(() -> invalidation.accept(near));
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> invalidating.getState() != Thread.State.RUNNABLE
                        && invalidating.getState() != Thread.State.NEW);
        goOn.countDown();
        filling.join(5_000);
        invalidating.join(5_000);
        assertThat(near.get("a")).isNull();
    }

    /** It is invalidated while it is weighed, and looked for while it makes room for itself: it is in the map then. */
    @Test
    void aFillThatAnInvalidationOvertookIsNotSeenForAMoment() {
        List<Boolean> seen = new ArrayList<>();
        NearCache[] full = new NearCache[1];
        full[0] = new NearCache(HOUR, 1, 1 << 20, () -> seen.add(full[0].get("a") != null));
        fill(full[0], "b", entry("x"));
        fill(full[0], "a", weighed(entry("older"), () -> full[0].evict("a")));
        assertThat(seen).isNotEmpty().doesNotContain(true);
        assertThat(full[0].get("a")).isNull();
    }

    /** An entry whose body, when it is weighed, waits. */
    private static Entry heldUp(Entry like, CountDownLatch reached, CountDownLatch goOn) {
        return weighed(like, () -> {
            reached.countDown();
            try {
                goOn.await(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** An entry that does something whenever it is weighed. */
    private static Entry weighed(Entry like, Runnable action) {
        Buffer body = (Buffer) Proxy.newProxyInstance(
                Buffer.class.getClassLoader(), new Class<?>[] {Buffer.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("length")) {
                        action.run();
                    }
                    return method.invoke(like.body(), arguments);
                });
        return Entry.of(
                new Entry.Content(like.etag(), true, 5, "text/plain", like.tags(), List.of(), body),
                Entries.LONG,
                like.created());
    }

    @Test
    void invalidationsLeaveWhatTheyDoNotMean() {
        fill(near, "a1", entry("x", "t"));
        fill(near, "b1", entry("x", "tt"));
        near.evict("c");
        near.evictTagged("x");
        near.evictMatching("c*");
        assertThat(near.size()).isEqualTo(2);
        near.evictTagged("t");
        assertThat(near.get("a1")).isNull();
        near.evictMatching("a*");
        assertThat(near.get("b1")).isNotNull();
    }

    @Test
    void nothingOfRedisIsKeptWhileTheBusIsLost() {
        near.accept(Scope.SHARED);
        near.suspend();
        near.fill("a", entry("x"), Scope.SHARED, near.ticket("a"));
        assertThat(near.get("a")).isNull();
        long fetchedWhileLost = near.ticket("a");
        near.resume();
        near.fill("a", entry("x"), Scope.SHARED, fetchedWhileLost);
        assertThat(near.get("a")).isNull();
        near.fill("a", entry("y"), Scope.SHARED, near.ticket("a"));
        assertThat(near.get("a")).isNotNull();
    }

    @Test
    void whatThisProcessMemoryHasNeedsNoBus() {
        near.suspend();
        fill(near, "a", entry("x"));
        assertThat(near.get("a")).isNotNull();
    }

    @Test
    void onlyWhatCameFromTheStoreThatIsBelievedIsKept() {
        near.accept(Scope.SHARED);
        fill(near, "a", entry("local"));
        assertThat(near.get("a")).isNull();
        near.fill("a", entry("shared"), Scope.SHARED, near.ticket("a"));
        assertThat(near.get("a").scope()).isEqualTo(Scope.SHARED);
        near.accept(Scope.LOCAL);
        assertThat(near.get("a")).isNull();
    }

    @Test
    void aFillThatComesTooLateLeavesANewerOneInPlace() {
        long ticket = near.ticket("a");
        near.evict("a");
        fill(near, "a", entry("newer"));
        near.fill("a", entry("older"), Scope.LOCAL, ticket);
        assertThat(Entries.text(near.get("a").entry())).isEqualTo("newer");
    }

    @Test
    void copiesEndWithTheirShortLife() {
        NearCache brief = near(Duration.ofMillis(40), 10, 1 << 20);
        fill(brief, "a", entry("x"));
        assertThat(brief.get("a")).isNotNull();
        await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(2)).until(() -> brief.get("a") == null);
        assertThat(evictions).hasValue(0);
    }

    @Test
    void theNumberOfEntriesIsBounded() {
        NearCache few = near(HOUR, 10, 1 << 20);
        for (int i = 0; i < 100; i++) {
            fill(few, "k" + i, entry("x"));
        }
        assertThat(few.size()).isBetween(1L, 10L);
        assertThat(evictions.get()).isEqualTo(100 - (int) few.size());
    }

    @Test
    void theBytesOfEntriesAreBounded() {
        NearCache small = near(HOUR, 1_000, 100_000);
        for (int i = 0; i < 100; i++) {
            fill(small, "k" + i, entry("x".repeat(9_000)));
        }
        assertThat(small.size()).isBetween(1L, 11L);
        assertThat(small.bytes()).isLessThanOrEqualTo(100_000);
        fill(small, "big", entry("x".repeat(200_000)));
        assertThat(small.get("big")).isNull();
    }

    @Test
    void aCacheOfNoEntriesNoBytesOrNoTimeKeepsNothing() {
        for (NearCache none : List.of(near(HOUR, 0, 1 << 20), near(HOUR, 10, 0), near(Duration.ZERO, 10, 1 << 20))) {
            fill(none, "a", entry("x"));
            none.evict("a");
            none.evictTagged("t");
            none.evictMatching("*");
            none.suspend();
            none.resume();
            none.accept(Scope.SHARED);
            assertThat(none.get("a")).isNull();
            assertThat(none.size()).isZero();
            assertThat(none.bytes()).isZero();
        }
    }
}
