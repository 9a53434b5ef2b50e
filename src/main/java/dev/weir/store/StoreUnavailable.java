package dev.weir.store;

import java.io.Serial;

/**
 * The shared store gave no answer, or answered that it cannot serve now. Carries no stack trace: during an outage it is
 * thrown once per command and tells nothing about the place that threw it.
 */
public final class StoreUnavailable extends RuntimeException implements Discreet {

    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean refused;

    private StoreUnavailable(String message, boolean refused) {
        super(message, null, false, false);
        this.refused = refused;
    }

    /** No connection, or no reply before the deadline. Whether the command took effect is unknown. */
    public static StoreUnavailable unreachable(String message) {
        return new StoreUnavailable(message, false);
    }

    /** The store is reachable and refused this one command, for lack of memory for instance; it took no effect. */
    public static StoreUnavailable refused(String message) {
        return new StoreUnavailable(message, true);
    }

    /** True if the store is reachable, so that going on in memory would split it in two. */
    public boolean isRefused() {
        return refused;
    }
}
