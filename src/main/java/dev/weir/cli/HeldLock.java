package dev.weir.cli;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a lock by renewing it at a third of its TTL. It is lost when the service says so, or when the TTL has passed
 * since before the last renewal that succeeded was sent; a service that does not answer is asked again until then.
 */
final class HeldLock {

    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LockClient client;
    private final String token;
    private final long ttlNanos;
    private final Consumer<String> onLoss;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;
    private long deadline;
    private @Nullable String loss;
    private boolean stopped;

    /**
     * @param deadline until when it is held as things are, by {@link System#nanoTime}
     * @param onLoss is told why, once, on a thread of this object's own, which {@link #stop} waits for
     */
    HeldLock(LockClient client, String token, long deadline, Duration ttl, Consumer<String> onLoss) {
        this.client = client;
        this.token = token;
        this.deadline = deadline;
        this.ttlNanos = ttl.toNanos();
        this.onLoss = onLoss;
        this.thread = Thread.ofPlatform().daemon().name("lock").unstarted(this::keep);
    }

    void start() {
        thread.start();
    }

    /** Ends the renewing; returns why the lock was lost, if it was. */
    @Nullable
    String stop() throws InterruptedException {
        synchronized (this) {
            stopped = true;
            if (loss == null) {
                thread.interrupt();
            }
        }
        over.countDown();
        thread.join();
        return loss;
    }

    private void keep() {
        long next = deadline - ttlNanos + ttlNanos / 3;
        String trouble = "";
        try {
            while (!over.await(next - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                long now = System.nanoTime();
                if (now - deadline >= 0) {
                    lose("it could not be renewed within its time" + trouble);
                    return;
                }
                try {
                    Duration patience =
                            Duration.ofNanos(Math.min(deadline - now, Math.max(ttlNanos / 3, LONGEST_NANOS)));
                    deadline = client.renew(token, patience);
                    next = deadline - ttlNanos + ttlNanos / 3;
                    trouble = "";
                } catch (LockClient.Lost e) {
                    lose(String.valueOf(e.getMessage()));
                    return;
                } catch (Ending e) {
                    trouble = ": " + e.line();
                    long pause = Math.clamp(ttlNanos / 20, SHORTEST_NANOS, LONGEST_NANOS);
                    next = Math.min(deadline - System.nanoTime(), pause) + System.nanoTime();
                }
            }
        } catch (InterruptedException | CancellationException e) {
            // It is given back now.
        }
    }

    private void lose(String why) {
        synchronized (this) {
            if (stopped) {
                return;
            }
            loss = why;
        }
        onLoss.accept(why);
    }
}
