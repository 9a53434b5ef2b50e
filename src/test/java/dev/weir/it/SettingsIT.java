package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where settings come from, for the jar as for the executable. */
class SettingsIT {

    @TempDir
    Path directory;

    private WeirProcess.Builder withFile(String... lines) throws IOException {
        Path file = Files.createDirectories(directory.resolve("config")).resolve("application.properties");
        Files.writeString(file, String.join("\n", lines) + "\n");
        return WeirProcess.builder().directory(directory);
    }

    private static JsonNode settings(WeirProcess weir, String cache) {
        return json(Http.get(weir.url("/v1/caches/" + cache)), 200).path("settings");
    }

    @Test
    void theFileInTheWorkingDirectoryIsRead() throws IOException {
        try (Origin origin = Origin.open();
                WeirProcess weir = withFile(
                                "# a first cache of one's own",
                                "weir.caches.users.ttl=7m",
                                "weir.caches.users.origin.url=" + origin.url("/api/users/{key}"),
                                "weir.caches.\"with.dots\".ttl=8m",
                                "weir.events.user-updated.removes=users:{id}")
                        .start()) {
            origin.on("/api/users/").body("from the origin");

            assertThat(settings(weir, "users").path("ttlMs").asLong()).isEqualTo(420_000);
            assertThat(settings(weir, "with.dots").path("ttlMs").asLong()).isEqualTo(480_000);
            assertThat(text(Http.get(weir.url("/v1/caches/users/entries/1")), 200))
                    .isEqualTo("from the origin");
            String event = weir.url("/v1/events/user-updated");
            assertThat(json(Http.post(event, "{\"id\":\"1\"}", "application/json"), 200)
                            .path("removed")
                            .asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void theEnvironmentIsReadWhateverItIsTheNameOf() {
        try (Origin origin = Origin.open();
                WeirProcess weir = WeirProcess.builder()
                        .env("WEIR_CACHES_USERS_TTL", "7m")
                        .env("WEIR_CACHES_USERS_STALE_WHILE_REVALIDATE", "30s")
                        .env("WEIR_CACHES_USERS_NEAR_MAX_ENTRIES", "0")
                        .env("WEIR_CACHES_USERS_ORIGIN_URL", origin.url("/api/users/{key}"))
                        .env("WEIR_CACHES_USERS_ORIGIN_MAX_CONCURRENT", "3")
                        .env("WEIR_CACHE_UNDECLARED", "allow")
                        .env("WEIR_REDIS_TIMEOUT", "300ms")
                        .env("WEIR_AUTH_OPEN", "true")
                        .env("QUARKUS_HTTP_HOST", "0.0.0.0")
                        .start()) {
            origin.on("/api/users/").body("from the origin");

            assertThat(settings(weir, "users").path("ttlMs").asLong()).isEqualTo(420_000);
            assertThat(settings(weir, "users").path("staleWhileRevalidateMs").asLong())
                    .isEqualTo(30_000);
            for (int i = 0; i < 2; i++) {
                assertThat(text(Http.get(weir.url("/v1/caches/users/entries/1")), 200))
                        .isEqualTo("from the origin");
            }
            assertThat(origin.calls()).isEqualTo(1);
            assertThat(Http.put(weir.url("/v1/caches/undeclared/entries/1"), "x", "text/plain")
                            .statusCode())
                    .isEqualTo(201);
        }
    }

    @Test
    void aVariableTopsTheFileAndAPropertyTopsTheVariable() throws IOException {
        try (WeirProcess weir = withFile("weir.caches.one.ttl=1m", "weir.caches.two.ttl=1m", "weir.caches.three.ttl=1m")
                .env("WEIR_CACHES_TWO_TTL", "2m")
                .env("WEIR_CACHES_THREE_TTL", "2m")
                .property("weir.caches.three.ttl", "3m")
                .start()) {
            assertThat(settings(weir, "one").path("ttlMs").asLong()).isEqualTo(60_000);
            assertThat(settings(weir, "two").path("ttlMs").asLong()).isEqualTo(120_000);
            assertThat(settings(weir, "three").path("ttlMs").asLong()).isEqualTo(180_000);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"weir.caches.users.tll=5m", "weir.caches.users.ttl=5 minutes", "weir.cache.undeclared=maybe"})
    void aMistakeInTheFileStopsTheStartWithOneLine(String line) throws IOException {
        Exit exit = WeirProcess.runToExit(withFile(line));

        assertThat(exit.code()).isEqualTo(1);
        assertThat(exit.stderr()).as(exit.toString()).hasSize(1);
        assertThat(exit.stderr().getFirst()).startsWith("weir: ").contains(line.substring(0, line.indexOf('=')));
    }

    @Test
    void aMistakeInAVariableStopsTheStartWithOneLine() {
        Exit exit = WeirProcess.runToExit(WeirProcess.builder().env("WEIR_CACHES_USERS_TTL", "soon"));

        assertThat(exit.code()).isEqualTo(1);
        assertThat(exit.stderr()).as(exit.toString()).hasSize(1);
        assertThat(exit.stderr().getFirst()).startsWith("weir: ").containsIgnoringCase("users");
    }

    @Test
    void tokensMayStandInTheFileOfAVariableAndInVariables() throws IOException {
        Path tokens = Files.writeString(directory.resolve("tokens"), "admin token-of-the-file-1234\n");
        try (WeirProcess weir = WeirProcess.builder()
                .env("WEIR_TOKENS_FILE", tokens.toString())
                .env("WEIR_AUTH_TOKENS_READER_VALUE", "token-of-a-variable-1")
                .env("WEIR_AUTH_TOKENS_READER_ROLE", "read")
                .start()) {
            String all = weir.url("/v1/caches");
            assertThat(Http.get(all).statusCode()).isEqualTo(401);
            assertThat(Http.get(all, "Authorization", "Bearer token-of-the-file-1234")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(Http.get(all, "Authorization", "Bearer token-of-a-variable-1")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(Http.delete(all, "Authorization", "Bearer token-of-a-variable-1")
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    /** Nothing of a start that went well is worth a warning. */
    @Test
    void theLogOfAGoodStartIsShortAndCalm() {
        try (WeirProcess weir = WeirProcess.builder().start()) {
            assertThat(weir.logLinesMatching(" (WARN|ERROR) |(?i)warning|Exception"))
                    .isEmpty();
            assertThat(weir.logLines()).hasSizeBetween(1, 8);
        }
    }

    /** Each combination has its own class in the library under the near cache, some of them none at all. */
    @Test
    void aNearCacheMayBeBoundedInEveryWay() {
        try (WeirProcess weir = WeirProcess.builder()
                .property("weir.caches.none.near.max-entries", "0")
                .property("weir.caches.weightless.near.max-bytes", "0")
                .property("weir.caches.momentary.near.ttl", "0s")
                .property("weir.caches.single.near.max-entries", "1")
                .property("weir.caches.small.near.max-bytes", "100")
                .start()) {
            for (String cache : new String[] {"none", "weightless", "momentary", "single", "small"}) {
                for (int i = 0; i < 20; i++) {
                    String entry = weir.url("/v1/caches/" + cache + "/entries/" + i);
                    Http.put(entry + "?alias=alias-" + i, "value " + i, "text/plain");
                    assertThat(text(Http.get(entry), 200)).isEqualTo("value " + i);
                    assertThat(text(Http.get(entry), 200)).isEqualTo("value " + i);
                    assertThat(text(Http.get(weir.url("/v1/caches/" + cache + "/aliases/alias-" + i)), 200))
                            .isEqualTo("value " + i);
                }
            }
        }
    }
}
