package dev.weir.it;

import static dev.weir.it.Checks.admits;
import static dev.weir.it.Checks.isAdmitted;
import static dev.weir.it.Checks.spend;
import static dev.weir.it.Seen.mode;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Answer;
import dev.weir.testkit.Http;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The limits of three systems, each as it had them but for the windows, which are seconds here: by call and on routes, on
 * two instances, and with Redis killed.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LimitTeamsIT {

    private static final Duration SOON = Duration.ofSeconds(15);
    private static final Duration MINUTE = Duration.ofSeconds(4);
    private static final int LAST = 100;

    /** A limit, whom it tells apart on its route, and what becomes of it without Redis. */
    enum Limit {
        CHAT(20, 1, "{client-ip}", "local"),
        AUTH(5, 2, "{client-ip}", "local"),
        UPLOAD(5, 1, "{client-ip}", "local"),
        SEARCH(30, 1, "{client-ip}", "local"),
        API(1000, 4, "{header.X-User}", "allow"),
        UPLOADS(50, 2, "{header.X-User}", "allow"),
        MESSAGES(100, 2, "{header.X-User}", "allow"),
        LOGIN(5, 2, "{header.X-Email}", "allow"),
        EXPORTS(10, 2, "{header.X-User}", "allow"),
        KPI(1000, 4, "{client-ip}", "allow");

        private final int limit;
        private final int minutes;
        private final String key;
        private final String whenUnavailable;

        Limit(int limit, int minutes, String key, String whenUnavailable) {
            this.limit = limit;
            this.minutes = minutes;
            this.key = key;
            this.whenUnavailable = whenUnavailable;
        }

        String policy() {
            return name().toLowerCase(Locale.ROOT);
        }

        Duration window() {
            return MINUTE.multipliedBy(minutes);
        }

        /** A request of this subject by its route, whatever tells it apart there. */
        HttpResponse<byte[]> onRoute(WeirProcess weir, String subject) {
            String name = key.equals("{client-ip}")
                    ? "X-Forwarded-For"
                    : key.substring("{header.".length(), key.length() - 1);
            return Http.post(weir.url("/" + policy() + "/items"), "{}", "application/json", name, subject);
        }
    }

    private static final AtomicInteger SUBJECT = new AtomicInteger();

    private static RedisServer redis;
    private static ScriptedOrigin origin;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = ScriptedOrigin.open();
        for (Limit limit : Limit.values()) {
            origin.answers("/" + limit.policy() + "/items", Answer.of(201).body("done"));
        }
        weirs = Stream.generate(LimitTeamsIT::settings)
                .map(WeirProcess.Builder::launch)
                .limit(2)
                .toList();
        weirs.forEach(WeirProcess::awaitReady);
        weirs.forEach(weir -> await().atMost(SOON).until(() -> mode(weir).equals("shared")));
    }

    private static WeirProcess.Builder settings() {
        WeirProcess.Builder weir = WeirProcess.builder()
                .redis(redis)
                .property("weir.redis.timeout", "5s")
                .property("weir.trusted-proxies", "127.0.0.1");
        for (Limit limit : Limit.values()) {
            String at = "weir.limits." + limit.policy() + ".";
            String route = "weir.routes." + limit.policy() + ".";
            weir.property(at + "limit", Integer.toString(limit.limit))
                    .property(at + "window", limit.window().toSeconds() + "s")
                    .property(at + "when-unavailable", limit.whenUnavailable)
                    .property(route + "path", "/" + limit.policy() + "/*")
                    .property(route + "origin", origin.url())
                    .property(route + "limit", limit.policy())
                    .property(route + "limit-key", limit.key);
        }
        return weir;
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

    private static String subject() {
        int number = SUBJECT.incrementAndGet();
        return "203.0." + number / 250 + "." + (1 + number % 250);
    }

    private interface Call {
        HttpResponse<byte[]> make(int number, String subject);
    }

    /**
     * Has the limit used up to the last one and then asks once more, with subjects of its own until a machine that is busy
     * elsewhere has managed all that within half a window.
     *
     * @return the subject that is refused now
     */
    private static String useUp(Limit limit, Call call) {
        while (true) {
            String subject = subject();
            long start = System.nanoTime();
            int callers = Math.min(8, limit.limit);
            AtomicInteger number = new AtomicInteger();
            long admitted = Checks.atOnce(callers, caller -> {
                        int mine = 0;
                        for (int next = number.getAndIncrement(); next < limit.limit; next = number.getAndIncrement()) {
                            HttpResponse<byte[]> answer = call.make(next, subject);
                            assertThat(answer.statusCode())
                                    .as(Http.text(answer))
                                    .isIn(200, 201, 429);
                            mine += answer.statusCode() == 429 ? 0 : 1;
                        }
                        return mine;
                    })
                    .stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            HttpResponse<byte[]> oneMore = call.make(limit.limit, subject);
            if (System.nanoTime() - start < limit.window().toNanos() / 2) {
                assertThat(admitted).as(limit + ": all of them").isEqualTo(limit.limit);
                assertThat(problem(oneMore, 429, "limit-exceeded")
                                .path("policy")
                                .asText())
                        .isEqualTo(limit.policy());
                assertThat(Http.header(oneMore, "Retry-After")).matches("[1-9]\\d?");
                return subject;
            }
        }
    }

    @Test
    @Order(1)
    void theTwentyFirstChatOfAMinuteIsRefused() {
        for (int attempt = 0; ; attempt++) {
            assertThat(attempt).as("attempts of a busy machine").isLessThan(10);
            String client = subject();
            long start = System.nanoTime();
            List<Integer> statuses = IntStream.rangeClosed(1, 21)
                    .mapToObj(number -> Limit.CHAT.onRoute(weir(number), client).statusCode())
                    .toList();
            if (System.nanoTime() - start < Limit.CHAT.window().toNanos()) {
                assertThat(statuses.subList(0, 20)).containsOnly(201);
                assertThat(statuses.getLast()).isEqualTo(429);
                return;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Order(2)
    void byCallEachHoldsOverBothInstances(Limit limit) {
        String subject = useUp(limit, (number, key) -> spend(weir(number), limit.policy(), key));
        assertThat(admits(weir(0), limit.policy(), subject()))
                .as("another subject")
                .isTrue();
        assertThat(scope(spend(weir(1), limit.policy(), subject))).isEqualTo("shared");
    }

    @ParameterizedTest
    @EnumSource
    @Order(3)
    void onARouteEachHoldsOverBothInstances(Limit limit) {
        int before = origin.requests("/" + limit.policy() + "/items").size();
        useUp(limit, (number, key) -> limit.onRoute(weir(number), key));
        assertThat(text(limit.onRoute(weir(0), subject()), 201))
                .as("another subject")
                .isEqualTo("done");
        assertThat(origin.requests("/" + limit.policy() + "/items").size() - before)
                .as("the origin has seen the limit, and the other subject")
                .isGreaterThanOrEqualTo(limit.limit + 1);
    }

    @Test
    @Order(4)
    void whenItsTimeHasComeTheSubjectIsAdmittedAgain() {
        String subject = useUp(Limit.CHAT, (number, key) -> spend(weir(number), "chat", key));
        HttpResponse<byte[]> refused = spend(weir(0), "chat", subject);
        assertThat(isAdmitted(refused)).isFalse();
        long retryAfterMs = Http.json(refused).path("retryAfterMs").asLong();
        assertThat(retryAfterMs).isBetween(1L, Limit.CHAT.window().toMillis());
        await().atMost(SOON).until(() -> admits(weir(1), "chat", subject));
    }

    /** The last, since Redis does not come back. */
    @Test
    @Order(LAST)
    void withRedisKilledEachDoesWhatItSays() {
        redis.kill();
        weirs.forEach(weir -> await().atMost(SOON).until(() -> mode(weir).equals("degraded")));

        for (Limit limit : Limit.values()) {
            for (WeirProcess weir : weirs) {
                if (limit.whenUnavailable.equals("local")) {
                    useUp(limit, (number, key) -> spend(weir, limit.policy(), key));
                    useUp(limit, (number, key) -> limit.onRoute(weir, key));
                } else {
                    String subject = subject();
                    int more = limit.limit / 10 + 5;
                    List<HttpResponse<byte[]>> answers =
                            Checks.atOnce(more, number -> spend(weir, limit.policy(), subject, limit.limit));
                    assertThat(answers).allSatisfy(answer -> {
                        assertThat(answer.statusCode()).isEqualTo(200);
                        assertThat(scope(answer)).isEqualTo("local");
                    });
                    assertThat(Checks.atOnce(
                                    more, number -> limit.onRoute(weir, subject).statusCode()))
                            .containsOnly(201);
                }
            }
        }
    }
}
