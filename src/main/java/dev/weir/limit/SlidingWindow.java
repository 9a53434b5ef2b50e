package dev.weir.limit;

/** {@code lua/limit/sliding-window.lua} in memory. */
final class SlidingWindow implements Meter {

    private long start = Long.MIN_VALUE;
    private long before;
    private long current;
    private long idleAt;

    @Override
    public Look look(long clock, Quota quota, long cost) {
        long window = quota.windowMicros();
        SlidingWindow state = at(clock, window);
        double count = state.used(Math.max(clock, state.start), window);
        long reset = state.current > 0
                ? state.start + 2 * window - clock
                : state.before > 0 ? state.start + window - clock : 0;
        long retry = 0;
        if (count + cost > quota.limit()) {
            retry = state.moment(Math.max(clock, state.start), quota.limit(), cost, window) - clock;
        }
        return new Look((long) Math.floor(quota.limit() - count), reset, retry);
    }

    /** The first moment at which there is room: from now on there is ever more, until both windows have passed. */
    private long moment(long now, long limit, long cost, long window) {
        long low = now;
        long high = start + 2 * window;
        while (low + 1 < high) {
            long middle = Math.floorDiv(low + high, 2);
            if (used(middle, window) + cost <= limit) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private double used(long moment, long window) {
        return moment - start >= window
                ? (double) current * (window - (moment - start - window)) / window
                : (double) before * (window - (moment - start)) / window + current;
    }

    /** This state as the windows that have passed since leave it. */
    private SlidingWindow at(long clock, long window) {
        SlidingWindow state = new SlidingWindow();
        long now = Math.max(clock, start);
        if (start == Long.MIN_VALUE || now - start >= 2 * window) {
            state.start = now;
        } else if (now - start >= window) {
            state.start = start + window;
            state.before = current;
        } else {
            state.start = start;
            state.before = before;
            state.current = current;
        }
        return state;
    }

    @Override
    public void spend(long clock, Quota quota, long cost, String slot) {
        SlidingWindow state = at(clock, quota.windowMicros());
        start = state.start;
        before = state.before;
        current = state.current + cost;
        idleAt = start + 2 * quota.windowMicros();
    }

    @Override
    public long idleAt() {
        return idleAt;
    }

    @Override
    public int weight() {
        return 48;
    }
}
