package dev.weir.ops;

import dev.weir.ops.Advice.Kind;
import dev.weir.ops.Advice.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says what to change, judging by what happened of late on all instances together and by how Redis does. */
final class Advisor {

    /** Of fewer reads, loads or requests no rate says much. */
    static final long ENOUGH = 100;

    /** A cache that finds less than that share of what it is asked for is hardly one. */
    static final double HIT_RATE = 0.70;

    static final double MEMORY = RedisInfo.MEMORY_HIGH;
    static final double MEMORY_CRITICAL = 0.95;
    static final double ERRORS = 0.01;
    static final double ERRORS_CRITICAL = 0.05;
    static final double P99_MS = 100;
    static final double P99_MS_CRITICAL = 1000;

    /** So many keys may Redis evict, or a cache in memory, of late. */
    static final double EVICTIONS = 0;

    /** A near cache that drops more copies than are ever read from it is too small for what is read. */
    static final double NEAR_EVICTIONS_PER_HIT = 1;

    /** So many checks may be decided without Redis of late. */
    static final double FALLBACKS = 0;

    private static final Map.Entry<String, String> STORE = Map.entry("store", "redis");

    private Advisor() {}

    /**
     * All advice, the most severe first.
     *
     * @param recent what happened of late
     */
    static List<Advice> advise(Figures recent, RedisState redis) {
        List<Advice> advice = new ArrayList<>();
        ofStore(redis, advice);
        for (String cache : recent.subjects(Meters.CACHE)) {
            ofCache(recent, cache, advice);
        }
        for (String kind : recent.subjects(Meters.REQUESTS)) {
            ofRequests(recent, kind, advice);
        }
        for (String policy : recent.subjects(Meters.LIMIT)) {
            ofPolicy(recent, policy, advice);
        }
        advice.sort(Comparator.comparing(Advice::severity).reversed());
        return List.copyOf(advice);
    }

    private static void ofStore(RedisState redis, List<Advice> advice) {
        if (redis.status() == RedisState.Status.DOWN) {
            advice.add(new Advice(
                    Kind.DEGRADED,
                    Severity.CRITICAL,
                    STORE,
                    null,
                    null,
                    "Redis does not answer, each instance goes on by itself",
                    "bring Redis back, or have REDIS_URL name one that answers"));
        } else if (redis.status() == RedisState.Status.DEGRADED) {
            advice.add(new Advice(
                    Kind.DEGRADED,
                    Severity.WARNING,
                    STORE,
                    null,
                    null,
                    "Redis answers, but " + String.join("; ", redis.reasons()),
                    "put Redis in order, or have REDIS_URL name another"));
        }
        Double ratio = redis.info().memoryRatio();
        if (ratio != null && ratio > MEMORY) {
            advice.add(new Advice(
                    Kind.MEMORY,
                    ratio > MEMORY_CRITICAL && redis.info().refusesWhenFull() ? Severity.CRITICAL : Severity.WARNING,
                    STORE,
                    ratio,
                    MEMORY,
                    "Redis uses " + percent(ratio) + " of the memory that it may have",
                    "raise Redis' maxmemory, or shorten weir.caches.<name>.ttl of the caches that store most"));
        }
        if (redis.info().refusesWhenFull()) {
            advice.add(new Advice(
                    Kind.EVICTION_POLICY,
                    Severity.WARNING,
                    STORE,
                    null,
                    null,
                    "Redis has a maxmemory and refuses writes when that is full",
                    "set Redis' maxmemory-policy to allkeys-lru, so that old entries make room; where it holds locks and limits"
                            + " too, which may then go as well, rather give it memory to spare"));
        }
        if (redis.evictedLately() > EVICTIONS) {
            advice.add(new Advice(
                    Kind.EVICTIONS,
                    Severity.WARNING,
                    STORE,
                    (double) redis.evictedLately(),
                    EVICTIONS,
                    "Redis has evicted " + redis.evictedLately() + " keys of late before their time",
                    "raise Redis' maxmemory, or shorten weir.caches.<name>.ttl of the caches that store most"));
        }
    }

    private static void ofCache(Figures recent, String cache, List<Advice> advice) {
        CacheSums sums = CacheSums.of(recent, List.of(cache));
        Map.Entry<String, String> subject = Map.entry("cache", cache);
        String setting = "weir.caches." + cache + ".";
        Double hitRate = sums.hitRate();
        if (hitRate != null && sums.operations() >= ENOUGH && hitRate < HIT_RATE) {
            advice.add(new Advice(
                    Kind.HIT_RATE,
                    Severity.WARNING,
                    subject,
                    hitRate,
                    HIT_RATE,
                    "only " + percent(hitRate) + " of the reads of the cache '" + cache + "' find something",
                    "raise " + setting + "ttl, or have a warmer fill it (weir.warmers.<name>.cache=" + cache + ")"));
        }
        errors(sums.loadFailures(), sums.loads() + sums.loadFailures())
                .ifPresent(rate -> advice.add(new Advice(
                        Kind.ERRORS,
                        severity(rate, ERRORS_CRITICAL),
                        subject,
                        rate,
                        ERRORS,
                        percent(rate) + " of the loads of the cache '" + cache + "' from its origin fail",
                        "mend the origin, and have " + setting + "stale-if-error serve the old meanwhile")));
        Double p99 = sums.gets().percentileMs(0.99);
        if (p99 != null && sums.gets().count() >= ENOUGH && p99 > P99_MS) {
            advice.add(new Advice(
                    Kind.LATENCY,
                    severity(p99, P99_MS_CRITICAL),
                    subject,
                    p99,
                    P99_MS,
                    String.format(
                            Locale.ROOT, "one of a hundred reads of the cache '%s' takes %.0f ms or more", cache, p99),
                    "set " + setting
                            + "stale-while-revalidate or refresh-ahead, so that no reader waits for the origin"));
        }
        if (sums.memoryEvictions() > EVICTIONS) {
            advice.add(new Advice(
                    Kind.EVICTIONS,
                    Severity.WARNING,
                    subject,
                    (double) sums.memoryEvictions(),
                    EVICTIONS,
                    "the cache '" + cache + "' has dropped " + sums.memoryEvictions()
                            + " entries of late for want of memory",
                    "raise weir.cache.memory-max-bytes, or shorten " + setting + "ttl"));
        }
        double perHit = (double) sums.nearEvictions() / Math.max(1, sums.near());
        if (sums.nearEvictions() >= ENOUGH && perHit > NEAR_EVICTIONS_PER_HIT) {
            advice.add(new Advice(
                    Kind.NEAR_CACHE,
                    Severity.WARNING,
                    subject,
                    perHit,
                    NEAR_EVICTIONS_PER_HIT,
                    "the near cache of '" + cache + "' has dropped " + sums.nearEvictions() + " copies and answered "
                            + sums.near() + " reads of late",
                    "raise " + setting + "near.max-entries or near.max-bytes"));
        }
    }

    private static void ofPolicy(Figures recent, String policy, List<Advice> advice) {
        long fallbacks = recent.count(Meters.LIMIT, policy, "fallbacks");
        if (fallbacks > FALLBACKS) {
            advice.add(new Advice(
                    Kind.FALLBACKS,
                    Severity.WARNING,
                    Map.entry("policy", policy),
                    (double) fallbacks,
                    FALLBACKS,
                    fallbacks + " checks of the limit '" + policy + "' were decided without Redis of late",
                    "see why Redis did not answer and raise weir.redis.timeout if it is only slow; what then happens is"
                            + " said by weir.limits." + policy + ".when-unavailable"));
        }
    }

    private static void ofRequests(Figures recent, String kind, List<Advice> advice) {
        RequestSums sums = RequestSums.of(recent, List.of(kind));
        errors(sums.errors(), sums.total())
                .ifPresent(rate -> advice.add(new Advice(
                        Kind.ERRORS,
                        severity(rate, ERRORS_CRITICAL),
                        Map.entry("requests", kind),
                        rate,
                        ERRORS,
                        percent(rate)
                                + (kind.equals("route")
                                        ? " of the requests of routes are answered with a status of 500 or more"
                                        : " of the requests of the API are answered with a status of 500 or more"),
                        kind.equals("route")
                                ? "mend the origin, or raise weir.routes.<name>.timeout and the stale-if-error of the"
                                        + " route's cache"
                                : "look into Weir's log; if Redis is slow to answer, raise weir.redis.timeout")));
        Double p99 = sums.times().percentileMs(0.99);
        if (p99 != null && sums.times().count() >= ENOUGH && p99 > P99_MS) {
            advice.add(
                    new Advice(
                            Kind.LATENCY,
                            severity(p99, P99_MS_CRITICAL),
                            Map.entry("requests", kind),
                            p99,
                            P99_MS,
                            String.format(
                                    Locale.ROOT,
                                    kind.equals("route")
                                            ? "one of a hundred requests of routes takes %.0f ms or more"
                                            : "one of a hundred requests of the API takes %.0f ms or more",
                                    p99),
                            kind.equals("route")
                                    ? "have more kept of what the origin answers: weir.routes.<name>.cache, and its"
                                            + " stale-while-revalidate; or make the origin quicker"
                                    : "see weir.caches.<name>.origin.timeout where origins are slow, weir.redis.timeout where Redis is"));
        }
    }

    private static Optional<Double> errors(long failed, long all) {
        double rate = all == 0 ? 0 : (double) failed / all;
        return all >= ENOUGH && rate > ERRORS ? Optional.of(rate) : Optional.empty();
    }

    private static Severity severity(double figure, double critical) {
        return figure > critical ? Severity.CRITICAL : Severity.WARNING;
    }

    private static String percent(@Nullable Double share) {
        return share == null ? "nothing" : String.format(Locale.ROOT, "%.1f %%", share * 100);
    }
}
