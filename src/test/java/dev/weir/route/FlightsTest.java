package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.route.Flights.Flight;
import dev.weir.route.Flights.Landing;
import dev.weir.store.Settled;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.VertxInternal;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlightsTest {

    private static final String KEY = "/a";
    private static final Landing AGAIN = new Landing.LookAgain();

    private static Vertx vertx;

    private Flights flights;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    }

    @AfterAll
    static void stop() {
        Settled.value(vertx.close());
    }

    @BeforeEach
    void none() {
        flights = new Flights(vertx);
    }

    /** A client whose connection the test can end. */
    private static final class Client {

        private final AtomicReference<Handler<Void>> closing = new AtomicReference<>();
        private final Visit visit;
        private boolean ended;
        private boolean closed;

        @SuppressWarnings("unchecked")
        Client() {
            HttpServerResponse response = proxy(HttpServerResponse.class, (called, arguments) -> switch (called) {
                case "closeHandler" -> {
                    closing.set((Handler<Void>) arguments[0]);
                    yield null;
                }
                case "exceptionHandler" -> null;
                case "ended" -> ended;
                case "closed" -> closed;
                default -> throw new UnsupportedOperationException(called);
            });
            HttpServerRequest request = proxy(HttpServerRequest.class, (called, arguments) -> switch (called) {
                case "response" -> response;
                default -> throw new UnsupportedOperationException(called);
            });
            visit = new Visit(request, new RequestTarget("/a", "", "h"), "192.0.2.1", RequestDirectives.NONE);
        }

        void leaves() {
            closing.get().handle(null);
        }

        void hasBeenAnswered() {
            ended = true;
        }

        /** As it is where nobody had asked to be told yet. */
        void hasLeftUnseen() {
            closed = true;
        }

        private interface Called {
            Object with(String name, Object[] arguments);
        }

        private static <T> T proxy(Class<T> type, Called called) {
            return type.cast(Proxy.newProxyInstance(
                    FlightsTest.class.getClassLoader(),
                    new Class<?>[] {type},
                    (self, method, arguments) -> called.with(method.getName(), arguments)));
        }
    }

    @Test
    void onlyOneOfAKeyIsUnderWay() {
        Flight flight = flights.begin(KEY);
        assertThat(flight).isNotNull();
        assertThat(flights.begin(KEY)).isNull();
        assertThat(flights.begin("/b")).isNotNull();
        assertThat(flights.underWay(KEY)).isSameAs(flight);
        assertThat(flights.underWay("/c")).isNull();
    }

    @Test
    void whoJoinsGetsWhatItBrings() {
        Flight flight = flights.begin(KEY);
        Future<Landing> one = flight.join(new Client().visit);
        Future<Landing> two = flight.join(new Client().visit);
        assertThat(one.isComplete()).isFalse();
        flight.land(AGAIN);
        assertThat(Settled.value(one)).isSameAs(AGAIN);
        assertThat(Settled.value(two)).isSameAs(AGAIN);
        assertThat(flights.underWay(KEY)).isNull();
    }

    @Test
    void itLandsOnce() {
        Flight flight = flights.begin(KEY);
        Future<Landing> joined = flight.join(new Client().visit);
        flight.land(AGAIN);
        flight.land(new Landing.Unshared());
        assertThat(Settled.value(joined)).isSameAs(AGAIN);
        assertThat(Settled.value(flight.join(new Client().visit))).isSameAs(AGAIN);
    }

    @Test
    void everyoneIsToldOnItsOwnContext() throws Exception {
        Flight flight = flights.begin(KEY);
        CompletableFuture<Context> told = new CompletableFuture<>();
        Context mine = ((VertxInternal) vertx).createEventLoopContext();
        CompletableFuture<Void> joined = new CompletableFuture<>();
        mine.runOnContext(go -> {
            flight.join(new Client().visit).onComplete(done -> told.complete(Vertx.currentContext()));
            joined.complete(null);
        });
        joined.get();
        flight.land(AGAIN);
        assertThat(told).succeedsWithin(java.time.Duration.ofSeconds(5)).isEqualTo(mine);
    }

    @Test
    void whatIsCutOffIsJoinedNoMoreButStillLandsForThoseWhoHave() {
        Flight old = flights.begin(KEY);
        Flight other = flights.begin("/b");
        Future<Landing> joined = old.join(new Client().visit);
        flights.cutOff(KEY);
        assertThat(flights.underWay(KEY)).isNull();
        assertThat(flights.underWay("/b")).isSameAs(other);
        Flight young = flights.begin(KEY);
        assertThat(young).isNotNull();
        old.land(AGAIN);
        assertThat(Settled.value(joined)).isSameAs(AGAIN);
        assertThat(flights.underWay(KEY))
                .as("the old one's end is not the young one's")
                .isSameAs(young);
    }

    @Test
    void allAreCutOff() {
        flights.begin(KEY);
        flights.begin("/b");
        flights.cutOffAll();
        assertThat(flights.underWay(KEY)).isNull();
        assertThat(flights.underWay("/b")).isNull();
    }

    @Test
    void oneThatIsAloneIsJoinedByNobodyAndLeavesTheOthersAlone() {
        Flight shared = flights.begin(KEY);
        Flight alone = flights.alone(KEY);
        assertThat(flights.underWay(KEY)).isSameAs(shared);
        alone.land(AGAIN);
        assertThat(flights.underWay(KEY)).isSameAs(shared);
    }

    @Test
    void itIsDesertedWhenTheLastOneLeaves() {
        AtomicInteger deserted = new AtomicInteger();
        Flight flight = flights.begin(KEY);
        flight.whenDeserted(deserted::incrementAndGet);
        Client one = new Client();
        Client two = new Client();
        Client answered = new Client();
        flight.join(one.visit);
        flight.join(two.visit);
        one.leaves();
        one.leaves();
        flight.leave();
        await().during(java.time.Duration.ofMillis(50)).until(() -> deserted.get() == 0);
        assertThat(one.visit.isGone()).isTrue();
        two.leaves();
        await().until(() -> deserted.get() == 1);

        answered.visit.whenGone(deserted::incrementAndGet);
        answered.hasBeenAnswered();
        answered.leaves();
        assertThat(deserted).hasValue(1);
    }

    @Test
    void whoHasLeftAlreadyIsToldAtOnce() {
        AtomicInteger told = new AtomicInteger();
        Client client = new Client();
        client.visit.whenGone(told::incrementAndGet);
        client.visit.whenGone(told::incrementAndGet);
        client.leaves();
        assertThat(told).hasValue(2);
        client.visit.whenGone(told::incrementAndGet);
        assertThat(told).hasValue(3);
    }

    @Test
    void whoLeftBeforeAnybodyAskedIsGoneToo() {
        AtomicInteger told = new AtomicInteger();
        Client client = new Client();
        client.hasLeftUnseen();
        client.visit.whenGone(told::incrementAndGet);
        assertThat(told).hasValue(1);
        assertThat(client.visit.isGone()).isTrue();

        Client answered = new Client();
        answered.visit.whenGone(told::incrementAndGet);
        answered.hasBeenAnswered();
        answered.hasLeftUnseen();
        answered.leaves();
        assertThat(told).hasValue(1);
    }

    @Test
    void whoHadAskedBeforeIsToldAsWellWhenALeaveIsSeenLate() {
        AtomicInteger told = new AtomicInteger();
        Client client = new Client();
        client.visit.whenGone(told::incrementAndGet);
        client.hasLeftUnseen();
        client.visit.whenGone(told::incrementAndGet);
        assertThat(told).hasValue(2);
        client.leaves();
        assertThat(told).hasValue(2);
    }

    @Test
    void itIsNotDesertedIfAnotherComesBeforeTheLeaveIsSeenTo() throws Exception {
        AtomicInteger deserted = new AtomicInteger();
        Client late = new Client();
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        Context mine = ((VertxInternal) vertx).createEventLoopContext();
        mine.runOnContext(go -> {
            Flight flight = flights.begin(KEY);
            flight.whenDeserted(deserted::incrementAndGet);
            flight.leave();
            flight.join(late.visit);
            mine.runOnContext(after -> seen.complete(deserted.get()));
        });
        assertThat(seen.get()).isZero();
        late.leaves();
        await().until(() -> deserted.get() == 1);
    }

    @Test
    void itIsDesertedAlsoIfAllLeftBeforeItCouldBe() {
        AtomicInteger deserted = new AtomicInteger();
        Flight flight = flights.begin(KEY);
        flight.leave();
        flight.whenDeserted(deserted::incrementAndGet);
        await().until(() -> deserted.get() == 1);
    }
}
