package dev.weir.limit;

import java.util.Arrays;

/** {@code lua/limit/sliding-log.lua} in memory: moments and running sums, in a ring that grows and shrinks. */
final class SlidingLog implements Meter {

    private static final int MIN_ROOM = 4;

    private long[] moments = new long[MIN_ROOM];
    private long[] sums = new long[MIN_ROOM];
    private int size;
    private long base;
    private long idleAt;

    @Override
    public Look look(long clock, Quota quota, long cost) {
        long now = now(clock);
        long window = quota.windowMicros();
        int gone = gone(now - window);
        long used = total() - sumBefore(gone);
        long reset = used > 0 ? moments[size - 1] + window - clock : 0;
        long retry = 0;
        if (used + cost > quota.limit()) {
            long over = used + cost - quota.limit();
            int low = gone;
            int high = size - 1;
            while (low < high) {
                int middle = low + high >>> 1;
                if (sums[middle] - sumBefore(gone) >= over) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            retry = moments[low] + window - clock;
        }
        return new Look(quota.limit() - used, reset, retry);
    }

    @Override
    public void spend(long clock, Quota quota, long cost, String slot) {
        long now = now(clock);
        int gone = gone(now - quota.windowMicros());
        long total = total();
        if (gone == size) {
            size = 0;
            base = 0;
            total = 0;
        } else if (gone >= 32 && gone * 2 >= size) {
            base = sumBefore(gone);
            size -= gone;
            moments = Arrays.copyOfRange(moments, gone, gone + Math.max(MIN_ROOM, size * 2));
            sums = Arrays.copyOfRange(sums, gone, gone + Math.max(MIN_ROOM, size * 2));
        }
        if (size == moments.length) {
            moments = Arrays.copyOf(moments, size * 2);
            sums = Arrays.copyOf(sums, size * 2);
        }
        moments[size] = now;
        sums[size++] = total + cost;
        idleAt = now + quota.windowMicros();
    }

    /** A clock that was set back does not undo the order. */
    private long now(long clock) {
        return size == 0 ? clock : Math.max(clock, moments[size - 1]);
    }

    /** How many moments are at or before {@code edge}. */
    private int gone(long edge) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (moments[middle - 1] <= edge) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private long total() {
        return sumBefore(size);
    }

    private long sumBefore(int index) {
        return index == 0 ? base : sums[index - 1];
    }

    @Override
    public long idleAt() {
        return idleAt;
    }

    @Override
    public int weight() {
        return 64 + 16 * moments.length;
    }
}
