package dev.weir.redis;

import java.io.Serial;

/**
 * Redis answered something that Weir does not expect: an error in a script, a key of a foreign type, a reply of another
 * shape. It is a bug or a foreign hand in Weir's keys, and never a reason to go on in memory.
 */
public final class RedisError extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    public RedisError(String message) {
        super(message);
    }
}
