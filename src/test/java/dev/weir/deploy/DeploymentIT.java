package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.deploy.PodRules.Template;
import dev.weir.testkit.Certificates;
import dev.weir.testkit.Http;
import dev.weir.testkit.Origin;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.WeirProcess;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.openshift.api.model.monitoring.v1.Endpoint;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is started as the pods would be: with the settings, the environment and the mounted files of what
 * kustomize builds. Only where files lie and where Redis listens is another place.
 */
class DeploymentIT {

    private static final String ADMIN = "the-token-of-an-admin";
    private static final String READER = "the-token-of-a-reader";
    private static final String WRITER = "the-token-of-a-writer";

    @TempDir
    private Path directory;

    private Container container;

    /** The pod of an overlay, up to where Redis is. */
    private WeirProcess.Builder pod(Manifests manifests) throws IOException {
        Template template = Template.of(manifests)
                .filter(each -> each.name().equals("Deployment weir"))
                .findFirst()
                .orElseThrow();
        container = template.spec().getContainers().getFirst();
        String settings = template.spec().getVolumes().stream()
                .filter(volume -> volume.getName().equals("config"))
                .map(volume -> content(manifests, volume.getConfigMap().getName(), "application.properties"))
                .findFirst()
                .orElseThrow();
        Files.createDirectories(directory.resolve("config"));
        Files.writeString(directory.resolve("config/application.properties"), settings);
        Path tokens = Files.writeString(
                directory.resolve("tokens"), "admin " + ADMIN + "\nread " + READER + "\nwrite " + WRITER);
        WeirProcess.Builder builder = WeirProcess.builder().directory(directory);
        for (EnvVar variable : container.getEnv()) {
            if (variable.getValue() != null) {
                builder.env(
                        variable.getName(),
                        variable.getValue()
                                .replace(
                                        "/etc/weir/redis/ca.crt",
                                        directory.resolve("ca.crt").toString()));
            }
        }
        return builder.env("WEIR_TOKENS_FILE", tokens.toString());
    }

    private static String content(Manifests manifests, String configMap, String key) {
        return manifests
                .all(ConfigMap.class)
                .filter(each -> each.getMetadata().getName().equals(configMap))
                .map(each -> each.getData().get(key))
                .findFirst()
                .orElseThrow();
    }

    private static String environment(Container container, String name) {
        return container.getEnv().stream()
                .filter(each -> each.getName().equals(name))
                .map(EnvVar::getValue)
                .findFirst()
                .orElseThrow();
    }

    private static String[] bearer(String token) {
        return new String[] {"Authorization", "Bearer " + token};
    }

    private void assertServes(WeirProcess weir) {
        Stream.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())
                .forEach(probe -> assertThat(
                                Http.get(weir.url(probe.getHttpGet().getPath())).statusCode())
                        .isEqualTo(200));
        String entry = weir.url("/v1/caches/users/entries/1");
        assertThat(Http.get(entry).statusCode()).isEqualTo(401);
        HttpResponse<byte[]> put = Http.put(entry, "value", "text/plain", bearer(WRITER));
        assertThat(put.statusCode()).isEqualTo(201);
        assertThat(Http.header(put, "Weir-Scope")).isEqualTo("shared");
        assertThat(weir.logLinesMatching(" (WARN|ERROR) |Exception")).isEmpty();
    }

    @Test
    void devServesWithItsRedis() throws IOException {
        Manifests manifests = Manifests.parse(Kustomize.build(Path.of("deploy/overlays/dev")));
        String name = manifests
                .all(ConfigMap.class)
                .map(each -> each.getMetadata().getName())
                .filter(each -> each.startsWith("weir-redis-config"))
                .findFirst()
                .orElseThrow();
        // All but where it listens and keeps its files.
        String[] settings = content(manifests, name, "redis.conf")
                .lines()
                .filter(line -> !line.isBlank() && !line.matches("(#|dir |bind |protected-mode ).*"))
                .flatMap(line -> Stream.of("--" + line.split(" ", 2)[0], line.split(" ", 2)[1].replace("\"\"", "")))
                .toArray(String[]::new);
        try (RedisServer redis = RedisServer.start(settings)) {
            assertThat(redis.command("CONFIG", "GET", "maxmemory-policy"))
                    .isEqualTo(List.of("maxmemory-policy", "allkeys-lru"));
            assertThat(redis.command("CONFIG", "GET", "maxmemory")).isEqualTo(List.of("maxmemory", "67108864"));
            assertThat(redis.command("CONFIG", "GET", "appendonly")).isEqualTo(List.of("appendonly", "yes"));
            WeirProcess.Builder pod = pod(manifests);
            Service service = manifests
                    .all(Service.class)
                    .filter(each -> each.getMetadata().getName().equals("weir-redis"))
                    .findFirst()
                    .orElseThrow();
            assertThat(environment(container, "REDIS_URL"))
                    .isEqualTo("redis://weir-redis:"
                            + service.getSpec().getPorts().getFirst().getPort());
            try (WeirProcess weir = pod.redis(redis).start()) {
                assertServes(weir);
            }
        }
    }

    @Test
    void productionServesWithARedisOverTlsAndIsScraped() throws IOException {
        Certificates certificates = Certificates.in(directory).certify("redis", "dns:localhost");
        Files.copy(certificates.authority(), directory.resolve("ca.crt"));
        Manifests manifests = Manifests.parse(Kustomize.build(Path.of("deploy/overlays/production")));
        WeirProcess.Builder pod = pod(manifests);
        // An overlay of one's own replaces the whole file, and must not lose how Redis is trusted.
        Files.writeString(directory.resolve("config/application.properties"), "weir.caches.users.ttl=1m");
        try (RedisServer redis = RedisServer.startTls(certificates, "redis", false);
                WeirProcess weir = pod.env("REDIS_URL", redis.tlsUrl()).start()) {
            assertServes(weir);
            Endpoint endpoint = manifests
                    .all(ServiceMonitor.class)
                    .findFirst()
                    .orElseThrow()
                    .getSpec()
                    .getEndpoints()
                    .getFirst();
            assertThat(endpoint.getAuthorization().getType()).isEqualTo("Bearer");
            HttpResponse<byte[]> scraped = Http.get(weir.url(endpoint.getPath()), bearer(READER));
            assertThat(scraped.statusCode()).isEqualTo(200);
            assertThat(Http.text(scraped)).contains("weir_store_available 1");
        }
    }

    @Test
    void theCronJobWarms() throws IOException {
        Manifests manifests = Manifests.parse(Kustomize.build(Path.of("deploy/warmer")));
        Container job = Template.of(manifests)
                .findFirst()
                .orElseThrow()
                .spec()
                .getContainers()
                .getFirst();
        assertThat(environment(job, "WEIR_URL")).isEqualTo("http://weir:8080");
        try (Origin origin = Origin.open();
                WeirProcess weir = pod(Manifests.parse(Kustomize.build(Path.of("deploy/base"))))
                        .property("weir.caches.users.origin.url", origin.url("/{key}"))
                        .property("weir.warmers.users.cache", "users")
                        .property("weir.warmers.users.keys", "a,b")
                        .start()) {
            origin.on("/").body("something");
            WeirProcess.Exit exit = WeirProcess.runToExit(WeirProcess.builder()
                    .args(job.getArgs().toArray(String[]::new))
                    .env("WEIR_URL", weir.url())
                    .env("WEIR_TOKEN", WRITER));
            assertThat(exit.code()).as(exit.toString()).isZero();
            assertThat(origin.calls("/a")).isEqualTo(1);
            assertThat(origin.calls("/b")).isEqualTo(1);
        }
    }
}
