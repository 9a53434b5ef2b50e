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

    /** What is refused of variables stands in BadSettingsIT. */
    @Test
    void variablesMayNameEverySettingThatTheyCanSpell() throws IOException {
        try (Origin origin = Origin.open();
                WeirProcess weir = withFile(
                                "weir.caches.my-cache.ttl=1m",
                                "weir.caches.\"with.dots\".ttl=1m",
                                "weir.routes.my-route.path=/mine",
                                "weir.routes.my-route.origin=" + origin.url(),
                                "weir.routes.my-route.headers.X-Own=of the file")
                        .env("WEIR_CACHES_MY_CACHE_STALE_IF_ERROR", "2m")
                        .env("WEIR_CACHES__WITH_DOTS__STALE_IF_ERROR", "3m")
                        .env("WEIR_CACHES__NEW_DOTS__TTL", "4m")
                        .env("weir.caches.dotted.ttl", "5m")
                        .env("weir_caches_lower_ttl", "6m")
                        .env("WEIR_CACHES_USERS_ORIGIN_URL", origin.url("/{key}"))
                        .env("WEIR_CACHES_USERS_ORIGIN_HEADERS_ACCEPT", "text/plain")
                        .env("WEIR_CACHES_USERS_ORIGIN_HEADERS__X_QUOTED__", "yes")
                        .env("WEIR_ROUTES_MY_ROUTE_TIMEOUT", "7s")
                        .env("WEIR_ROUTES_MY_ROUTE_METHODS", "GET,HEAD")
                        .env("WEIR_ROUTES_MY_ROUTE_HEADERS_X_OWN", "of the variable")
                        .env("WEIR_ROUTES_API_PATH", "/api/*")
                        .env("WEIR_ROUTES_API_ORIGIN", origin.url())
                        .env("WEIR_ROUTES_API_METHODS_0_", "GET")
                        .env("WEIR_ROUTES_API_METHODS_1_", "HEAD")
                        .env("WEIR_ROUTES_API_HEADERS_ACCEPT_LANGUAGE", "en")
                        .env("WEIR_EVENTS_DONE_REMOVES_0_", "users:{id}")
                        .env("WEIR_LIMITS_API_LIMIT", "5")
                        .env("WEIR_LIMITS_API_WINDOW", "1m")
                        .env("WEIR_LIMITS_API_WHEN_UNAVAILABLE", "deny")
                        .env("WEIR_LOCKS_SOME_PERMITS", "2")
                        .env("WEIR_LOCK_REPLICAS", "0")
                        .env("WEIR_WARMERS_USERS_CACHE", "users")
                        .env("WEIR_WARMERS_USERS_KEYS_FROM", origin.url("/keys"))
                        .env("WEIR_WARMERS_USERS_KEYS_HEADERS_ACCEPT", "application/json")
                        .env("WEIR_CACHE_MEMORY_MAX_BYTES", "1MiB")
                        .env("WEIR_LIMIT_NEAR_MAX_ENTRIES", "10")
                        .env("WEIR_TRUSTED_PROXIES", "10.0.0.0/8,192.168.0.0/16")
                        .env("WEIR_OPS_INSTANCE", "one")
                        // Nobody's, or those of a lock under which Weir was started.
                        .env("WEIR_LOCK_NAME", "some")
                        .env("WEIR_LOCK_FENCE", "7")
                        .env("WEIR_LOCK_TOKEN", "secret")
                        .env("WEIR_URL", "http://weir:8080")
                        .env("WEIR_TOKEN", "secret")
                        .env("WEIR_TOKENS_FILE", "")
                        .env("WEIR_HOME", "/opt/weir")
                        .start()) {
            assertThat(settings(weir, "my-cache").path("staleIfErrorMs").asLong())
                    .isEqualTo(120_000);
            assertThat(settings(weir, "with.dots").path("staleIfErrorMs").asLong())
                    .isEqualTo(180_000);
            assertThat(settings(weir, "new.dots").path("ttlMs").asLong()).isEqualTo(240_000);
            assertThat(settings(weir, "dotted").path("ttlMs").asLong()).isEqualTo(300_000);
            assertThat(settings(weir, "lower").path("ttlMs").asLong()).isEqualTo(360_000);
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
