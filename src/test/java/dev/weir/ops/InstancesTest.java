package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.ops.Instances.Identity;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import dev.weir.store.Settled;
import dev.weir.store.StoreUnavailable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Instances and what they show of each other, on a store that several share and whose clock the test sets. */
class InstancesTest {

    private static final long START = 1_800_000_000_000L;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong clock = new AtomicLong(START);
    private final AwayAtTimes shared = new AwayAtTimes(new MemoryInstanceStore(clock::get));

    /** A store that does not answer when the test says so. */
    private record AwayAtTimes(InstanceStore store, AtomicLong answers) implements InstanceStore {

        AwayAtTimes(InstanceStore store) {
            this(store, new AtomicLong(Long.MAX_VALUE));
        }

        private boolean isAway() {
            return answers.get() == 0;
        }

        private static <T> Future<T> away() {
            return Future.failedFuture(StoreUnavailable.unreachable("away"));
        }

        @Override
        public Future<Long> publish(String process, String report) {
            return isAway() ? away() : store.publish(process, report);
        }

        @Override
        public Future<Void> remove(String process) {
            return isAway() ? away() : store.remove(process);
        }

        @Override
        public Future<Long> reset() {
            return isAway() ? away() : store.reset();
        }

        @Override
        public Future<Listing> list() {
            return isAway() ? away() : store.list();
        }
    }

    /** One process. */
    private final class One {
        final SimpleMeterRegistry registry = new SimpleMeterRegistry();
        final Availability availability = Availability.of(true, registry);
        final Instances instances;
        final Stats stats;

        One(String process, String id) {
            availability.up();
            instances = new Instances(
                    vertx,
                    new Identity(process, id, "1.0", Instant.ofEpochMilli(START)),
                    new Meters(registry),
                    new Failover<>(shared, new MemoryInstanceStore(clock::get), Failover.Policy.MEMORY, availability),
                    availability);
            stats = new Stats(vertx, instances, new RedisHealth(vertx, null, availability, "standalone"));
            registry.counter("weir_cache_requests_total", "cache", "users", "result", "near");
        }

        void hit(int times) {
            registry.counter("weir_cache_requests_total", "cache", "users", "result", "near")
                    .increment(times);
        }

        /** Has the others hear of what there is now. */
        void tell(long hits) {
            instances.publish();
            await().until(() -> {
                String mine = Settled.value(shared.store.list()).instances().stream()
                        .filter(seen ->
                                seen.process().equals(instances.identity().process()))
                        .map(InstanceStore.Seen::report)
                        .findFirst()
                        .orElse("");
                return Report.decode(mine)
                        .filter(report -> report.total().count("cache", "users", "near") == hits
                                && report.epoch()
                                        == Settled.value(shared.store.list()).epoch())
                        .isPresent();
            });
        }

        Scoped<ObjectNode> show() {
            return Settled.value(stats.now());
        }

        long hits() {
            return show().value().at("/cache/hits").asLong();
        }

        Map<String, String> states() {
            Map<String, String> states = new TreeMap<>();
            for (JsonNode each : show().value().path("instances")) {
                states.put(each.path("id").asText(), each.path("state").asText());
            }
            return states;
        }
    }

    private final One one = new One("p1", "one");
    private final One other = new One("p2", "other");

    @AfterEach
    void close() {
        Settled.value(vertx.close());
    }

    @Test
    void theOthersFiguresAreAddedToItsOwnOfThisMoment() {
        one.hit(1);
        one.tell(1);
        other.hit(20);
        other.tell(20);
        one.hit(300);
        assertThat(one.hits()).isEqualTo(321);
        assertThat(other.hits()).as("it heard of one").isEqualTo(21);
        assertThat(one.show().scope()).isEqualTo(Scope.SHARED);
        assertThat(one.states()).isEqualTo(Map.of("one", "live", "other", "live"));
        assertThat(one.show().value().path("instances").get(0).path("self").asBoolean())
                .isTrue();
    }

    @Test
    void whoIsNotHeardOfForFiveSecondsIsLost() {
        other.hit(20);
        other.tell(20);
        clock.addAndGet(Stats.LOST.toMillis() - 1);
        assertThat(one.hits()).isEqualTo(20);
        clock.addAndGet(1);
        assertThat(one.hits()).isZero();
        assertThat(one.states()).isEqualTo(Map.of("one", "live", "other", "lost"));
        clock.addAndGet(InstanceStore.FORGOTTEN.toMillis());
        assertThat(one.states()).isEqualTo(Map.of("one", "live"));
        other.tell(20);
        assertThat(one.hits()).isEqualTo(20);
    }

    @Test
    void whoComesUnderALostOnesNameIsListedInItsPlace() {
        other.tell(0);
        clock.addAndGet(Stats.LOST.toMillis());
        One next = new One("p3", "other");
        assertThat(next.states()).isEqualTo(Map.of("other", "live"));
        assertThat(next.show().value().path("instances")).hasSize(1);
        next.hit(3);
        next.tell(3);
        assertThat(one.show().value().path("instances")).hasSize(2);
        assertThat(one.states()).isEqualTo(Map.of("one", "live", "other", "live"));
    }

    /** As one does that ends and is started again and again. */
    @Test
    void ofThoseLostUnderOneNameTheLastIsListed() {
        other.hit(1);
        other.tell(1);
        clock.addAndGet(1000);
        One next = new One("p3", "other");
        next.hit(2);
        next.tell(2);
        clock.addAndGet(1000);
        new One("p4", "another").tell(0);
        clock.addAndGet(Stats.LOST.toMillis());
        JsonNode instances = one.show().value().path("instances");
        assertThat(instances.findValuesAsText("id")).containsExactly("one", "another", "other");
        assertThat(instances.findValuesAsText("state")).containsExactly("live", "lost", "lost");
        assertThat(instances.path(2).at("/cache/hits").asLong()).isEqualTo(2);
    }

    @Test
    void twoThatBearOneNameAreBothSummed() {
        One twin = new One("p3", "other");
        other.hit(1);
        other.tell(1);
        twin.hit(2);
        twin.tell(2);
        assertThat(one.hits()).isEqualTo(3);
        assertThat(one.show().value().path("instances")).hasSize(3);
    }

    @Test
    void whatIsOfLateIsShownBesideTheTotals() {
        Figures weeks = reads(5000, 9_000_000);
        Figures minutes = reads(30, 40_000_000);
        Report report = new Report("old", "1.0", "shared", Instant.EPOCH, Instant.EPOCH, 0, weeks, minutes);
        Settled.value(shared.store.publish("p3", report.encode()));
        one.hit(2);
        JsonNode stats = one.show().value();
        assertThat(stats.at("/cache/hits").asLong()).isEqualTo(5002);
        assertThat(stats.at("/recent/cache/hits").asLong()).isEqualTo(32);
        assertThat(stats.at("/requests/total").asLong()).isEqualTo(5000);
        assertThat(stats.at("/requests/p99Ms").asDouble()).isLessThan(10);
        assertThat(stats.at("/recent/requests/total").asLong()).isEqualTo(30);
        assertThat(stats.at("/recent/requests/p99Ms").asDouble()).isBetween(10.0, 40.0);
        clock.addAndGet(Stats.LOST.toMillis());
        assertThat(one.show().value().at("/recent/cache/hits").asLong()).isEqualTo(2);
    }

    /** Reads that the near cache answered, each by a request that took so long. */
    private static Figures reads(long number, long nanos) {
        return new Figures(
                Map.of(new Figures.Name(Meters.CACHE, "users", "near"), number),
                Map.of(),
                Map.of(
                        new Figures.Name(Meters.REQUESTS, "api", "success"),
                        new Distribution(new TreeMap<>(Map.of(10_000_000L, 0L, nanos, number)), number * nanos)));
    }

    @Test
    void aResetIsOfAllAtOnceWhoeverHasHeardOfIt() {
        one.hit(1);
        one.tell(1);
        other.hit(20);
        other.tell(20);
        clock.addAndGet(1000);
        assertThat(Settled.value(one.instances.reset())).isEqualTo(Scope.SHARED);
        assertThat(one.hits()).as("the other's report is older").isZero();
        assertThat(other.hits()).as("it follows when it is asked").isZero();
        other.hit(5);
        other.tell(5);
        one.hit(2);
        assertThat(one.hits()).isEqualTo(7);
        assertThat(one.registry
                        .counter("weir_cache_requests_total", "cache", "users", "result", "near")
                        .count())
                .as("what is scraped goes on")
                .isEqualTo(3);
    }

    @Test
    void whoBeginsAfterAResetHasNothingToForget() {
        one.tell(0);
        Settled.value(one.instances.reset());
        One late = new One("p3", "late");
        late.hit(4);
        late.tell(4);
        assertThat(one.hits()).isEqualTo(4);
        assertThat(late.hits()).isEqualTo(4);
    }

    @Test
    void whileTheStoreIsAwayItKnowsOfItselfAlone() {
        other.hit(20);
        other.tell(20);
        one.hit(1);
        one.tell(1);
        shared.answers.set(0);
        assertThat(one.hits()).isEqualTo(1);
        assertThat(one.show().scope()).isEqualTo(Scope.LOCAL);
        assertThat(one.states()).isEqualTo(Map.of("one", "live"));
        assertThat(Settled.value(one.instances.reset())).isEqualTo(Scope.LOCAL);
        assertThat(one.hits()).isZero();
        shared.answers.set(1);
        one.tell(0);
        assertThat(one.hits()).as("the others have not been reset").isEqualTo(20);
    }

    @Test
    void whoHasLeftIsForgottenAndTellsNothingMore() {
        other.hit(20);
        other.tell(20);
        other.instances.leave();
        Settled.value(other.instances.left());
        assertThat(one.states()).isEqualTo(Map.of("one", "live"));
        other.instances.publish();
        one.tell(0);
        assertThat(one.states()).isEqualTo(Map.of("one", "live"));
    }

    @Test
    void leavingAStoreThatIsAwayEndsToo() {
        shared.answers.set(0);
        other.instances.leave();
        Settled.value(other.instances.left());
        assertThat(other.hits()).isZero();
    }

    @Test
    void whatIsNoReportIsPassedOver() {
        Settled.value(shared.store.publish("ghost", "no report"));
        Settled.value(shared.store.publish("strange", "{\"id\":\"strange\",\"total\":{\"counts\":\"none\"}}"));
        one.hit(1);
        assertThat(one.hits()).isEqualTo(1);
        assertThat(one.states()).isEqualTo(Map.of("one", "live", "strange", "live"));
    }
}
