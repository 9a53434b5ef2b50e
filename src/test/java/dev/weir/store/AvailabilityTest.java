package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AvailabilityTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Availability availability = Availability.of(true, registry);
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private Availability.Listener listener(String name) {
        return new Availability.Listener() {
            @Override
            public void onDown() {
                heard.add(name + " down, up=" + availability.isUp());
            }

            @Override
            public void onUp() {
                heard.add(name + " up, up=" + availability.isUp());
            }
        };
    }

    private double gauge() {
        return registry.get("weir_store_available").gauge().value();
    }

    @Test
    void itBeginsDownAndDegradedWhereRedisIsConfigured() {
        assertThat(availability.isUp()).isFalse();
        assertThat(availability.isDegraded()).isTrue();
        assertThat(availability.isShared()).isTrue();
        assertThat(gauge()).isZero();
    }

    @Test
    void withoutRedisNothingIsDegraded() {
        Availability alone = Availability.of(false, new SimpleMeterRegistry());
        assertThat(alone.isUp()).isFalse();
        assertThat(alone.isDegraded()).isFalse();
        assertThat(alone.isShared()).isFalse();
    }

    @Test
    void everyTransitionIsToldOnceInOrderBeforeItIsBelievedOrAfterItIsNot() {
        availability.addListener(listener("a"));
        availability.addListener(listener("b"));
        availability.down("already");
        availability.up();
        availability.up();
        availability.down("gone");
        availability.down("still gone");
        availability.up();
        assertThat(heard)
                .containsExactly(
                        "a up, up=false",
                        "b up, up=false",
                        "a down, up=false",
                        "b down, up=false",
                        "a up, up=false",
                        "b up, up=false");
        assertThat(availability.isDegraded()).isFalse();
        assertThat(gauge()).isEqualTo(1);
    }

    @Test
    void onlyATransitionMovesTheMomentSinceWhichItHolds() {
        var begin = availability.since();
        availability.down("nothing new");
        assertThat(availability.since()).isEqualTo(begin);
        availability.up();
        var up = availability.since();
        assertThat(up).isAfterOrEqualTo(begin);
        availability.up();
        assertThat(availability.since()).isSameAs(up);
    }

    @Test
    void manyWhoSeeRedisFailAtOnceAreOneTransition() throws InterruptedException {
        availability.addListener(listener("a"));
        for (int round = 0; round < 50; round++) {
            availability.up();
            heard.clear();
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> threads = IntStream.range(0, 4)
                    .mapToObj(i -> Thread.ofPlatform().start(() -> {
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        availability.down("gone");
                    }))
                    .toList();
            go.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(heard).containsExactly("a down, up=false");
        }
    }
}
