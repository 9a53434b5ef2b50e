package dev.weir.it.teams;

import static dev.weir.it.Checks.atOnce;
import static dev.weir.it.Checks.spend;
import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.teams.Example.awaitMode;
import static dev.weir.it.teams.Example.get;
import static dev.weir.it.teams.Example.happened;
import static dev.weir.it.teams.Example.put;
import static dev.weir.it.teams.Example.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Licences and royalties, on two instances: caches by entity, limits that fail open, locks for the runs that pay. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MarketplaceTeamIT {

    private static final int LAST = 100;
    private static final String JSON = "application/json";
    private static final Map<String, Duration> TTLS = Map.of(
            "users", Duration.ofHours(1),
            "creators", Duration.ofHours(1),
            "brands", Duration.ofHours(1),
            "projects", Duration.ofMinutes(30),
            "assets", Duration.ofMinutes(30),
            "licences", Duration.ofMinutes(15));

    private static RedisServer redis;
    private static Origin origin;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        origin.on("/api/").reply(request -> Reply.of(201, "done"));
        weirs = Stream.generate(
                        () -> Example.mounted("marketplace", origin.url()).redis(redis))
                .map(WeirProcess.Builder::launch)
                .limit(2)
                .toList();
        weirs.forEach(WeirProcess::awaitReady);
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        origin.close();
        redis.close();
    }

    private static WeirProcess weir(int number) {
        return weirs.get(number % weirs.size());
    }

    static Stream<Limit> limits() {
        return Stream.of(
                Limit.of("uploads", 50, "PT1H"),
                Limit.of("messages", 100, "PT1H"),
                Limit.of("exports", 10, "PT1H"),
                Limit.of("api", 1_000, "PT1H"),
                Limit.of("login", 5, "PT15M"));
    }

    /** A request that spends one of this policy: on its route by the user, or by call where the subject is an e-mail. */
    private static HttpResponse<byte[]> request(WeirProcess weir, String policy, String subject) {
        String path = policy.equals("api") ? "/api/anything" : "/api/" + policy + "/new";
        return policy.equals("login")
                ? spend(weir, policy, subject + "@example.org")
                : Http.post(weir.url(path), "{}", JSON, "X-User", subject);
    }

    @Test
    @Order(1)
    void eachEntityHasItsTtl() {
        TTLS.forEach((cache, ttl) -> {
            assertThat(Example.ttl(weir(0), cache)).as(cache).isEqualTo(ttl);
            put(weir(0), cache, "ttl", "x");
            assertThat(Example.left(weir(1), cache, "ttl")).as(cache).isBetween(ttl.minusMinutes(1), ttl);
        });
    }

    @ParameterizedTest
    @Order(1)
    @CsvSource({
        "user-updated, users, creators",
        "creator-updated, creators, assets",
        "brand-updated, brands, projects",
        "project-updated, projects, assets",
        "asset-updated, assets, licences"
    })
    void whatAnEntityAffectsGoesWithIt(String event, String cache, String affected) {
        String entity = event.substring(0, event.indexOf('-'));
        put(weir(0), cache, "7", "old");
        put(weir(0), cache, "8", "another");
        // A creator is a user: one id. The rest is told by tags.
        String key = affected.equals("creators") ? "7" : "of-7?tag=" + entity + "-7";
        put(weir(1), affected, key, "old");
        put(weir(1), affected, "of-8?tag=" + entity + "-8", "another");

        int removed = happened(weir(0), event, "{\"id\":\"7\",\"email\":\"nobody@example.org\"}");

        assertThat(removed).isEqualTo(2);
        assertThat(get(weir(0), cache, "7").statusCode()).isEqualTo(404);
        assertThat(get(weir(0), affected, key.replaceFirst("\\?.*", "")).statusCode())
                .isEqualTo(404);
        assertThat(text(get(weir(0), cache, "8"), 200)).isEqualTo("another");
        assertThat(text(get(weir(0), affected, "of-8"), 200)).isEqualTo("another");
    }

    @Test
    @Order(2)
    void anImportEndsTheWholeCatalogueAndNothingElse() {
        List<String> catalogue = List.of("projects", "assets", "licences");
        catalogue.forEach(cache -> put(weir(0), cache, "bulk", "old"));
        put(weir(0), "brands", "bulk", "kept");
        put(weir(0), "licences", "single", "old");
        assertThat(happened(weir(1), "licence-updated", "{\"id\":\"single\"}")).isEqualTo(1);

        assertThat(happened(weir(1), "catalogue-imported", "{}")).isGreaterThanOrEqualTo(3);

        catalogue.forEach(cache ->
                assertThat(get(weir(1), cache, "bulk").statusCode()).as(cache).isEqualTo(404));
        assertThat(text(get(weir(1), "brands", "bulk"), 200)).isEqualTo("kept");
    }

    @ParameterizedTest
    @MethodSource("limits")
    @Order(3)
    void eachLimitHoldsOverBothInstances(Limit limit) {
        limit.assertDeclared(weir(0), "allow");
        String subject = limit.useUp(weir(0), (number, user) -> request(weir(number), limit.policy(), user));
        assertThat(request(weir(0), limit.policy(), Limit.subject()).statusCode())
                .as("another subject")
                .isIn(200, 201);
        int left = json(Http.get(weir(1).url("/v1/limits/api/" + subject)), 200)
                .path("remaining")
                .asInt();
        int spent = limit.policy().equals("login") ? 0 : limit.limit();
        assertThat(left).as("what it spent of its calls in all").isEqualTo(1_000 - spent);
    }

    @Test
    @Order(3)
    void ofTwoRunsAtOnceOneWorks() {
        List<HttpResponse<byte[]>> answers = atOnce(2, number -> lock(weir(number), "royalty-run"));
        assertThat(answers).extracting(HttpResponse::statusCode).containsExactlyInAnyOrder(201, 423);
        JsonNode held = answers.stream()
                .filter(answer -> answer.statusCode() == 201)
                .map(Http::json)
                .findFirst()
                .orElseThrow();
        assertThat(held.path("expiresInMs").asLong()).isBetween(240_000L, 300_000L);
        text(lock(weir(0), "payout%2F42"), 201);
        text(lock(weir(0), "payout%2F43"), 201);
        problem(lock(weir(1), "payout%2F42"), 423, "locked");

        String token = held.path("token").asText();
        String longer = "{\"token\":\"" + token + "\",\"ttl\":\"10m\"}";
        assertThat(json(Http.patch(weir(1).url("/v1/locks/royalty-run"), longer, JSON), 200)
                        .path("expiresInMs")
                        .asLong())
                .isGreaterThan(300_000);
        problem(
                Http.delete(weir(1).url("/v1/locks/royalty-run"), "Weir-Lock-Token", "of-somebody-else"),
                409,
                "lock-lost");
        text(Http.delete(weir(1).url("/v1/locks/royalty-run"), "Weir-Lock-Token", token), 204);
        assertThat(json(lock(weir(0), "royalty-run"), 201).path("fence").asLong())
                .isGreaterThan(held.path("fence").asLong());
    }

    private static HttpResponse<byte[]> lock(WeirProcess weir, String name) {
        return Http.post(weir.url("/v1/locks/" + name), "{\"ttl\":\"5m\",\"owner\":\"cron\"}", JSON);
    }

    @Test
    @Order(4)
    void redisIsHealthyAndAColdCacheIsWorthAnAdvice() {
        JsonNode health = Example.health(weir(0));
        assertThat(health.path("status").asText()).as(health.toString()).isEqualTo("up");
        for (String figure : List.of("/latencyMs", "/memory/usedBytes", "/clients", "/opsPerSecond", "/hitRate")) {
            assertThat(health.at(figure).isNumber())
                    .as(figure + " of " + health)
                    .isTrue();
        }
        for (int i = 0; i < 150; i++) {
            get(weir(i), "brands", "unknown-" + i);
        }
        JsonNode advice = soon().until(() -> ofBrands(Example.stats(weir(1))), Optional::isPresent)
                .orElseThrow();
        assertThat(advice.path("kind").asText()).isEqualTo("hit-rate");
        assertThat(advice.path("threshold").asDouble()).isEqualTo(0.7);
        assertThat(advice.path("figure").asDouble()).isLessThan(0.7);
        assertThat(advice.path("change").asText()).contains("weir.caches.brands.ttl");
    }

    private static Optional<JsonNode> ofBrands(JsonNode stats) {
        return StreamSupport.stream(stats.path("advice").spliterator(), false)
                .filter(advice -> advice.at("/subject/cache").asText().equals("brands"))
                .findFirst();
    }

    @Test
    @Order(LAST - 1)
    void everyKeyHasAnEnd() {
        assertThat(redis.command("KEYS", "*"))
                .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                .anyMatch(key -> key.startsWith("weir:c:"))
                .anyMatch(key -> key.startsWith("weir:t:"))
                .anyMatch(key -> key.startsWith("weir:l:"))
                .anyMatch(key -> key.startsWith("weir:k:"))
                .allSatisfy(key ->
                        assertThat((Long) redis.command("PTTL", key)).as(key).isNotEqualTo(-1L));
    }

    /** The last, since Redis does not come back. */
    @Test
    @Order(LAST)
    void withRedisKilledAllAreAdmittedAndNoRunPays() {
        redis.kill();
        awaitMode(weirs, "degraded");
        limits().forEach(limit -> {
            String subject = Limit.subject();
            for (WeirProcess weir : weirs) {
                HttpResponse<byte[]> all = spend(weir, limit.policy(), subject, limit.limit());
                assertThat(json(all, 200).path("fallback").asText()).isEqualTo("allow");
                assertThat(scope(all)).isEqualTo("local");
                assertThat(atOnce(12, number -> request(weir, limit.policy(), subject)
                                .statusCode()))
                        .isSubsetOf(200, 201);
            }
        });
        problem(lock(weir(0), "royalty-run"), 503, "store-unavailable");
        put(weir(0), "users", "7", "in memory");
        assertThat(text(get(weir(0), "users", "7"), 200)).isEqualTo("in memory");
    }
}
