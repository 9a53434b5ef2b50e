package dev.weir.cache;

import dev.weir.http.ByteSize;
import dev.weir.http.StrictBoolean;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithDefaults;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** {@code weir.caches.<name>.*}: the caches that are declared. */
@ConfigMapping(prefix = "weir.caches")
public interface CachesConfig {

    /** By name; asked for a name that is not declared it returns the defaults. */
    @WithParentName
    @WithDefaults
    Map<String, CacheSettings> byName();

    /** The settings of a cache, the defaults if it is not declared. */
    default CacheSettings settingsOf(String cache) {
        return Objects.requireNonNull(byName().get(cache));
    }

    /** What one cache does. */
    interface CacheSettings {

        /** How long an entry is fresh. */
        @WithDefault("5m")
        Duration ttl();

        /** For how long after that it is served while one request refreshes it. */
        @WithDefault("0s")
        Duration staleWhileRevalidate();

        /** For how long after its TTL it is served because the origin fails. */
        @WithDefault("0s")
        Duration staleIfError();

        /** In this last share of its life, of 0 to 1, a read refreshes it in the background. */
        @WithDefault("0")
        double refreshAhead();

        /** Each read renews the TTL. */
        @WithDefault("false")
        @WithConverter(StrictBoolean.class)
        boolean sliding();

        /** How long an origin's 404 is remembered; 0 for not at all. */
        @WithDefault("5s")
        Duration negativeTtl();

        Near near();

        /** Values of more bytes are compressed. */
        @WithDefault("1KiB")
        ByteSize compressOver();

        @WithDefault("1MiB")
        ByteSize maxEntrySize();

        Optional<OriginSettings> origin();
    }

    /** The copies in each process. */
    interface Near {

        @WithDefault("5s")
        Duration ttl();

        /** 0 for none. */
        @WithDefault("10000")
        long maxEntries();

        @WithDefault("32MiB")
        ByteSize maxBytes();
    }

    /** Where a cache reads through. */
    interface OriginSettings {

        /** With {@code {key}} where the key belongs. */
        String url();

        /** What a call may take in all, retries included. */
        @WithDefault("3s")
        Duration timeout();

        /** How often a call is repeated that failed in a way that may pass. */
        @WithDefault("2")
        int retries();

        /** How many calls may be under way at once; more wait for their turn. */
        @WithDefault("64")
        int maxConcurrent();

        /** A PUT goes to the origin first, then to the cache. */
        @WithDefault("false")
        @WithConverter(StrictBoolean.class)
        boolean writeThrough();

        /** The name of a configuration under {@code quarkus.tls}, for {@code https://} with certificates of one's own. */
        Optional<String> tlsConfiguration();

        /** Headers of every call. */
        Map<String, String> headers();
    }
}
