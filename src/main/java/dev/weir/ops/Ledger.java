package dev.weir.ops;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/**
 * What this process has counted since the last reset, and in the last minutes. The counters themselves are never set back:
 * what they stood at is subtracted.
 */
final class Ledger {

    /** What counts as of late. */
    static final Duration LATELY = Duration.ofMinutes(5);

    private static final Duration BETWEEN_MARKS = Duration.ofSeconds(10);

    private record Mark(long nanos, Figures figures) {}

    /** The reset that was last heard of; nothing before any was. */
    private static final long UNHEARD = -1;

    private Figures baseline = Figures.NONE;
    private Instant since;
    private long epoch = UNHEARD;
    private final Deque<Mark> marks = new ArrayDeque<>();

    /** @param nanos the time by {@link System#nanoTime} */
    Ledger(Instant start, long nanos) {
        since = start;
        marks.add(new Mark(nanos, Figures.NONE));
    }

    /** When counting began anew. */
    synchronized Instant since() {
        return since;
    }

    /** The reset up to which this process has followed all others; 0 if there was none. */
    synchronized long epoch() {
        return Math.max(0, epoch);
    }

    /** True if this process has followed that reset, or was told of it before it could count anything. */
    synchronized boolean knows(long storesEpoch) {
        return epoch != UNHEARD && storesEpoch <= epoch;
    }

    synchronized Figures total(Figures now) {
        return now.minus(baseline);
    }

    /** What was counted in the last {@link #LATELY}, and up to ten seconds more; since the reset if that is shorter ago. */
    synchronized Figures recent(Figures now) {
        return now.minus(Objects.requireNonNull(marks.peekFirst()).figures);
    }

    /** Remembers from time to time what the counters stood at. */
    synchronized void mark(Figures now, long nanos) {
        if (nanos - Objects.requireNonNull(marks.peekLast()).nanos < BETWEEN_MARKS.toNanos()) {
            return;
        }
        marks.add(new Mark(nanos, now));
        while (marks.size() > 1 && nanos - second().nanos >= LATELY.toNanos()) {
            marks.removeFirst();
        }
    }

    private Mark second() {
        return marks.stream().skip(1).findFirst().orElseThrow();
    }

    /** Counts from zero. */
    synchronized void reset(Figures now, Instant when, long nanos) {
        baseline = now;
        since = when;
        marks.clear();
        marks.add(new Mark(nanos, now));
    }

    /**
     * Follows the resets that the store knows of. Answers may overtake each other, so an older reset than the last is none; nor
     * is it one that the store has forgotten all of them. (Of a store that has forgotten, and whose clock is behind the one
     * before, a reset counts when it is later than the last by that clock.)
     *
     * @return true if there was one that this process has not heard of, so that it has to count from zero. What the store
     *     knew when this process first asked was before its time.
     */
    synchronized boolean isNews(long storesEpoch) {
        boolean news = epoch != UNHEARD && storesEpoch > epoch;
        epoch = Math.max(epoch, storesEpoch);
        return news;
    }
}
