package dev.weir.limit;

import dev.weir.http.StrictBoolean;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;

/** {@code weir.limits.<name>.*}: the policies. */
@ConfigMapping(prefix = "weir.limits")
public interface LimitsConfig {

    @WithParentName
    Map<String, LimitSettings> byName();

    /** One policy. */
    interface LimitSettings {

        /** What may be spent within a window; of {@code concurrency}, how many slots there are. */
        long limit();

        /** The window's length; of {@code concurrency}, how long a slot is held that nobody gives back. */
        Duration window();

        @WithDefault("sliding-log")
        Algorithm algorithm();

        /** What may be spent at once after a pause, of {@code token-bucket} only; as the limit if not set. */
        OptionalLong burst();

        /** What becomes of a check that Redis does not answer. */
        @WithDefault("local")
        WhenUnavailable whenUnavailable();

        /** Counts and reports, and never denies. */
        @WithDefault("false")
        @WithConverter(StrictBoolean.class)
        boolean shadow();
    }
}
