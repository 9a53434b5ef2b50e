package dev.weir.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.lock.LockStore.Holder;
import dev.weir.lock.LockStore.Lock;
import dev.weir.lock.LockStore.Outcome;
import dev.weir.lock.LockStore.State;
import dev.weir.lock.LockStore.Swept;
import dev.weir.lock.LockStore.Waiter;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Settled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link LockStore} guarantees. */
abstract class LockStoreContract {

    static final Lock LOCK = new Lock("job", 1);
    static final long LONG = 60_000;
    private static final long SHORT = 40;

    abstract LockStore store();

    /** What is told on the change bus of who is handed a lock, in its order: name and token. */
    abstract CopyOnWriteArrayList<Handed> heard();

    /** Who was handed which lock. */
    record Handed(String name, String token) {}

    static ChangeBus.Listener listener(List<Handed> into) {
        return new ChangeBus.Listener() {
            @Override
            public void onMessage(String topic, String payload, boolean own) {
                if (topic.equals(Locks.TOPIC)) {
                    String[] parts = payload.split("\0", -1);
                    into.add(new Handed(parts[0], parts[parts.length - 1]));
                }
            }

            @Override
            public void onLost() {}

            @Override
            public void onRestored() {}
        };
    }

    Outcome acquire(Lock lock, String token, long ttlMs, long waitMs) {
        return Settled.value(store().acquire(lock, token, "owner of " + token, ttlMs, waitMs));
    }

    /** Takes the lock, or fails. */
    long hold(Lock lock, String token, long ttlMs) {
        Outcome outcome = acquire(lock, token, ttlMs, 0);
        assertThat(outcome).as(token).isInstanceOf(Outcome.Held.class);
        return ((Outcome.Held) outcome).fence();
    }

    long hold(String token) {
        return hold(LOCK, token, LONG);
    }

    /** Takes a place in the queue, or fails. */
    void queue(Lock lock, String... tokens) {
        for (String token : tokens) {
            assertThat(acquire(lock, token, LONG, LONG)).as(token).isInstanceOf(Outcome.Waiting.class);
        }
    }

    void queue(String... tokens) {
        queue(LOCK, tokens);
    }

    @Nullable
    Long extend(String token, long ttlMs) {
        return Settled.value(store().extend(LOCK, token, ttlMs));
    }

    boolean release(Lock lock, String token) {
        return Settled.value(store().release(lock, token));
    }

    boolean release(String token) {
        return release(LOCK, token);
    }

    boolean leave(String token, boolean keep) {
        return Settled.value(store().leave(LOCK, token, keep));
    }

    Swept sweep(String... tokens) {
        return Settled.value(store().sweep(
                        LOCK,
                        Stream.of(tokens)
                                .map(token -> new Waiter(token, "owner of " + token, LONG))
                                .toList()));
    }

    State state(Lock lock) {
        return Settled.value(store().describe(lock));
    }

    State state() {
        return state(LOCK);
    }

    List<String> owners(Lock lock) {
        return state(lock).holders().stream().map(Holder::owner).toList();
    }

    void until(BooleanSupplier condition) {
        await().atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(condition::getAsBoolean);
    }

    private void awaitFree(Lock lock) {
        until(() -> state(lock).holders().isEmpty());
    }

    /** The lock was given to this waiter, who is told so, and has to confirm it. */
    void assertHanded(String token) {
        assertHanded(LOCK, token);
    }

    void assertHanded(Lock lock, String token) {
        assertThat(owners(lock)).contains("owner of " + token);
        Handed handed = new Handed(lock.name(), token);
        until(() -> heard().contains(handed));
    }

    // Taking and giving back

    @Test
    void aFreeLockIsHeldAtOnce() {
        Outcome outcome = acquire(LOCK, "a", LONG, 0);
        assertThat(outcome).isInstanceOf(Outcome.Held.class);
        assertThat(((Outcome.Held) outcome).expiresInMs()).isEqualTo(LONG);
        assertThat(((Outcome.Held) outcome).fence()).isPositive();
        assertThat(acquire(new Lock("other", 1), "b", LONG, LONG)).isInstanceOf(Outcome.Held.class);
    }

    @Test
    void anothersLockIsRefusedWithItsOwnerAndItsTime() {
        hold("a");
        Outcome outcome = acquire(LOCK, "b", LONG, 0);
        assertThat(outcome).isInstanceOf(Outcome.Locked.class);
        assertThat(((Outcome.Locked) outcome).owner()).isEqualTo("owner of a");
        assertThat(((Outcome.Locked) outcome).expiresInMs()).isBetween(1L, LONG);
        assertThat(state().waiting()).isZero();
    }

    @Test
    void whoAsksAgainIsToldWhatItHolds() {
        long fence = hold("a");
        Outcome again = acquire(LOCK, "a", 2 * LONG, LONG);
        assertThat(again).isInstanceOf(Outcome.Held.class);
        assertThat(((Outcome.Held) again).fence()).isEqualTo(fence);
        assertThat(((Outcome.Held) again).expiresInMs()).isBetween(1L, LONG);
        assertThat(owners(LOCK)).hasSize(1);
    }

    @Test
    void aLockIsFreeAfterItsRelease() {
        hold("a");
        assertThat(release("a")).isTrue();
        assertThat(state().holders()).isEmpty();
        hold("b");
    }

    @Test
    void aReleaseIsUnderstoodTwiceAndTakesNothingFromTheNext() {
        hold("a");
        assertThat(release("a")).isTrue();
        assertThat(release("a")).isTrue();
        hold("b");
        assertThat(release("a")).isTrue();
        assertThat(owners(LOCK)).containsExactly("owner of b");
    }

    @Test
    void nobodyReleasesWhatIsAnothers() {
        hold("a");
        assertThat(release("b")).isFalse();
        assertThat(release(new Lock("never seen", 1), "b")).isFalse();
        assertThat(owners(LOCK)).containsExactly("owner of a");
    }

    @Test
    void aLockIsFreeWhenItsTimeIsOver() {
        hold(LOCK, "a", SHORT);
        awaitFree(LOCK);
        assertThat(extend("a", LONG)).isNull();
        assertThat(release("a")).isFalse();
        hold("b");
        assertThat(extend("a", LONG)).isNull();
        assertThat(release("a")).isFalse();
        assertThat(owners(LOCK)).containsExactly("owner of b");
    }

    @Test
    void theReleaseOfAnEarlierHoldingIsNotTakenForThatOfALaterOne() {
        hold("a");
        release("a");
        hold(LOCK, "a", SHORT);
        awaitFree(LOCK);
        assertThat(release("a")).isFalse();
    }

    @Test
    void theReleaseOfAnEarlierHoldingIsNotTakenForThatOfALaterOneThatWasWaitedFor() {
        hold("a");
        release("a");
        hold("b");
        queue("a");
        release("b");
        assertThat(extend("a", SHORT)).isNotNull();
        awaitFree(LOCK);
        assertThat(release("a")).isFalse();
    }

    @Test
    void anExtensionCountsFromNowAndMayShorten() {
        long fence = hold("a");
        assertThat(extend("a", 10 * LONG)).isEqualTo(fence);
        assertThat(state().holders().getFirst().expiresInMs()).isBetween(9 * LONG, 10 * LONG);
        assertThat(extend("a", SHORT)).isEqualTo(fence);
        awaitFree(LOCK);
        hold("b");
    }

    @Test
    void nobodyExtendsWhatIsAnothers() {
        assertThat(extend("a", LONG)).isNull();
        hold("a");
        assertThat(extend("b", LONG)).isNull();
        release("a");
        assertThat(extend("a", LONG)).isNull();
        assertThat(state().holders()).isEmpty();
    }

    @Test
    void fencesGrowOverReleaseExpiryAndHandOver() {
        long last = 0;
        for (int i = 0; i < 20; i++) {
            long fence = hold("r" + i);
            assertThat(fence).isGreaterThan(last);
            last = fence;
            release("r" + i);
        }
        for (int i = 0; i < 3; i++) {
            long fence = hold(LOCK, "e" + i, SHORT);
            assertThat(fence).isGreaterThan(last);
            last = fence;
            awaitFree(LOCK);
        }
        hold("a");
        queue("b", "c");
        release("a");
        long second = extend("b", LONG);
        release("b");
        long third = extend("c", LONG);
        assertThat(second).isGreaterThan(last + 1);
        assertThat(third).isGreaterThan(second);
    }

    // Waiting

    @Test
    void whoWaitsIsHandedTheLockInTheOrderOfArrival() {
        hold("a");
        queue("b", "c", "d");
        assertThat(state().waiting()).isEqualTo(3);
        for (String[] turn : new String[][] {{"a", "b"}, {"b", "c"}, {"c", "d"}}) {
            assertThat(release(turn[0])).isTrue();
            assertHanded(turn[1]);
            assertThat(extend(turn[1], LONG)).isNotNull();
        }
        assertThat(state().waiting()).isZero();
        release("d");
        assertThat(state().holders()).isEmpty();
        assertThat(heard()).extracting(Handed::token).containsExactly("b", "c", "d");
    }

    @Test
    void whoComesLaterDoesNotOvertake() {
        hold("a");
        queue("b");
        release("a");
        assertThat(acquire(LOCK, "c", LONG, 0)).isInstanceOf(Outcome.Locked.class);
        queue("c");
        extend("b", LONG);
        release("b");
        assertHanded("c");
    }

    @Test
    void whoComesWhenTheTimeIsOverDoesNotOvertakeEither() {
        hold(LOCK, "a", SHORT);
        queue("b");
        until(() -> acquire(LOCK, "c", LONG, 0) instanceof Outcome.Locked locked
                && locked.owner().equals("owner of b"));
        assertHanded("b");
    }

    @Test
    void whoWaitsIsToldWhenTheHoldersTimeIsOver() {
        hold("a");
        Outcome outcome = acquire(LOCK, "b", LONG, LONG);
        assertThat(outcome).isInstanceOf(Outcome.Waiting.class);
        assertThat(((Outcome.Waiting) outcome).expiresInMs()).isBetween(1L, LONG);
    }

    @Test
    void aHandOverThatIsConfirmedHoldsForItsWholeTime() {
        hold("a");
        queue("b");
        release("a");
        assertThat(state().holders().getFirst().expiresInMs()).isBetween(0L, LockStore.CONFIRM_MS);
        Long fence = extend("b", LONG);
        Holder holder = state().holders().getFirst();
        assertThat(holder.owner()).isEqualTo("owner of b");
        assertThat(holder.fence()).isEqualTo(fence);
        assertThat(holder.expiresInMs()).isGreaterThan(LockStore.CONFIRM_MS);
    }

    @Test
    void aHandOverThatNobodyConfirmsPassesOnAndIsMadeUpFor() {
        hold("a");
        queue("b", "c", "d");
        release("a");
        assertHanded("b");
        until(() -> sweep().nextMs() >= 0 && owners(LOCK).equals(List.of("owner of c")));
        assertThat(extend("b", LONG)).isNull();

        // Its instance was only slow: it is the next one, not the last.
        assertThat(sweep("b").holding()).isEmpty();
        assertThat(extend("c", LONG)).isNotNull();
        release("c");
        assertHanded("b");
        assertThat(extend("b", LONG)).isNotNull();
        assertThat(state().waiting()).isEqualTo(1);
        release("b");
        assertHanded("d");
    }

    @Test
    void whoIsHandedTheLockMayGiveItBackAtOnce() {
        hold("a");
        queue("b", "c");
        release("a");
        assertThat(release("b")).isTrue();
        assertHanded("c");
    }

    @Test
    void whoAsksAgainKeepsItsPlace() {
        hold("a");
        queue("b", "c", "b", "c", "b");
        assertThat(state().waiting()).isEqualTo(2);
        release("a");
        assertHanded("b");
    }

    @Test
    void whoAsksAgainAfterTheHandOverHasConfirmedIt() {
        hold("a");
        queue("b", "c");
        release("a");
        long fence = state().holders().getFirst().fence();
        Outcome again = acquire(LOCK, "b", LONG, LONG);
        assertThat(again).isEqualTo(new Outcome.Held(fence, LONG));
        assertThat(state().holders().getFirst().expiresInMs()).isGreaterThan(LockStore.CONFIRM_MS);
        assertThat(state().waiting()).isEqualTo(1);
        release("b");
        assertHanded("c");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, LONG})
    void whoAsksAgainWhenItsTurnHasComeHoldsTheLockOnce(long waitMs) {
        hold(LOCK, "a", SHORT);
        queue("b", "c");
        until(() -> acquire(LOCK, "b", LONG, waitMs) instanceof Outcome.Held);
        assertThat(owners(LOCK)).containsExactly("owner of b");
        assertThat(state().holders().getFirst().expiresInMs()).isGreaterThan(LockStore.CONFIRM_MS);
        assertThat(state().waiting()).isEqualTo(1);
        release("b");
        assertThat(owners(LOCK)).containsExactly("owner of c");
    }

    @Test
    void whoseWaitIsOverIsPassedOver() {
        hold("a");
        assertThat(acquire(LOCK, "b", LONG, 1)).isInstanceOf(Outcome.Waiting.class);
        queue("c");
        // One ends after the other by the same clock.
        hold(new Lock("clock", 1), "x", SHORT);
        awaitFree(new Lock("clock", 1));
        release("a");
        assertHanded("c");
        assertThat(heard()).extracting(Handed::token).doesNotContain("b");
    }

    @Test
    void whoLeavesTheQueueIsNotHandedTheLock() {
        hold("a");
        queue("b", "c");
        assertThat(leave("b", false)).isFalse();
        assertThat(state().waiting()).isEqualTo(1);
        release("a");
        assertHanded("c");
    }

    @Test
    void whoLeavesWithWhatItWasHandedKeepsIt() {
        hold("a");
        queue("b");
        release("a");
        assertThat(leave("b", true)).isTrue();
        assertThat(extend("b", LONG)).isNotNull();
        assertThat(owners(LOCK)).containsExactly("owner of b");
    }

    @Test
    void whoLeavesToKeepAndWasHandedNothingWaitsNoMore() {
        hold("a");
        queue("b", "c");
        assertThat(leave("b", true)).isFalse();
        assertThat(state().waiting()).isEqualTo(1);
        release("a");
        assertHanded("c");
    }

    @Test
    void whatALeaverWasHandedIsHandedOn() {
        hold("a");
        queue("b", "c");
        release("a");
        assertThat(leave("b", false)).isFalse();
        assertThat(extend("b", LONG)).isNull();
        assertHanded("c");
    }

    @Test
    void leavingTakesNoLockThatIsHeld() {
        hold("a");
        assertThat(leave("a", false)).isFalse();
        assertThat(owners(LOCK)).containsExactly("owner of a");
        queue("b");
        release("a");
        extend("b", LONG);
        assertThat(leave("b", false)).isFalse();
        assertThat(owners(LOCK)).containsExactly("owner of b");
    }

    @Test
    void aStrangerThatLeavesChangesNothing() {
        hold("a");
        queue("b");
        assertThat(leave("x", false)).isFalse();
        assertThat(leave("x", true)).isFalse();
        assertThat(state().waiting()).isEqualTo(1);
        assertThat(owners(LOCK)).containsExactly("owner of a");
    }

    // Sweeping

    @Test
    void aSweepTellsWhenTheNextTimeIsOver() {
        assertThat(sweep()).isEqualTo(new Swept(-1, List.of()));
        hold("a");
        queue("b");
        Swept swept = sweep("b");
        assertThat(swept.nextMs()).isBetween(1L, LONG);
        assertThat(swept.holding()).isEmpty();
        assertThat(state().waiting()).isEqualTo(1);
    }

    @Test
    void aSweepHandsOnWhatADeadHolderLeft() {
        hold(LOCK, "a", SHORT);
        queue("b", "c");
        Swept[] last = new Swept[1];
        until(() -> {
            last[0] = sweep("b", "c");
            return owners(LOCK).contains("owner of b");
        });
        assertThat(last[0].holding()).as("whom this very sweep hands it").containsExactly("b");
        assertThat(last[0].nextMs()).isBetween(0L, LockStore.CONFIRM_MS);
        assertHanded("b");
        assertThat(sweep("b", "c").holding()).containsExactly("b");
        assertThat(state().waiting()).isEqualTo(1);
    }

    @Test
    void aSweepPutsBackInTheirOrderWhoIsNotKnownAnyMore() {
        hold("a");
        assertThat(sweep("b", "c").holding()).isEmpty();
        assertThat(state().waiting()).isEqualTo(2);
        sweep("b", "c");
        assertThat(state().waiting()).isEqualTo(2);
        release("a");
        assertHanded("b");
    }

    // Semaphores

    @Test
    void asManyHoldASemaphoreAsThereArePermits() {
        Lock three = new Lock("three", 3);
        long first = hold(three, "a", LONG);
        long second = hold(three, "b", 2 * LONG);
        long third = hold(three, "c", 3 * LONG);
        assertThat(first).isLessThan(second);
        assertThat(second).isLessThan(third);
        Outcome fourth = acquire(three, "d", LONG, 0);
        assertThat(fourth).isInstanceOf(Outcome.Locked.class);
        assertThat(((Outcome.Locked) fourth).owner())
                .as("whose time is over first")
                .isEqualTo("owner of a");
        assertThat(owners(three)).containsExactlyInAnyOrder("owner of a", "owner of b", "owner of c");
        release(three, "b");
        hold(three, "d", LONG);
    }

    @Test
    void everyPermitThatComesBackIsHandedToOne() {
        Lock two = new Lock("two", 2);
        hold(two, "a", LONG);
        hold(two, "b", LONG);
        queue(two, "c", "d", "e");
        release(two, "b");
        assertHanded(two, "c");
        assertThat(state(two).waiting()).isEqualTo(2);
        release(two, "a");
        assertHanded(two, "d");
        assertThat(owners(two)).containsExactlyInAnyOrder("owner of c", "owner of d");
        assertThat(state(two).waiting()).isEqualTo(1);
    }

    @Test
    void permitsWhoseTimeIsOverAreHandedToAsMany() {
        Lock two = new Lock("two", 2);
        hold(two, "a", SHORT);
        hold(two, "b", SHORT);
        queue(two, "c", "d", "e");
        until(() -> {
            Settled.value(store().sweep(two, List.of()));
            return owners(two).containsAll(List.of("owner of c", "owner of d"));
        });
        assertThat(state(two).waiting()).isEqualTo(1);
    }

    @Test
    void oneWhoseTurnHasComeTwiceHoldsOnePermit() {
        Lock two = new Lock("two", 2);
        hold(two, "a", LONG);
        hold(two, "b", SHORT);
        queue(two, "c", "d");
        until(() -> acquire(two, "c", LONG, LONG) instanceof Outcome.Held);
        release(two, "a");
        assertHanded(two, "d");
        assertThat(owners(two)).containsExactlyInAnyOrder("owner of c", "owner of d");
    }

    @Test
    void aHigherNumberOfPermitsIsGivenOutAtTheNextCall() {
        hold("a");
        queue("b", "c");
        Settled.value(store().sweep(new Lock(LOCK.name(), 2), List.of()));
        assertThat(owners(LOCK)).containsExactlyInAnyOrder("owner of a", "owner of b");
    }

    // Names

    static Stream<String> names() {
        return Stream.of(
                "plain",
                "ü/ß 東京 🔒",
                "a{b}c",
                "}{",
                "{",
                "}",
                "{}",
                "a}:queue",
                "a}:fence",
                "*",
                "[a]?\\",
                "x:y",
                "\r\n\t");
    }

    @ParameterizedTest
    @MethodSource("names")
    void anyKeyMayBeTheNameOfALock(String name) {
        Lock lock = new Lock(name, 1);
        hold(new Lock("a", 1), "x", LONG);
        hold(lock, "a", LONG);
        queue(lock, "b");
        assertThat(Settled.value(store().names())).containsExactlyInAnyOrder("a", name);
        assertThat(release(lock, "a")).isTrue();
        assertHanded(lock, "b");
        assertThat(Settled.value(store().extend(lock, "b", LONG))).isNotNull();
        assertThat(release(lock, "b")).isTrue();
        assertThat(Settled.value(store().names())).containsExactly("a");
        assertThat(release(new Lock("a", 1), "x")).isTrue();
    }

    @Test
    void anyTextMayBeTheOwner() {
        for (String owner : List.of("", "ü 東京 🔒", "a\"b'c", "@x", "x".repeat(256))) {
            Lock lock = new Lock("of " + owner.length(), 1);
            Settled.value(store().acquire(lock, "a", owner, LONG, 0));
            assertThat(owners(lock)).containsExactly(owner);
            Settled.value(store().acquire(lock, "b", owner + "!", LONG, LONG));
            release(lock, "a");
            assertThat(owners(lock)).containsExactly(owner + "!");
        }
    }

    @Test
    void whatNobodyHoldsIsDescribedAsThat() {
        assertThat(state()).isEqualTo(new State(0, List.of()));
        assertThat(Settled.value(store().names())).isEmpty();
        hold(LOCK, "a", SHORT);
        awaitFree(LOCK);
        assertThat(state()).isEqualTo(new State(0, List.of()));
    }
}
