package dev.weir.it;

import static dev.weir.it.Seen.mode;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.LoadResult;
import dev.weir.testkit.Origin;
import dev.weir.testkit.Origin.Received;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A dashboard that was slow: three routes before its API, by configuration alone, on two instances. The API says nothing
 * of caching.
 */
class InquiriesIT {

    private static final Duration SOON = Duration.ofSeconds(10);

    private static final String ME = "/api/users/me";
    private static final String INQUIRIES = "/api/inquiries";
    private static final String WORKLOAD = "/api/analytics/workload";

    private static final AtomicInteger COUNT = new AtomicInteger();

    private static RedisServer redis;
    private static Origin origin;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        weirs = Stream.generate(InquiriesIT::settings)
                .map(WeirProcess.Builder::launch)
                .limit(2)
                .toList();
        weirs.forEach(WeirProcess::awaitReady);
    }

    private static WeirProcess.Builder settings() {
        return WeirProcess.builder()
                .redis(redis)
                .property("weir.caches.users.ttl", "5m")
                .property("weir.caches.inquiries.ttl", "2m")
                .property("weir.caches.workload.ttl", "5m")
                .property("weir.routes.me.path", ME)
                .property("weir.routes.me.origin", origin.url())
                .property("weir.routes.me.cache", "users")
                .property("weir.routes.me.key", "{header.X-User}")
                .property("weir.routes.inquiries.path", INQUIRIES + "/*")
                .property("weir.routes.inquiries.origin", origin.url())
                .property("weir.routes.inquiries.cache", "inquiries")
                .property("weir.routes.inquiries.key", "{header.X-Role}:{header.X-User}:{path}:{query}")
                .property("weir.routes.inquiries.invalidates", "inquiries:*")
                .property("weir.routes.workload.path", WORKLOAD)
                .property("weir.routes.workload.origin", origin.url())
                .property("weir.routes.workload.cache", "workload")
                .property("weir.routes.workload.key", "{query.range}");
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        origin.close();
        redis.close();
    }

    @BeforeEach
    void nothingIsKept() {
        weirs.forEach(weir -> {
            await().atMost(SOON).until(() -> mode(weir).equals("shared"));
            text(Http.delete(weir.url("/v1/caches")), 200);
        });
        COUNT.set(1);
        origin.reset();
        origin.on(ME).delay(Duration.ofMillis(200)).reply(request -> Reply.of(200, "I am " + request.header("X-User")));
        origin.on(INQUIRIES).delay(Duration.ofMillis(150)).reply(InquiriesIT::answer);
        origin.on(WORKLOAD)
                .delay(Duration.ofMillis(300))
                .reply(request -> Reply.of(200, "workload of " + request.query()));
    }

    private static Reply answer(Received request) {
        if (request.method().equals("POST")) {
            return request.text().isEmpty()
                    ? Reply.of(422, "an inquiry has a text")
                    : Reply.of(201, "number " + COUNT.incrementAndGet());
        }
        return Reply.of(
                200,
                COUNT + " inquiries, " + request.query() + ", for " + request.header("X-Role") + " "
                        + request.header("X-User"));
    }

    private static WeirProcess one() {
        return weirs.getFirst();
    }

    private static WeirProcess other() {
        return weirs.getLast();
    }

    private static HttpResponse<byte[]> me(WeirProcess weir, String user) {
        return Http.get(weir.url(ME), "X-User", user);
    }

    private static HttpResponse<byte[]> list(WeirProcess weir, String role, String user, String query) {
        return Http.get(weir.url(INQUIRIES + query), "X-Role", role, "X-User", user);
    }

    private static void assertAnswer(HttpResponse<byte[]> answer, String xCache, String text) {
        assertThat(text(answer, 200)).isEqualTo(text);
        assertThat(xCache(answer)).as(text).isEqualTo(xCache);
    }

    @Test
    void theFirstAnswerIsTheOriginsAndTheRestAreKeptOnBothInstances() {
        assertAnswer(me(one(), "ann"), "MISS", "I am ann");
        assertAnswer(me(one(), "ann"), "HIT", "I am ann");
        assertAnswer(me(other(), "ann"), "HIT", "I am ann");
        assertAnswer(Http.get(one().url(WORKLOAD + "?range=7d")), "MISS", "workload of range=7d");
        assertAnswer(Http.get(other().url(WORKLOAD + "?range=7d")), "HIT", "workload of range=7d");
        assertAnswer(list(one(), "clerk", "ann", ""), "MISS", "1 inquiries, null, for clerk ann");
        HttpResponse<byte[]> kept = list(other(), "clerk", "ann", "");
        assertAnswer(kept, "HIT", "1 inquiries, null, for clerk ann");
        assertThat(scope(kept)).isEqualTo("shared");
        assertThat(Http.header(kept, "Cache-Status"))
                .contains("weir; hit; ttl=1")
                .contains("detail=shared");
        assertThat(Http.header(kept, "Age")).matches("\\d");
        assertThat(origin.calls()).isEqualTo(3);
    }

    @Test
    void anAnswerIsKeptForItsUserRoleAndFiltersAlone() {
        List<CompletableFuture<Void>> firsts = new ArrayList<>();
        record Asked(String role, String user, String query) {}
        List<Asked> all = new ArrayList<>();
        for (String role : List.of("clerk", "manager")) {
            for (String user : List.of("ann", "bob")) {
                for (String query : List.of("", "?status=open", "?status=open&page=2")) {
                    all.add(new Asked(role, user, query));
                }
            }
        }
        for (Asked asked : all) {
            firsts.add(CompletableFuture.runAsync(
                    () -> assertThat(xCache(list(one(), asked.role, asked.user, asked.query)))
                            .isEqualTo("MISS"),
                    Thread::startVirtualThread));
        }
        firsts.forEach(CompletableFuture::join);
        assertThat(origin.calls(INQUIRIES)).isEqualTo(all.size());
        for (Asked asked : all) {
            String query = asked.query.isEmpty() ? "null" : asked.query.substring(1);
            assertAnswer(
                    list(other(), asked.role, asked.user, asked.query),
                    "HIT",
                    "1 inquiries, " + query + ", for " + asked.role + " " + asked.user);
        }
        // The same filters in another order.
        assertThat(xCache(list(one(), "clerk", "ann", "?page=2&status=open"))).isEqualTo("HIT");
        assertThat(origin.calls(INQUIRIES)).isEqualTo(all.size());

        assertAnswer(me(one(), "ann"), "MISS", "I am ann");
        assertAnswer(me(one(), "bob"), "MISS", "I am bob");
        assertAnswer(Http.get(one().url(WORKLOAD + "?range=7d")), "MISS", "workload of range=7d");
        assertAnswer(Http.get(one().url(WORKLOAD + "?range=30d")), "MISS", "workload of range=30d");
        assertAnswer(Http.get(one().url(WORKLOAD + "?x=1&range=30d")), "HIT", "workload of range=30d");
    }

    @Test
    void aNewInquiryMakesTheNextListOfEverybodyFreshOnBothInstances() {
        List<String> roles = List.of("clerk", "manager");
        List<String> users = List.of("ann", "bob");
        for (String role : roles) {
            for (String user : users) {
                list(one(), role, user, "?status=open");
                weirs.forEach(weir -> assertThat(xCache(list(weir, role, user, "?status=open")))
                        .isEqualTo("HIT"));
            }
        }
        me(one(), "ann");
        int before = origin.calls(INQUIRIES);

        assertThat(text(Http.post(one().url(INQUIRIES), "how much?", "text/plain"), 201))
                .isEqualTo("number 2");

        for (String role : roles) {
            for (String user : users) {
                String fresh = "2 inquiries, status=open, for " + role + " " + user;
                assertAnswer(list(one(), role, user, "?status=open"), "MISS", fresh);
                await().atMost(SOON).until(() -> Http.text(list(other(), role, user, "?status=open"))
                        .equals(fresh));
            }
        }
        assertThat(origin.calls(INQUIRIES)).as("one POST, and each list once").isEqualTo(before + 1 + 4);
        assertThat(xCache(me(one(), "ann"))).as("another cache").isEqualTo("HIT");
    }

    @Test
    void anInquiryThatIsRefusedChangesNothing() {
        list(one(), "clerk", "ann", "");
        text(Http.post(one().url(INQUIRIES), "", "text/plain"), 422);
        assertThat(xCache(list(one(), "clerk", "ann", ""))).isEqualTo("HIT");
    }

    /** A list that was asked for before an inquiry came must not be kept after it, wherever it is loaded. */
    @Test
    void aListThatIsLoadedAsAnInquiryComesIsNotKept() {
        for (WeirProcess loading : weirs) {
            CountDownLatch go = new CountDownLatch(1);
            CountDownLatch asked = new CountDownLatch(1);
            origin.on(INQUIRIES + "/slow").reply(request -> {
                String text = "as of " + COUNT;
                asked.countDown();
                awaitOpen(go);
                return Reply.of(200, text);
            });
            String path = INQUIRIES + "/slow?" + loading.port();
            String old = "as of " + COUNT;
            CompletableFuture<HttpResponse<byte[]>> slow =
                    CompletableFuture.supplyAsync(() -> Http.get(loading.url(path)), Thread::startVirtualThread);
            awaitOpen(asked);
            text(Http.post(one().url(INQUIRIES), "how much?", "text/plain"), 201);
            go.countDown();
            assertThat(text(slow.join(), 200)).isEqualTo(old);
            origin.on(INQUIRIES + "/slow").reply(request -> Reply.of(200, "as of " + COUNT));
            weirs.forEach(
                    weir -> assertThat(text(Http.get(weir.url(path)), 200)).isEqualTo("as of " + COUNT));
        }
    }

    private static void awaitOpen(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void noRequestFailsWhenRedisDiesAndMemoryGoesOn() {
        for (String path : List.of(ME, INQUIRIES, WORKLOAD)) {
            origin.on(path).delay(Duration.ofMillis(20));
        }
        Load load = Load.builder()
                .connections(16)
                .against(one().url(), other().url())
                .requests(InquiriesIT::request)
                .start();
        awaitAnswers(load, 2_000);
        redis.kill();
        weirs.forEach(weir -> await().atMost(SOON).until(() -> mode(weir).equals("degraded")));
        awaitAnswers(load, 3_000);
        int calls = origin.calls();
        awaitAnswers(load, 1_000);
        assertThat(origin.calls()).as("all is in memory").isLessThan(calls + 250);
        weirs.forEach(weir -> {
            me(weir, "ann");
            HttpResponse<byte[]> answer = me(weir, "ann");
            assertAnswer(answer, "HIT", "I am ann");
            assertThat(scope(answer)).isEqualTo("local");
            // Writes are heeded, too, where they are made.
            list(weir, "clerk", "ann", "");
            text(Http.post(weir.url(INQUIRIES), "how much?", "text/plain"), 201);
            assertAnswer(list(weir, "clerk", "ann", ""), "MISS", COUNT + " inquiries, null, for clerk ann");
        });
        redis.restart();
        weirs.forEach(weir -> await().atMost(SOON).until(() -> mode(weir).equals("shared")));
        weirs.forEach(weir -> await().atMost(SOON).until(() -> "shared".equals(scope(me(weir, "ann")))));
        awaitAnswers(load, 1_000);
        LoadResult result = load.stop();
        assertThat(result.failureCount()).as(result.toString()).isZero();
        weirs.forEach(weir -> assertThat(text(list(weir, "clerk", "ann", ""), 200))
                .as("what was written meanwhile")
                .startsWith(COUNT + " inquiries"));
    }

    private static Load.Request request(int number) {
        String user = "X-User: u" + number % 20;
        return switch (number % 3) {
            case 0 -> Load.Request.get(ME, user);
            case 1 -> Load.Request.get(INQUIRIES + "?page=" + number % 5, "X-Role: clerk", user);
            default -> Load.Request.get(WORKLOAD + "?range=" + number % 7 + "d");
        };
    }

    private static void awaitAnswers(Load load, int count) {
        long target = load.finished() + count;
        await().atMost(Duration.ofSeconds(30)).until(() -> load.finished() >= target);
    }
}
