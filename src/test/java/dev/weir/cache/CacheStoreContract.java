package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.weir.cache.CacheStore.Condition;
import dev.weir.cache.CacheStore.Lease;
import dev.weir.cache.CacheStore.Listed;
import dev.weir.cache.CacheStore.Page;
import dev.weir.cache.CacheStore.PutOutcome;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Settled;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link CacheStore} guarantees. */
abstract class CacheStoreContract {

    private static final CacheKey KEY = new CacheKey("users", "42");
    private static final Condition ALWAYS = new Condition.Always();
    private static final Duration LEASE = Duration.ofSeconds(20);
    private static final Lifetimes SHORT = new Lifetimes(120, 0, 0);

    /** Fresh for a moment, servable for long. */
    private static final Lifetimes SOON_STALE = new Lifetimes(30, 60_000, 0);

    /** Fresh for a moment, then only good to stand in for an error. */
    private static final Lifetimes SOON_EXPIRED = new Lifetimes(30, 0, 60_000);

    abstract CacheStore store();

    /** What another listener of the change bus hears, in the order in which it was told. */
    abstract CopyOnWriteArrayList<Change> heard();

    static ChangeBus.Listener listener(List<Change> into) {
        return new ChangeBus.Listener() {
            @Override
            public void onMessage(String topic, String payload, boolean own) {
                if (topic.equals(Change.TOPIC)) {
                    Change.decode(payload).ifPresent(into::add);
                }
            }

            @Override
            public void onLost() {}

            @Override
            public void onRestored() {}
        };
    }

    private Entry entry(String text, Lifetimes lifetimes) {
        return Entries.of(text, lifetimes, store().now());
    }

    private Entry tagged(String text, String... tags) {
        return Entries.of(text, Entries.LONG, store().now(), List.of(tags), List.of());
    }

    private PutOutcome put(CacheKey key, Entry entry) {
        return put(key, entry, ALWAYS);
    }

    private PutOutcome put(CacheKey key, Entry entry, Condition condition) {
        return Settled.value(store().put(key, entry, condition));
    }

    private Entry get(CacheKey key) {
        return Settled.value(store().get(key, false));
    }

    private String textAt(CacheKey key) {
        Entry entry = get(key);
        return entry == null ? null : Entries.text(entry);
    }

    private long remove(Selection selection) {
        return Settled.value(store().remove(selection));
    }

    private Lease lease(Entry seen, Duration length) {
        return Settled.value(store().lease(KEY, seen, length));
    }

    private long granted(Entry seen) {
        return tokenOf(lease(seen, LEASE));
    }

    private static long tokenOf(Lease lease) {
        assertThat(lease).isInstanceOf(Lease.Granted.class);
        return ((Lease.Granted) lease).token();
    }

    private boolean extend(long token, Duration length) {
        return Settled.value(store().extend(KEY, token, length));
    }

    private void remove() {
        remove(new Selection.Key(KEY.cache(), KEY.key()));
    }

    private boolean fill(long token, Entry entry) {
        return Settled.value(store().fill(KEY, token, entry));
    }

    /** Waits, by the store's own clock, until that moment has passed. */
    private void awaitTime(long moment) {
        await().pollInterval(Duration.ofMillis(2)).until(() -> store().now() > moment);
    }

    private Entry putAndAwaitEndOfFreshness(Lifetimes lifetimes) {
        Entry entry = entry("old", lifetimes);
        put(KEY, entry);
        awaitTime(entry.freshUntil() + 5);
        return entry;
    }

    /** Everything that was told before this call has been heard when it returns. */
    private List<Change> hearAll() {
        String mark = "mark-" + System.nanoTime();
        put(new CacheKey("marks", mark), entry("x", Entries.LONG));
        Change last = new Change(Change.Op.PUT, "marks", mark);
        await().pollInterval(Duration.ofMillis(2)).until(() -> heard().contains(last));
        return heard().stream().filter(each -> !each.cache().equals("marks")).toList();
    }

    // Reading and writing

    @Test
    void nothingIsUnderAKeyThatWasNeverWritten() {
        assertThat(get(KEY)).isNull();
        assertThat(Settled.value(store().get(KEY, true))).isNull();
    }

    @Test
    void everyFieldOfAnEntryComesBack() {
        Entry entry = Entries.of(
                "välue\0\r\n", new Lifetimes(60_000, 5_000, 9_000), store().now(), List.of("a", "ü b"), List.of("x@y"));
        put(KEY, entry);

        assertThat(get(KEY)).usingRecursiveComparison().ignoringFields("body").isEqualTo(entry);
        assertThat(get(KEY).body()).isEqualTo(entry.body());
    }

    @Test
    void anEmptyValueIsAValue() {
        assertThat(put(KEY, entry("", Entries.LONG))).isEqualTo(PutOutcome.CREATED);
        assertThat(textAt(KEY)).isEmpty();
        assertThat(remove(new Selection.Key("users", "42"))).isEqualTo(1);
    }

    @Test
    void aSecondValueReplacesTheFirst() {
        assertThat(put(KEY, entry("one", Entries.LONG))).isEqualTo(PutOutcome.CREATED);
        assertThat(put(KEY, entry("two", Entries.LONG))).isEqualTo(PutOutcome.REPLACED);
        assertThat(textAt(KEY)).isEqualTo("two");
    }

    @Test
    void cachesDoNotShareKeys() {
        put(KEY, entry("one", Entries.LONG));
        assertThat(get(new CacheKey("user", "s:42"))).isNull();
        assertThat(get(new CacheKey("others", "42"))).isNull();
    }

    @Test
    void anEntryIsThereUntilItsEndAndNoLonger() {
        Entry entry = entry("short", new Lifetimes(300, 0, 0));
        put(KEY, entry);
        long lastSeen = entry.created();
        for (long asked = store().now(); get(KEY) != null; asked = store().now()) {
            lastSeen = asked;
            assertThat(asked).isLessThan(entry.keepUntil() + 2_000);
        }
        // What this machine knows of the store's clock may be off by as much as one way to Redis takes.
        assertThat(lastSeen).isLessThan(entry.keepUntil() + 100);
        assertThat(store().now()).isGreaterThan(entry.keepUntil() - 100);
    }

    @Test
    void anEntryIsKeptThroughItsStaleWindowAndGoneAfterIt() {
        Entry entry = entry("old", new Lifetimes(20, 1_000, 0));
        put(KEY, entry);
        awaitTime(entry.freshUntil());
        Entry stale = get(KEY);
        assertThat(stale).isNotNull();
        assertThat(stale.isFresh(store().now())).isFalse();
        assertThat(stale.isServable(entry.staleUntil() - 1)).isTrue();
        awaitTime(entry.staleUntil() + 5);
        assertThat(get(KEY)).isNull();
    }

    @Test
    void anEntryIsKeptThroughItsErrorWindowAndGoneAfterIt() {
        Entry entry = entry("old", new Lifetimes(20, 0, 1_000));
        put(KEY, entry);
        awaitTime(entry.freshUntil());
        assertThat(get(KEY).mayStandInForError(entry.errorUntil() - 1)).isTrue();
        awaitTime(entry.errorUntil() + 5);
        assertThat(get(KEY)).isNull();
    }

    @Test
    void theKnowledgeThatTheOriginHasNothingIsKeptButIsNoValue() {
        put(KEY, Entry.negative(Entries.LONG, store().now()));

        assertThat(get(KEY).negative()).isTrue();
        assertThat(list("users", "*", 10)).isEmpty();
        assertThat(put(KEY, entry("x", Entries.LONG), new Condition.Present())).isEqualTo(PutOutcome.REFUSED);
        assertThat(remove(new Selection.Key("users", "42"))).isZero();
        assertThat(get(KEY)).isNull();
    }

    // Conditions

    @Test
    void absentHoldsOnlyWhereNothingIsServable() {
        assertThat(put(KEY, entry("one", Entries.LONG), new Condition.Absent())).isEqualTo(PutOutcome.CREATED);
        assertThat(put(KEY, entry("two", Entries.LONG), new Condition.Absent())).isEqualTo(PutOutcome.REFUSED);
        assertThat(textAt(KEY)).isEqualTo("one");
    }

    @Test
    void presentHoldsOnlyWhereSomethingIsServable() {
        assertThat(put(KEY, entry("one", Entries.LONG), new Condition.Present()))
                .isEqualTo(PutOutcome.REFUSED);
        assertThat(get(KEY)).isNull();
        put(KEY, entry("one", Entries.LONG));
        assertThat(put(KEY, entry("two", Entries.LONG), new Condition.Present()))
                .isEqualTo(PutOutcome.REPLACED);
        assertThat(textAt(KEY)).isEqualTo("two");
    }

    @Test
    void matchingHoldsForOneOfItsEtagsAndForNoOther() {
        Entry one = entry("one", Entries.LONG);
        byte[] other = new byte[16];
        Condition oneOfTwo = new Condition.Matching(List.of(other, one.etag()));
        assertThat(put(KEY, one, oneOfTwo)).as("nothing there").isEqualTo(PutOutcome.REFUSED);
        put(KEY, one);

        assertThat(put(KEY, entry("x", Entries.LONG), new Condition.Matching(List.of(other))))
                .isEqualTo(PutOutcome.REFUSED);
        assertThat(put(KEY, entry("x", Entries.LONG), new Condition.Matching(List.of())))
                .isEqualTo(PutOutcome.REFUSED);
        assertThat(textAt(KEY)).isEqualTo("one");
        assertThat(put(KEY, entry("two", Entries.LONG), oneOfTwo)).isEqualTo(PutOutcome.REPLACED);
        assertThat(textAt(KEY)).isEqualTo("two");
    }

    @Test
    void aNegativeEntryMatchesNoEtag() {
        Entry negative = Entry.negative(Entries.LONG, store().now());
        put(KEY, negative);
        assertThat(put(KEY, entry("x", Entries.LONG), new Condition.Matching(List.of(negative.etag()))))
                .isEqualTo(PutOutcome.REFUSED);
        assertThat(put(KEY, entry("x", Entries.LONG), new Condition.Absent())).isEqualTo(PutOutcome.CREATED);
    }

    @Test
    void aStaleButServableEntryExistsForEveryCondition() {
        Entry old = putAndAwaitEndOfFreshness(SOON_STALE);
        assertThat(put(KEY, entry("x", Entries.LONG), new Condition.Absent())).isEqualTo(PutOutcome.REFUSED);
        assertThat(put(KEY, old, new Condition.Matching(List.of(old.etag())))).isEqualTo(PutOutcome.REPLACED);
        assertThat(put(KEY, old, new Condition.Present())).isEqualTo(PutOutcome.REPLACED);
        assertThat(put(KEY, old)).isEqualTo(PutOutcome.REPLACED);
        assertThat(list("users", "*", 10)).containsExactly("42");
        assertThat(remove(new Selection.Key("users", "42"))).isEqualTo(1);
    }

    @Test
    void anExpiredEntryKeptForErrorsExistsForNoCondition() {
        Entry old = putAndAwaitEndOfFreshness(SOON_EXPIRED);
        assertThat(get(KEY)).isNotNull();
        assertThat(list("users", "*", 10)).isEmpty();
        assertThat(put(KEY, old, new Condition.Present())).isEqualTo(PutOutcome.REFUSED);
        assertThat(put(KEY, old, new Condition.Matching(List.of(old.etag())))).isEqualTo(PutOutcome.REFUSED);
        assertThat(remove(new Selection.Key("users", "42"))).isZero();
        put(KEY, old);
        assertThat(put(KEY, entry("x", Entries.LONG), new Condition.Absent())).isEqualTo(PutOutcome.CREATED);
    }

    @Test
    void ofManyWhoCreateAtOnceExactlyOneDoes() {
        List<Future<PutOutcome>> puts = IntStream.range(0, 50)
                .mapToObj(i -> store().put(KEY, entry("v" + i, Entries.LONG), new Condition.Absent()))
                .toList();
        assertThat(puts.stream().map(Settled::value).filter(PutOutcome.CREATED::equals))
                .hasSize(1);
    }

    // Leases

    @Test
    void ofManyWhoAskAtOnceExactlyOneGetsTheLease() {
        List<Lease> leases = IntStream.range(0, 50).mapToObj(i -> store().lease(KEY, null, LEASE)).toList().stream()
                .map(Settled::value)
                .toList();
        assertThat(leases.stream().filter(Lease.Granted.class::isInstance)).hasSize(1);
        assertThat(leases.stream().filter(Lease.Busy.class::isInstance)).hasSize(49);
    }

    @Test
    void whoIsTurnedAwayLearnsForHowLong() {
        tokenOf(lease(null, Duration.ofSeconds(20)));
        assertThat(lease(null, LEASE)).isInstanceOfSatisfying(Lease.Busy.class, busy -> assertThat(busy.remainingMs())
                .isBetween(15_000L, 20_000L));
    }

    @Test
    void aLeaseAloneIsNoEntry() {
        granted(null);
        assertThat(get(KEY)).isNull();
        assertThat(Settled.value(store().get(KEY, true))).isNull();
        assertThat(list("users", "*", 10)).isEmpty();
        assertThat(put(KEY, entry("x", Entries.LONG), new Condition.Present())).isEqualTo(PutOutcome.REFUSED);
        assertThat(put(KEY, entry("x", Entries.LONG), new Condition.Absent())).isEqualTo(PutOutcome.CREATED);
    }

    @Test
    void aLeaseLeavesTheEntryReadable() {
        Entry old = entry("old", Entries.LONG);
        put(KEY, old);
        granted(old);
        assertThat(textAt(KEY)).isEqualTo("old");
        assertThat(get(KEY).version()).isEqualTo(old.version());
        assertThat(lease(old, LEASE)).isInstanceOf(Lease.Busy.class);
    }

    @Test
    void whoHasNotSeenTheEntryThatIsThereGetsIt() {
        Entry first = entry("first", Entries.LONG);
        put(KEY, first);
        assertThat(lease(null, LEASE))
                .isInstanceOfSatisfying(Lease.Changed.class, changed -> assertThat(Entries.text(changed.entry()))
                        .isEqualTo("first"));

        put(KEY, entry("second", Entries.LONG));
        assertThat(lease(first, LEASE))
                .isInstanceOfSatisfying(Lease.Changed.class, changed -> assertThat(Entries.text(changed.entry()))
                        .isEqualTo("second"));
    }

    @Test
    void whoSawAnEntryThatIsGoneGetsTheLease() {
        Entry old = entry("old", Entries.LONG);
        put(KEY, old);
        remove(new Selection.Key("users", "42"));
        granted(old);
    }

    @Test
    void aLeaseEndsByItselfAndItsHolderCanStoreNothingOverTheNext() {
        long first = tokenOf(lease(null, Duration.ofMillis(40)));
        awaitTime(store().now() + 45);
        long second = granted(null);
        assertThat(fill(first, entry("late", Entries.LONG))).isFalse();
        assertThat(get(KEY)).isNull();
        assertThat(fill(second, entry("good", Entries.LONG))).isTrue();
        assertThat(textAt(KEY)).isEqualTo("good");
    }

    @Test
    void aLeaseInsideAnEntryEndsByItselfToo() {
        Entry old = entry("old", Entries.LONG);
        put(KEY, old);
        long first = tokenOf(lease(old, Duration.ofMillis(40)));
        awaitTime(store().now() + 45);
        long second = granted(old);
        assertThat(fill(first, entry("late", Entries.LONG))).isFalse();
        assertThat(textAt(KEY)).isEqualTo("old");
        assertThat(fill(second, entry("good", Entries.LONG))).isTrue();
    }

    @Test
    void aLeaseThatIsExtendedLastsFromThen() {
        Entry old = entry("old", Entries.LONG);
        for (Entry seen : Arrays.asList(null, old)) {
            if (seen != null) {
                put(KEY, seen);
            }
            long token = tokenOf(lease(seen, Duration.ofMillis(40)));
            assertThat(extend(token, LEASE)).isTrue();
            awaitTime(store().now() + 45);
            assertThat(lease(seen, LEASE)).isInstanceOf(Lease.Busy.class);
            assertThat(fill(token, null)).isTrue();
        }
        assertThat(textAt(KEY)).isEqualTo("old");
    }

    @Test
    void aLeaseThatWasLostIsNotExtended() {
        assertThat(extend(4711, LEASE)).isFalse();
        assertThat(lease(null, LEASE)).isInstanceOf(Lease.Granted.class);
        remove();
        long token = granted(null);
        remove();
        assertThat(extend(token, LEASE)).isFalse();
        long first = tokenOf(lease(null, Duration.ofMillis(40)));
        awaitTime(store().now() + 45);
        long second = granted(null);
        assertThat(extend(first, LEASE)).isFalse();
        assertThat(fill(second, entry("good", Entries.LONG))).isTrue();
    }

    @Test
    void aLeaseOutlivesTheEntryThatItIsFor() {
        Entry old = entry("old", SHORT);
        put(KEY, old);
        long token = granted(old);
        awaitTime(old.keepUntil() + 10);
        assertThat(lease(old, LEASE)).isInstanceOf(Lease.Busy.class);
        assertThat(fill(token, entry("new", Entries.LONG))).isTrue();
        assertThat(textAt(KEY)).isEqualTo("new");
    }

    @Test
    void whatALeaseBroughtIsStoredAndTheLeaseOver() {
        long token = granted(null);
        Entry loaded = entry("loaded", Entries.LONG);
        assertThat(fill(token, loaded)).isTrue();
        assertThat(textAt(KEY)).isEqualTo("loaded");
        assertThat(fill(token, entry("again", Entries.LONG))).isFalse();
        assertThat(textAt(KEY)).isEqualTo("loaded");
        granted(loaded);
    }

    @Test
    void aLeaseThatIsGivenBackIsFreeAtOnceAndLeavesTheEntry() {
        long token = granted(null);
        assertThat(fill(token, null)).isTrue();
        assertThat(get(KEY)).isNull();
        assertThat(fill(token, null)).isFalse();

        fill(granted(null), entry("old", Entries.LONG));
        Entry old = get(KEY);
        assertThat(fill(granted(old), null)).isTrue();
        assertThat(textAt(KEY)).isEqualTo("old");
        granted(old);
    }

    enum Invalidation {
        KEY,
        PUT,
        TAG,
        PATTERN,
        EVERYTHING
    }

    private void invalidate(Invalidation how) {
        switch (how) {
            case KEY -> remove(new Selection.Key("users", "42"));
            case PUT -> put(KEY, entry("newer", Entries.LONG));
            case TAG -> remove(new Selection.Tag("users", "tag"));
            case PATTERN -> remove(new Selection.Pattern("users", "4?"));
            case EVERYTHING -> remove(new Selection.Everything());
        }
    }

    @ParameterizedTest
    @CsvSource({"KEY", "PUT", "PATTERN", "EVERYTHING"})
    void whatWasLoadedBeforeAnInvalidationIsNotStoredAfterIt(Invalidation how) {
        long token = granted(null);
        invalidate(how);
        assertThat(fill(token, entry("older", Entries.LONG))).isFalse();
        assertThat(textAt(KEY)).isEqualTo(how == Invalidation.PUT ? "newer" : null);
    }

    @ParameterizedTest
    @CsvSource({"KEY", "PUT", "TAG", "PATTERN", "EVERYTHING"})
    void aRefreshThatBeganBeforeAnInvalidationStoresNothingAfterIt(Invalidation how) {
        Entry old = tagged("old", "tag");
        put(KEY, old);
        long token = granted(old);
        invalidate(how);
        assertThat(fill(token, tagged("older", "tag"))).isFalse();
        assertThat(textAt(KEY)).isEqualTo(how == Invalidation.PUT ? "newer" : null);
    }

    // Sliding expiry

    @Test
    void renewingStartsAFreshLifeAnew() {
        Entry old = Entries.of("x", new Lifetimes(300, 50, 100), store().now(), List.of("t"), List.of("a"));
        put(KEY, old);
        long end = old.keepUntil();
        while (store().now() < end + 100) {
            long asked = store().now();
            Entry renewed = Settled.value(store().get(KEY, true));
            assertThat(renewed).isNotNull();
            assertThat(renewed.freshUntil()).isCloseTo(asked + 300, within(100L));
            assertThat(renewed.staleUntil() - renewed.freshUntil()).isEqualTo(50);
            assertThat(renewed.errorUntil() - renewed.freshUntil()).isEqualTo(100);
            assertThat(renewed.version()).isEqualTo(old.version());
        }
        assertThat(get(KEY).freshUntil()).isGreaterThan(end);
        assertThat(remove(new Selection.Tag("users", "t")))
                .as("the index lives on with it")
                .isEqualTo(1);
    }

    @Test
    void renewingDoesNotBringAStaleEntryBack() {
        Entry old = putAndAwaitEndOfFreshness(SOON_STALE);
        Entry read = Settled.value(store().get(KEY, true));
        assertThat(read.freshUntil()).isEqualTo(old.freshUntil());
        assertThat(read.isFresh(store().now())).isFalse();
    }

    @Test
    void renewingDoesNotProlongANegativeEntry() {
        Entry negative = Entry.negative(Entries.LONG, store().now());
        put(KEY, negative);
        awaitTime(negative.created() + 20);
        assertThat(Settled.value(store().get(KEY, true)).freshUntil()).isEqualTo(negative.freshUntil());
    }

    @Test
    void renewingKeepsTheLeaseOfWhoeverHasIt() {
        Entry old = entry("old", Entries.LONG);
        put(KEY, old);
        long token = granted(old);
        awaitTime(old.created() + 5);
        Settled.value(store().get(KEY, true));
        assertThat(lease(old, LEASE)).isInstanceOf(Lease.Busy.class);
        assertThat(fill(token, entry("new", Entries.LONG))).isTrue();
    }

    // Removal

    @Test
    void removingCountsWhatACallerWouldHaveSeen() {
        assertThat(remove(new Selection.Key("users", "42"))).isZero();
        put(KEY, entry("x", Entries.LONG));
        assertThat(remove(new Selection.Key("users", "42"))).isEqualTo(1);
        assertThat(remove(new Selection.Key("users", "42"))).isZero();
        assertThat(get(KEY)).isNull();
    }

    @Test
    void aTagRemovesTheEntriesThatBearItAndNoOthers() {
        put(new CacheKey("users", "a"), tagged("a", "red", "round"));
        put(new CacheKey("users", "b"), tagged("b", "blue", "red"));
        put(new CacheKey("users", "c"), tagged("c", "redder"));
        put(new CacheKey("users", "d"), tagged("d"));
        put(new CacheKey("users.x", "a"), tagged("e", "red"));

        assertThat(remove(new Selection.Tag("users", "red"))).isEqualTo(2);
        assertThat(list("users", "*", 10)).containsExactlyInAnyOrder("c", "d");
        assertThat(list("users.x", "*", 10)).containsExactly("a");
        assertThat(remove(new Selection.Tag("users", "red"))).isZero();
    }

    @Test
    void anEntryThatWasReplacedBearsOnlyItsNewTags() {
        put(KEY, tagged("one", "old", "both"));
        put(KEY, tagged("two", "new", "both"));

        assertThat(remove(new Selection.Tag("users", "old"))).isZero();
        assertThat(textAt(KEY)).isEqualTo("two");
        assertThat(remove(new Selection.Tag("users", "new"))).isEqualTo(1);
        assertThat(remove(new Selection.Tag("users", "both"))).isZero();
    }

    @Test
    void tagsOfALoadedEntryCountAsWell() {
        fill(granted(null), tagged("loaded", "red"));
        assertThat(remove(new Selection.Tag("users", "red"))).isEqualTo(1);
    }

    @Test
    void anEntryWhoseTagWasRemovedOnceCanBearItAgain() {
        put(KEY, tagged("one", "red"));
        remove(new Selection.Tag("users", "red"));
        put(KEY, tagged("two", "red"));
        assertThat(remove(new Selection.Tag("users", "red"))).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"re*", "[red]", "red\\", "rot", "é ü", "a:b}", "%s"})
    void aTagIsALiteral(String tag) {
        put(KEY, tagged("x", "red"));
        put(new CacheKey("users", "other"), tagged("y", tag));
        assertThat(remove(new Selection.Tag("users", tag))).isEqualTo(1);
        assertThat(textAt(KEY)).isEqualTo("x");
    }

    @Test
    void aTagRemovesManyEntriesAtOnce() {
        putMany(1_500, i -> entryEnding(store().now() + 60_000 + 17L * i));
        assertThat(remove(new Selection.Tag("users", "many"))).isEqualTo(1_500);
        assertThat(list("users", "*", 2_000)).isEmpty();
    }

    /** What a bulk load makes: the index orders entries by their end, and many share one. */
    @Test
    void aTagRemovesEveryEntryAlsoWhereManyEndAtTheSameMoment() {
        long end = store().now() + 60_000;
        putMany(5_000, i -> entryEnding(end));
        assertThat(remove(new Selection.Tag("users", "many"))).isEqualTo(5_000);
        assertThat(list("users", "*", 10_000)).isEmpty();
    }

    private Entry entryEnding(long end) {
        long now = store().now();
        return Entries.of("x", new Lifetimes(end - now, 0, 0), now, List.of("many"), List.of());
    }

    private void putMany(int count, java.util.function.IntFunction<Entry> entry) {
        for (int from = 0; from < count; from += 250) {
            Settled.value(Future.all(IntStream.range(from, Math.min(count, from + 250))
                    .mapToObj(i -> store().put(new CacheKey("users", "k" + i), entry.apply(i), ALWAYS))
                    .toList()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "*, 5",
        "a*, 3",
        "a?, 2",
        "[ab]*, 4",
        "[^a]*, 2",
        "a[0-9], 1",
        "a\\*, 1",
        "ab, 0",
        "b:c, 1",
        "A*, 0",
        "'', 0"
    })
    void aPatternRemovesWhatRedisWouldMatch(String glob, long expected) {
        Set<String> keys = Set.of("a1", "a*", "a**", "b:c", "x");
        keys.forEach(key -> put(new CacheKey("users", key), entry(key, Entries.LONG)));
        put(new CacheKey("users.x", "a1"), entry("other", Entries.LONG));
        assertThat(remove(new Selection.Pattern("users", glob))).isEqualTo(expected);
        assertThat(list("users", "*", 10)).hasSize((int) (5 - expected));
        assertThat(list("users.x", "*", 10)).containsExactly("a1");
    }

    @Test
    void cachesWhoseNamesBeginAlikeAreNotTakenForEachOther() {
        List<String> caches = List.of("users", "users.x", "user", "u", "users-");
        caches.forEach(cache -> put(new CacheKey(cache, "s:1"), entry(cache, Entries.LONG)));
        put(new CacheKey("user", "s.x:1"), entry("tricky", Entries.LONG));

        assertThat(remove(new Selection.Pattern("users", "*"))).isEqualTo(1);
        assertThat(list("users.x", "*", 10)).containsExactly("s:1");
        assertThat(list("user", "*", 10)).containsExactlyInAnyOrder("s:1", "s.x:1");
        assertThat(list("u", "*", 10)).containsExactly("s:1");
        assertThat(list("users-", "*", 10)).containsExactly("s:1");
    }

    /** A glob that Redis reads leniently must not run into what stands behind the key in its name. */
    @ParameterizedTest
    @CsvSource({"a\\, a\\, a", "[a, a, a}", "x[, x[, x"})
    void aPatternThatEndsWithinAnEscapeOrASetMeansTheSameAsForRedis(String glob, String key, String other) {
        boolean matches = dev.weir.store.Glob.of(glob).matches(key);
        boolean matchesOther = dev.weir.store.Glob.of(glob).matches(other);
        put(new CacheKey("users", key), entry("key", Entries.LONG));
        put(new CacheKey("users", other), entry("other", Entries.LONG));
        remove(new Selection.Pattern("users", glob));
        assertThat(textAt(new CacheKey("users", key))).isEqualTo(matches ? null : "key");
        assertThat(textAt(new CacheKey("users", other))).isEqualTo(matchesOther ? null : "other");
    }

    @Test
    void everythingMeansEveryCache() {
        put(new CacheKey("a", "1"), entry("x", Entries.LONG));
        put(new CacheKey("b", "{}"), entry("x", Entries.LONG));
        put(new CacheKey("c", "3"), Entry.negative(Entries.LONG, store().now()));
        assertThat(remove(new Selection.Everything())).isEqualTo(2);
        assertThat(get(new CacheKey("a", "1"))).isNull();
        assertThat(get(new CacheKey("b", "{}"))).isNull();
        assertThat(get(new CacheKey("c", "3"))).isNull();
    }

    // Odd keys

    static Stream<String> oddKeys() {
        return Stream.of(
                "a/b",
                "a:b",
                "}",
                "{",
                "{}",
                "*",
                "?",
                "[a]",
                " ",
                "a b",
                "\\",
                "^",
                "-",
                "ключ",
                "🔑",
                "a\nb",
                "\r\n",
                "'\"",
                "%41",
                "weir:c:{users:42}",
                "x".repeat(512),
                "ü".repeat(256));
    }

    @ParameterizedTest
    @MethodSource("oddKeys")
    void anyKeyIsKeptApartFromEveryOther(String key) {
        CacheKey odd = new CacheKey("users", key);
        Set<String> others = Set.of("aXb", "a", "b", "42");
        others.forEach(other -> put(new CacheKey("users", other), entry(other, Entries.LONG)));
        Entry entry = Entries.of(
                "odd", Entries.LONG, store().now(), List.of("tag-" + key.hashCode()), List.of("alias " + key));
        put(odd, entry);

        assertThat(textAt(odd)).isEqualTo("odd");
        assertThat(Settled.value(store().resolve("users", "alias " + key))).isEqualTo(key);
        assertThat(list("users", "*", 100)).containsExactlyInAnyOrder("aXb", "a", "b", "42", key);
        assertThat(list("users", dev.weir.store.Glob.quote(key), 100)).containsExactly(key);
        assertThat(remove(new Selection.Tag("users", "tag-" + key.hashCode()))).isEqualTo(1);
        put(odd, entry);
        assertThat(remove(new Selection.Pattern("users", dev.weir.store.Glob.quote(key))))
                .isEqualTo(1);
        put(odd, entry);
        assertThat(remove(new Selection.Key("users", key))).isEqualTo(1);
        assertThat(list("users", "*", 100)).containsExactlyInAnyOrderElementsOf(others);
    }

    // Aliases

    @Test
    void anAliasNamesTheKeyThatWasGivenItLast() {
        assertThat(Settled.value(store().resolve("users", "a@b"))).isNull();
        put(KEY, Entries.of("x", Entries.LONG, store().now(), List.of(), List.of("a@b", "other")));
        assertThat(Settled.value(store().resolve("users", "a@b"))).isEqualTo("42");
        assertThat(Settled.value(store().resolve("users", "other"))).isEqualTo("42");
        assertThat(Settled.value(store().resolve("users.x", "a@b"))).isNull();

        put(new CacheKey("users", "43"), Entries.of("y", Entries.LONG, store().now(), List.of(), List.of("a@b")));
        assertThat(Settled.value(store().resolve("users", "a@b"))).isEqualTo("43");
    }

    @Test
    void anAliasOutlivesItsEntrySoThatItCanBeLoadedByItAgain() {
        put(KEY, Entries.of("x", Entries.LONG, store().now(), List.of(), List.of("a@b")));
        remove(new Selection.Key("users", "42"));
        assertThat(Settled.value(store().resolve("users", "a@b"))).isEqualTo("42");
    }

    @Test
    void aRefusedValueGivesNoAlias() {
        put(KEY, Entries.of("x", Entries.LONG, store().now(), List.of("t"), List.of("a@b")), new Condition.Present());
        assertThat(Settled.value(store().resolve("users", "a@b"))).isNull();
    }

    // Listing

    private List<String> list(String cache, String glob, int limit) {
        List<String> keys = new ArrayList<>();
        String cursor = null;
        int pages = 0;
        do {
            Page page = Settled.value(store().list(cache, glob, cursor, limit));
            assertThat(page.entries()).hasSizeLessThanOrEqualTo(limit);
            page.entries().forEach(each -> keys.add(each.key()));
            cursor = page.cursor();
            assertThat(pages++).isLessThan(5_000);
        } while (cursor != null);
        return keys;
    }

    @Test
    void aListingTellsWhatAnEntryIs() {
        put(
                KEY,
                Entries.of(
                        "12345", new Lifetimes(10_000, 20_000, 90_000), store().now(), List.of("b", "a"), List.of()));
        Page page = Settled.value(store().list("users", "*", null, 10));
        assertThat(page.cursor()).isNull();
        assertThat(page.entries()).hasSize(1);
        Listed listed = page.entries().getFirst();
        assertThat(listed.key()).isEqualTo("42");
        assertThat(listed.bytes()).isEqualTo(5);
        assertThat(listed.ttlMs()).isBetween(25_000L, 30_500L);
        assertThat(listed.tags()).containsExactly("b", "a");
    }

    @Test
    void pagesOfAnySizeVisitEveryEntryExactlyOnce() {
        int count = 300;
        putMany(count, i -> entryEnding(store().now() + 60_000));
        put(new CacheKey("users.x", "no"), entry("x", Entries.LONG));
        List<String> all = IntStream.range(0, count).mapToObj(i -> "k" + i).toList();
        for (int limit : List.of(1, 2, 3, 7, 50, 299, 300, 301, 1000)) {
            assertThat(list("users", "*", limit)).as("limit " + limit).containsExactlyInAnyOrderElementsOf(all);
        }
        assertThat(list("users", "k1?", 3)).hasSize(10);
        assertThat(list("users", "nothing*", 3)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", "!", "*", "Zm9v.", "ö"})
    void whatIsNoCursorIsRefused(String cursor) {
        assertThatThrownBy(() -> Settled.value(store().list("users", "*", cursor, 10)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // Changes

    private static Change change(Change.Op op, String subject) {
        return new Change(op, "users", subject);
    }

    @Test
    void everyPutIsTold() {
        put(KEY, entry("one", Entries.LONG));
        put(KEY, entry("two", Entries.LONG), new Condition.Present());
        assertThat(hearAll()).containsExactly(change(Change.Op.PUT, "42"), change(Change.Op.PUT, "42"));
    }

    @Test
    void whatChangesNothingIsNotTold() {
        put(KEY, entry("one", Entries.LONG), new Condition.Present());
        put(KEY, entry("one", Entries.LONG), new Condition.Matching(List.of()));
        Settled.value(store().get(KEY, true));
        long token = granted(null);
        lease(null, LEASE);
        assertThat(fill(token + 1, entry("one", Entries.LONG))).isFalse();
        assertThat(hearAll()).isEmpty();
    }

    @Test
    void whatALeaseCameToIsTold() {
        fill(granted(null), null);
        fill(granted(null), entry("x", Entries.LONG));
        assertThat(hearAll()).containsExactly(change(Change.Op.RELEASE, "42"), change(Change.Op.PUT, "42"));
    }

    @Test
    void everyRemovalIsToldAlsoWhereNothingWasFound() {
        remove(new Selection.Key("users", "a\nb"));
        remove(new Selection.Tag("users", "t"));
        remove(new Selection.Pattern("users", "x*"));
        remove(new Selection.Everything());
        assertThat(hearAll())
                .containsExactly(
                        change(Change.Op.REMOVE, "a\nb"),
                        change(Change.Op.REMOVE_TAG, "t"),
                        change(Change.Op.REMOVE_PATTERN, "x*"),
                        new Change(Change.Op.CLEAR_ALL, "", ""));
    }

    @Test
    void theRemovalOfATagIsToldWhenItIsOver() {
        put(KEY, tagged("x", "t"));
        remove(new Selection.Tag("users", "t"));
        assertThat(hearAll()).startsWith(change(Change.Op.PUT, "42")).endsWith(change(Change.Op.REMOVE_TAG, "t"));
    }
}
