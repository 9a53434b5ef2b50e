package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.store.Settled;
import dev.weir.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SubscriptionTest {

    private final RedisServer redis = RedisServer.start();
    private final TestGateway one = TestGateway.to(redis.url(), TestGateway.TIMEOUT);
    private final TestGateway other = TestGateway.to(redis.url(), TestGateway.TIMEOUT);
    private final Hearer heard = new Hearer();
    private final Hearer otherHeard = new Hearer();

    private static final class Hearer implements ChangeBus.Listener {
        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void onMessage(String topic, String payload, boolean own) {
            events.add(topic + " " + payload + (own ? " own" : " foreign"));
        }

        @Override
        public void onLost() {
            events.add("lost");
        }

        @Override
        public void onRestored() {
            events.add("restored");
        }
    }

    @BeforeEach
    void start() {
        one.bus().addListener(heard);
        other.bus().addListener(otherHeard);
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
        redis.close();
    }

    private static void tell(TestGateway from, String topic, String payload) {
        Settled.value(from.gateway()
                .send(Command.of("PUBLISH", from.bus().channel(), from.bus().encode(topic, payload))));
    }

    @Test
    void whoIsStartedHearsEverythingInItsOrderAndKnowsItsOwn() {
        one.start();
        other.start();
        assertThat(heard.events).containsExactly("restored");
        tell(one, "t", "a\nü");
        tell(other, "t", "");
        tell(one, "u", "c\0d");
        await().until(() -> heard.events.size() == 4 && otherHeard.events.size() == 4);
        assertThat(heard.events).containsExactly("restored", "t a\nü own", "t  foreign", "u c\0d own");
        assertThat(otherHeard.events).containsExactly("restored", "t a\nü foreign", "t  own", "u c\0d foreign");
    }

    @Test
    void whatIsNoMessageOfWeirIsIgnored() {
        one.start();
        for (String foreign : List.of("", "x", "a\0b", "\0")) {
            redis.command("PUBLISH", "weir:changes", foreign);
        }
        redis.command("PUBLISH", "weir:changes", "somebody\0t\0p");
        await().until(() -> heard.events.size() == 2);
        assertThat(heard.events).containsExactly("restored", "t p foreign");
    }

    @Test
    void aSubscriptionThatIsKilledIsLostThenRestoredAndRedisStaysUp() {
        one.start();
        for (int round = 1; round <= 3; round++) {
            int size = 1 + 2 * round;
            assertThat(redis.command("CLIENT", "KILL", "TYPE", "pubsub")).isEqualTo(1L);
            await().until(() -> heard.events.size() == size);
        }
        assertThat(heard.events)
                .containsExactly("restored", "lost", "restored", "lost", "restored", "lost", "restored");
        assertThat(one.availability().isUp()).isTrue();
        tell(one, "t", "still");
        await().until(() -> heard.events.contains("t still own"));
    }

    @Test
    void aSubscriptionThatIsCutWhileTheReplayRunsIsRestoredToo() {
        AtomicBoolean cut = new AtomicBoolean();
        one.recovery().addReplay(() -> {
            if (!cut.compareAndSet(false, true)) {
                return Future.succeededFuture();
            }
            Promise<Void> replayed = Promise.promise();
            Thread.ofPlatform().start(() -> {
                redis.command("CLIENT", "KILL", "TYPE", "pubsub");
                await().until(() -> heard.events.contains("lost"));
                replayed.complete();
            });
            return replayed.future();
        });
        one.start();
        await().until(one.availability()::isUp);
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(heard.events).endsWith("restored"));
    }

    @Test
    void aRedisThatGoesSilentCountsAsLost() {
        one.start();
        redis.freeze();
        await().atMost(Duration.ofSeconds(10)).until(() -> heard.events.contains("lost"));
        redis.thaw();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> one.availability().isUp() && heard.events.getLast().equals("restored"));
    }

    @Test
    void aRestartOfRedisIsALossAndARestoration() {
        one.start();
        redis.restart();
        await().atMost(Duration.ofSeconds(10)).until(one.availability()::isUp);
        assertThat(heard.events).containsExactly("restored", "lost", "restored");
        tell(one, "t", "again");
        await().until(() -> heard.events.contains("t again own"));
    }

    @Test
    void whoHasLeftHearsNothingMore() {
        one.start();
        one.bus().removeListener(heard);
        Hearer stays = new Hearer();
        one.bus().addListener(stays);
        tell(one, "t", "x");
        await().until(() -> stays.events.size() == 1);
        assertThat(heard.events).containsExactly("restored");
    }

    @Test
    void whatHappensInThisProcessAloneIsHeardHereAlone() {
        one.start();
        other.start();
        one.bus().deliverLocally("t", "x");
        assertThat(heard.events).containsExactly("restored", "t x own");
        tell(other, "t", "y");
        await().until(() -> otherHeard.events.size() == 2);
        assertThat(otherHeard.events).containsExactly("restored", "t y own");
    }

    @Test
    void everyInstanceHasANameOfItsOwn() {
        assertThat(IntStream.range(0, 100).mapToObj(i -> new ChangeBus("c").instance()))
                .doesNotHaveDuplicates();
    }
}
