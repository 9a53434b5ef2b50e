package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs of the command line against a live service that knows its callers. */
class CliIT {

    private static final String ADMIN = "token-of-the-admin-1";
    private static final String READER = "token-of-the-reader-2";

    private static RedisServer redis;
    private static Origin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        origin = Origin.open();
        origin.on("/items/").body("value");
        origin.on("/items/gone").status(500);
        weir = WeirProcess.builder()
                .redis(redis)
                .property("weir.redis.timeout", "5s")
                .property("weir.auth.tokens.admin.value", ADMIN)
                .property("weir.auth.tokens.admin.role", "admin")
                .property("weir.auth.tokens.reader.value", READER)
                .property("weir.auth.tokens.reader.role", "read")
                .property("weir.limits.chat.limit", "1")
                .property("weir.limits.chat.window", "10m")
                .property("weir.caches.items.origin.url", origin.url("/items/{key}"))
                .property("weir.caches.items.origin.retries", "0")
                .property("weir.warmers.good.cache", "items")
                .property("weir.warmers.good.keys", "a,b,c")
                .property("weir.warmers.half.cache", "items")
                .property("weir.warmers.half.keys", "a,gone")
                .property("weir.warmers.half.retries", "0")
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        origin.close();
        redis.close();
    }

    private static Exit run(String token, String... args) {
        return WeirProcess.runToExit(Verb.at(weir, args).env("WEIR_TOKEN", token));
    }

    private static void put(String cache, String key, String query) {
        assertThat(Http.put(
                                weir.url("/v1/caches/" + cache + "/entries/" + key + query),
                                "value",
                                "text/plain",
                                "Authorization",
                                "Bearer " + ADMIN)
                        .statusCode())
                .isIn(201, 204);
    }

    @Test
    void eachVerbPrintsOneDocumentIfAskedTo() {
        List<String[]> verbs = List.of(
                new String[] {"health", "--json"},
                new String[] {"stats", "--json"},
                new String[] {"monitor", "--count", "1", "--json"},
                new String[] {"warm", "good", "--json"},
                new String[] {"clear", "default", "--tag", "none", "--json"},
                new String[] {"lock", "documented", "--json", "--", "echo", "hello"},
                new String[] {"limit", "chat", "json", "--json"});
        List<Exit> exits = Checks.atOnce(verbs.size(), i -> run(ADMIN, verbs.get(i)));
        List<JsonNode> documents =
                exits.stream().map(exit -> Verb.document(exit, 0)).toList();
        assertThat(documents.get(0).path("healthy").asBoolean()).isTrue();
        assertThat(documents.get(0).path("redis").path("mode").asText()).isEqualTo("standalone");
        assertThat(documents.get(1).path("caches").isArray()).isTrue();
        assertThat(documents.get(2).path("instances")).hasSize(1);
        assertThat(documents.get(3).path("runs").path(0).path("state").asText()).isEqualTo("done");
        assertThat(documents.get(4).path("removed").asLong()).isZero();
        assertThat(documents.get(5).path("exitStatus").asInt()).isZero();
        assertThat(documents.get(5).path("lost").asBoolean()).isFalse();
        assertThat(exits.get(5).stderr()).containsExactly("hello");
        assertThat(documents.get(6).path("allowed").asBoolean()).isTrue();
    }

    @Test
    void aTokenOpensWhatItsRoleAllows(@TempDir Path directory) throws IOException {
        Exit stranger = Verb.run(weir, "stats");
        assertThat(Verb.complaint(stranger, 1)).contains("WEIR_TOKEN");
        Exit reader = run(READER, "clear", "default", "--yes", "--json");
        assertThat(Verb.document(reader, 1).path("type").asText()).isEqualTo("urn:weir:problem:forbidden");
        assertThat(reader.stderr()).hasSize(1).first().asString().contains("role");

        Path file = Files.writeString(directory.resolve("token"), READER + "\n");
        Exit fromFile = Verb.run(weir, "stats", "--token-file", file.toString());
        assertThat(Verb.text(fromFile, 0)).contains("performance", "hit rate", "CACHE", "items");

        Exit health = Verb.run(weir, "health");
        assertThat(Verb.text(health, 1)).contains("ready, shared");
        assertThat(health.stderr()).hasSize(1).first().asString().contains("WEIR_TOKEN");
    }

    @Test
    void aLimitAllowsAndDenies() {
        assumeThat(Charset.forName(System.getProperty("sun.jnu.encoding"))
                        .newEncoder()
                        .canEncode("ü"))
                .as("this JVM can hand letters beyond ASCII to a process")
                .isTrue();
        // As in a container, whose locale has no such letter.
        Exit first = WeirProcess.runToExit(Verb.at(weir, "limit", "chat", "@müller/7")
                .env("WEIR_TOKEN", READER)
                .env("LC_ALL", "POSIX"));
        assertThat(Verb.text(first, 0)).isEqualTo("allowed, 0 of 1 left");
        JsonNode spent = Seen.json(
                Http.get(weir.url("/v1/limits/chat/%40m%C3%BCller%2F7"), "Authorization", "Bearer " + READER), 200);
        assertThat(spent.path("remaining").asLong()).isZero();

        assertThat(Verb.text(run(READER, "limit", "chat", "@müller/7"), 1))
                .startsWith("denied, 0 of 1 left, try again in ");
        assertThat(Verb.text(run(READER, "limit", "chat", "another", "--peek"), 0))
                .contains("1 of 1");
        assertThat(Verb.document(run(READER, "limit", "chat", "@müller/7", "--json"), 1)
                        .path("retryAfterMs")
                        .asLong())
                .isPositive();
    }

    @Test
    void entriesAreRemovedByTagByPatternAndAllTogether() {
        put("default", "x/1", "?tag=red");
        put("default", "x/2", "");
        put("default", "y", "");
        assertThat(Verb.text(run(ADMIN, "clear", "default", "--tag", "red"), 0)).contains("Removed 1 entries");
        assertThat(Verb.text(run(ADMIN, "clear", "default", "--pattern", "x/*"), 0))
                .contains("Removed 1 entries");
        assertThat(Verb.text(run(ADMIN, "clear", "--all", "--yes"), 0)).contains("of all caches");
        assertThat(Verb.complaint(run(ADMIN, "clear", "nothing", "--yes"), 1)).contains("'nothing'");
    }

    @Test
    void warmersRunInTurnAndTellWhatFailed() {
        Exit all = run(ADMIN, "warm");
        assertThat(Verb.text(all, 1))
                .containsSubsequence("good: done", "3 keys", "half: done", "2 keys", "1 failed", "  gone: ");
        assertThat(run(ADMIN, "warm", "unknown", "good").stdout())
                .last()
                .asString()
                .startsWith("good: done");
    }

    @Test
    void figuresAreShownAgainAndAgainAndReset() {
        Exit lines = run(READER, "monitor", "--count", "2");
        assertThat(Verb.text(lines, 0).lines()).hasSize(2).allMatch(line -> line.contains(" redis=up instances=1"));
        assertThat(Verb.documents(run(READER, "monitor", "--count", "2", "--json")))
                .hasSize(2);
        assertThat(Verb.text(run(ADMIN, "stats", "--reset"), 0)).contains("from zero");
        assertThat(Verb.complaint(run(READER, "stats", "--reset"), 1)).contains("role");
    }
}
