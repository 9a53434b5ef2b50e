package dev.weir.it;

import static dev.weir.it.Checks.admits;
import static dev.weir.it.Checks.figures;
import static dev.weir.it.Checks.path;
import static dev.weir.it.Checks.peek;
import static dev.weir.it.Checks.spend;
import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.metric;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.RawHttp;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the contract says of limits, whatever counts them. Each test has keys of its own, and windows of an hour where it
 * judges what is left of them.
 */
abstract class LimitContract {

    static final List<String> ALGORITHMS =
            List.of("sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency");

    private static final String JSON = "application/json";
    private static final Duration SOON = Duration.ofSeconds(10);

    /** The settings that the tests below rely on; a policy of each algorithm, by its name, allows 5 an hour. */
    static WeirProcess.Builder settings() {
        WeirProcess.Builder weir = WeirProcess.builder()
                .property("weir.redis.timeout", "5s")
                .property("weir.trusted-proxies", "127.0.0.1,10.0.0.0/8");
        for (String algorithm : ALGORITHMS) {
            policy(weir, algorithm, algorithm, 5, "1h");
            policy(weir, "short-" + algorithm, algorithm, 2, "300ms");
            policy(weir, "quiet-" + algorithm, algorithm, 2, "1h")
                    .property("weir.limits.quiet-" + algorithm + ".shadow", "true");
        }
        policy(weir, "bucket", "token-bucket", 1, "1h").property("weir.limits.bucket.burst", "3");
        policy(weir, "leased", "concurrency", 2, "1500ms");
        policy(weir, "quiet", "sliding-log", 2, "1h").property("weir.limits.quiet.shadow", "true");
        policy(weir, "odd", "sliding-log", 2, "1500ms");
        policy(weir, "chat", "sliding-log", 20, "1m");
        policy(weir, "figures", "sliding-log", 2, "1h");
        return policy(weir, "huge", "fixed-window", 1_000_000_000, "366d");
    }

    private static WeirProcess.Builder policy(
            WeirProcess.Builder weir, String name, String algorithm, long limit, String window) {
        String at = "weir.limits." + name;
        return weir.property(at + ".limit", Long.toString(limit))
                .property(at + ".window", window)
                .property(at + ".algorithm", algorithm);
    }

    /** The instance under test. */
    abstract WeirProcess weir();

    /** The scope of all that it answers. */
    abstract String itsScope();

    private HttpResponse<byte[]> many(String body) {
        return Http.post(weir().url("/v1/limits"), body, JSON);
    }

    private static String check(String policy, String key, long cost) {
        return "{\"policy\":\"" + policy + "\",\"key\":\"" + key + "\",\"cost\":" + cost + "}";
    }

    private static String checks(String... checks) {
        return "{\"checks\":[" + String.join(",", checks) + "]}";
    }

    private static long remaining(HttpResponse<byte[]> answer) {
        return json(answer, 200).path("remaining").asLong();
    }

    @AfterEach
    void hasNothingToComplainAbout() {
        assertThat(weir().logLinesMatching("ERROR|WARN|Exception|^\\s+at |nobody foresaw"))
                .isEmpty();
    }

    // One check

    @Test
    void aVerdictSaysAllThereIsToSay() {
        HttpResponse<byte[]> answer = spend(weir(), "chat", "verdict");

        JsonNode verdict = json(answer, 200);
        assertThat(Http.header(answer, "Content-Type")).isEqualTo(JSON);
        assertThat(verdict.properties().stream().map(member -> member.getKey()))
                .containsExactly("allowed", "policy", "limit", "remaining", "resetMs", "retryAfterMs");
        assertThat(verdict.path("allowed").asBoolean()).isTrue();
        assertThat(verdict.path("policy").asText()).isEqualTo("chat");
        assertThat(verdict.path("limit").asLong()).isEqualTo(20);
        assertThat(verdict.path("remaining").asLong()).isEqualTo(19);
        assertThat(verdict.path("resetMs").asLong()).isEqualTo(60_000);
        assertThat(verdict.path("retryAfterMs").asLong()).isZero();
        assertThat(scope(answer)).isEqualTo(itsScope());
        assertThat(Http.header(answer, "RateLimit-Policy")).isEqualTo("\"chat\";q=20;w=60");
        assertThat(Http.header(answer, "RateLimit")).isEqualTo("\"chat\";r=19;t=60");
        assertThat(answer.headers().map().keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("x-ratelimit"));
        assertThat(Http.header(answer, "Retry-After")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void theLimitIsAdmittedAndNotOneMore(String policy) {
        for (int left = 4; left >= 0; left--) {
            assertThat(remaining(spend(weir(), policy, "not-one-more")))
                    .as(policy)
                    .isEqualTo(left);
        }

        for (int again = 0; again < 3; again++) {
            HttpResponse<byte[]> refused = spend(weir(), policy, "not-one-more");
            JsonNode problem = problem(refused, 429, "limit-exceeded");
            assertThat(problem.path("allowed").asBoolean(true)).isFalse();
            assertThat(problem.path("policy").asText()).isEqualTo(policy);
            assertThat(problem.path("limit").asLong()).isEqualTo(5);
            assertThat(problem.path("remaining").asLong(-1)).isZero();
            assertThat(problem.path("resetMs").asLong()).isBetween(1L, 7_200_000L);
            long retryAfterMs = problem.path("retryAfterMs").asLong();
            assertThat(retryAfterMs).isBetween(1L, 7_200_000L);
            assertThat(problem.path("resetMs").asLong()).isGreaterThanOrEqualTo(retryAfterMs);
            assertThat(problem.has("slot")).isFalse();
            assertThat(Http.header(refused, "Retry-After")).isEqualTo(Long.toString(Math.ceilDiv(retryAfterMs, 1000)));
            assertThat(Http.header(refused, "RateLimit-Policy")).isEqualTo("\"" + policy + "\";q=5;w=3600");
            assertThat(Http.header(refused, "RateLimit")).matches("\"" + policy + "\";r=0;t=\\d+");
            assertThat(scope(refused)).isEqualTo(itsScope());
        }
        assertThat(admits(weir(), policy, "not-one-more-of-another")).isTrue();
    }

    /** Asks until it is refused, and returns for how long that is to be. */
    private Duration refused(String policy, String key, int cost) {
        long[] told = new long[1];
        await().atMost(SOON)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    HttpResponse<byte[]> answer = spend(weir(), policy, key, cost);
                    told[0] = Http.json(answer).path("retryAfterMs").asLong();
                    return answer.statusCode() == 429;
                });
        assertThat(told[0]).isBetween(1L, 600L);
        return Duration.ofMillis(told[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void whoeverWaitsAsLongAsHeWasToldIsAdmitted(String algorithm) {
        String policy = "short-" + algorithm;
        for (int cost = 1; cost <= 2; cost++) {
            for (int round = 0; round < 2; round++) {
                Duration told = refused(policy, "waits", cost);
                await().pollDelay(told).until(() -> true);
                HttpResponse<byte[]> answer = spend(weir(), policy, "waits", cost);
                assertThat(answer.statusCode())
                        .as(told + ", then " + Http.text(answer))
                        .isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void whoeverDoesNotWaitIsNotAdmittedEarlier(String algorithm) {
        String policy = "short-" + algorithm;
        Duration told = refused(policy, "hurries", 1);
        // The refusal was decided after this moment of the last question but before its answer, so this is late rather.
        long since = System.nanoTime();
        await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> admits(weir(), policy, "hurries"));
        Duration waited = Duration.ofNanos(System.nanoTime() - since);
        assertThat(waited.plusMillis(50)).isGreaterThanOrEqualTo(told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void aCostIsSpentWholeOrNotAtAll(String policy) {
        assertThat(remaining(spend(weir(), policy, "cost", 3))).isEqualTo(2);
        JsonNode refused = problem(spend(weir(), policy, "cost", 3), 429, "limit-exceeded");
        assertThat(refused.path("remaining").asLong())
                .as("a refusal spends nothing")
                .isEqualTo(2);
        assertThat(remaining(spend(weir(), policy, "cost", 2))).isZero();
        problem(spend(weir(), policy, "cost", 1), 429, "limit-exceeded");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void aCostThatCanNeverBeSpentIsUnprocessable(String policy) {
        HttpResponse<byte[]> answer = spend(weir(), policy, "never", 6);

        JsonNode problem = problem(answer, 422, "unprocessable");
        assertThat(problem.path("field").asText()).isEqualTo("cost");
        assertThat(Http.header(answer, "Retry-After")).isNull();
        assertThat(remaining(spend(weir(), policy, "never", 5))).isZero();
        problem(spend(weir(), policy, "never", 6), 422, "unprocessable");
    }

    @Test
    void aBucketHoldsItsBurstAndNoMore() {
        assertThat(remaining(spend(weir(), "bucket", "burst", 3))).isZero();
        JsonNode refused = problem(spend(weir(), "bucket", "burst", 1), 429, "limit-exceeded");
        assertThat(refused.path("limit").asLong()).isEqualTo(1);
        // A token an hour, less what has passed meanwhile.
        assertThat(refused.path("retryAfterMs").asLong()).isBetween(3_500_000L, 3_600_000L);
        assertThat(refused.path("resetMs").asLong()).isBetween(10_700_000L, 10_800_000L);
        problem(spend(weir(), "bucket", "burst", 4), 422, "unprocessable");
    }

    @Test
    void secondsAreRoundedUp() {
        HttpResponse<byte[]> first = spend(weir(), "odd", "rounded");
        assertThat(Http.header(first, "RateLimit-Policy")).isEqualTo("\"odd\";q=2;w=2");
        assertThat(Http.header(first, "RateLimit")).isEqualTo("\"odd\";r=1;t=2");
        await().atMost(SOON).pollInterval(Duration.ofMillis(1)).until(() -> {
            HttpResponse<byte[]> answer = spend(weir(), "odd", "rounded");
            if (answer.statusCode() == 200) {
                return false;
            }
            long ms = Http.json(answer).path("retryAfterMs").asLong();
            assertThat(Http.header(answer, "Retry-After")).isEqualTo(Long.toString(Math.ceilDiv(ms, 1000)));
            return true;
        });
    }

    @Test
    void aLargeLimitOverALongWindowIsCountedToTheLastOne() {
        assertThat(remaining(spend(weir(), "huge", "large", 999_999_999))).isEqualTo(1);
        assertThat(remaining(spend(weir(), "huge", "large"))).isZero();
        JsonNode refused = problem(spend(weir(), "huge", "large"), 429, "limit-exceeded");
        assertThat(refused.path("retryAfterMs").asLong())
                .isBetween(Duration.ofDays(365).toMillis(), Duration.ofDays(366).toMillis());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void ofManyAtOnceOnlyTheLimitIsAdmitted(String policy) {
        assertThat(Checks.admitted(40, number -> spend(weir(), policy, "at-once")))
                .isEqualTo(5);
    }

    // Looking

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void lookingSpendsNothing(String policy) {
        for (int i = 0; i < 10; i++) {
            HttpResponse<byte[]> answer = Http.get(weir().url(path(policy, "looked-at")));
            JsonNode verdict = json(answer, 200);
            assertThat(verdict.path("allowed").asBoolean()).isTrue();
            assertThat(verdict.path("remaining").asLong()).isEqualTo(5);
            assertThat(verdict.path("resetMs").asLong(-1)).isZero();
            assertThat(verdict.path("retryAfterMs").asLong(-1)).isZero();
            assertThat(verdict.has("slot")).isFalse();
            assertThat(Http.header(answer, "RateLimit")).isEqualTo("\"" + policy + "\";r=5;t=0");
            assertThat(scope(answer)).isEqualTo(itsScope());
        }
        spend(weir(), policy, "looked-at", 4);
        assertThat(peek(weir(), policy, "looked-at").path("remaining").asLong()).isEqualTo(1);
        JsonNode two = json(Http.get(weir().url(path(policy, "looked-at") + "?cost=2")), 200);
        assertThat(two.path("allowed").asBoolean(true)).isFalse();
        assertThat(two.path("remaining").asLong()).isEqualTo(1);
        assertThat(two.path("retryAfterMs").asLong()).isPositive();
        problem(Http.get(weir().url(path(policy, "looked-at") + "?cost=6")), 422, "unprocessable");
        spend(weir(), policy, "looked-at");
        assertThat(peek(weir(), policy, "looked-at").path("allowed").asBoolean(true))
                .isFalse();
        problem(spend(weir(), policy, "looked-at"), 429, "limit-exceeded");
        assertThat(peek(weir(), policy, "looked-at").path("allowed").asBoolean(true))
                .isFalse();
    }

    // Starting anew

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void aResetHasTheKeyStartAnewAtOnce(String policy) {
        // Several times, since what is remembered of a refusal must be gone when the reset is answered, not soon after.
        for (int round = 0; round < 20; round++) {
            assertThat(remaining(spend(weir(), policy, "anew", 5)))
                    .as("round " + round)
                    .isZero();
            problem(spend(weir(), policy, "anew"), 429, "limit-exceeded");
            HttpResponse<byte[]> reset = Http.delete(weir().url(path(policy, "anew")));
            assertThat(text(reset, 204)).isEmpty();
            assertThat(scope(reset)).isEqualTo(itsScope());
        }
        text(Http.delete(weir().url(path(policy, "anew"))), 204);
        text(Http.delete(weir().url(path(policy, "never-seen"))), 204);
    }

    @Test
    void whoeverHasAResetsAnswerFindsTheKeyNew() {
        Checks.atOnce(16, caller -> {
            String key = "caller-" + caller;
            for (int round = 0; round < 40; round++) {
                assertThat(remaining(spend(weir(), "fixed-window", key, 5)))
                        .as("round " + round)
                        .isZero();
                assertThat(admits(weir(), "fixed-window", key)).isFalse();
                text(Http.delete(weir().url(path("fixed-window", key))), 204);
            }
            return key;
        });
    }

    // Overrides

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void anOverrideHoldsForItsSubjectAlone(String policy) {
        String subject = weir().url(path(policy, "gold"));
        String override = subject + "/override";
        problem(Http.get(override), 404, "not-found");
        spend(weir(), policy, "gold", 5);
        problem(spend(weir(), policy, "gold"), 429, "limit-exceeded");

        HttpResponse<byte[]> put = Http.put(override, "{\"limit\":8,\"ttl\":\"1h\"}", JSON);
        JsonNode set = json(put, 200);
        assertThat(set.toString())
                .isEqualTo("{\"policy\":\"" + policy
                        + "\",\"key\":\"gold\",\"limit\":8,\"windowMs\":3600000,\"ttlMs\":3600000}");
        assertThat(scope(put)).isEqualTo(itsScope());
        JsonNode shown = json(Http.get(override), 200);
        assertThat(shown.path("limit").asLong()).isEqualTo(8);
        assertThat(shown.path("windowMs").asLong()).isEqualTo(3_600_000);
        assertThat(shown.path("ttlMs").asLong()).isBetween(3_500_000L, 3_600_000L);

        text(Http.delete(subject), 204);
        HttpResponse<byte[]> spent = spend(weir(), policy, "gold", 8);
        assertThat(json(spent, 200).path("limit").asLong())
                .as("a reset leaves it")
                .isEqualTo(8);
        assertThat(Http.header(spent, "RateLimit-Policy")).isEqualTo("\"" + policy + "\";q=8;w=3600");
        problem(spend(weir(), policy, "gold"), 429, "limit-exceeded");
        assertThat(peek(weir(), policy, "silver").path("limit").asLong()).isEqualTo(5);

        // What was refused is judged anew at once: but a bucket that is empty fills quicker, and is no less empty.
        json(Http.put(override, "{\"limit\":20,\"window\":\"2h\"}", JSON), 200);
        HttpResponse<byte[]> anew = spend(weir(), policy, "gold");
        JsonNode more = json(anew, policy.equals("token-bucket") ? 429 : 200);
        assertThat(more.path("limit").asLong()).isEqualTo(20);

        text(Http.delete(override), 204);
        text(Http.delete(override), 204);
        problem(Http.get(override), 404, "not-found");
        problem(spend(weir(), policy, "gold"), 429, "limit-exceeded");
    }

    @Test
    void anOverrideEndsWithItsTtl() {
        String override = weir().url(path("sliding-log", "for-a-while") + "/override");
        json(Http.put(override, "{\"limit\":1,\"ttl\":\"400ms\"}", JSON), 200);
        await().atMost(SOON).until(() -> Http.get(override).statusCode() == 404);
        assertThat(peek(weir(), "sliding-log", "for-a-while").path("limit").asLong())
                .isEqualTo(5);

        json(Http.put(override, "{\"limit\":9}", JSON), 200);
        assertThat(json(Http.get(override), 200).path("ttlMs").asLong())
                .as("a day if nothing is said")
                .isBetween(86_000_000L, 86_400_000L);
    }

    @Test
    void aRefusalUnderAnOverrideIsForgottenWhenItIsDropped() {
        String override = weir().url(path("fixed-window", "punished") + "/override");
        for (int round = 0; round < 20; round++) {
            json(Http.put(override, "{\"limit\":1}", JSON), 200);
            text(Http.delete(weir().url(path("fixed-window", "punished"))), 204);
            assertThat(admits(weir(), "fixed-window", "punished")).isTrue();
            assertThat(admits(weir(), "fixed-window", "punished")).isFalse();
            text(Http.delete(override), 204);
            assertThat(admits(weir(), "fixed-window", "punished"))
                    .as("round " + round)
                    .isTrue();
        }
    }

    @Test
    void aKeyThatEndsLikeAnOverrideIsWrittenWithItsSlashEncoded() {
        String key = "users/override";
        assertThat(admits(weir(), "sliding-log", key)).isTrue();
        assertThat(peek(weir(), "sliding-log", key).path("remaining").asLong()).isEqualTo(4);
        problem(Http.get(weir().url("/v1/limits/sliding-log/users/override")), 404, "not-found");
        assertThat(remaining(Http.post(weir().url("/v1/limits/sliding-log/users/override"))))
                .as("nobody can mean an override by POST")
                .isEqualTo(3);
    }

    // Slots

    @Test
    void aSlotIsGivenBackAndTakenAnew() {
        HttpResponse<byte[]> answer = spend(weir(), "concurrency", "slots", 2);
        JsonNode taken = json(answer, 200);
        String slot = taken.path("slot").asText();
        assertThat(slot).isNotBlank();
        assertThat(taken.path("leaseMs").asLong()).isEqualTo(3_600_000);
        assertThat(taken.path("remaining").asLong()).isEqualTo(3);
        spend(weir(), "concurrency", "slots", 3);
        problem(spend(weir(), "concurrency", "slots"), 429, "limit-exceeded");

        String at = weir().url(path("concurrency", "slots") + "/slot?id=");
        HttpResponse<byte[]> renewed = Http.put(at + slot, "", JSON);
        assertThat(json(renewed, 200).path("leaseMs").asLong()).isEqualTo(3_600_000);
        assertThat(scope(renewed)).isEqualTo(itsScope());
        HttpResponse<byte[]> given = Http.delete(at + slot);
        assertThat(text(given, 204)).isEmpty();
        assertThat(scope(given)).isEqualTo(itsScope());
        problem(Http.delete(at + slot), 404, "not-found");
        problem(Http.put(at + slot, "", JSON), 404, "not-found");
        assertThat(remaining(spend(weir(), "concurrency", "slots", 2))).isZero();

        for (String mistake : List.of("", "x", "0123456789abcdef", slot + "0000000", "%00")) {
            assertThat(problem(Http.delete(at + mistake), 400, "bad-request")
                            .path("field")
                            .asText())
                    .isEqualTo("id");
        }
        assertThat(problem(Http.delete(weir().url(path("concurrency", "slots") + "/slot")), 400, "bad-request")
                        .path("field")
                        .asText())
                .isEqualTo("id");
        problem(Http.delete(weir().url(path("sliding-log", "slots") + "/slot?id=" + slot)), 422, "unprocessable");
    }

    @Test
    void aLostClientsSlotReturnsWithItsLease() {
        spend(weir(), "leased", "lost", 2);
        await().atMost(SOON).until(() -> admits(weir(), "leased", "lost"));
        String slot = json(spend(weir(), "leased", "renewed"), 200).path("slot").asText();
        String at = weir().url(path("leased", "renewed") + "/slot?id=" + slot);
        // More than one of its leases.
        await().during(Duration.ofSeconds(2))
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> Http.put(at, "", JSON).statusCode() == 200);
        await().atMost(SOON)
                .until(() -> peek(weir(), "leased", "renewed").path("remaining").asLong() == 2);
        problem(Http.delete(at), 404, "not-found");
    }

    // Many at once

    @Test
    void allOfManyAreSpent() {
        HttpResponse<byte[]> answer = many(checks(
                check("sliding-log", "all", 1),
                check("token-bucket", "all", 2),
                check("fixed-window", "all", 3),
                check("sliding-window", "all", 4),
                check("concurrency", "all", 5),
                "{\"policy\":\"chat\",\"key\":\"all\"}"));

        JsonNode body = json(answer, 200);
        assertThat(body.path("allowed").asBoolean()).isTrue();
        assertThat(StreamSupport.stream(body.path("checks").spliterator(), false)
                        .map(verdict -> verdict.path("policy").asText() + " "
                                + verdict.path("key").asText() + " "
                                + verdict.path("remaining").asText()))
                .containsExactly(
                        "sliding-log all 4",
                        "token-bucket all 3",
                        "fixed-window all 2",
                        "sliding-window all 1",
                        "concurrency all 0",
                        "chat all 19");
        assertThat(body.path("checks").get(4).path("slot").asText()).isNotBlank();
        assertThat(scope(answer)).isEqualTo(itsScope());
        assertThat(Http.header(answer, "RateLimit-Policy"))
                .isEqualTo("\"sliding-log\";q=5;w=3600, \"token-bucket\";q=5;w=3600, \"fixed-window\";q=5;w=3600,"
                        + " \"sliding-window\";q=5;w=3600, \"concurrency\";q=5;w=3600, \"chat\";q=20;w=60");
        assertThat(Http.header(answer, "RateLimit")).startsWith("\"sliding-log\";r=4;t=3600, \"token-bucket\";r=3;t=");
    }

    @Test
    void noneOfManyIsSpentIfOneIsRefused() {
        spend(weir(), "fixed-window", "none", 4);
        for (int again = 0; again < 2; again++) {
            HttpResponse<byte[]> answer = many(checks(
                    check("sliding-log", "none", 1),
                    check("fixed-window", "none", 2),
                    check("concurrency", "none", 1),
                    check("sliding-log", "none-either", 5)));

            JsonNode problem = problem(answer, 429, "limit-exceeded");
            assertThat(problem.path("policy").asText()).isEqualTo("fixed-window");
            assertThat(problem.path("allowed").asBoolean(true)).isFalse();
            assertThat(problem.path("remaining").asLong()).isEqualTo(1);
            assertThat(Http.header(answer, "Retry-After"))
                    .isEqualTo(Long.toString(
                            Math.ceilDiv(problem.path("retryAfterMs").asLong(), 1000)));
            assertThat(problem.path("checks")).hasSize(4);
            assertThat(problem.path("checks").get(0).path("allowed").asBoolean())
                    .isTrue();
            assertThat(problem.path("checks").get(1).path("allowed").asBoolean(true))
                    .isFalse();
            assertThat(problem.path("checks").get(2).has("slot")).isFalse();
        }
        assertThat(peek(weir(), "sliding-log", "none").path("remaining").asLong())
                .isEqualTo(5);
        assertThat(peek(weir(), "sliding-log", "none-either").path("remaining").asLong())
                .isEqualTo(5);
        assertThat(peek(weir(), "concurrency", "none").path("remaining").asLong())
                .isEqualTo(5);
        assertThat(peek(weir(), "fixed-window", "none").path("remaining").asLong())
                .isEqualTo(1);
        JsonNode impossible = problem(
                many(checks(check("sliding-log", "none", 1), check("fixed-window", "none", 6))), 422, "unprocessable");
        assertThat(impossible.path("field").asText()).contains("cost");
        assertThat(peek(weir(), "sliding-log", "none").path("remaining").asLong())
                .isEqualTo(5);
    }

    @Test
    void ofManyTheOneThatKeepsWaitingLongestIsTold() {
        spend(weir(), "chat", "worst", 20);
        spend(weir(), "fixed-window", "worst", 5);
        JsonNode problem = problem(
                many(checks(check("chat", "worst", 1), check("fixed-window", "worst", 1))), 429, "limit-exceeded");
        assertThat(problem.path("policy").asText()).isEqualTo("fixed-window");
    }

    // Shadow mode

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void aShadowCountsAndReportsAndNeverDenies(String algorithm) {
        String policy = "quiet-" + algorithm;
        for (int i = 1; i <= 6; i++) {
            HttpResponse<byte[]> answer = spend(weir(), policy, "shadow");
            JsonNode verdict = json(answer, 200);
            assertThat(verdict.path("allowed").asBoolean()).isTrue();
            assertThat(verdict.path("shadow").asBoolean()).isTrue();
            assertThat(verdict.path("wouldDeny").asBoolean()).as("check " + i).isEqualTo(i > 2);
            assertThat(verdict.path("remaining").asLong()).isEqualTo(Math.max(0, 2 - i));
            assertThat(Http.header(answer, "Retry-After")).isNull();
        }
        JsonNode more = json(spend(weir(), policy, "shadow-more", 3), 200);
        assertThat(more.path("wouldDeny").asBoolean()).isTrue();
        JsonNode figures = figures(weir(), policy);
        assertThat(figures.path("wouldDeny").asLong()).isEqualTo(5);
        assertThat(figures.path("denied").asLong(-1)).isZero();
        assertThat(figures.path("shadow").asBoolean()).isTrue();
        assertThat(metric(weir(), "weir_limit_checks_total", "policy=\"" + policy + "\"", "verdict=\"shadow\""))
                .isEqualTo(5);
    }

    @Test
    void aShadowAmongManyDeniesNothing() {
        spend(weir(), "quiet", "among", 2);
        JsonNode body = json(many(checks(check("quiet", "among", 1), check("chat", "among", 1))), 200);
        assertThat(body.path("checks").get(0).path("wouldDeny").asBoolean()).isTrue();
        assertThat(body.path("checks").get(1).path("remaining").asLong()).isEqualTo(19);
    }

    // Keys

    @ParameterizedTest
    @CsvSource(textBlock = """
            # as it is spent,      as it is looked at
            users/1,               users%2F1
            a//b,                  a%2F%2Fb
            a/../b,                a%2F..%2Fb
            a;v=1,                 a%3Bv%3D1
            a+b,                   a%2Bb
            a%20b,                 a%20b
            caf%C3%A9,             caf%c3%a9
            %E2%82%AC%F0%9F%8E%89, %E2%82%AC%F0%9F%8E%89
            user:1:x,              user%3A1%3Ax
            %7Ba%7D:b,             %7ba%7d%3Ab
            %23hash,               %23hash
            *,                     %2A
            tail/,                 tail%2F
            %25,                   %25
            a%0Ab,                 a%0Ab
            slot,                  slot
            override,              override
            """)
    void aKeyIsWhatIsLeftOfThePathDecodedOnce(String spent, String looked) {
        byte[] answer = RawHttp.exchange(
                weir().port(), "POST /v1/limits/sliding-log/" + spent + " HTTP/1.1\r\nHost: weir\r\n\r\n");
        assertThat(RawHttp.text(answer)).startsWith("HTTP/1.1 200").contains("\"remaining\":4");
        for (String key : List.of(spent, looked)) {
            byte[] look = RawHttp.exchange(
                    weir().port(), "GET /v1/limits/sliding-log/" + key + " HTTP/1.1\r\nHost: weir\r\n\r\n");
            assertThat(RawHttp.text(look)).as(key).startsWith("HTTP/1.1 200").contains("\"remaining\":4");
        }
    }

    @Test
    void longKeysAreToldApart() {
        for (int length : List.of(63, 64, 65, 200, 511)) {
            String base = "k".repeat(length);
            spend(weir(), "sliding-log", base + "a", 5);
            assertThat(admits(weir(), "sliding-log", base + "a"))
                    .as(length + " a")
                    .isFalse();
            assertThat(admits(weir(), "sliding-log", base + "b"))
                    .as(length + " b")
                    .isTrue();
            JsonNode many = json(many(checks(check("sliding-log", base + "b", 1))), 200);
            assertThat(many.path("checks").get(0).path("key").asText()).isEqualTo(base + "b");
            assertThat(many.path("checks").get(0).path("remaining").asLong()).isEqualTo(3);
        }
        assertThat(admits(weir(), "fixed-window", "k".repeat(64))).isTrue();
        assertThat(peek(weir(), "sliding-window", "k".repeat(64))
                        .path("remaining")
                        .asLong())
                .as("a policy's keys are its own")
                .isEqualTo(5);
    }

    // The gate

    private HttpResponse<byte[]> gate(String method, String rest, String... headers) {
        return Http.send(method, weir().url("/v1/gate/" + rest), null, Duration.ofSeconds(30), headers);
    }

    @Test
    void theGateOpensAndCloses() {
        for (int left = 4; left >= 0; left--) {
            HttpResponse<byte[]> open = gate("GET", "sliding-log?key=gate");
            assertThat(text(open, 204)).isEmpty();
            assertThat(Http.header(open, "RateLimit")).matches("\"sliding-log\";r=" + left + ";t=\\d+");
            assertThat(scope(open)).isEqualTo(itsScope());
        }
        for (int status : List.of(429, 403)) {
            HttpResponse<byte[]> closed = gate("GET", "sliding-log?key=gate&deny=" + status);
            assertThat(problem(closed, status, "limit-exceeded").path("policy").asText())
                    .isEqualTo("sliding-log");
            assertThat(Http.header(closed, "Retry-After")).matches("35\\d\\d|3600");
            assertThat(Http.header(closed, "RateLimit")).startsWith("\"sliding-log\";r=0;t=");
            assertThat(scope(closed)).isEqualTo(itsScope());
        }
        assertThat(peek(weir(), "sliding-log", "gate").path("remaining").asLong())
                .isZero();
    }

    @Test
    void theGateTakesACostAndIsPreciseAboutIt() {
        text(gate("GET", "fixed-window?key=gate-cost&cost=4"), 204);
        text(gate("GET", "fixed-window?key=gate-cost&cost=2"), 429);
        text(gate("GET", "fixed-window?key=gate-cost&cost=1"), 204);
        problem(gate("GET", "fixed-window?key=gate-cost&cost=6"), 422, "unprocessable");
        for (String bad : List.of("cost=0", "cost=1.5", "deny=500", "deny=", "key=", "kei=x", "key=a&key=b")) {
            String name = bad.substring(0, bad.indexOf('='));
            String key = name.equals("key") || name.equals("kei") ? "" : "key=x&";
            JsonNode problem = problem(gate("GET", "fixed-window?" + key + bad), 400, "bad-request");
            assertThat(problem.path("field").asText()).as(bad).isEqualTo(name);
        }
        problem(gate("GET", "nope?key=x"), 404, "not-found");
        assertThat(problem(gate("GET", "a%20b?key=x"), 400, "bad-request")
                        .path("field")
                        .asText())
                .isEqualTo("policy");
    }

    @Test
    void withoutAKeyTheGateTakesTheClientsAddress() {
        text(gate("GET", "chat"), 204);
        assertThat(peek(weir(), "chat", "127.0.0.1").path("remaining").asLong()).isEqualTo(19);
        text(gate("GET", "chat", "X-Forwarded-For", "192.0.2.1, 203.0.113.7, 10.1.2.3"), 204);
        assertThat(peek(weir(), "chat", "203.0.113.7").path("remaining").asLong())
                .as("the last that no trusted proxy has")
                .isEqualTo(19);
        assertThat(peek(weir(), "chat", "192.0.2.1").path("remaining").asLong())
                .as("what anybody may have written")
                .isEqualTo(20);
        text(gate("GET", "chat", "X-Forwarded-For", "2001:DB8:0:0:0:0:0:1"), 204);
        text(gate("GET", "chat", "X-Forwarded-For", "[2001:db8::1]:4711"), 204);
        assertThat(peek(weir(), "chat", "2001:db8::1").path("remaining").asLong())
                .isEqualTo(18);
    }

    @ParameterizedTest
    @CsvSource({"GET, 1", "HEAD, 2", "POST, 3", "PUT, 4", "PATCH, 5", "DELETE, 6", "OPTIONS, 7"})
    void whatEnvoyAppendsIsTheClientsAndChoosesNothing(String method, int number) {
        String client = "198.51.100." + number;
        for (String appended : List.of(
                "",
                "api/items?key=another&cost=5",
                "api//items/..%2F?deny=403&deny=x&%zz",
                "override?key=another",
                "a/b/slot?key=another")) {
            byte[] answer = envoy(method, appended, client);
            assertThat(RawHttp.status(answer)).as(appended).isEqualTo(204);
        }
        byte[] refused = envoy(method, "x?key=another&deny=403", client);
        assertThat(RawHttp.status(refused)).isEqualTo(429);
        assertThat(RawHttp.text(refused)).containsIgnoringCase("\r\nretry-after: ");
        assertThat(peek(weir(), "sliding-log", client).path("remaining").asLong())
                .isZero();
        assertThat(peek(weir(), "sliding-log", "another").path("remaining").asLong())
                .isEqualTo(5);
    }

    private byte[] envoy(String method, String appended, String client) {
        return RawHttp.exchange(
                weir().port(),
                method + " /v1/gate/sliding-log/" + appended + " HTTP/1.1\r\nHost: weir\r\nX-Forwarded-For: " + client
                        + "\r\nConnection: close\r\n\r\n");
    }

    // Figures

    @Test
    void figuresSayWhatWasDecidedAndNeverAboutWhom() {
        String secret = "somebody-in-particular";
        spend(weir(), "figures", secret);
        peek(weir(), "figures", secret);
        spend(weir(), "figures", secret);
        for (int i = 0; i < 3; i++) {
            problem(spend(weir(), "figures", secret), 429, "limit-exceeded");
        }

        JsonNode figures = figures(weir(), "figures");
        assertThat(figures.properties().stream().map(member -> member.getKey()))
                .containsExactly(
                        "policy",
                        "algorithm",
                        "limit",
                        "windowMs",
                        "burst",
                        "whenUnavailable",
                        "shadow",
                        "checks",
                        "allowed",
                        "denied",
                        "wouldDeny",
                        "nearRefusals",
                        "fallbacks");
        assertThat(figures.path("policy").asText()).isEqualTo("figures");
        assertThat(figures.path("algorithm").asText()).isEqualTo("sliding-log");
        assertThat(figures.path("limit").asLong()).isEqualTo(2);
        assertThat(figures.path("windowMs").asLong()).isEqualTo(3_600_000);
        assertThat(figures.path("burst").asLong()).isEqualTo(2);
        assertThat(figures.path("whenUnavailable").asText()).isEqualTo("local");
        assertThat(figures.path("shadow").asBoolean(true)).isFalse();
        assertThat(figures.path("checks").asLong()).isEqualTo(5);
        assertThat(figures.path("allowed").asLong()).isEqualTo(2);
        assertThat(figures.path("denied").asLong()).isEqualTo(3);
        assertThat(figures.path("wouldDeny").asLong(-1)).isZero();
        assertThat(figures.path("fallbacks").asLong(-1)).isZero();
        assertThat(figures.path("nearRefusals").asLong())
                .as("the first refusal is Redis' own")
                .isEqualTo(itsScope().equals("shared") ? 2 : 0);

        JsonNode all = json(Http.get(weir().url("/v1/limits")), 200).path("policies");
        assertThat(StreamSupport.stream(all.spliterator(), false)
                        .map(policy -> policy.path("policy").asText()))
                .contains("figures", "chat", "bucket")
                .containsAll(ALGORITHMS)
                .isSorted();
        assertThat(figures(weir(), "bucket").path("burst").asLong()).isEqualTo(3);

        String of = "policy=\"figures\"";
        assertThat(metric(weir(), "weir_limit_checks_total", of, "verdict=\"allowed\""))
                .isEqualTo(2);
        assertThat(metric(weir(), "weir_limit_checks_total", of, "verdict=\"denied\""))
                .isEqualTo(3);
        assertThat(metric(weir(), "weir_limit_checks_total", of, "verdict=\"shadow\""))
                .isZero();
        assertThat(metric(weir(), "weir_limit_fallbacks_total", of, "mode=\"local\""))
                .isZero();
        assertThat(metric(weir(), "weir_limit_near_refusals_total", of))
                .isEqualTo(figures.path("nearRefusals").asDouble());
        assertThat(metric(weir(), "weir_limit_evictions_total")).isZero();
        assertThat(text(Http.get(weir().url("/q/metrics")), 200)).doesNotContain(secret);
        assertThat(weir().log()).doesNotContain(secret);
    }

    // What a caller can do wrong

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST   | /v1/limits/chat/k?cost=0            | cost
            POST   | /v1/limits/chat/k?cost=-1           | cost
            POST   | /v1/limits/chat/k?cost=1.5          | cost
            POST   | /v1/limits/chat/k?cost=             | cost
            POST   | /v1/limits/chat/k?cost=one          | cost
            POST   | /v1/limits/chat/k?cost=1000000001   | cost
            POST   | /v1/limits/chat/k?cost=99999999999999999999 | cost
            POST   | /v1/limits/chat/k?cost=1&cost=1     | cost
            POST   | /v1/limits/chat/k?cost=%zz          | cost
            POST   | /v1/limits/chat/k?cots=1            | cots
            POST   | /v1/limits/chat/k?key=other         | key
            GET    | /v1/limits/chat/k?cost=0            | cost
            GET    | /v1/limits/chat/k?verbose           | verbose
            DELETE | /v1/limits/chat/k?cost=1            | cost
            GET    | /v1/limits?policy=chat              | policy
            GET    | /v1/limits/chat?key=k               | key
            POST   | /v1/limits/chat/                    | key
            GET    | /v1/limits/chat/                    | key
            DELETE | /v1/limits/chat/                    | key
            POST   | /v1/limits/chat/a%00b               | key
            POST   | /v1/limits/chat/a%zzb               | key
            POST   | /v1/limits/chat/%FF%FE              | key
            POST   | /v1/limits/chat/%ED%A0%80           | key
            POST   | /v1/limits/a%20b/k                  | policy
            POST   | /v1/limits//k                       | policy
            GET    | /v1/limits/a%20b                    | policy
            PUT    | /v1/limits/chat/k/override?ttl=1s   | ttl
            GET    | /v1/limits/chat/k/override?x=1      | x
            DELETE | /v1/limits/chat/k/override?x=1      | x
            PUT    | /v1/limits/chat/k/override          | body
            """)
    void aMistakeIsNamed(String method, String target, String field) {
        byte[] answer = RawHttp.exchange(
                weir().port(), method + " " + target + " HTTP/1.1\r\nHost: weir\r\nContent-Length: 0\r\n\r\n");
        assertThat(RawHttp.text(answer))
                .startsWith("HTTP/1.1 400")
                .contains("urn:weir:problem:bad-request", "\"field\":\"" + field + "\"");
    }

    @Test
    void aKeyThatIsTooLongIsRefused() {
        for (String key : List.of("k".repeat(513), "%E2%82%AC".repeat(171))) {
            JsonNode problem = problem(Http.post(weir().url("/v1/limits/chat/" + key)), 400, "bad-request");
            assertThat(problem.path("field").asText()).isEqualTo("key");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `` | body
            checks | body
            [] | body
            null | body
            {"checks":[{"policy":"chat","key":"k"} | body
            {"checks":[{"policy":"chat","key":"k"}]}x | body
            {} | checks
            {"checks":[]} | checks
            {"checks":null} | checks
            {"checks":{}} | checks
            {"checks":"chat"} | checks
            {"check":[]} | check
            {"checks":[null]} | checks[0]
            {"checks":["chat"]} | checks[0]
            {"checks":[{"key":"k"}]} | checks[0].policy
            {"checks":[{"policy":"chat"}]} | checks[0].key
            {"checks":[{"policy":1,"key":"k"}]} | checks[0].policy
            {"checks":[{"policy":"a b","key":"k"}]} | checks[0].policy
            {"checks":[{"policy":"chat","key":1}]} | checks[0].key
            {"checks":[{"policy":"chat","key":""}]} | checks[0].key
            {"checks":[{"policy":"chat","key":"a\\u0000b"}]} | checks[0].key
            {"checks":[{"policy":"chat","key":"\\ud800"}]} | checks[0].key
            {"checks":[{"policy":"chat","key":"k","cost":0}]} | checks[0].cost
            {"checks":[{"policy":"chat","key":"k","cost":-1}]} | checks[0].cost
            {"checks":[{"policy":"chat","key":"k","cost":1.5}]} | checks[0].cost
            {"checks":[{"policy":"chat","key":"k","cost":"1"}]} | checks[0].cost
            {"checks":[{"policy":"chat","key":"k","cost":1e400}]} | checks[0].cost
            {"checks":[{"policy":"chat","key":"k","cost":99999999999999999999}]} | checks[0].cost
            {"checks":[{"policy":"chat","key":"k","cots":1}]} | checks[0].cots
            {"checks":[{"policy":"chat","key":"k"},{"policy":"chat","key":"k"}]} | checks[1]
            """)
    void aMistakeInManyIsNamed(String body, String field) {
        JsonNode problem = problem(many(body == null ? "" : body), 400, "bad-request");
        assertThat(problem.path("field").asText()).isEqualTo(field);
        assertThat(peek(weir(), "chat", "k").path("remaining").asLong())
                .as("nothing is spent")
                .isEqualTo(20);
    }

    @Test
    void tooManyAreRefusedAndAHundredAreNot() {
        String[] all = new String[101];
        for (int i = 0; i < all.length; i++) {
            all[i] = check("huge", "many-" + i, 1);
        }
        assertThat(problem(many(checks(all)), 400, "bad-request").path("field").asText())
                .isEqualTo("checks");
        String[] hundred = Arrays.copyOf(all, 100);
        assertThat(json(many(checks(hundred)), 200).path("checks")).hasSize(100);
        problem(many(checks(check("chat", "k", 1), check("nope", "k", 1))), 404, "not-found");
        problem(many("{\"checks\":[" + " ".repeat(300_000) + "]}"), 413, "too-large");
        problem(
                Http.post(weir().url("/v1/limits"), new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'}, JSON),
                400,
                "bad-request");
        problem(
                Http.post(weir().url("/v1/limits"), "{}", JSON, "Content-Encoding", "gzip"),
                415,
                "unsupported-media-type");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {} | limit
            [] | body
            {"limit":0} | limit
            {"limit":-1} | limit
            {"limit":1.5} | limit
            {"limit":"5"} | limit
            {"limit":null} | limit
            {"limit":100001} | limit
            {"limit":99999999999999999999} | limit
            {"limit":5,"window":"0s"} | window
            {"limit":5,"window":"-1s"} | window
            {"limit":5,"window":"soon"} | window
            {"limit":5,"window":60} | window
            {"limit":5,"window":"367d"} | window
            {"limit":5,"window":"PT0.0005S"} | window
            {"limit":5,"window":"PT1.0005S"} | window
            {"limit":5,"ttl":"0s"} | ttl
            {"limit":5,"ttl":"367d"} | ttl
            {"limit":5,"ttl":"P1Y"} | ttl
            {"limit":5,"ttl":true} | ttl
            {"limit":5,"burst":5} | burst
            {"limit":5,"limit":6} | body
            """)
    void aMistakeInAnOverrideIsNamed(String body, String field) {
        String override = weir().url(path("sliding-log", "overridden") + "/override");
        JsonNode problem = problem(Http.put(override, body, JSON), 400, "bad-request");
        assertThat(problem.path("field").asText()).isEqualTo(field);
        problem(Http.get(override), 404, "not-found");
    }

    @Test
    void whatIsNotThereIsSaidToBeNot() {
        problem(Http.get(weir().url("/v1/limits/nope")), 404, "not-found");
        for (HttpResponse<byte[]> answer : List.of(
                Http.post(weir().url("/v1/limits/nope/k")),
                Http.get(weir().url("/v1/limits/nope/k")),
                Http.delete(weir().url("/v1/limits/nope/k")),
                Http.get(weir().url("/v1/limits/nope/k/override")),
                Http.put(weir().url("/v1/limits/nope/k/override"), "{\"limit\":1}", JSON),
                Http.delete(weir().url("/v1/limits/nope/k/override")))) {
            assertThat(problem(answer, 404, "not-found").path("detail").asText())
                    .contains("nope");
        }
        HttpResponse<byte[]> put = Http.put(weir().url("/v1/limits/chat/k"), "{}", JSON);
        problem(put, 405, "method-not-allowed");
        assertThat(Http.header(put, "Allow")).isEqualTo("DELETE, GET, POST");
        problem(Http.post(weir().url("/v1/limits/chat")), 405, "method-not-allowed");
        problem(Http.delete(weir().url("/v1/limits/chat")), 405, "method-not-allowed");
    }

    /** Bodies that nobody asked for are read and dropped, and the connection goes on. */
    @Test
    void aBodyThatACheckDoesNotNeedDoesNoHarm() {
        String body = "x".repeat(100_000);
        HttpResponse<byte[]> answer = Http.post(weir().url(path("huge", "body")), body.getBytes(UTF_8), "text/plain");
        assertThat(remaining(answer)).isEqualTo(999_999_999);
        text(Http.post(weir().url("/v1/gate/huge/any/path"), body, "text/plain"), 204);
    }
}
