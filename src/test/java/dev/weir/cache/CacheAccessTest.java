package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.cache.CacheAccess.Claim;
import dev.weir.cache.CacheAccess.Content;
import dev.weir.cache.CacheAccess.Found;
import dev.weir.cache.CacheAccess.Lease;
import dev.weir.cache.CacheStore.Condition;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.store.Scope;
import dev.weir.store.Settled;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CacheAccessTest {

    private static final Duration LEASE = Duration.ofSeconds(5);

    private static Vertx vertx;

    private final List<String> cutOff = new ArrayList<>();
    private CacheRig rig;
    private CacheAccess access;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    }

    @AfterAll
    static void stop() {
        Settled.value(vertx.close());
    }

    @BeforeEach
    void plain() {
        open(CacheRig.POLICY);
    }

    private void open(CachePolicy policy) {
        open(policy, store -> store);
    }

    private void open(CachePolicy policy, UnaryOperator<CacheStore> between) {
        rig = new CacheRig(vertx, policy, false, false, between);
        access = rig.caches.access(CacheRig.NAME, new Loads() {
            @Override
            public void cutOff(String key) {
                cutOff.add(key);
            }

            @Override
            public void cutOffAll() {
                cutOff.add("all");
            }
        });
        cutOff.clear();
    }

    private static Content content(String text, String... tags) {
        return content(text, 1_000, 0, 0, tags);
    }

    private static Content content(String text, long freshMs, long staleMs, long keepMs, String... tags) {
        return new Content(Buffer.buffer(text), "text/plain", freshMs, staleMs, keepMs, List.of(tags));
    }

    private Claim claim(Found seen) {
        return Settled.value(access.claim("a", seen, Scope.LOCAL, LEASE));
    }

    private Lease lease() {
        return ((Claim.Granted) claim(null)).lease();
    }

    private Found filled(String text) {
        return Settled.value(access.fill(lease(), content(text)));
    }

    private Found look(String key) {
        return Settled.value(access.look(key)).found();
    }

    private String text(Found found) {
        return found == null ? null : Settled.value(access.content(found)).toString();
    }

    // Finding

    @Test
    void whatIsNotThereIsNotFound() {
        assertThat(access.near("a")).isNull();
        CacheAccess.Look look = Settled.value(access.look("a"));
        assertThat(look.found()).isNull();
        assertThat(look.scope()).isEqualTo(Scope.LOCAL);
    }

    @Test
    void whatWasStoredIsFoundNearWithItsTimes() {
        rig.clock.set(2_000_000);
        Settled.value(access.fill(lease(), content("x", 1_000, 500, 3_000)));
        rig.clock.set(2_000_100);
        Found near = access.near("a");
        assertThat(text(near)).isEqualTo("x");
        assertThat(near.contentType()).isEqualTo("text/plain");
        assertThat(near.nowMs()).isEqualTo(2_000_100);
        assertThat(near.createdMs()).isEqualTo(2_000_000);
        assertThat(near.freshUntilMs()).isEqualTo(2_001_000);
        assertThat(near.staleUntilMs()).isEqualTo(2_001_500);
        assertThat(near.scope()).isEqualTo(Scope.LOCAL);
        assertThat(near.detail()).isEqualTo("near");
    }

    @Test
    void whatTheStoreHasIsFoundByALookAndNearFromThenOn() {
        filled("x");
        rig.near.clear();
        assertThat(access.near("a")).isNull();
        Found found = look("a");
        assertThat(text(found)).isEqualTo("x");
        assertThat(found.detail()).isEqualTo("memory");
        assertThat(text(access.near("a"))).isEqualTo("x");
    }

    @Test
    void itIsKeptForAsLongAsItIsOfUse() {
        Settled.value(access.fill(lease(), content("x", 1_000, 500, 3_000)));
        rig.near.clear();
        rig.clock.addAndGet(3_999);
        assertThat(text(look("a"))).isEqualTo("x");
        rig.near.clear();
        rig.clock.addAndGet(2);
        assertThat(look("a")).isNull();
    }

    @Test
    void itIsKeptForNoLessThanItMayBeServedStale() {
        Settled.value(access.fill(lease(), content("x", 1_000, 5_000, 0)));
        rig.near.clear();
        rig.clock.addAndGet(5_999);
        assertThat(text(look("a"))).isEqualTo("x");
    }

    @Test
    void thatThereIsNothingIsNoContent() {
        CacheKey key = new CacheKey(CacheRig.NAME, "a");
        Settled.value(rig.memory.put(
                key, Entry.negative(new Lifetimes(1_000, 0, 0), rig.clock.get()), new Condition.Always()));
        assertThat(look("a")).isNull();
        assertThat(access.near("a")).isNull();
    }

    @Test
    void contentThatWasCompressedIsUnpackedOnce() {
        open(new CachePolicy(CacheRig.POLICY.lifetimes(), new Lifetimes(0, 0, 0), 0, false, 10, 1 << 20));
        String text = "x".repeat(10_000);
        Found found = filled(text);
        assertThat(found).isNotNull();
        Buffer once = Settled.value(access.content(found));
        assertThat(once).hasToString(text);
        assertThat(Settled.value(access.content(access.near("a")))).isSameAs(once);
    }

    // Leases

    @Test
    void oneLoadsAndTheOthersAreToldHowLongAtMost() {
        assertThat(claim(null)).isInstanceOf(Claim.Granted.class);
        rig.clock.addAndGet(1_000);
        assertThat(claim(null)).isInstanceOfSatisfying(Claim.Busy.class, busy -> assertThat(busy.remainingMs())
                .isEqualTo(4_000));
        rig.clock.addAndGet(4_001);
        assertThat(claim(null)).isInstanceOf(Claim.Granted.class);
    }

    @Test
    void aLeaseSaysWhichStoreItIsOf() {
        assertThat(lease().scope()).isEqualTo(Scope.LOCAL);
    }

    @Test
    void whatWasLoadedIsFoundAndEndsTheLease() {
        Lease lease = lease();
        Found found = Settled.value(access.fill(lease, content("x")));
        assertThat(text(found)).isEqualTo("x");
        assertThat(claim(found)).isInstanceOf(Claim.Granted.class);
    }

    @Test
    void whoHasNotSeenWhatIsThereIsShownIt() {
        Found first = filled("x");
        assertThat(claim(null)).isInstanceOfSatisfying(Claim.Changed.class, changed -> assertThat(text(changed.found()))
                .isEqualTo("x"));
        Lease lease = ((Claim.Granted) claim(first)).lease();
        Settled.value(access.fill(lease, content("y")));
        rig.near.clear();
        assertThat(claim(first))
                .isInstanceOfSatisfying(Claim.Changed.class, changed -> assertThat(text(changed.found()))
                        .isEqualTo("y"));
        assertThat(text(access.near("a"))).isEqualTo("y");
    }

    @Test
    void whatWasLoadedBeforeAnInvalidationIsNotStoredAfterIt() {
        for (Runnable invalidation : List.<Runnable>of(
                () -> Settled.value(access.remove("a")),
                () -> Settled.value(rig.cache.remove(new Selection.Key(CacheRig.NAME, "a"))),
                () -> Settled.value(rig.cache.remove(new Selection.Pattern(CacheRig.NAME, "*"))),
                () -> Settled.value(rig.caches.clear()),
                () -> Settled.value(rig.cache.put(CacheRig.put("a", "put"), new Condition.Always())))) {
            Settled.value(rig.caches.clear());
            Lease lease = lease();
            invalidation.run();
            assertThat(Settled.value(access.fill(lease, content("old")))).isNull();
            assertThat(text(access.near("a"))).isNotEqualTo("old");
            assertThat(text(look("a"))).isNotEqualTo("old");
        }
    }

    @Test
    void aLeaseThatIsGivenBackIsTheNextOnes() {
        Lease lease = lease();
        Settled.value(access.giveBack(lease));
        assertThat(claim(null)).isInstanceOf(Claim.Granted.class);
        assertThat(Settled.value(access.fill(lease, content("late")))).isNull();
    }

    @Test
    void aLeaseLastsForAsLongAsItIsExtended() {
        Lease lease = lease();
        for (int i = 0; i < 5; i++) {
            rig.clock.addAndGet(4_000);
            Settled.value(access.extend(lease, LEASE));
        }
        rig.clock.addAndGet(4_999);
        assertThat(claim(null)).isInstanceOf(Claim.Busy.class);
        assertThat(text(Settled.value(access.fill(lease, content("x"))))).isEqualTo("x");
    }

    @Test
    void aLostLeaseIsNotExtended() {
        Lease lease = lease();
        Settled.value(access.remove("a"));
        Settled.value(access.extend(lease, LEASE));
        assertThat(claim(null)).isInstanceOf(Claim.Granted.class);
        assertThat(Settled.value(access.fill(lease, content("old")))).isNull();
    }

    @Test
    void whoWaitsIsWokenByWhatIsStoredRemovedOrGivenBack() {
        for (Runnable end : List.<Runnable>of(
                () -> Settled.value(access.remove("a")),
                () -> Settled.value(rig.caches.clear()),
                () -> Settled.value(rig.cache.put(CacheRig.put("a", "put"), new Condition.Always())))) {
            Settled.value(rig.caches.clear());
            lease();
            Claim.Busy busy = (Claim.Busy) claim(null);
            Future<Void> awaited = access.await(busy);
            end.run();
            assertThat(busy.wake().isComplete()).as("not by looking again").isTrue();
            Settled.value(awaited);
        }
        Settled.value(rig.caches.clear());
        Lease filling = lease();
        Future<Void> untilFilled = access.await((Claim.Busy) claim(null));
        assertThat(untilFilled.isComplete()).isFalse();
        Settled.value(access.fill(filling, content("x")));
        Settled.value(untilFilled);

        Settled.value(rig.caches.clear());
        Lease returning = lease();
        Future<Void> untilReturned = access.await((Claim.Busy) claim(null));
        Settled.value(access.giveBack(returning));
        Settled.value(untilReturned);
    }

    @Test
    void whoWaitsLooksAgainAlsoIfNobodyWakesIt() {
        lease();
        Settled.value(access.await((Claim.Busy) claim(null)));
    }

    @Test
    void whoIsWokenBetweenAskingAndWaitingDoesNotWait() {
        Lease lease = lease();
        Claim.Busy busy = (Claim.Busy) claim(null);
        Settled.value(access.fill(lease, content("x")));
        assertThat(access.await(busy).isComplete()).isTrue();
    }

    /** What says when to look again; complete once nothing is kept of it. */
    private Future<Void> listening() {
        return rig.leases.wakes().listen("a");
    }

    @Test
    void nothingIsKeptOfAKeyThatNobodyWaitsForAnyMore() {
        Future<Void> whenGranted = listening();
        Lease lease = lease();
        assertThat(whenGranted.isComplete()).isTrue();

        Future<Void> whenBusy = listening();
        assertThat(claim(null)).isInstanceOf(Claim.Busy.class);
        Settled.value(whenBusy);

        Settled.value(access.fill(lease, content("x")));
        Future<Void> whenChanged = listening();
        assertThat(claim(null)).isInstanceOf(Claim.Changed.class);
        assertThat(whenChanged.isComplete()).isTrue();
    }

    @Test
    void norIsItWhenTheStoreDoesNotServe() {
        open(
                CacheRig.POLICY,
                around("lease", (call, arguments) -> Future.failedFuture(StoreUnavailable.refused("no room"))));
        Future<Void> whenRefused = listening();
        lease();
        assertThat(whenRefused.isComplete()).isTrue();

        open(
                CacheRig.POLICY,
                around("lease", (call, arguments) -> Future.failedFuture(StoreUnavailable.unreachable("away"))));
        Future<Void> whenFailed = listening();
        Settled.failure(access.claim("a", null, Scope.LOCAL, LEASE));
        assertThat(whenFailed.isComplete()).isTrue();
    }

    /** The store with something done around one of its verbs. */
    private static UnaryOperator<CacheStore> around(
            String verb, BiFunction<Supplier<Object>, Object[], Object> action) {
        return store -> (CacheStore) Proxy.newProxyInstance(
                CacheAccessTest.class.getClassLoader(),
                new Class<?>[] {CacheStore.class},
                (proxy, method, arguments) -> {
                    Supplier<Object> call = () -> {
                        try {
                            return method.invoke(store, arguments);
                        } catch (ReflectiveOperationException e) {
                            throw new IllegalStateException(e);
                        }
                    };
                    return method.getName().equals(verb) ? action.apply(call, arguments) : call.get();
                });
    }

    @Test
    void aStoreThatHasNoRoomForALeaseKeepsNobodyFromLoadingAndIsGivenNothing() {
        AtomicInteger fills = new AtomicInteger();
        UnaryOperator<CacheStore> refusing =
                around("lease", (call, arguments) -> Future.failedFuture(StoreUnavailable.refused("no room")));
        UnaryOperator<CacheStore> counting = around("fill", (call, arguments) -> {
            fills.incrementAndGet();
            return call.get();
        });
        open(CacheRig.POLICY, store -> refusing.apply(counting.apply(store)));
        Lease lease = lease();
        assertThat(Settled.value(access.fill(lease, content("x")))).isNull();
        Settled.value(access.extend(lease, LEASE));
        Settled.value(access.giveBack(lease));
        assertThat(fills).hasValue(0);
        assertThat(look("a")).isNull();
    }

    @Test
    void whatIsInvalidatedAsItIsBeingStoredIsNotKeptNear() {
        Promise<Object> answer = Promise.promise();
        open(CacheRig.POLICY, around("fill", (call, arguments) -> {
            Object stored = call.get();
            return stored == null ? null : answer.future();
        }));
        Future<Found> filling = access.fill(lease(), content("old"));
        await().until(() -> look("a") != null);
        Settled.value(access.remove("a"));
        answer.complete(true);
        Settled.value(filling);
        assertThat(access.near("a")).isNull();
        assertThat(look("a")).isNull();
    }

    @Test
    void atTheEndOnlyThoseLeasesAreGivenBackThatAreStillHeld() {
        List<String> fills = new ArrayList<>();
        open(CacheRig.POLICY, around("fill", (call, arguments) -> {
            fills.add(((CacheKey) arguments[0]).key() + (arguments[2] == null ? " back" : " filled"));
            return call.get();
        }));
        filled("x");
        Settled.value(access.claim("b", null, Scope.LOCAL, LEASE));
        Lease returned = ((Claim.Granted) Settled.value(access.claim("c", null, Scope.LOCAL, LEASE))).lease();
        Settled.value(access.giveBack(returned));
        Settled.value(rig.cache.close());
        assertThat(fills).containsExactly("a filled", "c back", "b back");
    }

    // Storing without a lease

    @Test
    void whatIsPutReplacesWhatIsThereAndEndsItsLease() {
        Lease lease = lease();
        Settled.value(access.put("a", Scope.LOCAL, content("put")));
        assertThat(text(look("a"))).isEqualTo("put");
        assertThat(Settled.value(access.fill(lease, content("old")))).isNull();
        assertThat(text(look("a"))).isEqualTo("put");
    }

    // Removing

    @Test
    void oneIsRemovedAndTheOthersStay() {
        filled("x");
        Settled.value(access.put("b", Scope.LOCAL, content("y")));
        assertThat(Settled.value(access.remove("a")).value()).isEqualTo(1);
        assertThat(access.near("a")).isNull();
        assertThat(look("a")).isNull();
        assertThat(text(look("b"))).isEqualTo("y");
    }

    @Test
    void thoseThatBearATagAreRemoved() {
        Settled.value(access.put("a", Scope.LOCAL, content("x", "t")));
        Settled.value(access.put("b", Scope.LOCAL, content("y", "t", "u")));
        Settled.value(access.put("c", Scope.LOCAL, content("z", "u")));
        look("a");
        assertThat(Settled.value(access.removeTagged("t")).value()).isEqualTo(2);
        assertThat(access.near("a")).isNull();
        assertThat(look("a")).isNull();
        assertThat(look("b")).isNull();
        assertThat(text(look("c"))).isEqualTo("z");
    }

    // Loads under way

    @Test
    void whateverMakesEntriesStaleCutsOffTheLoadsUnderWay() {
        Settled.value(access.remove("a"));
        assertThat(cutOff).containsExactly("a");
        Settled.value(rig.cache.put(CacheRig.put("b", "x"), new Condition.Always()));
        assertThat(cutOff).containsExactly("a", "b");
        cutOff.clear();
        Settled.value(access.removeTagged("t"));
        assertThat(cutOff).containsExactly("all");
        Settled.value(rig.cache.remove(new Selection.Pattern(CacheRig.NAME, "a*")));
        assertThat(cutOff).containsExactly("all", "all");
        Settled.value(rig.caches.clear());
        assertThat(cutOff).containsExactly("all", "all", "all");
    }

    @Test
    void soDoesRedisGoingOrComing() {
        rig.caches.onDown();
        rig.caches.onUp();
        rig.caches.onLost();
        rig.caches.onRestored();
        assertThat(cutOff).hasSize(4).containsOnly("all");
    }

    @Test
    void whatALoadStoresItselfCutsNothingOff() {
        filled("x");
        assertThat(cutOff).isEmpty();
    }

    // Views

    @Test
    void whatWasMadeOfACopyIsKeptBesideIt() {
        Found found = filled("x");
        assertThat(found.view()).isNull();
        found.keepView("made");
        assertThat(access.near("a").view()).isEqualTo("made");
        assertThat(look("a").view()).as("another copy").isNull();
    }

    @Test
    void aNewEntryHasNoView() {
        Found first = filled("x");
        first.keepView("made");
        Lease lease = ((Claim.Granted) claim(first)).lease();
        Settled.value(access.fill(lease, content("y")));
        assertThat(access.near("a").view()).isNull();
    }

    // Settings and figures

    @Test
    void theCachesOwnSettingsCanBeRead() {
        open(new CachePolicy(new Lifetimes(1_000, 2_000, 3_000), new Lifetimes(4_000, 0, 0), 0.2, false, 10, 5_000));
        assertThat(access.ttlMs()).isEqualTo(1_000);
        assertThat(access.staleWhileRevalidateMs()).isEqualTo(2_000);
        assertThat(access.staleIfErrorMs()).isEqualTo(3_000);
        assertThat(access.negativeTtlMs()).isEqualTo(4_000);
        assertThat(access.maxEntryBytes()).isEqualTo(5_000);
    }

    @Test
    void inTheLastShareOfItsLifeAnEntryIsToBeRefreshed() {
        open(new CachePolicy(new Lifetimes(1_000, 0, 0), new Lifetimes(0, 0, 0), 0.2, false, 1 << 20, 1 << 20));
        filled("x");
        rig.clock.addAndGet(800);
        assertThat(access.isToBeRefreshed(access.near("a"))).isFalse();
        rig.clock.addAndGet(1);
        assertThat(access.isToBeRefreshed(access.near("a"))).isTrue();
        plain();
        filled("x");
        rig.clock.addAndGet(999);
        assertThat(access.isToBeRefreshed(access.near("a"))).isFalse();
    }

    @Test
    void whatIsCountedShowsInTheCachesFigures() {
        Found found = filled("x");
        access.countHit(access.near("a"), false, 1);
        access.countHit(look("a"), false, 1);
        access.countHit(found, true, 1);
        access.countMiss(1);
        access.countLoad(true, 1);
        access.countLoad(false, 1);
        access.countLoad(false, 1);
        assertThat(rig.figures.near.count()).isEqualTo(1);
        assertThat(rig.figures.memory.count()).isEqualTo(1);
        assertThat(rig.figures.shared.count()).isZero();
        assertThat(rig.figures.stale.count()).isEqualTo(1);
        assertThat(rig.figures.miss.count()).isEqualTo(1);
        assertThat(rig.figures.get.count()).isEqualTo(4);
        assertThat(rig.figures.load.count()).isEqualTo(1);
        assertThat(rig.figures.loadFailed.count()).isEqualTo(2);
    }

    @Test
    void aCacheThatIsNotDeclaredIsRefused() {
        assertThatThrownBy(() -> rig.caches.access("nope", rig.loader))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'nope'");
    }
}
