package dev.weir.redis;

import java.util.List;

/**
 * One step of a walk over the keys.
 *
 * @param next the cursor of the next step, {@code "0"} at the end
 */
public record Scan(String next, List<String> keys) {

    /** True if the walk is over. */
    public boolean isLast() {
        return next.equals("0");
    }
}
