package dev.weir.limit;

/** {@code lua/limit/fixed-window.lua} in memory. */
final class FixedWindow implements Meter {

    private long start;
    private long count;
    private long idleAt;

    @Override
    public Look look(long clock, Quota quota, long cost) {
        boolean over = isOver(clock, quota);
        long spent = over ? 0 : count;
        long left = (over ? clock : start) + quota.windowMicros() - clock;
        return new Look(quota.limit() - spent, spent > 0 ? left : 0, spent + cost > quota.limit() ? left : 0);
    }

    private boolean isOver(long clock, Quota quota) {
        return count == 0 || clock >= start + quota.windowMicros();
    }

    @Override
    public void spend(long clock, Quota quota, long cost, String slot) {
        if (isOver(clock, quota)) {
            start = clock;
            count = 0;
        }
        count += cost;
        idleAt = start + quota.windowMicros();
    }

    @Override
    public long idleAt() {
        return idleAt;
    }

    @Override
    public int weight() {
        return 40;
    }
}
