package dev.weir.route;

import dev.weir.cache.CacheAccess;
import dev.weir.cache.Loads;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The origin's answers that are on their way in this process and that more than one request may wait for (single
 * flight). A request that joins is given an answer only if it turns out to be for everybody.
 */
final class Flights implements Loads {

    /** What a flight brought. */
    sealed interface Landing {
        /** An answer for everybody, kept. */
        record Kept(CacheAccess.Found found, StoredResponse response) implements Landing {}

        /** What is kept now has to be looked up anew: variants, or another instance's work. */
        record LookAgain() implements Landing {}

        /** An answer that is nobody else's, or none: each goes to the origin for itself. */
        record Unshared() implements Landing {}

        /** The origin failed. */
        record Failed(Throwable cause) implements Landing {}
    }

    /** One of them. It is deserted when all have left who wanted what it brings. */
    final class Flight {
        private final String key;
        private final Context context;
        private final Promise<Landing> landing = Promise.promise();
        private final AtomicInteger interested = new AtomicInteger(1);
        private volatile Runnable whenDeserted = () -> {};

        private Flight(String key) {
            this.key = key;
            this.context = vertx.getOrCreateContext();
        }

        /** Run on the context that began the flight, once. */
        void whenDeserted(Runnable action) {
            whenDeserted = action;
            if (interested.get() == 0) {
                desert();
            }
        }

        /** One of those who wanted it has left. */
        void leave() {
            if (interested.decrementAndGet() == 0) {
                desert();
            }
        }

        private void desert() {
            context.runOnContext(go -> {
                // Another may have come meanwhile.
                if (interested.get() == 0) {
                    Runnable action = whenDeserted;
                    whenDeserted = () -> {};
                    action.run();
                }
            });
        }

        void land(Landing what) {
            flights.remove(key, this);
            landing.tryComplete(what);
        }

        /** What it brings, on the caller's own context. */
        Future<Landing> join(Visit visit) {
            interested.incrementAndGet();
            visit.whenGone(this::leave);
            ContextInternal mine = (ContextInternal) vertx.getOrCreateContext();
            Promise<Landing> promise = mine.promise();
            landing.future().onComplete(promise);
            return promise.future();
        }
    }

    private final Vertx vertx;
    private final Map<String, Flight> flights = new ConcurrentHashMap<>();

    Flights(Vertx vertx) {
        this.vertx = vertx;
    }

    /** The flight that is under way for a key. */
    @Nullable
    Flight underWay(String key) {
        return flights.get(key);
    }

    /** Begins a flight; null if another was quicker. */
    @Nullable
    Flight begin(String key) {
        Flight flight = new Flight(key);
        return flights.putIfAbsent(key, flight) == null ? flight : null;
    }

    /** One that nobody can join. */
    Flight alone(String key) {
        return new Flight(key);
    }

    @Override
    public void cutOff(String key) {
        flights.remove(key);
    }

    @Override
    public void cutOffAll() {
        flights.clear();
    }
}
