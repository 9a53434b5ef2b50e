package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.cache.CacheStore.Condition;
import dev.weir.cache.CacheStore.Lease;
import dev.weir.cache.CacheStore.PutOutcome;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.redis.ChangeBus;
import dev.weir.redis.Command;
import dev.weir.redis.Keys;
import dev.weir.redis.RedisError;
import dev.weir.redis.TestGateway;
import dev.weir.store.Settled;
import dev.weir.testkit.RedisServer;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisCacheStoreTest extends CacheStoreContract {

    private static final CacheKey KEY = new CacheKey("users", "42");
    private static final String NAME = "weir:c:{users:42}";
    private static final CopyOnWriteArrayList<Change> HEARD = new CopyOnWriteArrayList<>();

    /** Lists the keys that would live for ever. */
    private static final String IMMORTAL = """
            local found = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              if redis.call('PTTL', key) < 0 then found[#found + 1] = key end
            end
            return found
            """;

    private static RedisServer redis;
    private static TestGateway gateway;
    private static TestGateway listening;

    private RedisCacheStore store;
    private boolean foreignKeys;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        gateway = TestGateway.started(redis.url());
        listening = TestGateway.started(redis.url());
        listening.bus().addListener(listener(HEARD));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        listening.close();
        redis.close();
    }

    @BeforeEach
    void empty() {
        redis.command("PUBLISH", "weir:changes", "x\0cache\0" + new Change(Change.Op.PUT, "marks", "begin").encode());
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> HEARD.contains(new Change(Change.Op.PUT, "marks", "begin")));
        HEARD.clear();
        redis.command("FLUSHALL");
        store = new RedisCacheStore(gateway.gateway(), new Keys("weir:"), gateway.bus());
    }

    @AfterEach
    void everyKeyHasAnEnd() {
        assertThat(gateway.availability().isUp()).isTrue();
        if (!foreignKeys) {
            assertThat(redis.command("EVAL", IMMORTAL, "0")).isEqualTo(List.of());
        }
    }

    @Override
    CacheStore store() {
        return store;
    }

    @Override
    CopyOnWriteArrayList<Change> heard() {
        return HEARD;
    }

    private Entry entry(String text) {
        return Entries.of(text, Entries.LONG, store.now());
    }

    @Test
    void aFormatOfAnotherVersionReadsAsAMissAndCanBeReplaced() {
        Settled.value(store.put(KEY, entry("x"), new Condition.Always()));
        redis.command("SETRANGE", NAME, "0", "\u0007");

        assertThat(Settled.value(store.get(KEY, false))).isNull();
        assertThat(Settled.value(store.get(KEY, true))).isNull();
        assertThat(Settled.value(store.list("users", "*", null, 10)).entries()).isEmpty();
        assertThat(Settled.value(store.put(KEY, entry("y"), new Condition.Present())))
                .isEqualTo(PutOutcome.REFUSED);
        assertThat(Settled.value(store.put(KEY, entry("y"), new Condition.Absent())))
                .isEqualTo(PutOutcome.CREATED);
        assertThat(Entries.text(Settled.value(store.get(KEY, false)))).isEqualTo("y");
    }

    @Test
    void aFormatOfAnotherVersionCanBeLoadedAndRemoved() {
        redis.command("SET", NAME, "\u0007", "PX", "60000");
        Lease lease = Settled.value(store.lease(KEY, null, Duration.ofSeconds(9)));
        assertThat(lease).isInstanceOf(Lease.Granted.class);
        assertThat(Settled.value(store.fill(KEY, ((Lease.Granted) lease).token(), entry("new"))))
                .isTrue();
        assertThat(Entries.text(Settled.value(store.get(KEY, false)))).isEqualTo("new");

        redis.command("SET", NAME, "\u0007", "PX", "60000");
        assertThat(Settled.value(store.remove(new Selection.Key("users", "42"))))
                .isZero();
        assertThat(redis.command("EXISTS", NAME)).isEqualTo(0L);
    }

    @Test
    void anEntryTornByAForeignHandIsAMiss() {
        Settled.value(store.put(KEY, entry("x"), new Condition.Always()));
        for (String torn :
                List.of("\u0001", "\u0001V", "\u0001L", "\u0001V" + "\0".repeat(70), "\u0001V\0\0".repeat(20))) {
            redis.command("SET", NAME, torn, "PX", "60000");
            assertThat(Settled.value(store.get(KEY, false))).isNull();
            assertThat(Settled.value(store.get(KEY, true))).isNull();
            assertThat(Settled.value(store.remove(new Selection.Key("users", "42"))))
                    .isZero();
        }
    }

    @Test
    void scriptsThatRedisHasForgottenAreSentAgain() {
        Entry entry = Entries.of("x", Entries.LONG, store.now(), List.of("t"), List.of());
        for (int round = 0; round < 2; round++) {
            redis.command("SCRIPT", "FLUSH");
            assertThat(Settled.value(store.put(KEY, entry, new Condition.Always())))
                    .isNotNull();
            redis.command("SCRIPT", "FLUSH");
            assertThat(Settled.value(store.get(KEY, true))).isNotNull();
            redis.command("SCRIPT", "FLUSH");
            assertThat(Settled.value(store.list("users", "*", null, 5)).entries())
                    .hasSize(1);
            redis.command("SCRIPT", "FLUSH");
            long token = ((Lease.Granted) Settled.value(store.lease(KEY, entry, Duration.ofSeconds(9)))).token();
            redis.command("SCRIPT", "FLUSH");
            assertThat(Settled.value(store.fill(KEY, token, entry))).isTrue();
            redis.command("SCRIPT", "FLUSH");
            assertThat(Settled.value(store.remove(new Selection.Tag("users", "t"))))
                    .isEqualTo(1);
        }
    }

    @Test
    void aKeyOfAForeignTypeIsAnErrorAndNoOutage() {
        foreignKeys = true;
        redis.command("LPUSH", NAME, "x");
        assertThat(Settled.failure(store.get(KEY, false))).isInstanceOf(RedisError.class);
        assertThat(Settled.failure(store.get(KEY, true))).isInstanceOf(RedisError.class);
        assertThat(Settled.failure(store.put(KEY, entry("x"), new Condition.Always())))
                .isInstanceOf(RedisError.class);
        assertThat(Settled.failure(store.lease(KEY, null, Duration.ofSeconds(9))))
                .isInstanceOf(RedisError.class);
        assertThat(Settled.value(store.get(new CacheKey("users", "43"), false))).isNull();
    }

    @Test
    void theIndexOfATagIsEmptiedWithItsEntries() {
        Entry entry = Entries.of("x", Entries.LONG, store.now(), List.of("t"), List.of());
        IntStream.range(0, 20)
                .forEach(i -> Settled.value(store.put(new CacheKey("users", "k" + i), entry, new Condition.Always())));
        assertThat(redis.command("ZCARD", "weir:t:{users:t}")).isEqualTo(20L);
        Settled.value(store.remove(new Selection.Tag("users", "t")));
        assertThat(redis.command("EXISTS", "weir:t:{users:t}")).isEqualTo(0L);
    }

    @Test
    void entriesThatShareTheirPlaceInTheIndexOfATagAreAllRemoved() {
        Entry entry = Entries.of("x", Entries.LONG, store.now(), List.of("t"), List.of());
        Settled.value(Future.all(IntStream.range(0, 1_200)
                .mapToObj(i -> store.put(new CacheKey("users", "k" + i), entry, new Condition.Always()))
                .toList()));
        String level = """
                local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
                for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('ZADD', KEYS[1], last, key) end
                """;
        redis.command("EVAL", level, "1", "weir:t:{users:t}");
        assertThat(Settled.value(store.remove(new Selection.Tag("users", "t")))).isEqualTo(1_200);
    }

    @Test
    void whatHasExpiredLeavesTheIndexOfItsTagWithTheNextEntry() {
        Entry brief = Entries.of("x", new Lifetimes(30, 0, 0), store.now(), List.of("t"), List.of());
        IntStream.range(0, 20)
                .forEach(i -> Settled.value(store.put(new CacheKey("users", "k" + i), brief, new Condition.Always())));
        await().pollInterval(Duration.ofMillis(5)).until(() -> store.now() > brief.keepUntil() + 20);
        Settled.value(store.put(
                KEY, Entries.of("x", Entries.LONG, store.now(), List.of("t"), List.of()), new Condition.Always()));
        assertThat(redis.command("ZRANGE", "weir:t:{users:t}", "0", "-1")).isEqualTo(List.of("42"));
    }

    @Test
    void theIndexOfATagLivesAsLongAsItsLongestEntry() {
        Settled.value(store.put(
                KEY, Entries.of("x", Entries.LONG, store.now(), List.of("t"), List.of()), new Condition.Always()));
        Settled.value(store.put(
                new CacheKey("users", "43"),
                Entries.of("x", new Lifetimes(1_000, 0, 0), store.now(), List.of("t"), List.of()),
                new Condition.Always()));
        assertThat((Long) redis.command("PTTL", "weir:t:{users:t}")).isGreaterThan(50_000);
    }

    @Test
    void aListingVisitsEverythingOnceAlsoWhereForeignKeysFillRedis() {
        foreignKeys = true;
        for (int from = 0; from < 20_000; from += 500) {
            String[] mset = IntStream.range(2 * from, 2 * from + 1_000)
                    .mapToObj(i -> i % 2 == 0 ? "foreign:" + i : "v")
                    .toArray(String[]::new);
            Settled.value(gateway.gateway().send(Command.of("MSET", (Object[]) mset)));
        }
        List<String> keys = IntStream.range(0, 300).mapToObj(i -> "k" + i).toList();
        Settled.value(Future.all(keys.stream()
                .map(key -> store.put(new CacheKey("users", key), entry(key), new Condition.Always()))
                .toList()));
        for (int limit : List.of(7, 100, 1_000)) {
            List<String> seen = new java.util.ArrayList<>();
            String cursor = null;
            do {
                CacheStore.Page page = Settled.value(store.list("users", "*", cursor, limit));
                page.entries().forEach(each -> seen.add(each.key()));
                cursor = page.cursor();
            } while (cursor != null);
            assertThat(seen).as("limit " + limit).containsExactlyInAnyOrderElementsOf(keys);
        }
        assertThat(Settled.value(store.remove(new Selection.Everything()))).isEqualTo(300);
        assertThat(redis.command("DBSIZE")).isEqualTo(20_000L);
    }

    @Test
    void aCursorOutOfRedisRangeIsRefusedAndNoError() {
        String cursor = java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("99999999999999999999".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Settled.value(store.list("users", "*", cursor, 10)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void otherDeploymentsOnTheSameRedisAreLeftAlone() {
        RedisCacheStore other = new RedisCacheStore(gateway.gateway(), new Keys("weir:c:"), new ChangeBus("elsewhere"));
        Settled.value(other.put(KEY, entry("theirs"), new Condition.Always()));
        Settled.value(store.put(KEY, entry("ours"), new Condition.Always()));
        assertThat(Settled.value(store.remove(new Selection.Everything()))).isEqualTo(1);
        assertThat(Settled.value(store.remove(new Selection.Pattern("users", "*"))))
                .isZero();
        assertThat(Entries.text(Settled.value(other.get(KEY, false)))).isEqualTo("theirs");
    }

    @Test
    void changesAreToldAsOwnToWhoMadeThemAndAsForeignToTheOthers() {
        CopyOnWriteArrayList<String> told = new CopyOnWriteArrayList<>();
        gateway.bus().addListener(new Owner("maker", told));
        listening.bus().addListener(new Owner("other", told));
        Settled.value(store.put(KEY, entry("x"), new Condition.Always()));
        await().until(() -> told.size() == 2);
        assertThat(told).containsExactlyInAnyOrder("maker own", "other foreign");
    }

    private record Owner(String name, List<String> told) implements ChangeBus.Listener {
        @Override
        public void onMessage(String topic, String payload, boolean own) {
            told.add(name + (own ? " own" : " foreign"));
        }

        @Override
        public void onLost() {}

        @Override
        public void onRestored() {}
    }
}
