package dev.weir.store;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.logging.Logger;

/**
 * Whether the shared store answers: one flag, one gauge ({@code weir_store_available}) and one log line per transition.
 *
 * <p>Anyone who sees the store fail may call {@link #down}; only who has made sure that it answers again, and has
 * replayed what it missed, calls {@link #up}. Listeners run before the transition's call returns, in the order in which
 * they were added, on the caller's thread; each must be quick and must not throw.
 */
public final class Availability {

    /** What a part of Weir does when the shared store goes or comes. */
    public interface Listener {

        /** The store is gone; {@link Availability#isUp} already says so. */
        void onDown();

        /** The store is about to be believed again; {@link Availability#isUp} does not say so yet. */
        void onUp();
    }

    private record State(boolean up, Instant since) {}

    private static final Logger LOG = Logger.getLogger(Availability.class);

    private final boolean shared;
    /** Transitions are one at a time, listeners included: a late onDown must not undo what an onUp has done. */
    private final Object transition = new Object();

    private volatile State state = new State(false, Instant.now());
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean everUp;

    private Availability(boolean shared) {
        this.shared = shared;
    }

    /**
     * @param shared whether a shared store is configured at all; without one the flag stays down and nothing is degraded
     */
    public static Availability of(boolean shared, MeterRegistry registry) {
        Availability availability = new Availability(shared);
        Gauge.builder("weir_store_available", availability, a -> a.isUp() ? 1 : 0)
                .description("1 while Redis answers, 0 while Weir goes on in memory")
                .register(registry);
        return availability;
    }

    public void addListener(Listener listener) {
        listeners.add(listener);
    }

    /** True while the shared store answers. */
    public boolean isUp() {
        return state.up;
    }

    /** True while a shared store is configured and does not answer. */
    public boolean isDegraded() {
        return shared && !isUp();
    }

    /** True if a shared store is configured. */
    public boolean isShared() {
        return shared;
    }

    /** When the flag last changed. */
    public Instant since() {
        return state.since;
    }

    /** Notes that the shared store does not answer. Does nothing if that is known. */
    public void down(String reason) {
        synchronized (transition) {
            if (!isUp()) {
                return;
            }
            state = new State(false, Instant.now());
            listeners.forEach(Listener::onDown);
        }
        LOG.warnf("Redis is unavailable (%s): going on in memory", reason);
    }

    /** Notes that the first attempt to reach the shared store failed, so that a start without it leaves a line too. */
    public void absent(String reason) {
        LOG.warnf("Redis is unavailable (%s): starting in memory", reason);
    }

    /** Notes that the shared store answers. Does nothing if that is known. */
    public void up() {
        Duration away;
        synchronized (transition) {
            if (isUp()) {
                return;
            }
            listeners.forEach(Listener::onUp);
            Instant now = Instant.now();
            away = Duration.between(state.since, now);
            state = new State(true, now);
        }
        if (everUp) {
            LOG.infof("Redis is available again after %d ms", away.toMillis());
        } else {
            LOG.info("Redis is available");
        }
        everUp = true;
    }
}
