package dev.weir.warm;

import dev.weir.http.StrictBoolean;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code weir.warmers.<name>.*}: the warmers. */
@ConfigMapping(prefix = "weir.warmers")
public interface WarmersConfig {

    @WithParentName
    Map<String, WarmerSettings> byName();

    /** One warmer. */
    interface WarmerSettings {

        /** The cache that it fills, which has an origin. */
        String cache();

        /** How often. */
        Optional<Duration> every();

        /** When, by five fields as cron has them. */
        Optional<String> cron();

        /** Where the hours of {@code cron} are those of. */
        @WithDefault("UTC")
        String timeZone();

        /** Also when Weir starts. */
        @WithDefault("false")
        @WithConverter(StrictBoolean.class)
        boolean atStart();

        /** The keys themselves. */
        Optional<List<String>> keys();

        /** Where the keys are asked for, as JSON. */
        Optional<String> keysFrom();

        /** Where in that JSON they stand: a JSON Pointer, with {@code *} for every element. */
        @WithDefault("/*")
        String keysPointer();

        /** Headers of that call. */
        Map<String, String> keysHeaders();

        /** The name of a configuration under {@code quarkus.tls} for that call. */
        Optional<String> keysTlsConfiguration();

        /** So many of the keys that were read most of late. */
        OptionalInt hot();

        /** How many keys are loaded at once. */
        @WithDefault("8")
        int concurrency();

        /** How often a key is tried again. */
        @WithDefault("2")
        int retries();

        /** The pause before the first of these, doubled with each, and shortened by chance by up to a half. */
        @WithDefault("1s")
        Duration backoff();

        /** Warmers that are to be done before. */
        Optional<List<String>> orderAfter();
    }
}
