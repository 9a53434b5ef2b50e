package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.scope;
import static dev.weir.it.Seen.text;
import static dev.weir.it.Seen.xCache;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.RawHttp;
import dev.weir.testkit.Watcher;
import dev.weir.testkit.WeirProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract says of caches, whatever they are kept in. Each test has a cache or keys of its own. */
abstract class CacheContract {

    /** The settings that the tests below rely on. */
    static WeirProcess.Builder settings() {
        return WeirProcess.builder()
                .property("weir.cache.undeclared", "allow")
                .property("weir.caches.users.ttl", "5m")
                .property("weir.caches.users.stale-while-revalidate", "30s")
                .property("weir.caches.lists.near.max-entries", "0")
                .property("weir.caches.sliding.ttl", "2s")
                .property("weir.caches.sliding.sliding", "true")
                .property("weir.caches.sliding.near.max-entries", "0")
                .property("weir.caches.figures.ttl", "1m")
                .property("weir.caches.packed.compress-over", "1KiB")
                .property("weir.caches.walk.ttl", "1h")
                .property("weir.caches.doomed.ttl", "1h")
                .property("weir.caches.aside.ttl", "1h")
                .property("weir.caches.alike.ttl", "1h")
                .property("weir.caches.watched.ttl", "1h")
                .property(
                        "weir.events.user-updated.removes",
                        "users:{id},users:@{email},lists:users:{id}:*,lists:#user-{id}");
    }

    /** The instance under test. */
    abstract WeirProcess weir();

    /** The scope of all that it answers. */
    abstract String itsScope();

    /** The detail of {@code Cache-Status} for what its store had. */
    abstract String itsStore();

    private String entry(String cache, String key) {
        return weir().url("/v1/caches/" + cache + "/entries/" + key);
    }

    private HttpResponse<byte[]> put(String cache, String key, String value) {
        HttpResponse<byte[]> answer = Http.put(entry(cache, key), value, "text/plain");
        assertThat(answer.statusCode()).as(Http.text(answer)).isIn(201, 204);
        return answer;
    }

    private HttpResponse<byte[]> get(String cache, String key, String... headers) {
        return Http.get(entry(cache, key), headers);
    }

    // One entry

    @Test
    void aValueIsStoredReplacedReadAndRemoved() {
        String entry = entry("default", "life");

        HttpResponse<byte[]> created = Http.put(entry, "one", "text/plain; charset=utf-8");
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(scope(created)).isEqualTo(itsScope());
        String etag = Http.header(created, "ETag");
        assertThat(etag).matches("\"[^\"]+\"");

        HttpResponse<byte[]> read = Http.get(entry);
        assertThat(text(read, 200)).isEqualTo("one");
        assertThat(Http.header(read, "Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(Http.header(read, "ETag")).isEqualTo(etag);
        assertThat(Integer.parseInt(String.valueOf(Http.header(read, "Age")))).isBetween(0, 60);
        assertThat(xCache(read)).isEqualTo("HIT");
        assertThat(scope(read)).isEqualTo(itsScope());
        assertThat(read.headers().firstValue("Vary")).isEmpty();

        HttpResponse<byte[]> replaced = Http.put(entry, "two", "text/plain");
        assertThat(replaced.statusCode()).isEqualTo(204);
        assertThat(replaced.body()).isEmpty();
        assertThat(Http.header(replaced, "ETag")).isNotEqualTo(etag);
        assertThat(text(Http.get(entry), 200)).isEqualTo("two");

        HttpResponse<byte[]> removed = Http.delete(entry);
        assertThat(removed.statusCode()).isEqualTo(204);
        assertThat(scope(removed)).isEqualTo(itsScope());
        HttpResponse<byte[]> gone = Http.get(entry);
        problem(gone, 404, "not-found");
        assertThat(xCache(gone)).isEqualTo("MISS");
        assertThat(scope(gone)).isEqualTo(itsScope());
        assertThat(Http.header(gone, "Cache-Status")).isEqualTo("weir; fwd=uri-miss");
        assertThat(Http.delete(entry).statusCode()).as("removed once more").isEqualTo(204);
    }

    @Test
    void cacheStatusSaysWhereItCameFromAndHowLongItIsFresh() {
        put("users", "status", "x");

        assertThat(Http.header(get("users", "status"), "Cache-Status"))
                .matches("weir; hit; ttl=(299|30\\d|29\\d); detail=" + itsStore());
        assertThat(Http.header(get("users", "status"), "Cache-Status"))
                .matches("weir; hit; ttl=(29\\d|300); detail=near");
        put("lists", "status", "x");
        for (int i = 0; i < 2; i++) {
            assertThat(Http.header(get("lists", "status"), "Cache-Status")).endsWith("; detail=" + itsStore());
        }
    }

    @Test
    void headIsTheSameWithoutTheValue() {
        put("default", "head", "twelve bytes");
        HttpResponse<byte[]> get = get("default", "head");
        HttpResponse<byte[]> head = Http.head(entry("default", "head"));

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(Http.header(head, "Content-Length")).isEqualTo("12");
        for (String name : List.of("ETag", "Content-Type", "X-Cache", "Weir-Scope")) {
            assertThat(Http.header(head, name)).as(name).isEqualTo(Http.header(get, name));
        }
        assertThat(Http.header(head, "Cache-Status")).startsWith("weir; hit; ttl=");
        assertThat(Http.head(entry("default", "no-such-head")).statusCode()).isEqualTo(404);
    }

    @Test
    void whoHasItAlreadyIsSentNothing() {
        String etag = Http.header(put("default", "conditional", "value"), "ETag");

        for (String tags : List.of(etag, "W/" + etag, "\"other\", " + etag, "*")) {
            HttpResponse<byte[]> answer = get("default", "conditional", "If-None-Match", tags);
            assertThat(answer.statusCode()).as(tags).isEqualTo(304);
            assertThat(answer.body()).isEmpty();
            assertThat(Http.header(answer, "ETag")).isEqualTo(etag);
            assertThat(xCache(answer)).isEqualTo("HIT");
            assertThat(scope(answer)).isEqualTo(itsScope());
        }
        assertThat(get("default", "conditional", "If-None-Match", "\"other\"").statusCode())
                .isEqualTo(200);
        HttpResponse<byte[]> absent = get("default", "no-such-conditional", "If-None-Match", "*");
        assertThat(absent.statusCode()).isEqualTo(404);
    }

    @Test
    void aPutMayDependOnWhatIsThere() {
        String entry = entry("default", "guarded");

        problem(Http.put(entry, "0", "text/plain", "If-Match", "*"), 412, "precondition-failed");
        HttpResponse<byte[]> created = Http.put(entry, "1", "text/plain", "If-None-Match", "*");
        assertThat(created.statusCode()).isEqualTo(201);
        HttpResponse<byte[]> refused = Http.put(entry, "2", "text/plain", "If-None-Match", "*");
        problem(refused, 412, "precondition-failed");
        assertThat(scope(refused)).isEqualTo(itsScope());
        String first = String.valueOf(Http.header(created, "ETag"));
        assertThat(Http.put(entry, "3", "text/plain", "If-Match", "\"x\", " + first)
                        .statusCode())
                .isEqualTo(204);
        problem(Http.put(entry, "4", "text/plain", "If-Match", first), 412, "precondition-failed");
        assertThat(text(Http.get(entry), 200)).isEqualTo("3");
        assertThat(Http.put(entry, "5", "text/plain", "If-Match", "*").statusCode())
                .isEqualTo(204);
        assertThat(text(Http.get(entry), 200)).isEqualTo("5");
    }

    @Test
    void anEntryEndsWithItsTtl() {
        HttpResponse<byte[]> stored = Http.put(entry("default", "short") + "?ttl=700ms", "x", "text/plain");
        assertThat(stored.statusCode()).isEqualTo(201);
        Http.put(entry("default", "long") + "?ttl=PT1H", "x", "text/plain");

        await().atMost(Duration.ofSeconds(5))
                .until(() -> get("default", "short").statusCode() == 404);
        assertThat(get("default", "long").statusCode()).isEqualTo(200);
    }

    @Test
    void staleIsServedAsSuch() {
        Http.put(entry("lists", "stale") + "?ttl=300ms&stale=1m", "old", "text/plain");

        await().atMost(Duration.ofSeconds(5)).until(() -> "STALE".equals(xCache(get("lists", "stale"))));
        HttpResponse<byte[]> stale = get("lists", "stale");
        assertThat(text(stale, 200)).isEqualTo("old");
        assertThat(Http.header(stale, "Cache-Status")).matches("weir; hit; ttl=-\\d+; detail=" + itsStore());
    }

    @Test
    void aSlidingEntryLivesAsLongAsItIsRead() {
        put("sliding", "read", "x");
        put("sliding", "unread", "x");

        // Three of its lifetimes.
        await().during(Duration.ofSeconds(6))
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> get("sliding", "read").statusCode() == 200);
        assertThat(get("sliding", "unread").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            # as it is stored,   as it is read
            users/1,             users%2F1
            a//b,                a%2F%2Fb
            double%252F,         double%252F
            a;v=1,               a%3Bv%3D1
            a+b,                 a%2Bb
            a%20b,               a%20b
            caf%C3%A9,           caf%c3%a9
            %E2%82%AC%F0%9F%8E%89, %E2%82%AC%F0%9F%8E%89
            ..%2F..%2Fetc,       %2E%2E%2F..%2Fetc
            a/../b,              a%2F..%2Fb
            user:1:x,            user%3A1%3Ax
            %7Ba%7D:b,           %7ba%7d%3Ab
            *,                   %2A
            a%00b_,
            tail/,               tail%2F
            %25,                 %25
            a%0Ab,               a%0Ab
            """)
    void aKeyIsWhatIsLeftOfThePathDecodedOnce(String stored, String read) {
        if (read == null) {
            assertThat(RawHttp.status(RawHttp.exchange(weir().port(), request("PUT", stored, "v"))))
                    .isEqualTo(400);
            return;
        }
        assertThat(RawHttp.status(RawHttp.exchange(weir().port(), request("PUT", stored, "value of " + stored))))
                .isEqualTo(201);
        for (String path : List.of(stored, read)) {
            byte[] answer = RawHttp.exchange(weir().port(), request("GET", path, ""));
            assertThat(RawHttp.text(answer)).as(path).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nvalue of " + stored);
        }
        assertThat(RawHttp.status(RawHttp.exchange(weir().port(), request("DELETE", read, ""))))
                .isEqualTo(204);
        assertThat(RawHttp.status(RawHttp.exchange(weir().port(), request("GET", stored, ""))))
                .isEqualTo(404);
    }

    private static String request(String method, String key, String body) {
        return method + " /v1/caches/default/entries/" + key + " HTTP/1.1\r\nHost: weir\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    @Test
    void keysThatLookAlikeAreNotTheSame() {
        List<String> keys = List.of("a/b", "a//b", "a%3Bb", "A/b", "a/b/", "a%20b", "a+b", "a%2520b", "a");
        keys.forEach(key -> put("alike", key, "value of " + key));

        for (String key : keys) {
            assertThat(text(get("alike", key), 200)).isEqualTo("value of " + key);
        }
        assertThat(list("alike", "").stream().map(entry -> entry.path("key").asText()))
                .containsExactlyInAnyOrder("a/b", "a//b", "a;b", "A/b", "a/b/", "a b", "a+b", "a%20b", "a");
    }

    @Test
    void aKeyMayHave512Bytes() {
        String key = Http.encode("\u20ac".repeat(170) + "ab");
        put("default", key, "longest");

        assertThat(text(get("default", key), 200)).isEqualTo("longest");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 70_000, 1_048_576})
    void bytesComeBackAsTheyWere(int length) {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        HttpResponse<byte[]> stored = Http.put(entry("default", "bytes" + length), value, "image/x-noise");
        assertThat(stored.statusCode()).isEqualTo(201);

        for (int i = 0; i < 2; i++) {
            HttpResponse<byte[]> read = get("default", "bytes" + length, "Accept-Encoding", "gzip");
            assertThat(read.statusCode()).isEqualTo(200);
            assertThat(read.body()).isEqualTo(value);
            assertThat(Http.header(read, "Content-Type")).isEqualTo("image/x-noise");
            assertThat(read.headers().firstValue("Content-Encoding")).isEmpty();
        }
    }

    @Test
    void everyByteMayStandInAValue() {
        byte[] value = new byte[256];
        IntStream.range(0, 256).forEach(i -> value[i] = (byte) i);
        String url = entry("default", "octets");
        assertThat(Http.send("PUT", url, value, Duration.ofSeconds(5)).statusCode())
                .isEqualTo(201);

        HttpResponse<byte[]> read = Http.get(url);
        assertThat(read.body()).isEqualTo(value);
        assertThat(Http.header(read, "Content-Type")).isEqualTo("application/octet-stream");
    }

    // Compression

    @Test
    void whatCompressesIsKeptCompressed() throws IOException {
        String value = people(200);
        HttpResponse<byte[]> stored = Http.put(entry("packed", "people"), value, "application/json");
        assertThat(stored.statusCode()).isEqualTo(201);
        String etag = String.valueOf(Http.header(stored, "ETag"));

        HttpResponse<byte[]> plain = get("packed", "people");
        assertThat(text(plain, 200)).isEqualTo(value);
        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(Http.header(plain, "Vary")).isEqualToIgnoringCase("Accept-Encoding");
        assertThat(Http.header(plain, "ETag")).isEqualTo(etag);

        HttpResponse<byte[]> packed = get("packed", "people", "Accept-Encoding", "br, gzip;q=0.5");
        assertThat(packed.statusCode()).isEqualTo(200);
        assertThat(Http.header(packed, "Content-Encoding")).isEqualTo("gzip");
        assertThat(Http.header(packed, "Vary")).isEqualToIgnoringCase("Accept-Encoding");
        assertThat(Http.header(packed, "ETag")).isEqualTo(etag.substring(0, etag.length() - 1) + "-gzip\"");
        assertThat(new String(
                        new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes(),
                        StandardCharsets.UTF_8))
                .isEqualTo(value);

        assertThat(get("packed", "people", "Accept-Encoding", "gzip;q=0")
                        .headers()
                        .firstValue("Content-Encoding"))
                .isEmpty();
        HttpResponse<byte[]> head = Http.head(entry("packed", "people"), "Accept-Encoding", "gzip");
        assertThat(Http.header(head, "Content-Length")).isEqualTo(Integer.toString(packed.body().length));
        assertThat(get("packed", "people", "If-None-Match", String.valueOf(Http.header(packed, "ETag")))
                        .statusCode())
                .isEqualTo(304);
        assertThat(Http.put(
                                entry("packed", "people"),
                                "{}",
                                "application/json",
                                "If-Match",
                                String.valueOf(Http.header(packed, "ETag")))
                        .statusCode())
                .as("replaced by the tag of the compressed form")
                .isEqualTo(204);
    }

    @Test
    void compressionSavesALotOfJson() {
        String value = people(500);
        Http.put(entry("figures", "saved"), value, "application/json");

        JsonNode stored = json(Http.get(weir().url("/v1/caches/figures")), 200).path("stored");
        double bytes = stored.path("bytes").asDouble();
        double saved = stored.path("savedBytes").asDouble();
        assertThat(saved / (bytes + saved)).as(stored.toString()).isGreaterThanOrEqualTo(0.4);
    }

    private static String people(int count) {
        Random random = new Random(42);
        List<String> people = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            people.add("{\"id\":%d,\"name\":\"User %x\",\"email\":\"user%d@example.org\",\"active\":%b}"
                    .formatted(i, random.nextLong(), i, random.nextBoolean()));
        }
        return "[" + String.join(",", people) + "]";
    }

    // Aliases, tags, patterns, events

    @Test
    void anAliasIsAsGoodAsTheKey() {
        String alias = weir().url("/v1/caches/users/aliases/");
        String etag = Http.header(
                Http.put(entry("users", "7") + "?alias=a@example.org&alias=seven/7", "seven", "text/plain"), "ETag");

        for (String name : List.of("a@example.org", "a%40example.org", "seven/7", "seven%2F7")) {
            HttpResponse<byte[]> answer = Http.get(alias + name);
            assertThat(text(answer, 200)).as(name).isEqualTo("seven");
            assertThat(Http.header(answer, "ETag")).isEqualTo(etag);
            assertThat(xCache(answer)).isEqualTo("HIT");
            assertThat(scope(answer)).isEqualTo(itsScope());
        }
        assertThat(Http.head(alias + "seven/7").statusCode()).isEqualTo(200);
        assertThat(Http.get(alias + "seven/7", "If-None-Match", String.valueOf(etag))
                        .statusCode())
                .isEqualTo(304);
        HttpResponse<byte[]> unknown = Http.get(alias + "nobody");
        problem(unknown, 404, "not-found");
        assertThat(scope(unknown)).isEqualTo(itsScope());

        Http.put(entry("users", "8") + "?alias=moves", "eight", "text/plain");
        Http.put(entry("users", "9") + "?alias=moves", "nine", "text/plain");
        assertThat(text(Http.get(alias + "moves"), 200)).isEqualTo("nine");
        Http.delete(entry("users", "9"));
        assertThat(Http.get(alias + "moves").statusCode()).isEqualTo(404);
    }

    /** Whoever had another's address yesterday must not be shown as its owner of today. */
    @Test
    void aValueThatIsReplacedTakesItsAliasesWithIt() {
        String alias = weir().url("/v1/caches/users/aliases/");
        Http.put(entry("users", "renamed") + "?alias=old@example.org&alias=same", "before", "text/plain");
        Http.put(entry("users", "renamed") + "?alias=new@example.org&alias=same", "after", "text/plain");

        assertThat(text(Http.get(alias + "new@example.org"), 200)).isEqualTo("after");
        assertThat(text(Http.get(alias + "same"), 200)).isEqualTo("after");
        assertThat(Http.get(alias + "old@example.org").statusCode()).isEqualTo(404);
    }

    @Test
    void aTagRemovesWhatBearsIt() {
        Http.put(entry("lists", "t/1") + "?tag=red&tag=big", "x", "text/plain");
        Http.put(entry("lists", "t/2") + "?tag=red%2C%20round", "x", "text/plain");
        Http.put(entry("lists", "t/3") + "?tag=red", "x", "text/plain");
        Http.put(entry("lists", "t/4") + "?tag=red", "x", "text/plain");
        put("lists", "t/4", "replaced, and its tags with it");
        String entries = weir().url("/v1/caches/lists/entries");

        HttpResponse<byte[]> removed = Http.delete(entries + "?tag=red");
        assertThat(json(removed, 200)).hasToString("{\"removed\":2}");
        assertThat(scope(removed)).isEqualTo(itsScope());
        assertThat(present("lists", "t/1", "t/2", "t/3", "t/4")).containsExactly("t/2", "t/4");
        assertThat(json(Http.delete(entries + "?tag=red"), 200).path("removed").asInt())
                .isZero();
        assertThat(json(Http.delete(entries + "?tag=red%2C+round"), 200)
                        .path("removed")
                        .asInt())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
            *,           a1 a2 b1 c? dd
            a*,          a1 a2
            ?1,          a1 b1
            [ab]1,       a1 b1
            [^a]*,       b1 c? dd
            [a-b][2-9],  a2
            c\\?,        c?
            dd,          dd
            x*,          ''
            """)
    void aPatternRemovesWhatItMatches(String pattern, String matched) {
        List<String> keys = List.of("a1", "a2", "b1", "c?", "dd");
        List<String> gone = matched.isEmpty() ? List.of() : List.of(matched.split(" "));
        for (String key : keys) {
            put("doomed", Http.encode(key), "x");
            assertThat(get("doomed", Http.encode(key)).statusCode()).isEqualTo(200);
        }
        String url = weir().url("/v1/caches/doomed/entries?pattern=" + Http.encode(pattern));

        assertThat(list("doomed", "pattern=" + Http.encode(pattern)).stream()
                        .map(entry -> entry.path("key").asText()))
                .containsExactlyInAnyOrderElementsOf(gone);
        HttpResponse<byte[]> removed = Http.delete(url);
        assertThat(json(removed, 200).path("removed").asInt()).isEqualTo(gone.size());
        assertThat(scope(removed)).isEqualTo(itsScope());
        assertThat(keys.stream().filter(key -> get("doomed", Http.encode(key)).statusCode() == 404))
                .containsExactlyInAnyOrderElementsOf(gone);
        Http.delete(weir().url("/v1/caches/doomed"));
    }

    @Test
    void clearingOneCacheLeavesTheOthersAndClearingAllLeavesNone() {
        put("doomed", "1", "x");
        put("doomed", "2", "x");
        put("aside", "spared", "x");

        HttpResponse<byte[]> one = Http.delete(weir().url("/v1/caches/doomed"));
        assertThat(json(one, 200).path("removed").asInt()).isEqualTo(2);
        assertThat(scope(one)).isEqualTo(itsScope());
        assertThat(present("doomed", "1", "2")).isEmpty();
        assertThat(present("aside", "spared")).containsExactly("spared");

        HttpResponse<byte[]> all = Http.delete(weir().url("/v1/caches"));
        assertThat(json(all, 200).path("removed").asInt()).isPositive();
        assertThat(scope(all)).isEqualTo(itsScope());
        assertThat(present("aside", "spared")).isEmpty();
    }

    @Test
    void anEventRemovesWhatItMakesStale() {
        put("users", "42", "x");
        Http.put(entry("users", "43") + "?alias=a@b", "x", "text/plain");
        put("lists", "users:42:new", "x");
        put("lists", "users:421:new", "x");
        Http.put(entry("lists", "all") + "?tag=user-42", "x", "text/plain");
        String event = weir().url("/v1/events/user-updated");

        HttpResponse<byte[]> removed =
                Http.post(event, "{\"id\":42,\"email\":\"a@b\",\"unused\":[]}", "application/json");

        assertThat(json(removed, 200)).hasToString("{\"removed\":4}");
        assertThat(scope(removed)).isEqualTo(itsScope());
        assertThat(present("users", "42", "43")).isEmpty();
        assertThat(present("lists", "users:42:new", "users:421:new", "all")).containsExactly("users:421:new");
        // A value is a literal, also where it stands in a pattern.
        Http.post(event, "{\"id\":\"*\",\"email\":\"nobody\"}", "application/json");
        assertThat(present("lists", "users:421:new")).containsExactly("users:421:new");
    }

    private List<String> present(String cache, String... keys) {
        return List.of(keys).stream()
                .filter(key -> get(cache, key).statusCode() == 200)
                .toList();
    }

    // Many entries

    @Test
    void aWalkThroughAllPagesMeetsEveryEntry() {
        Set<String> stored = new HashSet<>();
        List<String> puts = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            stored.add("walk:" + i);
            puts.add("{\"key\":\"walk:%d\",\"value\":{\"n\":%d},\"ttl\":\"10m\",\"tags\":[\"t%d\"]}"
                    .formatted(i, i, i % 3));
        }
        String batch = "{\"put\":[" + String.join(",", puts) + "]}";
        json(Http.post(weir().url("/v1/caches/walk/batch"), batch, "application/json"), 200);
        put("walk", "other", "x");

        List<JsonNode> met = new ArrayList<>();
        String cursor = null;
        int pages = 0;
        do {
            String next = cursor == null ? "" : "&cursor=" + Http.encode(cursor);
            HttpResponse<byte[]> answer =
                    Http.get(weir().url("/v1/caches/walk/entries?pattern=walk:*&limit=20" + next));
            JsonNode page = json(answer, 200);
            assertThat(scope(answer)).isEqualTo(itsScope());
            assertThat(page.path("entries").size()).isLessThanOrEqualTo(20);
            page.path("entries").forEach(met::add);
            cursor = page.path("cursor").isNull() ? null : page.path("cursor").asText();
        } while (cursor != null && ++pages < 1_000);

        assertThat(pages).isBetween(12, 999);
        assertThat(new HashSet<>(
                        met.stream().map(entry -> entry.path("key").asText()).toList()))
                .isEqualTo(stored);
        JsonNode seventeen = met.stream()
                .filter(entry -> entry.path("key").asText().equals("walk:17"))
                .findFirst()
                .orElseThrow();
        assertThat(seventeen.path("bytes").asInt()).isEqualTo("{\"n\":17}".length());
        assertThat(seventeen.path("tags")).hasToString("[\"t2\"]");
        assertThat(seventeen.path("ttlMs").asLong()).isBetween(500_000L, 600_000L);
    }

    private List<JsonNode> list(String cache, String query) {
        JsonNode page = json(Http.get(weir().url("/v1/caches/" + cache + "/entries?limit=1000&" + query)), 200);
        assertThat(page.path("cursor").isNull()).as("all on one page").isTrue();
        List<JsonNode> entries = new ArrayList<>();
        page.path("entries").forEach(entries::add);
        return entries;
    }

    @Test
    void aBatchDoesAllOfItsItemsInTheirOrder() {
        put("default", "batch/text", "plain text");
        Http.put(entry("default", "batch/json"), "{\"a\":1.10}", "application/vnd.x+json");
        put("default", "batch/gone", "x");
        byte[] gif = {'G', 'I', 'F', 0, (byte) 0xff};
        String request = """
                {"get": ["batch/none", "batch/json", "batch/text"],
                 "put": [{"key": "batch/new", "value": {"big": 12345678901234567890.10}, "ttl": "5m", "tags": ["b"],
                          "aliases": ["batch/alias"]},
                         {"key": "", "value": 1},
                         {"key": "batch/text", "value": null},
                         {"key": "batch/gif", "value": {"base64": "%s", "contentType": "image/gif"}},
                         {"key": "batch/like", "value": {"base64": "eA==", "contentType": "a/b", "more": 1}}],
                 "delete": ["batch/gone", "batch/none"]}
                """.formatted(Base64.getEncoder().encodeToString(gif));

        HttpResponse<byte[]> answer = Http.post(weir().url("/v1/caches/default/batch"), request, "application/json");
        JsonNode results = json(answer, 200);
        assertThat(scope(answer)).isEqualTo(itsScope());

        JsonNode got = results.path("get");
        assertThat(keysAndStatuses(got)).containsExactly("batch/none 404", "batch/json 200", "batch/text 200");
        assertThat(got.path(0).path("problem").path("type").asText()).isEqualTo("urn:weir:problem:not-found");
        assertThat(Http.text(answer)).as("with every digit").contains("\"value\":{\"a\":1.10},");
        assertThat(got.path(1).path("cache").asText()).isEqualTo("HIT");
        assertThat(got.path(1).path("ageMs").isIntegralNumber()).isTrue();
        assertThat(got.path(1).path("etag").asText()).isEqualTo(Http.header(get("default", "batch/json"), "ETag"));
        assertThat(got.path(2).path("value").path("base64").asText())
                .isEqualTo(Base64.getEncoder().encodeToString("plain text".getBytes(StandardCharsets.UTF_8)));
        assertThat(got.path(2).path("value").path("contentType").asText()).isEqualTo("text/plain");

        assertThat(keysAndStatuses(results.path("put")))
                .containsExactly("batch/new 201", " 400", "batch/text 204", "batch/gif 201", "batch/like 201");
        assertThat(keysAndStatuses(results.path("delete"))).containsExactly("batch/gone 204", "batch/none 204");
        assertThat(text(get("default", "batch/new"), 200)).isEqualTo("{\"big\":12345678901234567890.10}");
        assertThat(Http.get(weir().url("/v1/caches/default/aliases/batch/alias"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(text(get("default", "batch/text"), 200)).isEqualTo("null");
        assertThat(get("default", "batch/gif").body()).isEqualTo(gif);
        assertThat(Http.header(get("default", "batch/gif"), "Content-Type")).isEqualTo("image/gif");
        assertThat(Http.header(get("default", "batch/like"), "Content-Type")).isEqualTo("application/json");
        assertThat(get("default", "batch/gone").statusCode()).isEqualTo(404);
    }

    @Test
    void anItemThatIsTooLargeFailsAlone() {
        String request = "{\"put\":[{\"key\":\"huge\",\"value\":\"%s\"},{\"key\":\"beside\",\"value\":1}]}"
                .formatted("x".repeat(1_048_576));

        JsonNode results = json(Http.post(weir().url("/v1/caches/default/batch"), request, "application/json"), 200);

        assertThat(keysAndStatuses(results.path("put"))).containsExactly("huge 413", "beside 201");
        assertThat(results.path("put").path(0).path("problem").path("type").asText())
                .isEqualTo("urn:weir:problem:too-large");
    }

    private static List<String> keysAndStatuses(JsonNode results) {
        List<String> all = new ArrayList<>();
        results.forEach(result -> all.add(
                result.path("key").asText() + " " + result.path("status").asInt()));
        return all;
    }

    // Settings and figures

    @Test
    void figuresCountWhatHappened() {
        String url = weir().url("/v1/caches/figures");
        JsonNode before = json(Http.get(url), 200);
        put("figures", "counted", "x");
        get("figures", "counted");
        get("figures", "counted");
        get("figures", "absent");
        JsonNode after = json(Http.get(url), 200);

        String store = itsStore().equals("memory") ? "memory" : "shared";
        assertThat(grown(before, after, "/hits/" + store)).isEqualTo(1);
        assertThat(grown(before, after, "/hits/near")).isEqualTo(1);
        assertThat(grown(before, after, "/misses")).isEqualTo(1);
        assertThat(grown(before, after, "/requests")).isEqualTo(3);
        assertThat(grown(before, after, "/stored/values")).isEqualTo(1);
        assertThat(after.path("hitRate").asDouble()).isBetween(0.5, 0.999);
        assertThat(after.at("/near/entries").asInt()).isPositive();
        assertThat(after.at("/getLatency/maxMs").asDouble()).isPositive();
        assertThat(after.path("name").asText()).isEqualTo("figures");
    }

    private static long grown(JsonNode before, JsonNode after, String pointer) {
        assertThat(after.at(pointer).isIntegralNumber())
                .as(pointer + " of " + after)
                .isTrue();
        return after.at(pointer).asLong() - before.at(pointer).asLong();
    }

    @Test
    void settingsAreShown() {
        JsonNode settings = json(Http.get(weir().url("/v1/caches/users")), 200).path("settings");

        assertThat(settings.path("ttlMs").asLong()).isEqualTo(300_000);
        assertThat(settings.path("staleWhileRevalidateMs").asLong()).isEqualTo(30_000);
        assertThat(settings.path("maxEntryBytes").asLong()).isEqualTo(1_048_576);
        assertThat(settings.path("origin").isNull()).isTrue();
        JsonNode all = json(Http.get(weir().url("/v1/caches")), 200);
        assertThat(all.path("caches").findValuesAsText("name"))
                .contains("default", "users", "lists")
                .isSorted();
    }

    @Test
    void aCacheThatIsNotDeclaredHasTheDefaultsIfThatIsAllowed() {
        HttpResponse<byte[]> absent = get("made-up_1.0", "k");
        problem(absent, 404, "not-found");
        assertThat(xCache(absent)).isEqualTo("MISS");
        put("made-up_1.0", "k", "x");

        assertThat(text(get("made-up_1.0", "k"), 200)).isEqualTo("x");
        JsonNode settings =
                json(Http.get(weir().url("/v1/caches/made-up_1.0")), 200).path("settings");
        assertThat(settings)
                .isEqualTo(json(Http.get(weir().url("/v1/caches/default")), 200).path("settings"));
        assertThat(get("made%20up", "k").statusCode()).isEqualTo(400);
    }

    // Watching

    @Test
    void changesAreToldAsTheyHappen() {
        try (Watcher all = new Watcher(weir(), "/v1/changes");
                Watcher some = new Watcher(weir(), "/v1/changes?cache=watched&pattern=a*")) {
            put("watched", "a1", "x");
            put("watched", "b1", "x");
            put("aside", "a2", "x");
            Http.delete(entry("watched", "a1"));
            Http.delete(weir().url("/v1/caches/watched/entries?tag=t"));
            Http.delete(weir().url("/v1/caches/watched/entries?pattern=b*"));
            Http.delete(weir().url("/v1/caches/watched"));
            put("watched", "a-last", "x");

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> all.events().stream().anyMatch(e -> e.contains("a-last")));
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> some.events().stream().anyMatch(e -> e.contains("a-last")));
            assertThat(all.events())
                    .containsExactly(
                            "put {\"cache\":\"watched\",\"key\":\"a1\"}",
                            "put {\"cache\":\"watched\",\"key\":\"b1\"}",
                            "put {\"cache\":\"aside\",\"key\":\"a2\"}",
                            "remove {\"cache\":\"watched\",\"key\":\"a1\"}",
                            "clear {\"cache\":\"watched\",\"tag\":\"t\"}",
                            "clear {\"cache\":\"watched\",\"pattern\":\"b*\"}",
                            "clear {\"cache\":\"watched\"}",
                            "put {\"cache\":\"watched\",\"key\":\"a-last\"}");
            assertThat(some.events())
                    .containsExactly(
                            "put {\"cache\":\"watched\",\"key\":\"a1\"}",
                            "remove {\"cache\":\"watched\",\"key\":\"a1\"}",
                            "clear {\"cache\":\"watched\",\"tag\":\"t\"}",
                            "clear {\"cache\":\"watched\",\"pattern\":\"b*\"}",
                            "clear {\"cache\":\"watched\"}",
                            "put {\"cache\":\"watched\",\"key\":\"a-last\"}");
        }
    }
}
