package dev.weir.redis;

import dev.weir.store.Availability;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Brings Redis back. While it is down, tries again after 50 ms, then ever longer up to a second, with jitter, and at
 * once on any sign of life. An attempt succeeds if, in this order: every connection is open and drained, so that no
 * command from before the outage can still take effect after it; the change bus is subscribed; and every replay has
 * run. Only then is the breaker closed.
 */
public final class Recovery implements Availability.Listener {

    /** What Redis missed while it was away. */
    public interface Replay {

        /**
         * Tells Redis, through {@link PipelinedGateway#unguarded}, everything that it missed so far. It is run again if
         * it fails, so it must bear that.
         */
        Future<?> run();

        /**
         * Runs {@code action} if nothing was missed since {@link #run}, keeping whatever comes next out until it is done.
         * Who cannot miss anything while it runs has nothing to check.
         */
        default boolean ifNothingPending(Runnable action) {
            action.run();
            return true;
        }
    }

    private static final Logger LOG = Logger.getLogger(Recovery.class);
    private static final long FIRST_DELAY_MS = 50;
    private static final long LAST_DELAY_MS = 1_000;
    private static final long BEAT_MS = 1_000;
    private static final long MIN_PAUSE_NANOS = FIRST_DELAY_MS * 1_000_000;
    private static final Duration HOPELESS = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final PipelinedGateway gateway;
    private final Availability availability;
    private final ChangeBus bus;
    private final Subscription subscription;
    private final Context context;
    private final List<Replay> replays = new CopyOnWriteArrayList<>();
    private final Promise<Void> firstAttempt = Promise.promise();
    private boolean attempting;
    private boolean closed;
    private int failures;
    private long lastAttempt;
    private long timer = -1;
    private long beat = -1;

    public Recovery(Vertx vertx, PipelinedGateway gateway, Availability availability, ChangeBus bus, Duration timeout) {
        this.vertx = vertx;
        this.gateway = gateway;
        this.availability = availability;
        this.bus = bus;
        this.context = gateway.homeContext();
        this.subscription = new Subscription(vertx, gateway, bus, timeout, this::onSubscriptionLost);
        availability.addListener(this);
        gateway.onSignOfLife(() -> context.runOnContext(go -> attemptSoon()));
    }

    /** Adds what has to be done on Redis before it is believed again. */
    public void addReplay(Replay replay) {
        replays.add(replay);
    }

    /** Begins. The future completes, never fails, when the first attempt is over, whatever came of it. */
    public Future<Void> start() {
        context.runOnContext(go -> {
            beat = vertx.setPeriodic(BEAT_MS, id -> beat());
            attempt();
        });
        return firstAttempt.future();
    }

    /** Ends the subscription and every connection; the future completes when none is left. */
    public Future<?> close() {
        return onContext(() -> {
            closed = true;
            vertx.cancelTimer(timer);
            vertx.cancelTimer(beat);
            subscription.close();
            return gateway.close();
        });
    }

    @Override
    public void onDown() {
        gateway.releaseWaiting();
        context.runOnContext(go -> {
            failures = 0;
            schedule();
        });
    }

    @Override
    public void onUp() {}

    private void beat() {
        if (availability.isUp()) {
            gateway.syncClock();
        } else {
            gateway.abandonSilent(HOPELESS);
        }
    }

    private void attemptSoon() {
        if (!attempting && !availability.isUp() && System.nanoTime() - lastAttempt > MIN_PAUSE_NANOS) {
            vertx.cancelTimer(timer);
            attempt();
        }
    }

    private void schedule() {
        if (closed) {
            return;
        }
        vertx.cancelTimer(timer);
        long ceiling = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS << Math.min(failures, 10));
        // Never the whole ceiling: Redis that returns is to be noticed within it, handshake and replay included.
        long delay = (long) (ceiling * (0.4 + 0.4 * ThreadLocalRandom.current().nextDouble()));
        timer = vertx.setTimer(Math.max(1, delay), id -> attempt());
    }

    private void attempt() {
        if (closed || attempting || availability.isUp()) {
            return;
        }
        attempting = true;
        lastAttempt = System.nanoTime();
        gateway.drain()
                .compose(drained -> gateway.buryAbandoned())
                .compose(buried -> gateway.read(bus.channel()))
                .compose(read -> gateway.loadScripts())
                .compose(loaded -> gateway.syncClock())
                .compose(synced -> onContext(subscription::ensure))
                .compose(subscribed -> replay(0))
                .onComplete(result -> context.runOnContext(go -> {
                    attempting = false;
                    if (result.failed()) {
                        failed(result.cause());
                    } else if (!subscription.isLive()) {
                        failed(StoreUnavailable.unreachable("the change bus was lost again"));
                    } else if (!upIfNothingPending(0)) {
                        attempt();
                        return;
                    }
                    firstAttempt.tryComplete();
                }));
    }

    private void failed(Throwable cause) {
        failures++;
        if (!firstAttempt.future().isComplete()) {
            availability.absent(String.valueOf(cause.getMessage()));
        } else if (!(cause instanceof StoreUnavailable)) {
            LOG.error("Redis is back, but what it missed cannot be replayed", cause);
        }
        schedule();
    }

    private Future<?> replay(int index) {
        return index == replays.size()
                ? Future.succeededFuture()
                : replays.get(index).run().compose(done -> replay(index + 1));
    }

    /** What is missed from now on finds Redis up again: the journals are held while it is taken for that. */
    private boolean upIfNothingPending(int index) {
        if (index == replays.size()) {
            failures = 0;
            availability.up();
            return true;
        }
        boolean[] up = {false};
        return replays.get(index).ifNothingPending(() -> up[0] = upIfNothingPending(index + 1)) && up[0];
    }

    private <T> Future<T> onContext(Supplier<Future<T>> work) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(go -> work.get().onComplete(promise));
        return promise.future();
    }

    private void onSubscriptionLost() {
        if (closed || !availability.isUp()) {
            return;
        }
        subscription.ensure().onFailure(e -> {
            if (availability.isUp()) {
                availability.down("the change bus cannot be subscribed: " + e.getMessage());
            }
        });
    }
}
