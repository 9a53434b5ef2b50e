package dev.weir.cache;

import dev.weir.cache.CachesConfig.CacheSettings;
import dev.weir.cache.CachesConfig.OriginSettings;
import dev.weir.http.Names;
import java.time.Duration;

/** Refuses settings that make no sense, each by its full name. */
final class CacheChecks {

    private static final Duration MAX = Duration.ofDays(3650);

    private CacheChecks() {}

    /** @throws IllegalArgumentException that names the setting */
    static void check(String name, CacheSettings settings) {
        String prefix = "weir.caches." + name + ".";
        if (!Names.isName(name)) {
            throw new IllegalArgumentException(
                    "weir.caches: '" + Names.shorten(name) + "' is no name: 1 to 64 of A-Z a-z 0-9 . _ - are");
        }
        positive(prefix + "ttl", settings.ttl());
        notNegative(prefix + "stale-while-revalidate", settings.staleWhileRevalidate());
        notNegative(prefix + "stale-if-error", settings.staleIfError());
        notNegative(prefix + "negative-ttl", settings.negativeTtl());
        notNegative(prefix + "near.ttl", settings.near().ttl());
        require(
                settings.refreshAhead() >= 0 && settings.refreshAhead() < 1,
                prefix + "refresh-ahead",
                settings.refreshAhead() + " is no share from 0 up to, but not, 1");
        require(settings.near().maxEntries() >= 0, prefix + "near.max-entries", "it is negative");
        require(
                settings.maxEntrySize().bytes() > 0 && settings.maxEntrySize().bytes() <= 256L << 20,
                prefix + "max-entry-size",
                "it is not from 1 byte to 256MiB");
        settings.origin().ifPresent(origin -> check(prefix + "origin.", origin));
    }

    private static void check(String prefix, OriginSettings origin) {
        try {
            new UrlTemplate(origin.url());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(prefix + "url: " + e.getMessage(), e);
        }
        positive(prefix + "timeout", origin.timeout());
        require(origin.retries() >= 0 && origin.retries() <= 10, prefix + "retries", "it is not from 0 to 10");
        require(
                origin.maxConcurrent() > 0 && origin.maxConcurrent() <= 10_000,
                prefix + "max-concurrent",
                "it is not from 1 to 10000");
    }

    /** @throws IllegalArgumentException that names the setting */
    static void check(CacheConfig config) {
        require(config.journalMaxEntries() > 0, "weir.cache.journal-max-entries", "it is not positive");
        config.memoryMaxBytes()
                .ifPresent(size -> require(size.bytes() > 0, "weir.cache.memory-max-bytes", "it is not positive"));
    }

    private static void positive(String setting, Duration duration) {
        require(duration.isPositive(), setting, "it is not positive");
        notNegative(setting, duration);
    }

    private static void notNegative(String setting, Duration duration) {
        require(!duration.isNegative() && duration.compareTo(MAX) <= 0, setting, "it is negative or over ten years");
    }

    private static void require(boolean good, String setting, String words) {
        if (!good) {
            throw new IllegalArgumentException(setting + ": " + words);
        }
    }
}
