package dev.weir.redis;

import java.util.Optional;

/**
 * The Redis of this process, if it has one.
 *
 * @param connection nothing if no Redis is configured
 */
public record Redis(Optional<Connection> connection) {

    /** What belongs to a configured Redis, whether it answers or not. */
    public record Connection(PipelinedGateway gateway, Recovery recovery) {}
}
