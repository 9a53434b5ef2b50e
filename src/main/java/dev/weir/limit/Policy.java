package dev.weir.limit;

import dev.weir.http.Names;
import dev.weir.limit.LimitsConfig.LimitSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A named limit. */
public record Policy(String name, Algorithm algorithm, Quota quota, WhenUnavailable whenUnavailable, boolean shadow) {

    private static final Duration MAX_WINDOW = Duration.ofDays(366);

    /** Up to here the numbers of Redis' scripts are exact. */
    private static final long MAX_EXACT = 1L << 53;

    /** @throws IllegalArgumentException that names the setting that makes no sense */
    static Policy of(String name, LimitSettings settings) {
        String at = "weir.limits." + name + '.';
        if (!Names.isName(name)) {
            throw new IllegalArgumentException(
                    "weir.limits: '" + Names.shorten(name) + "' is no name: 1 to 64 of A-Z a-z 0-9 . _ - are");
        }
        if (settings.burst().isPresent() && settings.algorithm() != Algorithm.TOKEN_BUCKET) {
            throw new IllegalArgumentException(at + "burst: only a token-bucket has one");
        }
        long burst = settings.burst().orElse(settings.limit());
        require(at + "limit", troubleOfLimit(settings.algorithm(), settings.limit()));
        require(at + "burst", troubleOfLimit(settings.algorithm(), burst));
        require(at + "window", troubleOfWindow(settings.algorithm(), burst, settings.window()));
        Quota quota = new Quota(settings.limit(), settings.window().toMillis() * 1000, burst);
        return new Policy(name, settings.algorithm(), quota, settings.whenUnavailable(), settings.shadow());
    }

    private static void require(String setting, @Nullable String trouble) {
        if (trouble != null) {
            throw new IllegalArgumentException(setting + ": " + trouble);
        }
    }

    /** What is wrong with a limit, null if nothing is. */
    static @Nullable String troubleOfLimit(Algorithm algorithm, long limit) {
        return limit >= 1 && limit <= algorithm.maxLimit()
                ? null
                : limit + " is not within 1 and " + algorithm.maxLimit() + ", as " + algorithm.wireName() + " needs it";
    }

    /** What is wrong with a window, null if nothing is. */
    static @Nullable String troubleOfWindow(Algorithm algorithm, long burst, Duration window) {
        if (window.compareTo(Duration.ofMillis(1)) < 0 || window.compareTo(MAX_WINDOW) > 0) {
            return "it is not within 1ms and 366d";
        }
        if (!window.equals(Duration.ofMillis(window.toMillis()))) {
            return "it is not a whole number of milliseconds";
        }
        return algorithm == Algorithm.TOKEN_BUCKET && burst > MAX_EXACT / window.toMillis()
                ? "together with a burst of " + burst + " it is more than a token-bucket can count exactly"
                : null;
    }

    /** The quota that an override makes of this policy's: a burst of its own stays. */
    Quota overridden(long limit, long windowMicros) {
        return new Quota(limit, windowMicros, ownBurst() == 0 ? limit : quota.burst());
    }

    /** The burst, 0 if it is the limit. */
    long ownBurst() {
        return quota.burst() == quota.limit() ? 0 : quota.burst();
    }
}
