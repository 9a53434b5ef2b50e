package dev.weir.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.lock.LockStore.Lock;
import dev.weir.lock.LockStore.Outcome;
import dev.weir.lock.RedisLockStore.Confirmation;
import dev.weir.redis.Keys;
import dev.weir.redis.TestGateway;
import dev.weir.store.Settled;
import dev.weir.store.StoreUnavailable;
import dev.weir.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisLockStoreTest extends LockStoreContract {

    private static final CopyOnWriteArrayList<Handed> HEARD = new CopyOnWriteArrayList<>();

    /** Lists the keys that would live for ever. */
    private static final String IMMORTAL = """
            local found = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              if redis.call('PTTL', key) < 0 then found[#found + 1] = key end
            end
            return found
            """;

    private static RedisServer redis;
    private static TestGateway gateway;
    private static TestGateway other;

    private final LockStore store = new RedisLockStore(gateway.gateway(), new Keys("weir:"), gateway.bus(), null);

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        gateway = TestGateway.to(redis.url(), Duration.ofSeconds(5)).start();
        other = TestGateway.to(redis.url(), Duration.ofSeconds(5)).start();
        other.bus().addListener(listener(HEARD));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        other.close();
        redis.close();
    }

    @BeforeEach
    void empty() {
        redis.command("PUBLISH", "weir:changes", "x\0lock\0mark\0begin");
        await().pollInterval(Duration.ofMillis(1)).until(() -> HEARD.contains(new Handed("mark", "begin")));
        HEARD.clear();
        redis.command("FLUSHALL");
    }

    @AfterEach
    void everyKeyHasAnEnd() {
        assertThat(gateway.availability().isUp()).isTrue();
        assertThat(redis.command("EVAL", IMMORTAL, "0")).isEqualTo(List.of());
    }

    @Override
    LockStore store() {
        return store;
    }

    @Override
    CopyOnWriteArrayList<Handed> heard() {
        return HEARD;
    }

    private static LockStore anothers() {
        return new RedisLockStore(other.gateway(), new Keys("weir:"), other.bus(), null);
    }

    @Test
    void fencesGrowAlsoWhenAllIsLost() {
        long last = 0;
        for (int i = 0; i < 100; i++) {
            last = hold("a" + i);
            release("a" + i);
        }
        redis.command("FLUSHALL");
        assertThat(hold("b")).isGreaterThan(last);
    }

    @Test
    void fencesGrowAlsoWhenTheClockIsBehind() {
        long last = hold("a");
        release("a");
        String ahead = Long.toString(last + 1_000_000_000);
        redis.command("HSET", "weir:k:{job}:fence", "fence", ahead);
        assertThat(hold("b")).isEqualTo(last + 1_000_000_001);
        release("b");
        assertThat(hold("c")).isEqualTo(last + 1_000_000_002);
    }

    @Test
    void waitersOfADeadInstanceArePassedOver() {
        hold("a");
        Settled.value(anothers().acquire(LOCK, "b", "owner of b", LONG, LONG));
        queue("c");
        // As if its time had passed without a sign of life.
        redis.command("HSET", "weir:k:{job}:waiters", "@" + other.bus().instance(), "1");
        release("a");
        assertHanded("c");
        assertThat(state().waiting()).isZero();
    }

    @Test
    void waitersOfALivingInstanceAreNot() {
        hold("a");
        Settled.value(anothers().acquire(LOCK, "b", "owner of b", LONG, LONG));
        queue("c");
        redis.command("HSET", "weir:k:{job}:waiters", "@" + other.bus().instance(), "1");
        Settled.value(anothers().sweep(LOCK, List.of(new LockStore.Waiter("b", "owner of b", LONG))));
        release("a");
        assertHanded("b");
    }

    /** The client came back through another instance before this one noticed that it had left. */
    @Test
    void whoLeavesHereDoesNotLeaveThere() {
        hold("a");
        queue("b");
        Settled.value(anothers().acquire(LOCK, "b", "owner of b", LONG, LONG));
        assertThat(leave("b", false)).isFalse();
        assertThat(state().waiting()).isEqualTo(1);
        release("a");
        assertHanded("b");
        assertThat(leave("b", false)).isFalse();
        assertThat(owners(LOCK)).containsExactly("owner of b");
        assertThat(Settled.value(anothers().leave(LOCK, "b", false))).isFalse();
        assertThat(state().holders()).isEmpty();
    }

    @Test
    void nothingIsLeftOfALockButItsNumbersAndItsLastReleases() {
        hold("a");
        queue("b");
        release("a");
        extend("b", LONG);
        release("b");
        assertThat(redis.command("KEYS", "*"))
                .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                .containsExactlyInAnyOrder(
                        "weir:k:{job}:fence",
                        "weir:k:{job}:waiters",
                        "weir:k:{job}:released:a",
                        "weir:k:{job}:released:b");
    }

    @Test
    void aSweepAfterAllIsLostLeavesNothingForEver() {
        hold("a");
        queue("b");
        redis.command("FLUSHALL");
        sweep();
        assertThat(redis.command("EVAL", IMMORTAL, "0")).isEqualTo(List.of());
    }

    @Test
    void whatTooFewReplicasHaveIsNotHeld() {
        LockStore cautious = new RedisLockStore(
                gateway.gateway(),
                new Keys("weir:"),
                gateway.bus(),
                new Confirmation(gateway.gateway().separate(), 1, Duration.ofMillis(50)));
        assertThat(Settled.failure(cautious.acquire(LOCK, "a", "", LONG, 0))).isInstanceOf(StoreUnavailable.class);
        until(() -> state().holders().isEmpty());
        hold("b");
        assertThat(Settled.failure(cautious.acquire(LOCK, "c", "", LONG, LONG))).isInstanceOf(StoreUnavailable.class);
        until(() -> state().waiting() == 0);
        assertThat(owners(LOCK)).containsExactly("owner of b");
    }

    /** The reply to WAIT must not be one to what was written before. */
    @Test
    void whatNoReplicaHasIsNotHeldEitherWhenRedisDoesNotKnowTheScript() {
        try (RedisServer master = RedisServer.start();
                RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1 " + master.port());
                TestGateway way =
                        TestGateway.to(master.url(), Duration.ofSeconds(9)).start()) {
            LockStore cautious = new RedisLockStore(
                    way.gateway(),
                    new Keys("weir:"),
                    way.bus(),
                    new Confirmation(way.gateway().separate(), 1, Duration.ofMillis(500)));
            AtomicInteger tries = new AtomicInteger();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> cautious.acquire(new Lock("try" + tries.incrementAndGet(), 1), "a", "", LONG, 0)
                            .toCompletionStage()
                            .toCompletableFuture()
                            .handle((held, refused) -> refused == null)
                            .join());
            master.command("SCRIPT", "FLUSH");
            assertThat(Settled.value(cautious.acquire(LOCK, "a", "", LONG, 0))).isInstanceOf(Outcome.Held.class);

            replica.freeze();
            master.command("SCRIPT", "FLUSH");
            assertThat(Settled.failure(cautious.extend(LOCK, "a", LONG)))
                    .isInstanceOf(StoreUnavailable.class)
                    .hasMessageContaining("0 of the 1 replicas");
        }
    }

    @Test
    void deploymentsThatShareARedisDoNotShareLocks() {
        LockStore theirs = new RedisLockStore(gateway.gateway(), new Keys("weir:k:"), gateway.bus(), null);
        Settled.value(theirs.acquire(LOCK, "a", "theirs", LONG, 0));
        assertThat(Settled.value(store.names())).isEmpty();
        hold("b");
        assertThat(Settled.value(theirs.names())).containsExactly("job");
        assertThat(Settled.value(store.names())).containsExactly("job");
    }
}
