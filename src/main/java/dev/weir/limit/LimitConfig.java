package dev.weir.limit;

import dev.weir.http.ByteSize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** {@code weir.limit.*}: what concerns all policies. */
@ConfigMapping(prefix = "weir.limit")
public interface LimitConfig {

    /** Which header fields tell a client how much is left. */
    enum Headers {
        /** {@code RateLimit} and {@code RateLimit-Policy} (draft-ietf-httpapi-ratelimit-headers). */
        DRAFT,
        /** {@code X-RateLimit-Limit}, {@code -Remaining} and {@code -Reset} in seconds. */
        LEGACY,
        BOTH
    }

    @WithDefault("draft")
    Headers headers();

    /** What may be kept in memory of subjects while Redis is away, or if there is none; an eighth of the heap if not set. */
    Optional<ByteSize> memoryMaxBytes();

    /** How many refusals of Redis each process remembers, so that it need not ask again; 0 for none. */
    @WithDefault("100000")
    int nearMaxEntries();
}
