package dev.weir.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.lock.LockStore.Lock;
import dev.weir.lock.LockStore.Swept;
import dev.weir.lock.Locks.Answer;
import dev.weir.lock.Locks.Attempt;
import dev.weir.lock.Locks.Holding;
import dev.weir.redis.ChangeBus;
import dev.weir.redis.Keys;
import dev.weir.redis.TestGateway;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Settled;
import dev.weir.store.StoreUnavailable;
import dev.weir.testkit.RedisServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Two instances' locks on one real Redis. */
class LocksTest {

    private static final Duration TTL = Duration.ofMinutes(1);
    private static final Duration WAIT = Duration.ofMinutes(1);

    private static RedisServer redis;
    private static Instance one;
    private static Instance two;

    /** All that one instance has. */
    private record Instance(TestGateway gateway, LockStore store, SimpleMeterRegistry registry, Locks locks)
            implements AutoCloseable {

        static Instance on(RedisServer redis) {
            return on(redis, store -> store);
        }

        static Instance on(RedisServer redis, UnaryOperator<LockStore> between) {
            TestGateway gateway =
                    TestGateway.to(redis.url(), Duration.ofSeconds(5)).start();
            LockStore shared = new RedisLockStore(gateway.gateway(), new Keys("weir:"), gateway.bus(), null);
            LockStore store = between.apply(shared);
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            Locks locks = locks(gateway, store, store, gateway.availability(), gateway.bus(), registry);
            gateway.availability().addListener(locks);
            return new Instance(gateway, store, registry, locks);
        }

        static Locks locks(
                TestGateway gateway,
                LockStore shared,
                LockStore local,
                Availability availability,
                ChangeBus bus,
                SimpleMeterRegistry registry) {
            Locks locks = new Locks(
                    gateway.vertx(),
                    new Failover<>(shared, local, Failover.Policy.REFUSE, availability),
                    name -> 1,
                    bus.instance(),
                    new LockFigures(registry));
            bus.addListener(locks);
            return locks;
        }

        Attempt ask(String name, String token, Duration wait) {
            return locks.acquire(name, token, token, TTL, wait);
        }

        long waiting(String name) {
            return Settled.value(locks.describe(name)).value().waiting();
        }

        boolean isHeld(String name) {
            return !Settled.value(locks.describe(name)).value().holders().isEmpty();
        }

        double waitingHere() {
            return registry.get("weir_lock_waiting").gauge().value();
        }

        @Override
        public void close() {
            gateway.close();
        }
    }

    /** Passes all on to the store. */
    private static class Passing implements LockStore {
        final LockStore store;

        Passing(LockStore store) {
            this.store = store;
        }

        @Override
        public Future<Outcome> acquire(Lock lock, String token, String owner, long ttlMs, long waitMs) {
            return store.acquire(lock, token, owner, ttlMs, waitMs);
        }

        @Override
        public Future<Long> extend(Lock lock, String token, long ttlMs) {
            return store.extend(lock, token, ttlMs);
        }

        @Override
        public Future<Boolean> release(Lock lock, String token) {
            return store.release(lock, token);
        }

        @Override
        public Future<Boolean> leave(Lock lock, String token, boolean keep) {
            return store.leave(lock, token, keep);
        }

        @Override
        public Future<Swept> sweep(Lock lock, List<Waiter> waiters) {
            return store.sweep(lock, waiters);
        }

        @Override
        public Future<State> describe(Lock lock) {
            return store.describe(lock);
        }

        @Override
        public Future<List<String>> names() {
            return store.names();
        }
    }

    /** Says that the instance is alive, and tells and puts back nobody: only messages wake up whoever waits. */
    private static final class DeafSweeps extends Passing {

        DeafSweeps(LockStore store) {
            super(store);
        }

        @Override
        public Future<Swept> sweep(Lock lock, List<Waiter> waiters) {
            return store.sweep(lock, List.of());
        }
    }

    /** Withholds what came of asking until it is let go. */
    private static final class Withheld extends Passing {
        private final Future<Void> letGo;

        Withheld(LockStore store, Future<Void> letGo) {
            super(store);
            this.letGo = letGo;
        }

        @Override
        public Future<Outcome> acquire(Lock lock, String token, String owner, long ttlMs, long waitMs) {
            return store.acquire(lock, token, owner, ttlMs, waitMs).compose(letGo::map);
        }
    }

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        one = Instance.on(redis);
        two = Instance.on(redis);
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        redis.close();
    }

    private static void until(BooleanSupplier condition) {
        await().atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(condition::getAsBoolean);
    }

    private static Holding granted(Attempt attempt) {
        Answer answer = Settled.value(attempt.answer());
        assertThat(answer).isInstanceOf(Answer.Granted.class);
        return ((Answer.Granted) answer).holding();
    }

    private static boolean release(Instance instance, String name, String token) {
        return Settled.value(instance.locks.release(name, token)).value();
    }

    @Test
    void noWakeUpIsLostInTenThousandRounds() throws InterruptedException {
        int rounds = 10_000;
        AtomicInteger left = new AtomicInteger(rounds);
        AtomicInteger inside = new AtomicInteger();
        AtomicLong fence = new AtomicLong();
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        try (Instance first = Instance.on(redis, DeafSweeps::new);
                Instance second = Instance.on(redis, DeafSweeps::new)) {
            List<Thread> workers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Instance mine = i % 2 == 0 ? first : second;
                String who = "w" + i;
                workers.add(Thread.startVirtualThread(() -> {
                    for (int n = left.decrementAndGet(); n >= 0 && wrong.isEmpty(); n = left.decrementAndGet()) {
                        work(mine, who + "-" + n, inside, fence, wrong);
                    }
                }));
            }
            for (Thread worker : workers) {
                worker.join();
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(left.get()).isNegative();
    }

    private static void work(
            Instance instance,
            String token,
            AtomicInteger inside,
            AtomicLong fence,
            ConcurrentLinkedQueue<String> wrong) {
        try {
            Holding holding = granted(instance.ask("busy", token, WAIT));
            if (inside.incrementAndGet() != 1) {
                wrong.add(token + " is not alone");
            }
            if (fence.getAndSet(holding.fence()) >= holding.fence()) {
                wrong.add(token + " has no higher number");
            }
            inside.decrementAndGet();
            if (!release(instance, "busy", token)) {
                wrong.add(token + " has lost it");
            }
        } catch (RuntimeException | AssertionError e) {
            wrong.add(token + ": " + e);
        }
    }

    @Test
    void whoWaitsAtOneInstanceGetsItExactlyInTheOrderOfItsCalls(TestInfo test) {
        String name = test.getDisplayName();
        granted(one.ask(name, "first", Duration.ZERO));
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String token = "t" + i;
            Future<Answer> answer = one.ask(name, token, WAIT).answer();
            answer.onSuccess(got -> {
                synchronized (order) {
                    order.add(token);
                }
                one.locks.release(name, token);
            });
            int queued = i + 1;
            until(() -> one.waiting(name) == queued);
        }
        assertThat(one.waitingHere()).isEqualTo(100);
        release(two, name, "first");
        until(() -> {
            synchronized (order) {
                return order.size() == 100;
            }
        });
        List<String> expected =
                java.util.stream.IntStream.range(0, 100).mapToObj(i -> "t" + i).toList();
        assertThat(order).isEqualTo(expected);
        until(() -> one.waitingHere() == 0);
    }

    @Test
    void whoseWaitIsOverIsRefusedAndLeavesNothing(TestInfo test) {
        String name = test.getDisplayName();
        granted(one.ask(name, "a", Duration.ZERO));
        Answer answer = Settled.value(two.ask(name, "b", Duration.ofMillis(50)).answer());
        assertThat(answer).isInstanceOf(Answer.Refused.class);
        assertThat(((Answer.Refused) answer).owner()).isEqualTo("a");
        assertThat(((Answer.Refused) answer).expiresInMs()).isPositive();
        assertThat(one.waiting(name)).isZero();
        assertThat(two.waitingHere()).isZero();
        release(one, name, "a");
        granted(one.ask(name, "c", Duration.ZERO));
    }

    @Test
    void whoLeavesIsForgottenAndTheNextIsHandedTheLock(TestInfo test) {
        String name = test.getDisplayName();
        granted(one.ask(name, "a", Duration.ZERO));
        Attempt leaver = two.ask(name, "b", WAIT);
        until(() -> one.waiting(name) == 1);
        Attempt next = one.ask(name, "c", WAIT);
        until(() -> one.waiting(name) == 2);
        leaver.abandon().run();
        until(() -> one.waiting(name) == 1);
        assertThat(Settled.failure(leaver.answer())).isInstanceOf(StoreUnavailable.class);
        release(one, name, "a");
        granted(next);
    }

    @Test
    void whoLeavesBeforeRedisHasAnsweredHoldsNothingForLong(TestInfo test) {
        String name = test.getDisplayName();
        granted(one.ask(name, "a", Duration.ZERO));
        Attempt leaver = two.ask(name, "b", WAIT);
        leaver.abandon().run();
        assertThat(Settled.failure(leaver.answer())).isInstanceOf(StoreUnavailable.class);
        until(() -> one.waiting(name) == 0);
    }

    /** A request whose connection broke and that was sent again by its key. */
    @Test
    void theFirstOfTwoEqualRequestsTakesNothingFromTheSecondWhenItLeaves(TestInfo test) {
        String name = test.getDisplayName();
        granted(one.ask(name, "a", Duration.ZERO));
        Attempt first = two.ask(name, "b", WAIT);
        until(() -> one.waiting(name) == 1);
        Attempt second = two.ask(name, "b", WAIT);
        Attempt later = one.ask(name, "c", WAIT);
        until(() -> one.waiting(name) == 2);
        first.abandon().run();
        release(one, name, "a");
        Holding holding = granted(second);
        first.abandon().run();
        assertThat(Settled.value(one.locks.extend(name, "b", TTL)).fence()).isEqualTo(holding.fence());
        assertThat(later.answer().isComplete()).isFalse();
        assertThat(granted(first)).isEqualTo(holding);
        release(two, name, "b");
        granted(later);
    }

    @Test
    void aMessageThatIsLostIsMadeUpForByASweep(TestInfo test) {
        String name = test.getDisplayName();
        try (Instance deaf = Instance.on(redis)) {
            deaf.gateway.bus().removeListener(deaf.locks);
            granted(one.ask(name, "a", Duration.ZERO));
            Attempt waiter = deaf.ask(name, "b", WAIT);
            until(() -> one.waiting(name) == 1);
            release(one, name, "a");
            granted(waiter);
        }
    }

    @Test
    void theLockOfADeadHolderIsHandedOnWhenItsTimeIsOver(TestInfo test) {
        String name = test.getDisplayName();
        Settled.value(one.locks
                .acquire(name, "a", "a", Duration.ofMillis(300), Duration.ZERO)
                .answer());
        Attempt waiter = two.ask(name, "b", WAIT);
        granted(waiter);
        assertThat(Settled.value(one.locks.extend(name, "a", TTL))).isNull();
    }

    /** Nobody is told that the lock was handed to whoever no longer waits; yet the next does not wait for it. */
    @Test
    void aPlaceThatNobodyTakesDoesNotStopTheQueue(TestInfo test) {
        String name = test.getDisplayName();
        granted(one.ask(name, "a", Duration.ZERO));
        Lock lock = new Lock(name, 1);
        for (int i = 0; i < 30; i++) {
            Settled.value(two.store.acquire(lock, "ghost" + i, "", 60_000, 60_000));
        }
        Attempt waiter = two.ask(name, "b", WAIT);
        until(() -> one.waiting(name) == 31);
        release(one, name, "a");
        granted(waiter);
    }

    @Test
    void whoWaitsIsToldAtOnceThatRedisIsGone(TestInfo test) {
        try (RedisServer doomed = RedisServer.start();
                Instance instance = Instance.on(doomed)) {
            String name = test.getDisplayName();
            granted(instance.ask(name, "a", Duration.ZERO));
            Attempt waiter = instance.ask(name, "b", WAIT);
            until(() -> instance.waiting(name) == 1);
            doomed.kill();
            assertThat(Settled.failure(waiter.answer())).isInstanceOf(StoreUnavailable.class);
            assertThat(instance.waitingHere()).isZero();
        }
    }

    @Test
    void whoWaitsAtAnInstanceThatEndsIsSentAwayAndTheNextIsServed(TestInfo test) {
        String name = test.getDisplayName();
        try (Instance ending = Instance.on(redis)) {
            granted(one.ask(name, "a", Duration.ZERO));
            Attempt waiter = ending.ask(name, "b", WAIT);
            until(() -> one.waiting(name) == 1);
            ending.locks.stop();
            assertThat(Settled.failure(waiter.answer())).isInstanceOf(StoreUnavailable.class);
            until(() -> one.waiting(name) == 0);
        }
    }

    /** Whoever is told that it has nothing is not to have a lock that nobody gives back. */
    @Test
    void whoIsGivenTheLockAsTheInstanceEndsOrLosesRedisHasIt(TestInfo test) {
        List<Consumer<Locks>> ends = List.of(Locks::stop, Locks::onDown);
        for (int i = 0; i < ends.size(); i++) {
            String name = test.getDisplayName() + i;
            Promise<Void> letGo = Promise.promise();
            try (Instance ending = Instance.on(redis, store -> new Withheld(store, letGo.future()))) {
                Attempt asker = ending.ask(name, "a", WAIT);
                until(() -> one.isHeld(name));
                ends.get(i).accept(ending.locks);
                letGo.complete();
                granted(asker);
                assertThat(release(one, name, "a")).isTrue();
            }
        }
    }

    @Test
    void whoIsGivenAPlaceAsTheInstanceEndsOrLosesRedisIsSentAway(TestInfo test) {
        List<Consumer<Locks>> ends = List.of(Locks::stop, Locks::onDown);
        for (int i = 0; i < ends.size(); i++) {
            String name = test.getDisplayName() + i;
            Promise<Void> letGo = Promise.promise();
            granted(one.ask(name, "a", Duration.ZERO));
            try (Instance ending = Instance.on(redis, store -> new Withheld(store, letGo.future()))) {
                Attempt waiter = ending.ask(name, "b", WAIT);
                until(() -> one.waiting(name) == 1);
                ends.get(i).accept(ending.locks);
                letGo.complete();
                assertThat(Settled.failure(waiter.answer())).isInstanceOf(StoreUnavailable.class);
                assertThat(ending.waitingHere()).isZero();
            }
        }
    }

    @Test
    void theFirstOfTwoEqualRequestsWaitsOnWhenTheSecondLeaves(TestInfo test) {
        String name = test.getDisplayName();
        granted(one.ask(name, "a", Duration.ZERO));
        Attempt first = two.ask(name, "b", WAIT);
        Attempt second = two.ask(name, "b", WAIT);
        Attempt later = two.ask(name, "c", WAIT);
        until(() -> one.waiting(name) == 2);
        second.abandon().run();
        second.abandon().run();
        release(one, name, "a");
        Holding holding = granted(first);
        assertThat(Settled.value(one.locks.extend(name, "b", TTL)).fence()).isEqualTo(holding.fence());
        assertThat(later.answer().isComplete()).isFalse();
        release(two, name, "b");
        granted(later);
    }

    @Test
    void whenBothOfTwoEqualRequestsLeaveTheNextIsHandedTheLock(TestInfo test) {
        for (boolean firstFirst : List.of(true, false)) {
            String name = test.getDisplayName() + firstFirst;
            granted(one.ask(name, "a", Duration.ZERO));
            Attempt first = two.ask(name, "b", WAIT);
            Attempt second = two.ask(name, "b", WAIT);
            Attempt later = two.ask(name, "c", WAIT);
            until(() -> one.waiting(name) == 2);
            (firstFirst ? first : second).abandon().run();
            (firstFirst ? second : first).abandon().run();
            assertThat(Settled.failure(first.answer())).isInstanceOf(StoreUnavailable.class);
            assertThat(Settled.failure(second.answer())).isInstanceOf(StoreUnavailable.class);
            until(() -> one.waiting(name) == 1);
            release(one, name, "a");
            granted(later);
        }
    }
}
