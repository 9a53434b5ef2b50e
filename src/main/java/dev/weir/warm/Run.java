package dev.weir.warm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One run of a warmer, as far as it has come. */
final class Run {

    /** How a run stands. */
    enum State {
        RUNNING,
        /** All keys were tried, whatever came of them. */
        DONE,
        /** It was another's turn, or another was at it. */
        SKIPPED,
        /** The keys could not be had. */
        FAILED,
        /** The lock was lost, or the process ends. */
        ABORTED
    }

    /** A key that could not be warmed, and why. */
    record Failure(String key, String reason) {}

    /** Of more failures only their number is told. */
    private static final int MAX_FAILURES = 100;

    /** What is longer is no key, and told in part. */
    private static final int MAX_SHOWN = 512;

    private final String warmer;
    private final String id;
    private final String trigger;
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    private final long began = System.nanoTime();
    private final List<Failure> failures = new ArrayList<>();
    private State state = State.RUNNING;
    private @Nullable String reason;
    private @Nullable Throwable cause;
    private int total;
    private int warmed;
    private int fresh;
    private int failed;
    private long tookNanos;

    Run(String warmer, String id, String trigger) {
        this.warmer = warmer;
        this.id = id;
        this.trigger = trigger;
    }

    String id() {
        return id;
    }

    synchronized State state() {
        return state;
    }

    synchronized int failedKeys() {
        return failed;
    }

    synchronized @Nullable String reason() {
        return reason;
    }

    /** What it failed with. */
    synchronized @Nullable Throwable cause() {
        return cause;
    }

    synchronized void begin(int keys) {
        total = keys;
    }

    /** @param loaded false if it was fresh already */
    synchronized void warmed(boolean loaded) {
        if (state == State.RUNNING) {
            warmed++;
            fresh += loaded ? 0 : 1;
        }
    }

    synchronized void failed(String key, String why) {
        if (state != State.RUNNING) {
            return;
        }
        failed++;
        if (failures.size() < MAX_FAILURES) {
            failures.add(new Failure(key.length() <= MAX_SHOWN ? key : key.substring(0, MAX_SHOWN) + "...", why));
        }
    }

    /** Ends it; only the first end counts, and is told so. */
    synchronized boolean end(State how, @Nullable String why, @Nullable Throwable failure) {
        if (state != State.RUNNING) {
            return false;
        }
        state = how;
        reason = why;
        cause = failure;
        tookNanos = System.nanoTime() - began;
        return true;
    }

    synchronized WarmStore.Kept record() {
        long took = state == State.RUNNING ? System.nanoTime() - began : tookNanos;
        ObjectNode shown = Json.object()
                .put("id", id)
                .put("warmer", warmer)
                .put("trigger", trigger)
                .put("state", state.name().toLowerCase(Locale.ROOT))
                .put("started", started.toString())
                .put("total", total)
                .put("warmed", warmed)
                .put("fresh", fresh)
                .put("failed", failed);
        ArrayNode all = shown.putArray("failures");
        failures.forEach(failure -> all.addObject().put("key", failure.key).put("reason", failure.reason));
        shown.put("tookMs", took / 1_000_000);
        if (reason != null) {
            shown.put("reason", reason);
        }
        return new WarmStore.Kept(warmer, id, started.toEpochMilli(), shown);
    }
}
