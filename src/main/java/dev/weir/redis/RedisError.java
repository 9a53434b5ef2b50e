package dev.weir.redis;

import dev.weir.store.Discreet;
import java.io.Serial;

/**
 * Redis answered something that Weir does not expect: an error in a script, a key of a foreign type, a reply of another
 * shape. It is a bug or a foreign hand in Weir's keys, and never a reason to go on in memory. Its message is for the log:
 * it has Redis' words up to the first quotation mark, behind which there may be a command's arguments.
 */
public final class RedisError extends RuntimeException implements Discreet {

    @Serial
    private static final long serialVersionUID = 1L;

    public RedisError(String message) {
        super(message);
    }
}
