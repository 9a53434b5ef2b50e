package dev.weir.lock;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithDefaults;
import io.smallrye.config.WithParentName;
import java.util.Map;

/** {@code weir.locks.<name>.*}: locks that are more than a lock; any other name is a plain one. */
@ConfigMapping(prefix = "weir.locks")
public interface LocksConfig {

    @WithParentName
    @WithDefaults
    Map<String, LockSettings> byName();

    /** One lock. */
    interface LockSettings {

        /** How many may hold it at once. */
        @WithDefault("1")
        int permits();
    }
}
