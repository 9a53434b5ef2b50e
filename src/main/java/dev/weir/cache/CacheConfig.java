package dev.weir.cache;

import dev.weir.http.ByteSize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** {@code weir.cache.*}: what concerns all caches. */
@ConfigMapping(prefix = "weir.cache")
public interface CacheConfig {

    /** What becomes of a call that names a cache which is not declared. */
    enum Undeclared {
        DENY,
        ALLOW
    }

    @WithDefault("deny")
    Undeclared undeclared();

    /** What entries may weigh that are kept in memory because there is no Redis; a quarter of the heap if not set. */
    Optional<ByteSize> memoryMaxBytes();

    /** How many invalidations of one cache are kept while Redis is away, before all of that cache is dropped instead. */
    @WithDefault("10000")
    int journalMaxEntries();
}
