package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.ops.Advice.Kind;
import dev.weir.ops.Advice.Severity;
import dev.weir.ops.Figures.Name;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each threshold: just below, at, and above it. */
class AdvisorTest {

    private static final RedisState WELL =
            redis("used_memory:850\r\nmaxmemory:1000\r\nmaxmemory_policy:allkeys-lru", 0);

    private static RedisState redis(String info, long evictedLately) {
        return RedisState.of("standalone", 0.3, RedisInfo.parse(info), Instant.EPOCH, evictedLately);
    }

    /** Figures of one cache: names and counts in turn. */
    private static Figures cache(Object... namesAndCounts) {
        Map<Name, Long> counts = new HashMap<>();
        for (int i = 0; i < namesAndCounts.length; i += 2) {
            counts.put(
                    new Name("cache", "users", (String) namesAndCounts[i]),
                    ((Number) namesAndCounts[i + 1]).longValue());
        }
        return new Figures(counts, Map.of(), Map.of());
    }

    private static List<Kind> kinds(Figures recent, RedisState redis) {
        return Advisor.advise(recent, redis).stream().map(Advice::kind).toList();
    }

    private static void assertComplete(Advice advice, String setting) {
        assertThat(advice.message()).isNotBlank();
        assertThat(advice.change()).contains(setting);
        assertThat(advice.sentence()).isEqualTo(advice.message() + ": " + advice.change());
    }

    @Test
    void whereAllIsWellThereIsNothingToChange() {
        assertThat(Advisor.advise(Figures.NONE, WELL)).isEmpty();
        assertThat(Advisor.advise(Figures.NONE, RedisState.none())).isEmpty();
        assertThat(Advisor.advise(cache("near", 1_000_000, "miss", 1), WELL)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "70, 30, false",
        "69, 31, true",
        "700, 300, false",
        "699, 301, true",
        "0, 100, true",
        "0, 99, false",
        "68, 31, false",
        "0, 0, false"
    })
    void hitRate(long hits, long misses, boolean advised) {
        List<Advice> advice = Advisor.advise(cache("shared", hits, "miss", misses), WELL);
        assertThat(advice).hasSize(advised ? 1 : 0);
        for (Advice each : advice) {
            assertThat(each.kind()).isEqualTo(Kind.HIT_RATE);
            assertThat(each.severity()).isEqualTo(Severity.WARNING);
            assertThat(each.subject()).isEqualTo(Map.entry("cache", "users"));
            assertThat(each.figure()).isEqualTo((double) hits / (hits + misses));
            assertThat(each.threshold()).isEqualTo(0.70);
            assertThat(each.message()).contains("users");
            assertComplete(each, "weir.caches.users.ttl");
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 500, false", "1, 500, true", "500, 0, true"})
    void checksWithoutRedis(long fallbacks, long allowed, boolean advised) {
        Figures recent = new Figures(
                Map.of(
                        new Name("limit", "chat", "fallbacks"), fallbacks,
                        new Name("limit", "chat", "allowed"), allowed),
                Map.of(),
                Map.of());
        List<Advice> advice = Advisor.advise(recent, WELL);
        assertThat(advice).hasSize(advised ? 1 : 0);
        for (Advice each : advice) {
            assertThat(each.kind()).isEqualTo(Kind.FALLBACKS);
            assertThat(each.subject()).isEqualTo(Map.entry("policy", "chat"));
            assertThat(each.figure()).isEqualTo((double) fallbacks);
            assertThat(each.threshold()).isZero();
            assertThat(each.message()).contains("'chat'");
            assertComplete(each, "weir.limits.chat.when-unavailable");
        }
    }

    @ParameterizedTest
    @CsvSource({"849, , 0", "850, , 0", "851, WARNING, 1", "950, WARNING, 1", "951, CRITICAL, 1", "2000, CRITICAL, 1"})
    void memory(long used, Severity severity, int count) {
        RedisState redis = redis("used_memory:" + used + "\r\nmaxmemory:1000\r\nmaxmemory_policy:noeviction", 0);
        List<Advice> advice = Advisor.advise(Figures.NONE, redis).stream()
                .filter(each -> each.kind() == Kind.MEMORY)
                .toList();
        assertThat(advice).hasSize(count);
        for (Advice each : advice) {
            assertThat(each.severity()).isEqualTo(severity);
            assertThat(each.figure()).isEqualTo(used / 1000.0);
            assertThat(each.threshold()).isEqualTo(0.85);
            assertComplete(each, "maxmemory");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 100, ",
        "2, 100, WARNING",
        "1, 99, ",
        "99, 99, ",
        "10, 1000, ",
        "11, 1000, WARNING",
        "50, 1000, WARNING",
        "51, 1000, CRITICAL",
        "0, 5000, "
    })
    void errors(long failed, long all, Severity severity) {
        Figures loads = cache("loads", all - failed, "loadFailures", failed);
        List<Advice> advice = Advisor.advise(loads, WELL);
        assertThat(advice).extracting(Advice::severity).isEqualTo(severity == null ? List.of() : List.of(severity));
        for (Advice each : advice) {
            assertThat(each.kind()).isEqualTo(Kind.ERRORS);
            assertThat(each.figure()).isEqualTo((double) failed / all);
            assertThat(each.threshold()).isEqualTo(0.01);
            assertComplete(each, "weir.caches.users.stale-if-error");
        }
        for (String kind : List.of("api", "route")) {
            Figures requests = new Figures(
                    Map.of(),
                    Map.of(),
                    Map.of(
                            new Name("requests", kind, "success"), DistributionTest.of(0, 10, all - failed),
                            new Name("requests", kind, "server_error"), DistributionTest.of(0, 10, failed)));
            List<Advice> ofRequests = Advisor.advise(requests, WELL);
            assertThat(ofRequests)
                    .extracting(Advice::severity)
                    .isEqualTo(severity == null ? List.of() : List.of(severity));
            for (Advice each : ofRequests) {
                assertThat(each.kind()).isEqualTo(Kind.ERRORS);
                assertThat(each.subject()).isEqualTo(Map.entry("requests", kind));
                assertComplete(each, kind.equals("api") ? "weir.redis.timeout" : "weir.routes.<name>.timeout");
            }
        }
    }

    /** So many took up to 100 ms, so many up to a second, so many longer. */
    @ParameterizedTest
    @CsvSource({
        "99, 1, 0, ",
        "98, 2, 0, WARNING",
        "0, 99, 0, ",
        "0, 100, 0, WARNING",
        "99, 0, 1, ",
        "98, 0, 2, WARNING",
        "0, 0, 100, WARNING"
    })
    void latency(long quick, long slow, long slower, Severity severity) {
        Figures gets = new Figures(
                Map.of(),
                Map.of(),
                Map.of(new Name("cache", "users", "get"), DistributionTest.of(0, 100, quick, 1000, slow, 0, slower)));
        List<Advice> advice = Advisor.advise(gets, WELL);
        assertThat(advice).extracting(Advice::severity).isEqualTo(severity == null ? List.of() : List.of(severity));
        for (Advice each : advice) {
            assertThat(each.kind()).isEqualTo(Kind.LATENCY);
            assertThat(each.figure()).isGreaterThan(100);
            assertThat(each.threshold()).isEqualTo(100);
            assertComplete(each, "weir.caches.users.stale-while-revalidate");
        }
    }

    @ParameterizedTest
    @CsvSource({"api, 99, 1, ", "api, 98, 2, WARNING", "route, 98, 2, WARNING", "route, 0, 99, "})
    void latencyOfRequests(String kind, long quick, long slow, Severity severity) {
        Figures requests = new Figures(
                Map.of(),
                Map.of(),
                Map.of(new Name("requests", kind, "success"), DistributionTest.of(0, 100, quick, 1000, slow)));
        List<Advice> advice = Advisor.advise(requests, WELL);
        assertThat(advice).extracting(Advice::severity).isEqualTo(severity == null ? List.of() : List.of(severity));
        for (Advice each : advice) {
            assertThat(each.kind()).isEqualTo(Kind.LATENCY);
            assertThat(each.subject()).isEqualTo(Map.entry("requests", kind));
            assertThat(each.figure()).isGreaterThan(100);
            assertThat(each.threshold()).isEqualTo(100);
            assertComplete(each, kind.equals("route") ? "weir.routes.<name>.cache" : "weir.redis.timeout");
        }
    }

    /** It is as full as it may be, all the time, and no harm is done. */
    @Test
    void aRedisThatEvictsIsNeverCriticallyFull() {
        RedisState redis = redis("used_memory:999\r\nmaxmemory:1000\r\nmaxmemory_policy:allkeys-lru", 0);
        assertThat(redis.status()).isEqualTo(RedisState.Status.UP);
        List<Advice> advice = Advisor.advise(Figures.NONE, redis);
        assertThat(advice).extracting(Advice::kind).containsExactly(Kind.MEMORY);
        assertThat(advice).extracting(Advice::severity).containsExactly(Severity.WARNING);
    }

    @Test
    void aLatencyOfMoreThanASecondIsCritical() {
        Figures gets = new Figures(
                Map.of(),
                Map.of(),
                Map.of(new Name("cache", "users", "get"), DistributionTest.of(0, 1000, 0, 2500, 100)));
        assertThat(Advisor.advise(gets, WELL)).extracting(Advice::severity).containsExactly(Severity.CRITICAL);
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1, true", "5000, true"})
    void evictions(long evicted, boolean advised) {
        List<Advice> ofRedis = Advisor.advise(Figures.NONE, redis("maxmemory:0", evicted));
        assertThat(ofRedis).hasSize(advised ? 1 : 0);
        for (Advice each : ofRedis) {
            assertThat(each.kind()).isEqualTo(Kind.EVICTIONS);
            assertThat(each.figure()).isEqualTo((double) evicted);
            assertThat(each.threshold()).isZero();
            assertComplete(each, "maxmemory");
        }
        List<Advice> ofMemory = Advisor.advise(cache("memoryEvictions", evicted), WELL);
        assertThat(ofMemory).hasSize(advised ? 1 : 0);
        for (Advice each : ofMemory) {
            assertThat(each.kind()).isEqualTo(Kind.EVICTIONS);
            assertThat(each.subject()).isEqualTo(Map.entry("cache", "users"));
            assertComplete(each, "weir.cache.memory-max-bytes");
        }
    }

    @ParameterizedTest
    @CsvSource({"100, 100, false", "101, 100, true", "99, 0, false", "100, 0, true", "5000, 6000, false"})
    void nearCache(long evictions, long hits, boolean advised) {
        List<Advice> advice = Advisor.advise(cache("nearEvictions", evictions, "near", hits), WELL);
        assertThat(advice).hasSize(advised ? 1 : 0);
        for (Advice each : advice) {
            assertThat(each.kind()).isEqualTo(Kind.NEAR_CACHE);
            assertThat(each.threshold()).isEqualTo(1);
            assertThat(each.figure()).isEqualTo((double) evictions / Math.max(1, hits));
            assertComplete(each, "weir.caches.users.near.max-entries");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "noeviction, 1000, true",
        "noeviction, 0, false",
        "allkeys-lru, 1000, false",
        "volatile-ttl, 1000, false"
    })
    void evictionPolicy(String policy, long max, boolean advised) {
        RedisState redis = redis("used_memory:1\r\nmaxmemory:" + max + "\r\nmaxmemory_policy:" + policy, 0);
        List<Advice> advice = Advisor.advise(Figures.NONE, redis);
        assertThat(advice).hasSize(advised ? 1 : 0);
        for (Advice each : advice) {
            assertThat(each.kind()).isEqualTo(Kind.EVICTION_POLICY);
            assertThat(each.figure()).isNull();
            assertComplete(each, "maxmemory-policy");
        }
    }

    @Test
    void aRedisThatIsAwayIsTheFirstThingToMend() {
        List<Advice> advice = Advisor.advise(cache("miss", 100), RedisState.down("standalone", Instant.EPOCH));
        assertThat(advice).extracting(Advice::kind).containsExactly(Kind.DEGRADED, Kind.HIT_RATE);
        assertThat(advice.getFirst().severity()).isEqualTo(Severity.CRITICAL);
        assertComplete(advice.getFirst(), "REDIS_URL");
    }

    @Test
    void whatIsWrongWithARedisThatAnswersIsSaid() {
        List<Advice> advice = Advisor.advise(Figures.NONE, redis("loading:1\r\nrdb_last_bgsave_status:err", 0));
        assertThat(advice).extracting(Advice::kind).containsExactly(Kind.DEGRADED);
        assertThat(advice.getFirst().severity()).isEqualTo(Severity.WARNING);
        assertThat(advice.getFirst().message()).contains("loading", "snapshot");
    }

    @Test
    void theMostSevereComesFirst() {
        RedisState full = redis("used_memory:990\r\nmaxmemory:1000\r\nmaxmemory_policy:noeviction", 3);
        List<Advice> advice = Advisor.advise(cache("miss", 100, "loadFailures", 100), full);
        assertThat(advice).extracting(Advice::severity).isSortedAccordingTo(java.util.Comparator.reverseOrder());
        assertThat(advice)
                .extracting(Advice::kind)
                .containsExactlyInAnyOrder(
                        Kind.MEMORY, Kind.ERRORS, Kind.DEGRADED, Kind.EVICTION_POLICY, Kind.EVICTIONS, Kind.HIT_RATE);
        assertThat(kinds(Figures.NONE, full)).hasSize(4);
    }

    @ParameterizedTest
    @EnumSource
    void kindsAreWrittenAsTheContractSays(Kind kind) {
        Advice advice = new Advice(kind, Severity.CRITICAL, Map.entry("cache", "users"), null, 0.5, "a", "b");
        assertThat(advice.toJson().path("kind").asText())
                .isIn(
                        "hit-rate",
                        "memory",
                        "fallbacks",
                        "errors",
                        "latency",
                        "evictions",
                        "near-cache",
                        "eviction-policy",
                        "degraded");
        assertThat(advice.toJson().toString())
                .isEqualTo("{\"kind\":\"" + advice.toJson().path("kind").asText()
                        + "\",\"severity\":\"critical\",\"subject\":{\"cache\":\"users\"},\"figure\":null,"
                        + "\"threshold\":0.5,\"message\":\"a\",\"change\":\"b\"}");
    }
}
