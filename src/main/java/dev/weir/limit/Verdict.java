package dev.weir.limit;

import org.jspecify.annotations.Nullable;

/**
 * What a limit says of one check.
 *
 * @param quota what holds for the subject, an override included
 * @param remaining what can be spent yet
 * @param resetMicros until all of it can be spent again; 0 if nothing is spent
 * @param retryMicros until the cost can be spent; 0 for now, {@link #NEVER} if it is more than can ever be
 * @param slot the name of the slot that was taken, to give it back by
 */
record Verdict(
        Quota quota,
        long remaining,
        long resetMicros,
        long retryMicros,
        @Nullable String slot) {

    static final long NEVER = -1;

    boolean allowed() {
        return retryMicros == 0;
    }

    boolean isImpossible() {
        return retryMicros == NEVER;
    }
}
