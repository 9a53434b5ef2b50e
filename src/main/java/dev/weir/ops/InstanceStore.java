package dev.weir.ops;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/** Where instances leave their reports for each other. */
interface InstanceStore {

    /** For how long an instance is known that is not heard of any more. */
    Duration FORGOTTEN = Duration.ofMinutes(5);

    /**
     * The last report of a process.
     *
     * @param seenMs when it came, by the store's clock
     */
    record Seen(String process, String report, long seenMs) {}

    /**
     * All that is known.
     *
     * @param nowMs the time by the store's clock
     * @param epoch when figures were last reset, 0 if they never were; grows with every reset
     */
    record Listing(long nowMs, long epoch, List<Seen> instances) {}

    /**
     * Replaces what a process has last reported. Nothing of what others reported longer than {@link #FORGOTTEN} ago is left.
     *
     * @return the epoch
     */
    Future<Long> publish(String process, String report);

    /** Forgets a process. */
    Future<Void> remove(String process);

    /**
     * Has all count from zero.
     *
     * @return the epoch that begins
     */
    Future<Long> reset();

    Future<Listing> list();
}
