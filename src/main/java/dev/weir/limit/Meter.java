package dev.weir.limit;

/**
 * What one subject has spent, in memory. Of equal verdicts with the script of the same algorithm, down to the rounding:
 * all times are microseconds, and what the script reckons in floating point is reckoned so here.
 */
interface Meter {

    /**
     * What is there now, and what it takes to spend.
     *
     * @param remaining may be below zero where an override has lowered the limit
     * @param reset until all is back
     * @param retry until the cost can be spent, 0 for now
     */
    record Look(long remaining, long reset, long retry) {}

    /** @param cost 0 to look at what is there only */
    Look look(long clock, Quota quota, long cost);

    /** Spends what {@link #look} has just found room for, at the same moment. */
    void spend(long clock, Quota quota, long cost, String slot);

    /** When all of it is forgotten. */
    long idleAt();

    /** About how many bytes it takes. */
    int weight();
}
