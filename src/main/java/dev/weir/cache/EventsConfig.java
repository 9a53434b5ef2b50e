package dev.weir.cache;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.util.List;
import java.util.Map;

/** {@code weir.events.<name>.*}: what an event makes stale. */
@ConfigMapping(prefix = "weir.events")
public interface EventsConfig {

    @WithParentName
    Map<String, EventSettings> byName();

    /** What one event makes stale. */
    interface EventSettings {

        /** {@code cache:key}, {@code cache:@alias}, {@code cache:pattern*} or {@code cache:#tag}, with placeholders. */
        List<String> removes();
    }
}
