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
            retry = state.moment(quota.limit(), cost, window) - clock;
        }
        return new Look((long) Math.floor(quota.limit() - count), reset, retry);
    }

    /** The first moment at which there is room. */
    private long moment(long limit, long cost, long window) {
        double room = limit - current - cost;
        long moment = room >= 0
                ? start + (long) Math.ceil(window * (1 - room / before))
                : start + window + (long) Math.ceil(window * (1 - (double) (limit - cost) / current));
        while (used(moment, window) + cost > limit) {
            moment++;
        }
        while (used(moment - 1, window) + cost <= limit) {
            moment--;
        }
        return moment;
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
