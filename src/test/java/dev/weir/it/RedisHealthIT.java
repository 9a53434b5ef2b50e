package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Stats.advice;
import static dev.weir.it.Stats.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is said of Redis, beside what Redis says of itself. */
class RedisHealthIT {

    private static final String MEBIBYTE = "1048576";

    private static RedisServer redis;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        weir = WeirProcess.builder()
                .redis(redis)
                // A busy machine must not make an instance take Redis for gone.
                .property("weir.redis.timeout", "5s")
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        redis.close();
    }

    @AfterEach
    void restoreMemory() {
        if (redis.isAlive()) {
            redis.command("CONFIG", "SET", "maxmemory", "0");
            redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        }
    }

    private static JsonNode health() {
        return health(weir);
    }

    private static JsonNode health(WeirProcess asked) {
        return json(Http.get(asked.url("/v1/health/redis")), 200);
    }

    private static Map<String, String> info() {
        return String.valueOf(redis.command("INFO"))
                .lines()
                .map(line -> line.split(":", 2))
                .filter(parts -> parts.length == 2)
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1], (one, other) -> other));
    }

    @Test
    void everyFigureIsRedisOwn() {
        redis.command("SET", "some", "value", "PX", "60000");
        redis.command("GET", "some");
        soon().untilAsserted(() -> {
            HttpResponse<byte[]> answer = Http.get(weir.url("/v1/health/redis"));
            Map<String, String> own = info();
            JsonNode health = json(answer, 200);
            assertThat(scope(answer)).isEqualTo("shared");
            assertThat(health.path("status").asText()).isEqualTo("up");
            assertThat(health.path("reasons")).isEmpty();
            assertThat(health.path("mode").asText()).isEqualTo("standalone");
            assertThat(health.path("version").asText()).isEqualTo(own.get("redis_version"));
            assertThat(health.path("latencyMs").asDouble()).isPositive();
            assertThat(health.path("uptimeMs").asLong())
                    .isBetween(
                            (Long.parseLong(own.get("uptime_in_seconds")) - 5) * 1000,
                            Long.parseLong(own.get("uptime_in_seconds")) * 1000);
            // The test's own connection is one of them, but not when Weir asks.
            assertThat(health.path("clients").asLong()).isBetween(1L, Long.parseLong(own.get("connected_clients")));
            assertThat(health.at("/memory/usedBytes").asDouble() / Long.parseLong(own.get("used_memory")))
                    .isBetween(0.5, 2.0);
            assertThat(health.at("/memory/maxBytes").isNull()).isTrue();
            assertThat(health.at("/memory/ratio").isNull()).isTrue();
            assertThat(health.path("opsPerSecond").isIntegralNumber()).isTrue();
            assertThat(health.path("hitRate").asDouble()).isBetween(0.0, 1.0);
            assertThat(health.path("hitRate").isNumber()).isTrue();
            assertThat(health.path("evictedKeys").asLong()).isEqualTo(Long.parseLong(own.get("evicted_keys")));
            assertThat(health.path("evictionPolicy").asText()).isEqualTo("noeviction");
            assertThat(Instant.parse(health.path("since").asText())).isBefore(Instant.now());
        });
    }

    /** However many want to know, Redis is asked by one, and not more than once a second. */
    @Test
    void redisIsAskedOnceASecondAtMost() {
        health();
        long asked = infos();
        long began = System.nanoTime();
        int wanted = 200;
        for (int i = 0; i < wanted; i++) {
            health();
        }
        long seconds = (System.nanoTime() - began) / 1_000_000_000 + 1;
        // This test asks by INFO, too: once.
        assertThat(infos() - asked - 1).isLessThanOrEqualTo(seconds + 1).isLessThan(wanted);
    }

    private static long infos() {
        String stats = String.valueOf(redis.command("INFO", "commandstats"));
        return stats.lines()
                .filter(line -> line.startsWith("cmdstat_info:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*calls=(\\d+),.*", "$1")))
                .sum();
    }

    @Test
    void whatIsScrapedIsWhatIsShown() {
        redis.command("CONFIG", "SET", "maxmemory", "1073741824");
        soon().until(() -> health().at("/memory/maxBytes").asLong() == 1073741824);
        assertThat(metric(weir, "weir_redis_memory_max_bytes")).isEqualTo(1073741824);
        assertThat(metric(weir, "weir_redis_memory_used_bytes")).isPositive();
        assertThat(metric(weir, "weir_redis_memory_ratio")).isBetween(1e-6, 0.5);
        assertThat(metric(weir, "weir_redis_clients")).isGreaterThanOrEqualTo(1);
        assertThat(metric(weir, "weir_redis_latency_seconds")).isBetween(1e-6, 5.0);
        assertThat(metric(weir, "weir_redis_ops_per_second")).isGreaterThanOrEqualTo(0);
        assertThat(metric(weir, "weir_redis_evicted_keys_total")).isGreaterThanOrEqualTo(0);
    }

    @Test
    void aRedisThatIsNearlyFullIsDegraded() {
        redis.command("CONFIG", "SET", "maxmemory", MEBIBYTE);
        soon().until(() -> health().path("status").asText().equals("degraded"));
        JsonNode health = health();
        assertThat(health.at("/memory/maxBytes").asText()).isEqualTo(MEBIBYTE);
        assertThat(health.at("/memory/ratio").asDouble()).isGreaterThan(0.85);
        assertThat(health.path("reasons").toString()).contains("of its memory is used");
        JsonNode stats = Stats.of(weir);
        JsonNode memory = advice(stats, "memory");
        assertThat(memory.path("figure").asDouble()).isGreaterThan(0.85);
        assertThat(memory.path("threshold").asDouble()).isEqualTo(0.85);
        assertThat(memory.path("change").asText()).contains("maxmemory");
        assertThat(advice(stats, "eviction-policy").path("change").asText()).contains("maxmemory-policy");
        assertThat(advice(stats, "degraded").path("severity").asText()).isEqualTo("warning");
        assertThat(stats.at("/redis/status").asText()).isEqualTo("degraded");

        redis.command("CONFIG", "SET", "maxmemory", "0");
        soon().until(() -> health().path("status").asText().equals("up"));
        soon().untilAsserted(() -> assertThat(Stats.kindsOfAdvice(Stats.of(weir)))
                .doesNotContain("memory", "eviction-policy", "degraded"));
    }

    @Test
    void whatRedisEvictsIsSaid() {
        redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        health();
        for (int i = 0; i < 20; i++) {
            text(Http.put(weir.url("/v1/caches/default/entries/evicted-" + i), "x".repeat(900), "text/plain"), 201);
        }
        redis.command("CONFIG", "SET", "maxmemory", "1");
        soon().until(() -> Stats.kindsOfAdvice(Stats.of(weir)).contains("evictions"));
        JsonNode evictions = advice(Stats.of(weir), "evictions");
        assertThat(evictions.path("figure").asLong()).isPositive();
        assertThat(evictions.at("/subject/store").asText()).isEqualTo("redis");
        assertThat(health().path("evictedKeys").asLong()).isPositive();
        assertThat(Stats.kindsOfAdvice(Stats.of(weir))).doesNotContain("eviction-policy");
        redis.command("CONFIG", "RESETSTAT");
    }

    @Test
    void aReplicaWithoutItsMasterIsDegraded() {
        redis.command("REPLICAOF", "127.0.0.1", "1");
        try {
            soon().until(() -> health().path("status").asText().equals("degraded"));
            assertThat(health().path("reasons").toString()).contains("replica", "link to its master");
        } finally {
            redis.command("REPLICAOF", "NO", "ONE");
        }
        soon().until(() -> health().path("status").asText().equals("up"));
    }

    @Test
    void aRedisThatDiesIsDownWithinSeconds() {
        try (RedisServer mortal = RedisServer.start();
                WeirProcess its = WeirProcess.builder().redis(mortal).start()) {
            assertThat(health(its).path("status").asText()).isEqualTo("up");
            mortal.kill();
            soon().until(() -> health(its).path("status").asText().equals("down"));

            HttpResponse<byte[]> answer = Http.get(its.url("/v1/health/redis"));
            JsonNode health = json(answer, 200);
            assertThat(scope(answer)).isEqualTo("local");
            assertThat(health.path("mode").asText()).isEqualTo("standalone");
            for (String figure :
                    new String[] {"latencyMs", "version", "uptimeMs", "clients", "opsPerSecond", "hitRate"}) {
                assertThat(health.path(figure).isNull()).as(figure).isTrue();
            }
            assertThat(health.at("/memory/usedBytes").isNull()).isTrue();
            assertThat(Instant.parse(health.path("since").asText())).isBefore(Instant.now());
            assertThat(text(Http.get(its.url("/q/metrics")), 200)).contains("weir_redis_memory_used_bytes NaN");
            assertThat(its.logLinesMatching("ERROR|Exception|^\\s+at ")).isEmpty();

            mortal.restart();
            // Nobody has asked for it.
            soon().until(() -> metric(its, "weir_redis_memory_used_bytes") > 0);
            soon().until(() -> health(its).path("status").asText().equals("up"));
            assertThat(health(its).path("version").asText()).isNotBlank();
        }
    }

    @Test
    void withoutARedisThereIsNothingWrong() {
        try (WeirProcess alone = WeirProcess.builder().start()) {
            HttpResponse<byte[]> answer = Http.get(alone.url("/v1/health/redis"));
            assertThat(scope(answer)).isEqualTo("local");
            JsonNode health = json(answer, 200);
            assertThat(health.path("status").asText()).isEqualTo("up");
            assertThat(health.path("mode").asText()).isEqualTo("memory");
            assertThat(health.path("version").isNull()).isTrue();
            assertThat(health.at("/memory/ratio").isNull()).isTrue();
        }
    }
}
