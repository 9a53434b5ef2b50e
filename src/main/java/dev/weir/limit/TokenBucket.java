package dev.weir.limit;

/** {@code lua/limit/token-bucket.lua} in memory. */
final class TokenBucket implements Meter {

    private long last;
    private long level;
    /** 0 as long as the bucket was never touched, and so is full. */
    private long unit;

    private long idleAt;

    @Override
    public Look look(long clock, Quota quota, long cost) {
        TokenBucket state = at(clock, quota);
        long full = quota.burst() * state.unit;
        long reset = state.level < full ? state.untilLevel(full, clock, quota) : 0;
        long wanted = cost * state.unit;
        long retry = state.level < wanted ? state.untilLevel(wanted, clock, quota) : 0;
        return new Look(Math.floorDiv(state.level, state.unit), reset, retry);
    }

    private TokenBucket at(long clock, Quota quota) {
        TokenBucket state = new TokenBucket();
        state.unit = quota.windowMs();
        long full = quota.burst() * state.unit;
        state.last = Math.floorDiv(clock, 1000);
        state.level = full;
        if (unit != 0) {
            long was = unit == state.unit ? level : (long) Math.floor((double) level / unit * state.unit);
            state.last = Math.max(state.last, last);
            long passed = state.last - last;
            // What is longer than the time to fill would only overflow.
            state.level = passed > full / quota.limit() ? full : Math.min(full, was + passed * quota.limit());
        }
        return state;
    }

    private long untilLevel(long wanted, long clock, Quota quota) {
        return (last + Math.ceilDiv(wanted - level, quota.limit())) * 1000 - clock;
    }

    @Override
    public void spend(long clock, Quota quota, long cost, String slot) {
        TokenBucket state = at(clock, quota);
        last = state.last;
        unit = state.unit;
        level = state.level - cost * unit;
        idleAt = clock + untilLevel(quota.burst() * unit, clock, quota);
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
