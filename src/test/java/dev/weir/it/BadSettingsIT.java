package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** A setting that makes no sense stops the start, with one line that names it and nothing else. */
class BadSettingsIT {

    /** What ended a start, or should have. */
    private record Mistake(String name, String setting, UnaryOperator<WeirProcess.Builder> settings) {}

    private static final String GOOD_TOKEN = "0123456789abcdef";

    @TempDir
    Path directory;

    @TestFactory
    Stream<DynamicTest> stopTheStartWithOneLineThatNamesThem() throws IOException {
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        ExecutorService two = Executors.newFixedThreadPool(2);
        List<DynamicTest> tests = mistakes(taken.getLocalPort())
                .map(mistake -> test(mistake, two))
                .toList();
        two.shutdown();
        return tests.stream().onClose(() -> {
            try {
                taken.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** All processes are under way, two at a time, before the first test asks what became of its own. */
    private static DynamicTest test(Mistake mistake, ExecutorService two) {
        Future<Exit> running = two.submit(() -> WeirProcess.runToExit(mistake.settings.apply(WeirProcess.builder())));
        return DynamicTest.dynamicTest(mistake.name, () -> {
            Exit exit = running.get();
            assertThat(exit.code()).as(exit.toString()).isEqualTo(1);
            assertThat(exit.stderr()).as(mistake.name + ", standard error").hasSize(1);
            assertThat(exit.stderr().getFirst())
                    .as(mistake.name)
                    .startsWith("weir: ")
                    .contains(mistake.setting)
                    .doesNotContain(GOOD_TOKEN, "secret", "java.", "SRCFG", "Exception:");
            assertThat(exit.stdout())
                    .as(mistake.name + ", standard output")
                    .noneMatch(line -> line.matches("\\s+at .*|.*Exception.*|.*Listening on.*"));
        });
    }

    private Stream<Mistake> mistakes(int takenPort) throws IOException {
        return Stream.of(
                property("weir.foo", "1", "weir.foo"),
                property("weir.log.requests", "perhaps", "weir.log.requests"),
                property("weir.caches.users.tll", "5m", "weir.caches.users.tll"),
                property("weir.caches.users.near.max-entrys", "5", "weir.caches.users.near.max-entrys"),
                property("weir.caches.users.ttl", "5 minutes", "weir.caches.users.ttl"),
                property("weir.caches.users.ttl", "0s", "weir.caches.users.ttl"),
                property("weir.caches.users.ttl", "-5m", "weir.caches.users.ttl"),
                property("weir.caches.users.refresh-ahead", "2", "weir.caches.users.refresh-ahead"),
                property("weir.caches.users.sliding", "perhaps", "weir.caches.users.sliding"),
                property("weir.caches.users.max-entry-size", "1 apple", "weir.caches.users.max-entry-size"),
                property("weir.caches.users.origin.url", "ftp://app/{key}", "weir.caches.users.origin.url"),
                property("weir.caches.users.origin.timeout", "3s", "weir.caches.users.origin.url"),
                property("weir.locks.some.permits", "0", "weir.locks.some.permits"),
                property("weir.locks.some.permits", "1001", "weir.locks.some.permits"),
                property("weir.locks.some.permit", "2", "weir.locks.some.permit"),
                property("weir.lock.replicas", "-1", "weir.lock.replicas"),
                property("weir.ops.instance", "a b", "weir.ops.instance"),
                property("weir.ops.instances", "a", "weir.ops.instances"),
                property("weir.events.done.removes", "nope:{id}", "weir.events.done.removes"),
                property("weir.redis.timeout", "soon", "weir.redis.timeout"),
                property("weir.cache.undeclared", "maybe", "weir.cache.undeclared"),
                property("weir.auth.tokens.ci.value", "short", "weir.auth.tokens.ci"),
                new Mistake("token of an unknown role", "weir.auth.tokens.ci.role", weir -> weir.property(
                                "weir.auth.tokens.ci.value", GOOD_TOKEN)
                        .property("weir.auth.tokens.ci.role", "king")),
                new Mistake(
                        "certificates of an origin that nobody configured",
                        "weir.caches.users.origin.tls-configuration",
                        weir -> weir.property("weir.caches.users.origin.url", "https://app/{key}")
                                .property("weir.caches.users.origin.tls-configuration", "inner")),
                new Mistake(
                        "certificates of an origin without TLS",
                        "weir.caches.users.origin.tls-configuration",
                        weir -> weir.property("weir.caches.users.origin.url", "http://app/{key}")
                                .property("weir.caches.users.origin.tls-configuration", "inner")
                                .property("quarkus.tls.inner.trust-all", "true")),
                new Mistake(
                        "certificates of a route's origin that nobody configured",
                        "weir.routes.users.tls-configuration",
                        weir -> weir.property("weir.routes.users.path", "/api/*")
                                .property("weir.routes.users.origin", "https://app")
                                .property("weir.routes.users.tls-configuration", "inner")),
                new Mistake(
                        "certificates of Redis that nobody configured",
                        "weir.redis.tls-configuration",
                        weir -> weir.env("REDIS_URL", "rediss://127.0.0.1:1")
                                .property("weir.redis.tls-configuration", "inner")),
                new Mistake("certificates of a Redis without TLS", "weir.redis.tls-configuration", weir -> weir.env(
                                "REDIS_URL", "redis://127.0.0.1:1")
                        .property("weir.redis.tls-configuration", "inner")
                        .property("quarkus.tls.inner.trust-all", "true")),
                property("quarkus.tls.inner.trust-store.pem.certs", "/no/such/file.pem", "quarkus.tls.inner"),
                new Mistake("misspelt in a variable", "WEIR_LIMITS_API_WHEN_UNAVAILBLE", weir -> weir.env(
                                "WEIR_LIMITS_API_LIMIT", "5")
                        .env("WEIR_LIMITS_API_WINDOW", "1m")
                        .env("WEIR_LIMITS_API_WHEN_UNAVAILBLE", "deny")),
                env("WEIR_LOCK_REPLICA", "1"),
                env("WEIR_LOCK_TTL", "1m"),
                env("WEIR_REDIS_URL", "redis://:secret@127.0.0.1:6379"),
                env("WEIR_REDIS_PORT", "6379"),
                env("WEIR_TRUSTED_PROXIES_0_", "10.0.0.0/8"),
                env("weir.log.request", "true"),
                new Mistake(
                        "variable of a cache that only the file could declare",
                        "WEIR_CACHES_MY_CACHE_TTL: set it in config/application.properties",
                        weir -> weir.env("WEIR_CACHES_MY_CACHE_TTL", "1m")),
                new Mistake(
                        "header in a variable of a route of two words",
                        "WEIR_ROUTES_MY_ROUTE_HEADERS_VIA",
                        weir -> weir.property("weir.routes.my-route.path", "/api/*")
                                .property("weir.routes.my-route.origin", "http://app")
                                .env("WEIR_ROUTES_MY_ROUTE_HEADERS_VIA", "weir")),
                env("REDIS_URL", "http://:secret@127.0.0.1:6379"),
                env("REDIS_URL", "redis://:secret@127.0.0.1:6379/zero"),
                env("REDIS_MODE", "bogus"),
                new Mistake("REDIS_PORT=x", "REDIS_PORT", weir -> weir.env("REDIS_HOST", "127.0.0.1")
                        .env("REDIS_PORT", "x")),
                tokens("tokens file that is missing", directory.resolve("missing")),
                tokens("tokens file of another form", file("form", GOOD_TOKEN)),
                tokens("tokens file with an unknown role", file("role", "king " + GOOD_TOKEN)),
                tokens("tokens file with a short token", file("short", "read secret")),
                property("quarkus.http.host", "0.0.0.0", "quarkus.http.host"),
                property("quarkus.http.port", Integer.toString(takenPort), "quarkus.http.port"));
    }

    private static Mistake property(String name, String value, String setting) {
        return new Mistake(name + "=" + value, setting, weir -> weir.property(name, value));
    }

    private static Mistake env(String name, String value) {
        return new Mistake(name + "=" + value, name, weir -> weir.env(name, value));
    }

    private static Mistake tokens(String name, Path file) {
        return new Mistake(name, "weir.auth.tokens-file", weir -> weir.env("WEIR_TOKENS_FILE", file.toString()));
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text + "\n");
    }

    @Test
    void listensEverywhereWithoutATokenIfThatIsMeant() {
        try (WeirProcess weir = WeirProcess.builder()
                .property("quarkus.http.host", "0.0.0.0")
                .property("weir.auth.open", "true")
                .start()) {
            assertThat(Http.get(weir.url("/v1/caches")).statusCode()).isEqualTo(200);
            assertThat(weir.logLinesMatching("Listening on: http://0\\.0\\.0\\.0:"))
                    .hasSize(1);
        }
    }

    /** Kubernetes sets these for every pod beside a service of the name redis. */
    @Test
    void variablesThatKubernetesSetsForRedisDoNoHarm() {
        try (WeirProcess weir = WeirProcess.builder()
                .env("REDIS_HOST", "127.0.0.1")
                .env("REDIS_PORT", "tcp://10.0.0.1:6379")
                .env("REDIS_SERVICE_PORT", "6379")
                .env("REDIS_PORT_6379_TCP_ADDR", "10.0.0.1")
                .start()) {
            // Whether anybody listens on Redis' own port is not this test's business; that Weir looks there is.
            assertThat(Seen.mode(weir)).isIn("degraded", "shared");
        }
    }

    /** And these for every pod beside a service of the name weir, Weir's own among them. */
    @Test
    void variablesThatKubernetesSetsForWeirDoNoHarm() {
        try (WeirProcess weir = WeirProcess.builder()
                .env("WEIR_SERVICE_HOST", "10.0.0.2")
                .env("WEIR_SERVICE_PORT", "8080")
                .env("WEIR_SERVICE_PORT_HTTP", "8080")
                .env("WEIR_PORT", "tcp://10.0.0.2:8080")
                .env("WEIR_PORT_8080_TCP", "tcp://10.0.0.2:8080")
                .env("WEIR_PORT_8080_TCP_PROTO", "tcp")
                .env("WEIR_PORT_8080_TCP_PORT", "8080")
                .env("WEIR_PORT_8080_TCP_ADDR", "10.0.0.2")
                // Of a service named weir-redis, whose variables look as if they were of a section of ours.
                .env("WEIR_REDIS_SERVICE_HOST", "10.0.0.3")
                .env("WEIR_REDIS_SERVICE_PORT", "6379")
                .env("WEIR_REDIS_SERVICE_PORT_REDIS_TLS", "6380")
                .env("WEIR_REDIS_PORT", "tcp://10.0.0.3:6379")
                .env("WEIR_REDIS_PORT_6379_TCP", "tcp://10.0.0.3:6379")
                .env("WEIR_REDIS_PORT_6379_TCP_PROTO", "tcp")
                .env("WEIR_REDIS_PORT_6379_TCP_PORT", "6379")
                .env("WEIR_REDIS_PORT_6379_TCP_ADDR", "10.0.0.3")
                .start()) {
            assertThat(Seen.mode(weir)).isEqualTo("memory");
        }
    }
}
