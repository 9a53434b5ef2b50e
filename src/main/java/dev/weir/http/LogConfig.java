package dev.weir.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;

/** {@code weir.log.*}: what is written to the log beside what goes wrong. */
@ConfigMapping(prefix = "weir.log")
public interface LogConfig {

    /** A line for each request: its endpoint or route, status, bytes and duration, and nothing that a client sent. */
    @WithConverter(StrictBoolean.class)
    @WithDefault("false")
    boolean requests();
}
