package dev.weir.it;

import static dev.weir.it.Checks.admits;
import static dev.weir.it.Checks.figures;
import static dev.weir.it.Checks.path;
import static dev.weir.it.Checks.peek;
import static dev.weir.it.Checks.spend;
import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.ShiftedClock;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three instances whose clocks are an hour apart, on one Redis, whose clock alone counts. */
class LimitInstancesIT {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final long WINDOW_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int LIMIT = 5;

    private static RedisServer redis;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        weirs = List.of(
                settings().launch(),
                ShiftedClock.shift(settings(), 1).launch(),
                ShiftedClock.shift(settings(), -1).launch());
        weirs.forEach(WeirProcess::awaitReady);
        weirs.forEach(weir -> await().atMost(SOON).until(() -> Seen.mode(weir).equals("shared")));
    }

    private static WeirProcess.Builder settings() {
        WeirProcess.Builder weir = WeirProcess.builder().redis(redis).property("weir.redis.timeout", "5s");
        for (String algorithm : LimitContract.ALGORITHMS) {
            weir.property("weir.limits." + algorithm + ".limit", "100")
                    .property("weir.limits." + algorithm + ".window", "2h")
                    .property("weir.limits." + algorithm + ".algorithm", algorithm);
        }
        return weir.property("weir.limits.exact.limit", Integer.toString(LIMIT))
                .property("weir.limits.exact.window", "1s");
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        redis.close();
    }

    private static WeirProcess weir(int number) {
        return weirs.get(number % weirs.size());
    }

    @Test
    void theirClocksAreAnHourApart() {
        assertThat(weirs.stream().map(LimitInstancesIT::hoursAhead)).containsExactly(0L, 1L, -1L);
    }

    /** By what the instance's log lines begin with, in the zone that this JVM has too. */
    private static long hoursAhead(WeirProcess weir) {
        HttpResponse<byte[]> answer = spend(weir, "exact", "date");
        String date = Http.header(answer, "Date");
        Instant now = date == null
                ? loggedAt(weir)
                : ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
        return Math.round(Duration.between(Instant.now(), now).toSeconds() / 3600.0);
    }

    private static Instant loggedAt(WeirProcess weir) {
        String line = weir.logLinesMatching("^\\d{4}-\\d\\d-\\d\\d[ T]").getFirst();
        return LocalDateTime.parse(line.substring(0, 19).replace(' ', 'T'))
                .atZone(ZoneId.systemDefault())
                .toInstant();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window", "concurrency"})
    void of200CallersAtOnceExactly100AreAdmitted(String algorithm) {
        assertThat(Checks.admitted(200, number -> spend(weir(number), algorithm, "crowd")))
                .isEqualTo(100);

        weirs.forEach(weir -> {
            HttpResponse<byte[]> refused = spend(weir, algorithm, "crowd");
            assertThat(Http.json(refused).path("retryAfterMs").asLong()).isBetween(1L, 4 * 3_600_000L);
            assertThat(scope(refused)).isEqualTo("shared");
        });
    }

    /**
     * A check and its answer on this process' clock; Redis has decided at some moment between the two.
     *
     * @param sent just before the request
     * @param answered just after the answer
     */
    private record Arrival(long sent, long answered, int cost, boolean admitted) {}

    @Test
    void noWindowHoldsMoreThanTheLimitAndNobodyIsRefusedInVain() {
        long end = System.nanoTime() + 5 * WINDOW_NANOS;
        List<List<Arrival>> perCaller = Checks.atOnce(9, caller -> {
            Random random = new Random(caller);
            List<Arrival> mine = new ArrayList<>();
            while (System.nanoTime() < end) {
                int cost = 1 + random.nextInt(3);
                long sent = System.nanoTime();
                boolean admitted = Checks.isAdmitted(spend(weir(random.nextInt(3)), "exact", "arrivals", cost));
                mine.add(new Arrival(sent, System.nanoTime(), cost, admitted));
                LockSupport.parkNanos(random.nextLong(2 * WINDOW_NANOS / 10));
            }
            return mine;
        });
        List<Arrival> all = perCaller.stream().flatMap(List::stream).toList();
        List<Arrival> admitted = all.stream().filter(Arrival::admitted).toList();

        assertThat(admitted).as("in five windows").hasSizeGreaterThan(LIMIT);
        assertThat(all).hasSizeGreaterThan(admitted.size());
        for (Arrival first : admitted) {
            int certain = admitted.stream()
                    .filter(other -> other.sent >= first.sent && other.answered < first.sent + WINDOW_NANOS)
                    .mapToInt(Arrival::cost)
                    .sum();
            assertThat(certain).as("certainly within one window").isLessThanOrEqualTo(LIMIT);
        }
        for (Arrival refused : all) {
            if (!refused.admitted) {
                int possible = admitted.stream()
                        .filter(other -> other.answered > refused.sent - WINDOW_NANOS && other.sent < refused.answered)
                        .mapToInt(Arrival::cost)
                        .sum();
                assertThat(possible + refused.cost)
                        .as("there was no room, at the most that can have been spent")
                        .isGreaterThan(LIMIT);
            }
        }
    }

    private static void useUp(String policy, String key) {
        assertThat(json(spend(weirs.getFirst(), policy, key, 100), 200)
                        .path("remaining")
                        .asLong())
                .isZero();
        for (WeirProcess weir : weirs) {
            // A message about an earlier change may be on its way yet, and has a refusal forgotten once more.
            await().atMost(SOON).until(() -> {
                long before = figures(weir, policy).path("nearRefusals").asLong();
                assertThat(admits(weir, policy, key)).isFalse();
                assertThat(admits(weir, policy, key)).isFalse();
                return figures(weir, policy).path("nearRefusals").asLong() > before;
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "token-bucket", "fixed-window"})
    void aResetOnOneIsSeenByAllAlthoughTheyRememberRefusals(String policy) {
        useUp(policy, "reset");
        text(Http.delete(weirs.get(1).url(path(policy, "reset"))), 204);
        assertThat(admits(weirs.get(1), policy, "reset"))
                .as("at once where it was done")
                .isTrue();
        for (WeirProcess weir : weirs) {
            await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> admits(weir, policy, "reset"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sliding-log", "sliding-window", "fixed-window"})
    void anOverrideOnOneIsSeenByAllAlthoughTheyRememberRefusals(String policy) {
        useUp(policy, "override");
        json(
                Http.put(
                        weirs.get(2).url(path(policy, "override") + "/override"),
                        "{\"limit\":1000}",
                        "application/json"),
                200);
        assertThat(admits(weirs.get(2), policy, "override"))
                .as("at once where it was done")
                .isTrue();
        for (WeirProcess weir : weirs) {
            await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> admits(weir, policy, "override"));
            assertThat(peek(weir, policy, "override").path("limit").asLong()).isEqualTo(1000);
        }
    }

    @Test
    void aSlotIsGivenBackOnAnyInstance() {
        String slot = json(spend(weirs.get(0), "concurrency", "slot", 100), 200)
                .path("slot")
                .asText();
        assertThat(admits(weirs.get(1), "concurrency", "slot")).isFalse();
        text(Http.delete(weirs.get(2).url(path("concurrency", "slot") + "/slot?id=" + slot)), 204);
        assertThat(admits(weirs.get(1), "concurrency", "slot")).isTrue();
    }
}
