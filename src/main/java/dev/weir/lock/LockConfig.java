package dev.weir.lock;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** {@code weir.lock.*}: what concerns all locks. */
@ConfigMapping(prefix = "weir.lock")
public interface LockConfig {

    /**
     * How many replicas of Redis must have a lock before it is given; 0 for none. Replication is asynchronous: without this, a
     * replica that becomes the master may not know of a lock.
     */
    @WithDefault("0")
    int replicas();
}
