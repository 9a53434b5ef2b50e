package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.testkit.Answer;
import dev.weir.testkit.Http;
import dev.weir.testkit.RawHttp;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is in the log of a Weir to which everything happened, and what is not: no key, no value and no token. */
class LogsIT {

    /** A part of everything that a client sends, and an origin answers. */
    private static final String HUSH = "hush7431";

    private static final String TOKEN = "token-" + HUSH + "-admin";
    private static final String KEY = "key-" + HUSH;
    private static final String VALUE = "value-" + HUSH;
    private static final String AUTHORIZATION = "Bearer " + TOKEN;
    private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN_ID = "b7ad6b7169203331";
    private static final Set<String> FIELDS =
            Set.of("timestamp", "level", "logger", "message", "thread", "mdc", "exception");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A Weir, its Redis and its origin, and the ids of the requests of which the log has to speak. */
    private static final class Rig implements AutoCloseable {
        final RedisServer redis = RedisServer.start();
        final ScriptedOrigin origin = ScriptedOrigin.open();
        final CountDownLatch never = new CountDownLatch(1);
        final List<String> failed = new ArrayList<>();
        final List<String> unforeseen = new ArrayList<>();
        final WeirProcess weir;
        private int calls;

        Rig(boolean json, String level) {
            origin.answers("/failing/" + KEY, Answer.of(500).body(VALUE));
            origin.answers("/slow/" + KEY, Answer.of(200).body(VALUE).heldBy(never));
            origin.answers("/broken/" + KEY, Answer.of(200).body(VALUE).brokenOffAfter(3));
            origin.answers("/closing/" + KEY, Answer.disconnect());
            origin.answers("/keys", Answer.of(200).body("[{\"" + KEY + "\":\"" + VALUE + "\"}]"));
            origin.answers("/garbage", Answer.of(200).body("{" + VALUE));
            weir = builder(json, level).start();
        }

        private WeirProcess.Builder builder(boolean json, String level) {
            WeirProcess.Builder builder = WeirProcess.builder()
                    .redis(redis)
                    .property("quarkus.log.console.json.enabled", Boolean.toString(json))
                    .property("quarkus.log.category.\"dev.weir\".level", level)
                    .property("weir.redis.timeout", "5s")
                    .property("weir.log.requests", "true")
                    .property("weir.auth.tokens.admin.value", TOKEN)
                    .property("weir.auth.tokens.admin.role", "admin")
                    .property("weir.caches.plain.max-entry-size", "64B")
                    .property("weir.caches.plain.near.ttl", "1s")
                    .property("weir.limits.chat.limit", "2")
                    .property("weir.limits.chat.window", "1h")
                    .property("weir.events.changed.removes", "plain:{id}")
                    .property("weir.warmers.failing.cache", "failing")
                    .property("weir.warmers.failing.keys", KEY)
                    .property("weir.warmers.failing.retries", "0")
                    .property("weir.warmers.objects.cache", "failing")
                    .property("weir.warmers.objects.keys-from", origin.url() + "/keys")
                    .property("weir.warmers.objects.keys-pointer", "/*")
                    .property("weir.warmers.garbage.cache", "failing")
                    .property("weir.warmers.garbage.keys-from", origin.url() + "/garbage")
                    .property("weir.warmers.garbage.keys-pointer", "/*");
            for (String name : List.of("failing", "slow", "broken", "closing", "refused")) {
                String to = name.equals("refused") ? "http://127.0.0.1:1" : origin.url();
                builder.property("weir.caches." + name + ".origin.url", to + "/" + name + "/{key}")
                        .property("weir.caches." + name + ".origin.timeout", "200ms")
                        .property("weir.caches." + name + ".origin.retries", "0")
                        .property("weir.routes." + name + ".path", "/" + name + "/*")
                        .property("weir.routes." + name + ".origin", to)
                        .property("weir.routes." + name + ".timeout", "200ms")
                        .property("weir.routes." + name + ".cache", "plain");
            }
            return builder;
        }

        String nextId() {
            return "request-" + ++calls;
        }

        String[] headers(String id, String authorization) {
            return new String[] {
                "Authorization",
                authorization,
                "X-Request-Id",
                id,
                "X-Secret",
                VALUE,
                "traceparent",
                "00-" + TRACE_ID + "-" + SPAN_ID + "-01",
                "Cookie",
                "session=" + VALUE
            };
        }

        HttpResponse<byte[]> call(String method, String path, String body) {
            return call(method, path, body, AUTHORIZATION);
        }

        HttpResponse<byte[]> call(String method, String path, String body, String authorization) {
            String[] headers = headers(nextId(), authorization);
            String url = weir.url(path);
            return switch (method) {
                case "GET" -> Http.get(url, headers);
                case "DELETE" -> Http.delete(url, headers);
                case "PUT" -> Http.put(url, body, "text/plain", headers);
                case "PATCH" -> Http.patch(url, body, "application/json", headers);
                default -> Http.post(url, body, "application/json", headers);
            };
        }

        void fails(String path, int status) {
            HttpResponse<byte[]> answer = call("GET", path, "");
            assertThat(answer.statusCode()).as(path + ": " + Http.text(answer)).isEqualTo(status);
            failed.add(answer.headers().firstValue("X-Request-Id").orElseThrow());
        }

        void failsUnforeseen(String method, String path, String body) {
            HttpResponse<byte[]> answer = call(method, path, body);
            Seen.problem(answer, 500, "internal");
            unforeseen.add(Http.json(answer).path("requestId").asText());
        }

        @Override
        public void close() {
            never.countDown();
            weir.close();
            origin.close();
            redis.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"true, DEBUG", "false, INFO"})
    void nothingThatAClientSentIsThere(boolean json, String level) throws IOException {
        try (Rig rig = new Rig(json, level)) {
            goWell(rig);
            sendNonsense(rig);
            originsFail(rig);
            keysAreOfForeignTypes(rig);
            warmersFail(rig);
            redisIsKilled(rig);
            await().untilAsserted(() ->
                    assertThat(rig.weir.log()).contains("GET /v1/caches/{cache}/entries/{key...}", "request-1"));
            rig.weir.terminate();

            assertThat(rig.weir.logLines()).allSatisfy(LogsIT::keepsSilent);
            if (json) {
                rig.weir.logLines().forEach(LogsIT::isComplete);
            }
            List<String> lines = rig.weir.logLines();
            assertThat(rig.unforeseen).hasSizeGreaterThanOrEqualTo(2).allSatisfy(id -> assertThat(lines)
                    .anyMatch(line -> bears(line, id, json)
                            && line.contains("a request failed for a reason that nobody foresaw")
                            && line.contains(json ? "\"level\":\"ERROR\"" : " ERROR ")));
            assertThat(rig.failed).hasSizeGreaterThanOrEqualTo(10).allSatisfy(id -> assertThat(lines)
                    .anyMatch(line -> bears(line, id, json)
                            && line.contains(level.equals("DEBUG") ? "a request failed: ORIGIN_" : " 50")));
        }
    }

    private static boolean bears(String line, String id, boolean json) {
        if (!json) {
            return line.contains(" " + id + " ");
        }
        JsonNode mdc = read(line).path("mdc");
        return mdc.path("requestId").asText().equals(id)
                && mdc.path("traceId").asText().equals(TRACE_ID)
                && mdc.path("spanId").asText().equals(SPAN_ID);
    }

    private static void keepsSilent(String line) {
        byte[] hush = HUSH.getBytes(StandardCharsets.US_ASCII);
        assertThat(line)
                .doesNotContainIgnoringCase(HUSH)
                .doesNotContainIgnoringCase(HexFormat.of().formatHex(hush))
                .doesNotContain(Base64.getEncoder().encodeToString((VALUE + "x").getBytes(StandardCharsets.US_ASCII)));
    }

    private static JsonNode read(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + line, e);
        }
    }

    private static void isComplete(String line) {
        JsonNode json = read(line);
        assertThat(json.isObject()).as(line).isTrue();
        json.fieldNames().forEachRemaining(name -> assertThat(FIELDS).as(line).contains(name));
        assertThat(Instant.parse(json.path("timestamp").asText())).isAfter(Instant.EPOCH);
        assertThat(json.path("timestamp").asText()).endsWith("Z");
        for (String name : List.of("level", "logger", "message", "thread")) {
            assertThat(json.path(name).asText()).as(name + " of " + line).isNotBlank();
        }
        if (json.has("exception")) {
            assertThat(json.path("exception").path("exceptionType").asText())
                    .as(line)
                    .isNotBlank();
            assertThat(json.path("exception").path("frames").isArray()).as(line).isTrue();
        }
    }

    private static void goWell(Rig rig) {
        String entry = "/v1/caches/plain/entries/" + KEY;
        assertThat(rig.call("PUT", entry + "?tag=" + HUSH + "&alias=" + HUSH, VALUE)
                        .statusCode())
                .isEqualTo(201);
        Stream.of(entry, "/v1/caches/plain/aliases/" + HUSH, "/v1/caches/plain/entries?pattern=*" + HUSH + "*")
                .forEach(path -> assertThat(rig.call("GET", path, "").statusCode())
                        .as(path)
                        .isEqualTo(200));
        for (int i = 0; i < 3; i++) {
            rig.call("POST", "/v1/limits/chat/" + KEY, "");
        }
        assertThat(rig.call("POST", "/v1/locks/" + HUSH, "{\"ttl\":\"5m\",\"owner\":\"" + HUSH + "\"}")
                        .statusCode())
                .isEqualTo(201);
        rig.call("POST", "/v1/locks/" + HUSH, "{\"ttl\":\"5m\",\"owner\":\"" + HUSH + "\"}");
        rig.call("POST", "/v1/events/changed", "{\"id\":\"" + HUSH + "\"}");
        rig.call("GET", "/v1/gate/chat?key=" + HUSH, "");
        rig.call("DELETE", "/v1/caches/plain/entries?tag=" + HUSH, "");
    }

    private static void sendNonsense(Rig rig) {
        String entry = "/v1/caches/plain/entries/" + KEY;
        List<HttpResponse<byte[]>> answers = List.of(
                rig.call("PUT", entry, VALUE.repeat(100)),
                rig.call("PUT", entry + "?ttl=" + HUSH, VALUE),
                rig.call("GET", entry + "?" + HUSH + "=1", ""),
                rig.call("GET", "/v1/" + HUSH, ""),
                rig.call("GET", "/" + HUSH, ""),
                rig.call("GET", "/q/" + HUSH, ""),
                rig.call("GET", "/v1/caches/" + HUSH + "/entries/a", ""),
                rig.call("POST", "/v1/limits", "{\"checks\":[{" + HUSH),
                rig.call("POST", "/v1/limits", "{\"" + HUSH + "\":1}"),
                rig.call("POST", "/v1/caches/plain/batch", "{\"get\":\"" + HUSH + "\"}"),
                rig.call("POST", "/v1/caches/plain/batch", "{\"put\":[{\"key\":\"k\",\"value\":{\"base64\":\"" + VALUE),
                rig.call("PATCH", "/v1/locks/" + HUSH, "{\"token\":\"" + HUSH + "\",\"ttl\":\"1m\"}"),
                rig.call("POST", "/v1/events/" + HUSH, "{}"),
                rig.call("GET", entry, "", "Bearer wrong-" + HUSH),
                rig.call("GET", entry, "", "Basic " + HUSH),
                rig.call("GET", "/q/metrics?" + HUSH, "", "Bearer wrong-" + HUSH));
        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isBetween(400, 499));
        for (String raw : List.of(
                "GET /v1/caches/plain/entries/%zz" + HUSH + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /q/%zz" + HUSH + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "GET /" + HUSH + " HTTP/9.9\r\nHost: " + HUSH + "\r\n\r\n",
                HUSH + "\r\n\r\n",
                "GET /v1/caches HTTP/1.1\r\nHost: x\r\nX-" + HUSH + "\u0000: " + HUSH + "\r\n\r\n",
                "GET /v1/caches HTTP/1.1\r\nHost: x\r\nX-Long: " + HUSH.repeat(20_000) + "\r\n\r\n",
                "GET /" + HUSH.repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                "PUT /v1/caches/plain/entries/" + HUSH + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + AUTHORIZATION
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n" + HUSH + "\r\n")) {
            // What is no HTTP at all may be answered by the connection's end alone.
            assertThat(RawHttp.status(RawHttp.exchange(rig.weir.port(), raw)))
                    .matches(status -> status == 0 || status >= 400);
        }
    }

    private static void originsFail(Rig rig) {
        rig.fails("/v1/caches/failing/entries/" + KEY, 502);
        rig.fails("/v1/caches/slow/entries/" + KEY, 504);
        rig.fails("/v1/caches/broken/entries/" + KEY, 502);
        rig.fails("/v1/caches/closing/entries/" + KEY, 502);
        rig.fails("/v1/caches/refused/entries/" + KEY, 502);
        rig.fails("/slow/" + KEY + "?q=" + HUSH, 504);
        rig.fails("/closing/" + KEY + "?q=" + HUSH, 502);
        rig.fails("/refused/" + KEY + "?q=" + HUSH, 502);
        for (int i = 0; i < 2; i++) {
            HttpResponse<byte[]> answer = rig.call("POST", "/refused/" + KEY, VALUE);
            assertThat(answer.statusCode()).isEqualTo(502);
            rig.failed.add(answer.headers().firstValue("X-Request-Id").orElseThrow());
        }
        assertThat(rig.call("GET", "/failing/" + KEY, "").statusCode()).isEqualTo(500);
    }

    private static void keysAreOfForeignTypes(Rig rig) {
        rig.redis.command("LPUSH", "weir:c:{plain:" + KEY + "-list}", VALUE);
        rig.redis.command("LPUSH", "weir:l:{chat:" + KEY + "-list}", VALUE);
        rig.failsUnforeseen("GET", "/v1/caches/plain/entries/" + KEY + "-list", "");
        rig.failsUnforeseen("POST", "/v1/limits/chat/" + KEY + "-list", "");
    }

    private static void warmersFail(Rig rig) {
        for (String name : List.of("failing", "objects", "garbage")) {
            assertThat(rig.call("POST", WarmerRuns.path(name) + "?wait=true", "")
                            .statusCode())
                    .as(name)
                    .isIn(200, 502);
        }
        await().untilAsserted(() -> assertThat(rig.weir.logLinesMatching("Warmer (failing|objects|garbage): "))
                .hasSize(3));
    }

    private static void redisIsKilled(Rig rig) {
        rig.redis.kill();
        await().untilAsserted(() -> {
            rig.call("GET", "/v1/caches/plain/entries/" + KEY, "");
            assertThat(rig.weir.logLinesMatching("Redis is unavailable")).hasSize(1);
        });
        rig.call("PUT", "/v1/caches/plain/entries/" + KEY, VALUE);
        rig.call("POST", "/v1/limits/chat/" + KEY, "");
        rig.call("POST", "/v1/locks/" + HUSH, "{\"ttl\":\"5m\"}");
        String warned = "Limit chat: .*until Redis answers";
        assertThat(rig.weir.logLinesMatching(warned)).singleElement().asString().contains("request-");
    }

    @Test
    void aStartThatFailsSaysSoInOneLineOnStandardErrorInJsonToo() {
        WeirProcess.Exit exit = WeirProcess.runToExit(WeirProcess.builder()
                .property("quarkus.log.console.json.enabled", "true")
                .property("weir.log.requests", "perhaps"));
        assertThat(exit.code()).isEqualTo(1);
        assertThat(exit.stderr())
                .singleElement()
                .asString()
                .startsWith("weir: ")
                .contains("weir.log.requests");
        assertThat(exit.stdout()).noneMatch(line -> line.contains("xception"));
    }

    @Test
    void jsonIsTheDefaultAndTheEnvironmentSwitchesItOff() {
        try (WeirProcess weir = WeirProcess.builder()
                .withoutProperty("quarkus.log.console.json.enabled")
                .start()) {
            weir.logLines().forEach(LogsIT::isComplete);
        }
        try (WeirProcess weir = WeirProcess.builder()
                .withoutProperty("quarkus.log.console.json.enabled")
                .env("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "false")
                .start()) {
            assertThat(weir.logLinesMatching("INFO .*Listening on")).hasSize(1);
            assertThat(weir.log()).doesNotContain("{\"");
        }
    }
}
