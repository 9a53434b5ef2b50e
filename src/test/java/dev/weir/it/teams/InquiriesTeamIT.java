package dev.weir.it.teams;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static dev.weir.it.WarmerRuns.counts;
import static dev.weir.it.WarmerRuns.runs;
import static dev.weir.it.WarmerRuns.state;
import static dev.weir.it.teams.Example.awaitMode;
import static dev.weir.it.teams.Example.get;
import static dev.weir.it.teams.Example.happened;
import static dev.weir.it.teams.Example.soon;
import static dev.weir.it.teams.SlowDashboard.BAD;
import static dev.weir.it.teams.SlowDashboard.INQUIRIES;
import static dev.weir.it.teams.SlowDashboard.ME;
import static dev.weir.it.teams.SlowDashboard.RANGES;
import static dev.weir.it.teams.SlowDashboard.SHY;
import static dev.weir.it.teams.SlowDashboard.USERS;
import static dev.weir.it.teams.SlowDashboard.WORKLOAD;
import static dev.weir.it.teams.SlowDashboard.users;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.LoadResult;
import dev.weir.testkit.OriginRoute.Reply;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A dashboard that was slow, on two instances: what is warm before anybody asks, and three routes before its API, which says
 * nothing of caching. One of the instances wants tokens.
 */
class InquiriesTeamIT {

    private static final String ADMIN = "Bearer inquiries-superuser-1";
    private static final String CLERK = "Bearer inquiries-clerk-12345";

    @TempDir
    static Path directory;

    private static RedisServer redis;
    private static SlowDashboard dashboard;
    private static List<WeirProcess> weirs;

    @BeforeAll
    static void start() throws IOException {
        redis = RedisServer.start();
        dashboard = SlowDashboard.open();
        Path tokens = Files.writeString(
                directory.resolve("tokens"), "admin inquiries-superuser-1\nwrite inquiries-clerk-12345\n");
        weirs = List.of(
                settings().launch(),
                settings().env("WEIR_TOKENS_FILE", tokens.toString()).launch());
        weirs.forEach(WeirProcess::awaitReady);
    }

    private static WeirProcess.Builder settings() {
        return Example.mounted("inquiries", dashboard.origin().url())
                .redis(redis)
                .property("weir.caches.users.origin.timeout", "20s")
                .property("weir.caches.workload.origin.timeout", "20s")
                .property("weir.warmers.users.backoff", "50ms");
    }

    @AfterAll
    static void stop() {
        weirs.forEach(WeirProcess::close);
        dashboard.origin().close();
        redis.close();
    }

    private static WeirProcess one() {
        return weirs.getFirst();
    }

    private static WeirProcess other() {
        return weirs.getLast();
    }

    /** Before all others, which clear what is kept. */
    @Test
    void afterAStartOfTwoInstancesEachKeyIsLoadedOnceAndReadFromTheCache() {
        for (String warmer : List.of("users", "workload")) {
            soon().until(() -> runs(one(), warmer).size() == 2
                    && runs(one(), warmer).stream().noneMatch(run -> state(run).equals("running")));
            assertThat(runs(one(), warmer))
                    .allMatch(run -> run.path("trigger").asText().equals("start"));
        }

        List<JsonNode> done = runs(one(), "users").stream()
                .filter(run -> state(run).equals("done"))
                .toList();
        assertThat(done).isNotEmpty();
        // The later instance was skipped, or tried what had failed and what would not last until the next run.
        JsonNode first = done.getLast();
        assertThat(counts(first)).isEqualTo(USERS + " " + (USERS - 1) + " 0 1");
        assertThat(first.path("failures").path(0).path("key").asText()).isEqualTo(BAD);
        assertThat(first.path("failures").path(0).path("reason").asText()).contains("500");
        assertThat(dashboard.origin().calls("/api/users/" + BAD))
                .as("each run tries it four times")
                .isEqualTo(4 * done.size());
        assertThat(dashboard.answered().subList(0, USERS - 1))
                .as("first the users")
                .doesNotContain("workload")
                .contains(SHY);

        int calls = dashboard.origin().calls();
        users().filter(user -> !user.equals(BAD)).forEach(user -> {
            HttpResponse<byte[]> answer = get(one(), "users", user);
            assertThat(text(answer, 200)).isEqualTo("I am " + user);
            assertThat(xCache(answer)).as(user).isEqualTo("HIT");
        });
        RANGES.forEach(range -> {
            String url = other().url(Example.entry("workload", range));
            assertThat(xCache(Http.get(url, "Authorization", CLERK))).isEqualTo("HIT");
        });
        assertThat(dashboard.origin().calls()).as("nobody had to ask again").isEqualTo(calls);
        assertThat(json(Http.get(one().url("/v1/warmers/users")), 200)
                        .path("schedule")
                        .asText())
                .isEqualTo("every PT30M");
    }

    /** All else: nothing is kept before a test. */
    @Nested
    class Asked {

        @BeforeEach
        void nothingIsKept() {
            awaitMode(weirs, "shared");
            text(Http.delete(one().url("/v1/caches")), 200);
            text(Http.delete(other().url("/v1/caches"), "Authorization", ADMIN), 200);
            dashboard.anew();
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
            HttpResponse<byte[]> there = me(other(), "ann");
            assertAnswer(there, "HIT", "I am ann");
            assertThat(Http.header(there, "Cache-Status")).matches("weir; hit; ttl=(29\\d|300); detail=shared");
            assertAnswer(Http.get(one().url(WORKLOAD + "?range=7d")), "MISS", "workload of range=7d");
            HttpResponse<byte[]> workload = Http.get(other().url(WORKLOAD + "?range=7d"));
            assertAnswer(workload, "HIT", "workload of range=7d");
            assertThat(Http.header(workload, "Cache-Status"))
                    .contains("hit; ttl=")
                    .containsPattern("ttl=(29\\d|300)");
            assertAnswer(list(one(), "clerk", "ann", ""), "MISS", "1 inquiries, null, for clerk ann");
            HttpResponse<byte[]> kept = list(other(), "clerk", "ann", "");
            assertAnswer(kept, "HIT", "1 inquiries, null, for clerk ann");
            assertThat(scope(kept)).isEqualTo("shared");
            assertThat(Http.header(kept, "Cache-Status")).containsPattern("ttl=(11\\d|120)");
            assertThat(Http.header(kept, "Age")).matches("\\d");
            assertThat(dashboard.origin().calls()).isEqualTo(3);
        }

        @Test
        void anAnswerIsKeptForItsUserRoleAndFiltersAlone() {
            record Filter(String role, String user, String query) {}
            List<Filter> all = new ArrayList<>();
            for (String role : List.of("clerk", "manager")) {
                for (String user : List.of("ann", "bob")) {
                    for (String query : List.of("", "?status=open", "?status=open&page=2")) {
                        all.add(new Filter(role, user, query));
                    }
                }
            }
            List<CompletableFuture<Void>> firsts = all.stream()
                    .map(filter -> CompletableFuture.runAsync(
                            () -> assertThat(xCache(list(one(), filter.role, filter.user, filter.query)))
                                    .isEqualTo("MISS"),
                            Thread::startVirtualThread))
                    .toList();
            firsts.forEach(CompletableFuture::join);
            assertThat(dashboard.origin().calls(INQUIRIES)).isEqualTo(all.size());
            for (Filter filter : all) {
                String query = filter.query.isEmpty() ? "null" : filter.query.substring(1);
                assertAnswer(
                        list(other(), filter.role, filter.user, filter.query),
                        "HIT",
                        "1 inquiries, " + query + ", for " + filter.role + " " + filter.user);
            }
            // The same filters in another order.
            assertThat(xCache(list(one(), "clerk", "ann", "?page=2&status=open")))
                    .isEqualTo("HIT");
            assertThat(dashboard.origin().calls(INQUIRIES)).isEqualTo(all.size());

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
            int before = dashboard.origin().calls(INQUIRIES);

            assertThat(text(Http.post(one().url(INQUIRIES), "how much?", "text/plain"), 201))
                    .isEqualTo("number 2");

            for (String role : roles) {
                for (String user : users) {
                    String fresh = "2 inquiries, status=open, for " + role + " " + user;
                    assertAnswer(list(one(), role, user, "?status=open"), "MISS", fresh);
                    soon().until(() ->
                            Http.text(list(other(), role, user, "?status=open")).equals(fresh));
                }
            }
            assertThat(dashboard.origin().calls(INQUIRIES))
                    .as("one POST, and each list once")
                    .isEqualTo(before + 1 + 4);
            assertThat(xCache(me(one(), "ann"))).as("another cache").isEqualTo("HIT");
            assertThat(happened(one(), "inquiry-created", "{}"))
                    .as("by an event")
                    .isEqualTo(4);
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
            String slow = INQUIRIES + "/slow";
            for (WeirProcess loading : weirs) {
                CountDownLatch go = new CountDownLatch(1);
                CountDownLatch asked = new CountDownLatch(1);
                dashboard.origin().on(slow).reply(request -> {
                    String text = "as of " + dashboard.count();
                    asked.countDown();
                    awaitOpen(go);
                    return Reply.of(200, text);
                });
                String path = slow + "?" + loading.port();
                String old = "as of " + dashboard.count();
                CompletableFuture<HttpResponse<byte[]>> answer =
                        CompletableFuture.supplyAsync(() -> Http.get(loading.url(path)), Thread::startVirtualThread);
                awaitOpen(asked);
                text(Http.post(one().url(INQUIRIES), "how much?", "text/plain"), 201);
                go.countDown();
                assertThat(text(answer.join(), 200)).isEqualTo(old);
                dashboard.origin().on(slow).reply(request -> Reply.of(200, "as of " + dashboard.count()));
                weirs.forEach(weir ->
                        assertThat(text(Http.get(weir.url(path)), 200)).isEqualTo("as of " + dashboard.count()));
            }
        }

        private static void awaitOpen(CountDownLatch latch) {
            try {
                assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** By what the user does through the route, and by what another system reports. */
        @Test
        void aUsersUpdateClearsTheUserUnderBothNamesAndTheLists() {
            String mail = "/v1/caches/users/aliases/ann@example.org";
            for (boolean event : List.of(false, true)) {
                Example.put(one(), "users", "ann?alias=ann@example.org", "profile of ann");
                assertThat(text(Http.get(one().url(mail)), 200)).isEqualTo("profile of ann");
                me(one(), "ann");
                me(one(), "bob");
                list(one(), "clerk", "ann", "");
                if (event) {
                    assertThat(happened(one(), "user-updated", "{\"id\":\"ann\",\"email\":\"ann@example.org\"}"))
                            .isEqualTo(3);
                } else {
                    text(Http.put(one().url(ME), "{}", "application/json", "X-User", "ann"), 200);
                }
                assertThat(Http.text(Http.get(one().url(mail)))).as("by e-mail").isNotEqualTo("profile of ann");
                assertThat(text(get(one(), "users", "ann"), 200)).isEqualTo("I am ann");
                assertAnswer(me(one(), "ann"), "MISS", "I am ann");
                assertAnswer(list(one(), "clerk", "ann", ""), "MISS", "1 inquiries, null, for clerk ann");
                // Through the route it was one address for everybody, of which nobody knows whose it was.
                assertThat(xCache(me(one(), "bob"))).isEqualTo(event ? "HIT" : "MISS");
            }
        }

        @Test
        void theFiguresBearARecommendation() {
            text(Http.delete(one().url("/v1/stats")), 204);
            me(one(), "ann");
            for (int i = 0; i < 9; i++) {
                assertThat(xCache(me(one(), "ann"))).isEqualTo("HIT");
            }
            soon().until(() -> Example.stats(one()).at("/cache/operations").asLong() >= 10);
            JsonNode stats = Example.stats(one());
            assertThat(stats.at("/cache/hitRate").asDouble())
                    .as(stats.toString())
                    .isGreaterThanOrEqualTo(0.8);
            assertThat(stats.at("/performance/status").asText()).isIn("good", "fair", "poor");
            assertThat(stats.at("/performance/recommendation").asText()).isNotBlank();
            problem(Http.delete(other().url("/v1/stats"), "Authorization", CLERK), 403, "forbidden");
        }

        @Test
        void onlyTheSuperuserClearsEverything() {
            me(one(), "ann");
            String all = other().url("/v1/caches");
            problem(Http.delete(all), 401, "unauthorized");
            problem(Http.delete(all, "Authorization", CLERK), 403, "forbidden");
            assertThat(xCache(me(other(), "ann"))).isEqualTo("HIT");
            text(Http.delete(all, "Authorization", ADMIN), 200);
            assertThat(xCache(me(other(), "ann"))).isEqualTo("MISS");
        }

        @Test
        void tenThousandRequestsReachTheOriginOncePerKey() {
            dashboard.quick(Duration.ZERO);
            Replay.ofTenThousand().run(key -> INQUIRIES + "/" + key, weirs, dashboard.origin());
        }

        @Test
        void noRequestFailsWhenRedisDiesAndMemoryGoesOn() {
            dashboard.quick(Duration.ofMillis(20));
            Load load = Load.builder()
                    .connections(8)
                    .against(one().url(), other().url())
                    .requests(SlowDashboard::request)
                    .start();
            awaitAnswers(load, 1_000);
            redis.kill();
            awaitMode(weirs, "degraded");
            awaitAnswers(load, 1_500);
            int calls = dashboard.origin().calls();
            awaitAnswers(load, 1_000);
            assertThat(dashboard.origin().calls()).as("all is in memory").isLessThan(calls + 250);
            weirs.forEach(weir -> {
                me(weir, "ann");
                HttpResponse<byte[]> answer = me(weir, "ann");
                assertAnswer(answer, "HIT", "I am ann");
                assertThat(scope(answer)).isEqualTo("local");
                // Writes are heeded, too, where they are made.
                list(weir, "clerk", "ann", "");
                text(Http.post(weir.url(INQUIRIES), "how much?", "text/plain"), 201);
                assertAnswer(
                        list(weir, "clerk", "ann", ""), "MISS", dashboard.count() + " inquiries, null, for clerk ann");
            });
            redis.restart();
            awaitMode(weirs, "shared");
            weirs.forEach(weir -> soon().until(() -> "shared".equals(scope(me(weir, "ann")))));
            awaitAnswers(load, 500);
            LoadResult result = load.stop();
            assertThat(result.failureCount()).as(result.toString()).isZero();
            weirs.forEach(weir -> assertThat(text(list(weir, "clerk", "ann", ""), 200))
                    .as("what was written meanwhile")
                    .startsWith(dashboard.count() + " inquiries"));
        }

        private static void awaitAnswers(Load load, int count) {
            long target = load.finished() + count;
            soon().until(() -> load.finished() >= target);
        }
    }
}
