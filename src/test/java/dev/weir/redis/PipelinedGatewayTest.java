package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.weir.store.Availability;
import dev.weir.store.Settled;
import dev.weir.store.StoreUnavailable;
import dev.weir.testkit.RedisServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelinedGatewayTest {

    private static final Duration TIMEOUT = Duration.ofMillis(200);

    /** Five times the deadline: what a crowded machine may add to it. */
    private static final Duration GENEROUS = TIMEOUT.multipliedBy(5);

    private static RedisServer redis;
    private static TestGateway shared;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        shared = TestGateway.started(redis.url());
    }

    @AfterAll
    static void stop() {
        shared.close();
        redis.close();
    }

    private static Future<Reply> send(TestGateway gateway, String name, Object... arguments) {
        return gateway.gateway().send(Command.of(name, arguments));
    }

    private static Future<Reply> send(String name, Object... arguments) {
        return send(shared, name, arguments);
    }

    private static void awaitUp(TestGateway gateway) {
        await().atMost(Duration.ofSeconds(10)).until(gateway.availability()::isUp);
    }

    private static void awaitDown(TestGateway gateway) {
        await().atMost(Duration.ofSeconds(10))
                .until(() -> !gateway.availability().isUp());
    }

    /** Counts the transitions. */
    private static final class Transitions implements Availability.Listener {
        final AtomicInteger downs = new AtomicInteger();
        final AtomicInteger ups = new AtomicInteger();

        @Override
        public void onDown() {
            downs.incrementAndGet();
        }

        @Override
        public void onUp() {
            ups.incrementAndGet();
        }
    }

    @Test
    void everyKindOfArgumentArrivesAsItIs() {
        byte[] bytes = {0, 13, 10, -1};
        Settled.value(send("SET", "bytes", bytes));
        assertThat(Settled.value(send("GET", "bytes")).bytes()).isEqualTo(bytes);
        Settled.value(send("MSET", "ü", "ключ", "int", -7, "long", Long.MIN_VALUE));
        Settled.value(send("SET", "buffer", io.vertx.core.buffer.Buffer.buffer("b")));
        assertThat(Settled.value(send("MGET", "ü", "int", "long", "buffer")).items())
                .extracting(Reply::text)
                .containsExactly("ключ", "-7", "-9223372036854775808", "b");
        assertThat(Settled.value(send("GET", "nothing")).isNil()).isTrue();
    }

    @Test
    void anErrorOfOneCommandOfATurnLeavesItsNeighboursAlone() {
        Promise<List<Future<Reply>>> sent = Promise.promise();
        shared.vertx()
                .runOnContext(go -> sent.complete(List.of(
                        send("SET", "n", "text"),
                        send("INCR", "n"),
                        send("NONSENSE"),
                        send("LPUSH", "n", "x"),
                        send("GET", "n"))));
        List<Future<Reply>> futures = Settled.value(sent.future());
        assertThat(Settled.value(futures.get(0)).text()).isEqualTo("OK");
        assertThat(Settled.failure(futures.get(1)))
                .isInstanceOf(RedisError.class)
                .hasMessageStartingWith("ERR");
        assertThat(Settled.failure(futures.get(2))).isInstanceOf(RedisError.class);
        assertThat(Settled.failure(futures.get(3)))
                .isInstanceOf(RedisError.class)
                .hasMessageStartingWith("WRONGTYPE");
        assertThat(Settled.value(futures.get(4)).text()).isEqualTo("text");
        assertThat(shared.availability().isUp()).isTrue();
    }

    @Test
    void commandsOfOneCallerTakeEffectInTheirOrder() {
        Settled.value(send("DEL", "count", "list"));
        Promise<List<Future<Reply>>> sent = Promise.promise();
        shared.vertx().runOnContext(go -> {
            List<Future<Reply>> futures = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                send("RPUSH", "list", i);
                futures.add(send("INCR", "count"));
            }
            sent.complete(futures);
        });
        List<Future<Reply>> futures = Settled.value(sent.future());
        assertThat(futures.stream().map(each -> Settled.value(each).integer()))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 3_000).boxed().toList());
        assertThat(Settled.value(send("LRANGE", "list", 0, -1)).items())
                .extracting(Reply::integer)
                .containsExactlyElementsOf(LongStream.range(0, 3_000).boxed().toList());
    }

    @Test
    void answersArriveOnTheCallersOwnContextWhateverThreadItCallsFrom() {
        Settled.value(send("SET", "ctx", "x"));
        List<String> wrong = new CopyOnWriteArrayList<>();
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Context context = ((VertxInternal) shared.vertx()).createEventLoopContext();
            Promise<Void> done = Promise.promise();
            all.add(done.future());
            context.runOnContext(go -> send("GET", "ctx").onComplete(reply -> {
                if (!context.equals(Vertx.currentContext())
                        || !"x".equals(reply.result().text())) {
                    wrong.add(Thread.currentThread() + " for " + context);
                }
                done.complete();
            }));
        }
        for (int i = 0; i < 4; i++) {
            all.add(shared.vertx()
                    .executeBlocking(() -> Settled.value(send("GET", "ctx")).text(), false));
        }
        all.forEach(Settled::value);
        Settled.value(send("GET", "ctx"));
        assertThat(wrong).isEmpty();
        // Two event loops and the change bus: no caller has a connection of its own.
        assertThat(connections()).isBetween(2L, 4L);
    }

    private static long connections() {
        return String.valueOf(redis.command("CLIENT", "LIST"))
                .lines()
                .filter(line -> line.contains("name=weir"))
                .count();
    }

    @Test
    void manyThreadsAtOnceGetEachItsOwnAnswer() throws InterruptedException {
        List<String> wrong = new CopyOnWriteArrayList<>();
        List<Thread> threads = IntStream.range(0, 4)
                .mapToObj(t -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 200; i++) {
                        String text = t + ":" + i;
                        if (!text.equals(Settled.value(send("ECHO", text)).text())) {
                            wrong.add(text);
                        }
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void theClockIsThatOfRedis() {
        List<Reply> time = Settled.value(send("TIME")).items();
        assertThat(shared.gateway().now()).isCloseTo(time.getFirst().integer() * 1000, within(2_000L));
        try (FakeRedis past = new FakeRedis(FakeRedis::greeting);
                TestGateway gateway = TestGateway.started(past.url())) {
            assertThat(gateway.gateway().now()).isCloseTo(1_700_000_000_000L, within(5_000L));
        }
    }

    @Test
    void aFrozenRedisAnswersNobodyLateAndComesBack() {
        try (RedisServer server = RedisServer.start();
                TestGateway gateway = TestGateway.to(server.url(), TIMEOUT).start()) {
            Transitions transitions = new Transitions();
            gateway.availability().addListener(transitions);
            server.freeze();
            long began = System.nanoTime();
            List<Future<Reply>> waiting = IntStream.range(0, 50)
                    .mapToObj(i -> send(gateway, "INCR", "n"))
                    .toList();
            waiting.forEach(each -> assertThat(Settled.failure(each))
                    .isInstanceOfSatisfying(StoreUnavailable.class, e -> assertThat(e.isRefused())
                            .isFalse()));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(GENEROUS);
            awaitDown(gateway);
            long askedWhileDown = System.nanoTime();
            assertThat(Settled.failure(send(gateway, "PING"))).isInstanceOf(StoreUnavailable.class);
            assertThat(Duration.ofNanos(System.nanoTime() - askedWhileDown)).isLessThan(TIMEOUT);

            server.thaw();
            awaitUp(gateway);
            // What was sent before the outage has taken effect before anyone is served, and nothing of it comes later.
            assertThat(Settled.value(send(gateway, "GET", "n")).integer()).isEqualTo(50);
            assertThat(transitions.downs).hasValue(1);
            assertThat(transitions.ups).hasValue(1);
        }
    }

    /** What was asked of it at once takes longer than a deadline, but each part of it is answered in turn. */
    @Test
    void aRedisThatIsBehindIsLateAndNotAway() {
        try (RedisServer server = RedisServer.start();
                TestGateway gateway = TestGateway.to(server.url(), TIMEOUT).start()) {
            Transitions transitions = new Transitions();
            gateway.availability().addListener(transitions);
            String twentyMillis = """
                    local function now() local t = redis.call('TIME') return t[1] * 1000000 + t[2] end
                    local till = now() + 20000
                    while now() < till do end
                    return 1
                    """;
            // Redis reads a long argument by itself, and answers what came before it first.
            String alone = twentyMillis + "--" + "x".repeat(64 * 1024);
            List<Future<Reply>> asked = IntStream.range(0, 40)
                    .mapToObj(i -> send(gateway, "EVAL", alone, "0"))
                    .toList();
            await().atMost(Duration.ofSeconds(10)).until(() -> asked.stream().allMatch(Future::isComplete));
            assertThat(asked).as("some of it is too late").anyMatch(Future::failed);
            assertThat(transitions.downs).hasValue(0);
            assertThat(gateway.availability().isUp()).isTrue();
        }
    }

    @Test
    void aReplyThatComesTooLateIsNotTakenForTheNextOne() {
        try (RedisServer server = RedisServer.start();
                TestGateway gateway =
                        TestGateway.to(server.url(), Duration.ofSeconds(1)).start()) {
            server.freeze();
            assertThat(Settled.failure(send(gateway, "ECHO", "late"))).isInstanceOf(StoreUnavailable.class);
            Future<Reply> next = send(gateway, "ECHO", "next");
            server.thaw();
            assertThat(Settled.value(next).text()).isEqualTo("next");
            assertThat(Settled.value(send(gateway, "ECHO", "third")).text()).isEqualTo("third");
        }
    }

    @Test
    void aKilledRedisIsDownAndOneThatReturnsOnItsPortIsUpAgain() {
        try (RedisServer server = RedisServer.start();
                TestGateway gateway = TestGateway.to(server.url(), TIMEOUT).start()) {
            for (int round = 1; round <= 2; round++) {
                assertThat(Settled.value(send(gateway, "PING")).text()).isEqualTo("PONG");
                server.kill();
                long began = System.nanoTime();
                assertThat(Settled.failure(send(gateway, "GET", "x"))).isInstanceOf(StoreUnavailable.class);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(GENEROUS);
                awaitDown(gateway);
                server.restart();
                awaitUp(gateway);
            }
        }
    }

    @Test
    void withoutRedisItStartsAndConnectsWhenRedisAppears() {
        try (RedisServer server = RedisServer.start()) {
            server.kill();
            try (TestGateway gateway = TestGateway.to(server.url(), TIMEOUT).start()) {
                assertThat(gateway.availability().isUp()).isFalse();
                assertThat(gateway.availability().isDegraded()).isTrue();
                assertThat(Settled.failure(send(gateway, "PING"))).isInstanceOf(StoreUnavailable.class);
                server.restart();
                awaitUp(gateway);
                assertThat(Settled.value(send(gateway, "PING")).text()).isEqualTo("PONG");
            }
        }
    }

    @Test
    void onlyTheRightPasswordIsLetIn() {
        try (RedisServer server = RedisServer.start("--requirepass", "s3cret/:@")) {
            for (String url : List.of(server.url(), server.url().replace("//", "//:wrong@"))) {
                try (TestGateway gateway = TestGateway.to(url, TIMEOUT).start()) {
                    assertThat(gateway.availability().isUp()).as(url).isFalse();
                }
            }
            for (String who : List.of(":s3cret%2F%3A%40@", "default:s3cret%2F%3A%40@")) {
                try (TestGateway gateway = TestGateway.to(server.url().replace("//", "//" + who), TIMEOUT)
                        .start()) {
                    assertThat(gateway.availability().isUp()).as(who).isTrue();
                    assertThat(Settled.value(send(gateway, "PING")).text()).isEqualTo("PONG");
                }
            }
        }
    }

    @Test
    void theDatabaseOfTheUrlIsTheOneThatIsUsed() {
        try (RedisServer server = RedisServer.start()) {
            try (TestGateway gateway =
                    TestGateway.to(server.url() + "/3", TIMEOUT).start()) {
                Settled.value(send(gateway, "SET", "x", "y"));
            }
            assertThat(String.valueOf(server.command("INFO", "keyspace")))
                    .contains("db3:keys=1")
                    .doesNotContain("db0");
            try (TestGateway gateway =
                    TestGateway.to(server.url() + "/99", TIMEOUT).start()) {
                assertThat(gateway.availability().isUp()).isFalse();
            }
        }
    }

    @Test
    void anIdleConnectionThatIsKilledHealsSilently() {
        try (RedisServer server = RedisServer.start();
                TestGateway gateway = TestGateway.started(server.url())) {
            Transitions transitions = new Transitions();
            gateway.availability().addListener(transitions);
            for (int round = 0; round < 5; round++) {
                Settled.value(send(gateway, "PING"));
                assertThat((Long) server.command("CLIENT", "KILL", "TYPE", "normal"))
                        .isPositive();
                await().ignoreExceptions()
                        .until(() -> Settled.value(send(gateway, "PING")).text().equals("PONG"));
            }
            assertThat(transitions.downs).hasValue(0);
            assertThat(gateway.availability().isUp()).isTrue();
        }
    }

    @Test
    void aRedisThatIsFullRefusesWritesAndIsNotDown() {
        try (RedisServer server = RedisServer.start("--maxmemory", "1mb", "--maxmemory-policy", "noeviction");
                TestGateway gateway = TestGateway.started(server.url())) {
            LuaScript put = LuaScript.load("cache/put");
            Future<Reply> set = send(gateway, "SET", "x", "y".repeat(1_000));
            Future<Reply> script = gateway.gateway().run(put, "x", "y", 1000, "", "channel", "message");
            for (Future<Reply> each : List.of(set, script)) {
                assertThat(Settled.failure(each))
                        .isInstanceOfSatisfying(StoreUnavailable.class, e -> assertThat(e.isRefused())
                                .isTrue());
            }
            assertThat(Settled.value(send(gateway, "GET", "x")).isNil()).isTrue();
            assertThat(gateway.availability().isUp()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOADING Redis is loading the dataset in memory",
                "READONLY You can't write against a read only replica.",
                "MASTERDOWN Link with MASTER is down",
                "CLUSTERDOWN The cluster is down",
                "TRYAGAIN Multiple keys request during rehashing of slot",
                "BUSY Redis is busy running a script.",
                "NOAUTH Authentication required."
            })
    void anErrorOfTheWrongPlaceOrTimeIsAnOutage(String error) {
        assertThat(answeredWith(error)).isInstanceOfSatisfying(StoreUnavailable.class, e -> assertThat(e.isRefused())
                .isFalse());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OOM command not allowed when used memory > 'maxmemory'.",
                "NOREPLICAS Not enough good replicas to write.",
                "MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk."
            })
    void anErrorThatRefusesOneCommandIsNoOutage(String error) {
        assertThat(answeredWith(error)).isInstanceOfSatisfying(StoreUnavailable.class, e -> assertThat(e.isRefused())
                .isTrue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ERR unknown command",
                "WRONGTYPE Operation against a key",
                "NOSCRIPT No matching script",
                "BUSYKEY x"
            })
    void everyOtherErrorIsABug(String error) {
        assertThat(answeredWith(error)).isInstanceOf(RedisError.class).hasMessageStartingWith(error);
    }

    @Test
    void anErrorThatQuotesArgumentsIsToldWithoutThem() {
        assertThat(answeredWith("ERR unknown command 'GET', with args beginning with: 'it's a secret' 'too' "))
                .isInstanceOf(RedisError.class)
                .hasMessage("ERR unknown command … (GET)");
    }

    private static Throwable answeredWith(String error) {
        try (FakeRedis fake = new FakeRedis(
                        words -> words.getFirst().equals("GET") ? "-" + error + "\r\n" : FakeRedis.greeting(words));
                TestGateway gateway = TestGateway.started(fake.url())) {
            assertThat(gateway.availability().isUp()).isTrue();
            return Settled.failure(send(gateway, "GET", "x"));
        }
    }

    @Test
    void aPeerThatTalksNonsenseIsDropped() {
        try (FakeRedis fake = new FakeRedis(
                        words -> words.getFirst().equals("GET") ? "*4294967297\r\n" : FakeRedis.greeting(words));
                TestGateway gateway = TestGateway.to(fake.url(), TIMEOUT).start()) {
            long began = System.nanoTime();
            assertThat(Settled.failure(send(gateway, "GET", "x")))
                    .isInstanceOf(StoreUnavailable.class)
                    .hasMessageContaining("lost");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(GENEROUS);
            await().ignoreExceptions()
                    .until(() -> Settled.value(send(gateway, "PING")).text().equals("PONG"));
        }
    }

    @Test
    void nothingIsBelievedBeforeEveryReplayHasRun() {
        try (RedisServer server = RedisServer.start();
                TestGateway gateway = TestGateway.to(server.url(), TIMEOUT)) {
            AtomicInteger attempts = new AtomicInteger();
            List<String> order = new CopyOnWriteArrayList<>();
            gateway.recovery().addReplay(() -> {
                order.add("first " + gateway.availability().isUp());
                return gateway.gateway().unguarded().send(Command.of("SET", "replayed", "yes"));
            });
            gateway.recovery().addReplay(() -> {
                order.add("second " + gateway.availability().isUp());
                return attempts.incrementAndGet() == 1
                        ? Future.failedFuture(StoreUnavailable.unreachable("not yet"))
                        : Future.succeededFuture();
            });
            gateway.start();
            awaitUp(gateway);
            assertThat(order).containsExactly("first false", "second false", "first false", "second false");
            assertThat(server.command("GET", "replayed")).isEqualTo("yes");
        }
    }
}
