package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.cache.CacheStore.Condition;
import dev.weir.cache.CacheStore.PutOutcome;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.http.Problem;
import dev.weir.store.Settled;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LoaderTest {

    private static final Condition ALWAYS = new Condition.Always();
    private static final Selection.Key KEY = new Selection.Key(CacheRig.NAME, "42");

    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    }

    @AfterAll
    static void stop() {
        Settled.value(vertx.close());
    }

    private static CacheRig rig(Lifetimes lifetimes) {
        return new CacheRig(vertx, CacheRig.policy(lifetimes));
    }

    private static String read(CacheRig rig) {
        return CacheRig.text(Settled.value(rig.cache.get("42")));
    }

    private static Answer.Result result(CacheRig rig) {
        return Settled.value(rig.cache.get("42")).result();
    }

    /** A rig whose cache holds {@code old}, loaded from its origin. */
    private static CacheRig loaded(CachePolicy policy) {
        CacheRig rig = new CacheRig(vertx, policy);
        Future<Answer> first = rig.cache.get("42");
        rig.origin.answer(0, "old");
        assertThat(CacheRig.text(Settled.value(first))).isEqualTo("old");
        return rig;
    }

    @Test
    void manyMissesAtOnceAreOneCallOfTheOrigin() {
        CacheRig rig = rig(Entries.LONG);
        List<Future<Answer>> reads =
                IntStream.range(0, 100).mapToObj(i -> rig.cache.get("42")).toList();
        assertThat(rig.origin.loads).containsExactly("42");
        rig.origin.answer(0, "x");

        List<Answer> answers = reads.stream().map(Settled::value).toList();
        assertThat(answers).allMatch(each -> CacheRig.text(each).equals("x"));
        assertThat(answers).allMatch(each -> each.result() == Answer.Result.MISS && each.stored());
        assertThat(answers.stream().filter(Answer::collapsed)).hasSize(99);
        assertThat(result(rig)).isEqualTo(Answer.Result.HIT);
        assertThat(rig.origin.loads).hasSize(1);
    }

    @Test
    void differentKeysAreLoadedIndependently() {
        CacheRig rig = rig(Entries.LONG);
        Future<Answer> one = rig.cache.get("1");
        Future<Answer> two = rig.cache.get("2");
        rig.origin.answer(1, "second");
        assertThat(CacheRig.text(Settled.value(two))).isEqualTo("second");
        assertThat(one.isComplete()).isFalse();
    }

    @Test
    void instancesThatMissAtOnceCallTheOriginOnce() {
        CacheRig one = rig(Entries.LONG);
        CacheRig other = new CacheRig(vertx, CacheRig.POLICY, true, false, own -> one.memory);
        one.bus.addListener(other.caches);
        Future<Answer> here = one.cache.get("42");
        Future<Answer> there = other.cache.get("42");
        assertThat(other.origin.loads).isEmpty();
        assertThat(there.isComplete()).isFalse();
        one.origin.answer(0, "x");

        assertThat(CacheRig.text(Settled.value(here))).isEqualTo("x");
        assertThat(CacheRig.text(Settled.value(there))).isEqualTo("x");
        assertThat(other.origin.loads).isEmpty();
    }

    @Test
    void whoWaitsForAnotherInstanceThatGivesUpLoadsItself() {
        CacheRig one = rig(Entries.LONG);
        CacheRig other = new CacheRig(vertx, CacheRig.POLICY, true, false, own -> one.memory);
        one.bus.addListener(other.caches);
        Future<Answer> here = one.cache.get("42");
        Future<Answer> there = other.cache.get("42");
        one.origin.fail(0);
        assertThat(Settled.failure(here)).isInstanceOf(Problem.class);
        await().until(() -> other.origin.loads.size() == 1);
        other.origin.answer(0, "x");
        assertThat(CacheRig.text(Settled.value(there))).isEqualTo("x");
    }

    @Test
    void whoWaitsLooksAgainAlsoWhenNoMessageComes() {
        CacheRig one = rig(Entries.LONG);
        CacheRig other = new CacheRig(vertx, CacheRig.POLICY, true, false, own -> one.memory);
        one.cache.get("42");
        Future<Answer> there = other.cache.get("42");
        one.origin.answer(0, "x");
        assertThat(CacheRig.text(Settled.value(there))).isEqualTo("x");
        assertThat(other.origin.loads).isEmpty();
    }

    @Test
    void everyWaiterIsAnsweredOnItsOwnContext() throws InterruptedException {
        CacheRig rig = rig(Entries.LONG);
        AtomicInteger elsewhere = new AtomicInteger();
        CountDownLatch asked = new CountDownLatch(8);
        CountDownLatch answered = new CountDownLatch(8);
        for (int i = 0; i < 8; i++) {
            Context mine = ((VertxInternal) vertx).createEventLoopContext();
            mine.runOnContext(go -> {
                rig.cache.get("42").onComplete(result -> {
                    if (!mine.equals(Vertx.currentContext())) {
                        elsewhere.incrementAndGet();
                    }
                    answered.countDown();
                });
                asked.countDown();
            });
        }
        assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
        rig.origin.answer(0, "x");
        assertThat(answered.await(5, TimeUnit.SECONDS)).isTrue();
        // Who started the load is answered where its origin answers; the seven others wait on contexts of their own.
        assertThat(elsewhere).hasValueLessThanOrEqualTo(1);
        assertThat(rig.origin.loads).hasSize(1);
    }

    @Test
    void aFailingOriginFailsEveryWaiterAndIsAskedAgainByTheNext() {
        CacheRig rig = rig(Entries.LONG);
        Future<Answer> one = rig.cache.get("42");
        Future<Answer> two = rig.cache.get("42");
        rig.origin.fail(0);
        for (Future<Answer> each : List.of(one, two)) {
            assertThat(Settled.failure(each)).isInstanceOfSatisfying(Problem.class, e -> assertThat(e.kind())
                    .isEqualTo(Problem.Kind.ORIGIN_FAILED));
        }
        Future<Answer> next = rig.cache.get("42");
        rig.origin.answer(1, "x");
        assertThat(CacheRig.text(Settled.value(next))).isEqualTo("x");
        assertThat(rig.figures.loadFailed.count()).isEqualTo(1);
        assertThat(rig.figures.load.count()).isEqualTo(1);
    }

    @Test
    void whatTheOriginDoesNotHaveIsRememberedForItsOwnTime() {
        CacheRig rig = rig(Entries.LONG);
        Future<Answer> first = rig.cache.get("42");
        rig.origin.miss(0);
        assertThat(Settled.value(first).value()).isNull();
        rig.clock.addAndGet(4_999);
        Answer again = Settled.value(rig.cache.get("42"));
        assertThat(again.value()).isNull();
        assertThat(again.result()).isEqualTo(Answer.Result.HIT);
        assertThat(rig.origin.loads).hasSize(1);

        rig.clock.addAndGet(2);
        Future<Answer> late = rig.cache.get("42");
        rig.origin.answer(1, "x");
        assertThat(CacheRig.text(Settled.value(late))).isEqualTo("x");
    }

    @Test
    void withoutNegativeCachingEveryReadAsksTheOrigin() {
        CachePolicy policy = new CachePolicy(Entries.LONG, new Lifetimes(0, 0, 0), 0, false, 1 << 20, 1 << 20);
        CacheRig rig = new CacheRig(vertx, policy);
        for (int i = 0; i < 3; i++) {
            Future<Answer> read = rig.cache.get("42");
            rig.origin.miss(i);
            Answer answer = Settled.value(read);
            assertThat(answer.value()).isNull();
            assertThat(answer.stored()).isFalse();
        }
    }

    @Test
    void aKeyThatWouldLeadTheOriginAstrayIsRefusedBeforeAnything() {
        CacheRig rig = rig(Entries.LONG);
        assertThatThrownBy(() -> rig.cache.get("..")).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> rig.cache.put(CacheRig.put("..", "x"), ALWAYS)).isInstanceOf(Problem.class);
    }

    @Test
    void anExpiredEntryStandsInForAFailingOriginAndNoLongerThanAllowed() {
        CacheRig rig = loaded(CacheRig.policy(new Lifetimes(1_000, 0, 10_000)));
        rig.clock.addAndGet(1_001);
        Future<Answer> read = rig.cache.get("42");
        rig.origin.fail(1);
        Answer answer = Settled.value(read);
        assertThat(CacheRig.text(answer)).isEqualTo("old");
        assertThat(answer.result()).isEqualTo(Answer.Result.STALE);

        rig.clock.addAndGet(10_000);
        Future<Answer> late = rig.cache.get("42");
        rig.origin.fail(2);
        assertThat(Settled.failure(late)).isInstanceOf(Problem.class);
    }

    @Test
    void anOriginThatSaysThereIsNothingIsBelievedEvenWhereAnOldEntryCouldStandIn() {
        CacheRig rig = loaded(CacheRig.policy(new Lifetimes(1_000, 0, 10_000)));
        rig.clock.addAndGet(1_001);
        Future<Answer> read = rig.cache.get("42");
        rig.origin.miss(1);
        assertThat(Settled.value(read).value()).isNull();
        assertThat(read(rig)).isNull();
    }

    @Test
    void whileStaleIsAllowedNoReadWaitsAndOneRefreshes() {
        CacheRig rig = loaded(CacheRig.policy(new Lifetimes(1_000, 10_000, 0)));
        rig.clock.addAndGet(1_001);
        for (int i = 0; i < 10; i++) {
            Future<Answer> read = rig.cache.get("42");
            assertThat(read.isComplete()).isTrue();
            assertThat(CacheRig.text(read.result())).isEqualTo("old");
            assertThat(read.result().result()).isEqualTo(Answer.Result.STALE);
        }
        assertThat(rig.origin.loads).hasSize(2);
        rig.origin.answer(1, "new");
        assertThat(read(rig)).isEqualTo("new");
        assertThat(result(rig)).isEqualTo(Answer.Result.HIT);
    }

    @Test
    void aRefreshThatFailsLeavesTheOldAndRestsBeforeTheNext() {
        CacheRig rig = loaded(CacheRig.policy(new Lifetimes(1_000, 60_000, 0)));
        rig.clock.addAndGet(1_001);
        assertThat(read(rig)).isEqualTo("old");
        rig.origin.fail(1);
        for (int i = 0; i < 10; i++) {
            assertThat(read(rig)).isEqualTo("old");
        }
        assertThat(rig.origin.loads).hasSize(2);
        await().atMost(Duration.ofSeconds(5)).until(() -> {
            read(rig);
            return rig.origin.loads.size() == 3;
        });
    }

    @Test
    void inTheLastShareOfItsLifeAReadRefreshesAndNoneWaits() {
        CacheRig rig = loaded(
                new CachePolicy(new Lifetimes(10_000, 0, 0), new Lifetimes(0, 0, 0), 0.2, false, 1 << 20, 1 << 20));
        rig.clock.addAndGet(7_990);
        assertThat(read(rig)).isEqualTo("old");
        assertThat(rig.origin.loads).hasSize(1);

        rig.clock.addAndGet(20);
        for (int i = 0; i < 5; i++) {
            Future<Answer> read = rig.cache.get("42");
            assertThat(read.isComplete()).isTrue();
            assertThat(read.result().result()).isEqualTo(Answer.Result.HIT);
        }
        assertThat(rig.origin.loads).hasSize(2);
        rig.origin.answer(1, "new");
        assertThat(read(rig)).isEqualTo("new");
        assertThat(rig.origin.loads).hasSize(2);
    }

    @Test
    void aRefreshedEntryKeepsItsTagsAndAliases() {
        CacheRig rig = rig(new Lifetimes(1_000, 10_000, 0));
        Settled.value(rig.cache.put(
                new NamedCache.Put(
                        "42",
                        io.vertx.core.buffer.Buffer.buffer("old"),
                        "text/plain",
                        new Lifetimes(1_000, 10_000, 0),
                        List.of("t"),
                        List.of("a")),
                ALWAYS));
        rig.clock.addAndGet(1_001);
        read(rig);
        rig.origin.answer(0, "new");
        assertThat(read(rig)).isEqualTo("new");
        assertThat(Settled.value(rig.cache.resolve("a")).value()).isEqualTo("42");
        assertThat(Settled.value(rig.cache.remove(new Selection.Tag(CacheRig.NAME, "t")))
                        .value())
                .isEqualTo(1);
    }

    @Test
    void whoComesAfterAnInvalidationStartsALoadOfItsOwn() {
        CacheRig rig = rig(Entries.LONG);
        Future<Answer> before = rig.cache.get("42");
        Settled.value(rig.cache.remove(KEY));
        Future<Answer> after = rig.cache.get("42");
        assertThat(rig.origin.loads).hasSize(2);
        rig.origin.answer(1, "new");
        assertThat(CacheRig.text(Settled.value(after))).isEqualTo("new");
        rig.origin.answer(0, "old");
        assertThat(CacheRig.text(Settled.value(before))).isEqualTo("old");
        assertThat(Settled.value(before).stored()).isFalse();
        assertThat(read(rig)).isEqualTo("new");
    }

    @Test
    void aRefreshThatAnInvalidationOvertookChangesNothing() {
        CacheRig rig = loaded(CacheRig.policy(new Lifetimes(1_000, 10_000, 0)));
        rig.clock.addAndGet(1_001);
        read(rig);
        Settled.value(rig.cache.put(CacheRig.put("42", "put"), ALWAYS));
        rig.origin.answer(1, "old");
        assertThat(read(rig)).isEqualTo("put");
    }

    /** The copy near is older than what the tag removed: it must go although it never bore the tag. */
    @Test
    void aTagThatIsRemovedTakesOlderCopiesOfItsEntriesAlong() {
        CacheRig one = rig(Entries.LONG);
        CacheRig other = new CacheRig(vertx, CacheRig.POLICY, true, false, own -> one.memory);
        Settled.value(one.cache.put(CacheRig.put("42", "first"), ALWAYS));
        assertThat(read(one)).isEqualTo("first");
        one.bus.removeListener(one.caches); // the message of what follows is still on its way
        Settled.value(other.cache.put(CacheRig.put("42", "second", "t"), ALWAYS));
        assertThat(Settled.value(one.cache.remove(new Selection.Tag(CacheRig.NAME, "t")))
                        .value())
                .isEqualTo(1);

        Future<Answer> read = one.cache.get("42");
        assertThat(one.origin.loads).as("the copy near was not believed").hasSize(1);
        one.origin.answer(0, "third");
        assertThat(CacheRig.text(Settled.value(read))).isEqualTo("third");
    }

    /** The one who joined may have come after the invalidation was acknowledged elsewhere. */
    @Test
    void whoJoinedALoadThatAnInvalidationOvertookLoadsAnew() {
        CacheRig one = rig(Entries.LONG);
        CacheRig other = new CacheRig(vertx, CacheRig.POLICY, true, false, own -> one.memory);
        Future<Answer> before = one.cache.get("42");
        one.bus.removeListener(one.caches); // the message of what follows is lost
        Settled.value(other.cache.remove(new Selection.Key(CacheRig.NAME, "42")));
        Future<Answer> after = one.cache.get("42");
        assertThat(one.origin.loads).hasSize(1);

        one.origin.answer(0, "old");
        assertThat(CacheRig.text(Settled.value(before))).isEqualTo("old");
        // Who joined is answered on a context of its own.
        await().until(() -> one.origin.pending.size() == 2);
        assertThat(after.isComplete()).isFalse();
        one.origin.answer(1, "new");
        assertThat(CacheRig.text(Settled.value(after))).isEqualTo("new");
    }

    @Test
    void aLostSubscriptionCutsOffTheLoadsThatMayHaveMissedAnInvalidation() {
        CacheRig rig = rig(Entries.LONG);
        rig.cache.get("42");
        rig.memory.clear(); // another instance's invalidation, of which no message came
        rig.caches.onLost();
        Future<Answer> after = rig.cache.get("42");
        rig.origin.answer(0, "older");
        assertThat(rig.origin.loads).hasSize(2);
        rig.origin.answer(1, "newer");
        assertThat(CacheRig.text(Settled.value(after))).isEqualTo("newer");
    }

    // Writing through

    private static CacheRig writingThrough() {
        return new CacheRig(vertx, CacheRig.POLICY, true, true, own -> own);
    }

    @Test
    void aPutGoesToTheOriginFirstAndThenToTheCache() {
        CacheRig rig = writingThrough();
        Future<NamedCache.Stored> put = rig.cache.put(CacheRig.put("42", "x"), ALWAYS);
        assertThat(rig.origin.writes).containsExactly("42=x text/plain");
        assertThat(put.isComplete()).isFalse();
        assertThat(Settled.value(rig.memory.get(new CacheKey(CacheRig.NAME, "42"), false)))
                .isNull();
        rig.origin.pendingWrites.getFirst().complete();
        assertThat(Settled.value(put).outcome()).isEqualTo(PutOutcome.CREATED);
        assertThat(read(rig)).isEqualTo("x");
    }

    @Test
    void whatTheOriginRefusesIsNotCached() {
        CacheRig rig = writingThrough();
        Future<NamedCache.Stored> put = rig.cache.put(CacheRig.put("42", "x"), ALWAYS);
        rig.origin.pendingWrites.getFirst().fail(new Problem(Problem.Kind.ORIGIN_FAILED, "no"));
        assertThat(Settled.failure(put)).isInstanceOf(Problem.class);
        assertThat(Settled.value(rig.memory.get(new CacheKey(CacheRig.NAME, "42"), false)))
                .isNull();
    }

    @Test
    void aPutWhoseConditionDoesNotHoldNeverReachesTheOrigin() {
        CacheRig rig = writingThrough();
        assertThat(Settled.value(rig.cache.put(CacheRig.put("42", "x"), new Condition.Present()))
                        .outcome())
                .isEqualTo(PutOutcome.REFUSED);
        assertThat(rig.origin.writes).isEmpty();
    }

    @Test
    void aPutWhoseConditionDoesNotHoldLeavesTheEntryAsItIs() {
        CacheRig rig = writingThrough();
        CacheKey key = new CacheKey(CacheRig.NAME, "42");
        Settled.value(rig.memory.put(key, Entries.of("old", Entries.LONG, rig.clock.get()), ALWAYS));
        assertThat(Settled.value(rig.cache.put(CacheRig.put("42", "x"), new Condition.Absent()))
                        .outcome())
                .isEqualTo(PutOutcome.REFUSED);
        assertThat(read(rig)).isEqualTo("old");
    }

    @Test
    void whatTheOriginMayOrMayNotHaveTakenIsNoLongerCached() {
        CacheRig rig = writingThrough();
        CacheKey key = new CacheKey(CacheRig.NAME, "42");
        Settled.value(rig.memory.put(key, Entries.of("old", Entries.LONG, rig.clock.get()), ALWAYS));
        Future<NamedCache.Stored> put = rig.cache.put(CacheRig.put("42", "x"), ALWAYS);
        rig.origin.pendingWrites.getFirst().fail(new Problem(Problem.Kind.ORIGIN_TIMEOUT, "who knows"));
        assertThat(Settled.failure(put)).isInstanceOf(Problem.class);
        assertThat(Settled.value(rig.memory.get(key, false))).isNull();
    }

    @Test
    void withoutWriteThroughTheOriginIsNotWrittenTo() {
        CacheRig rig = rig(Entries.LONG);
        Settled.value(rig.cache.put(CacheRig.put("42", "x"), ALWAYS));
        assertThat(rig.origin.writes).isEmpty();
        assertThat(read(rig)).isEqualTo("x");
        assertThat(rig.origin.loads).isEmpty();
    }

    @Test
    void aValueThatIsTooLargeIsRefusedBeforeAnything() {
        CacheRig rig = new CacheRig(
                vertx, new CachePolicy(Entries.LONG, Entries.LONG, 0, false, 10, 5), true, true, own -> own);
        Settled.value(rig.memory.put(
                new CacheKey(CacheRig.NAME, "42"), Entries.of("old", Entries.LONG, rig.clock.get()), ALWAYS));
        assertThatThrownBy(() -> rig.cache.put(CacheRig.put("42", "123456"), ALWAYS))
                .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.kind()).isEqualTo(Problem.Kind.TOO_LARGE));
        assertThat(rig.origin.writes).isEmpty();
        assertThat(read(rig)).isEqualTo("old");
    }
}
