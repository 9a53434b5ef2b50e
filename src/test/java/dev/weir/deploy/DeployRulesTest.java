package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.deploy.PodRules.Template;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What kustomize makes of {@code deploy/} fits together, and asks for no more rights than it needs. */
class DeployRulesTest {

    private static final Path DEPLOY = Path.of("deploy");
    private static final Map<Path, String> BUILT = new ConcurrentHashMap<>();

    static List<Path> kustomizations() throws IOException {
        return DeployManifestsTest.kustomizations();
    }

    private static String built(Path directory) {
        return BUILT.computeIfAbsent(directory, Kustomize::build);
    }

    private static List<String> findings(String yaml) {
        Manifests manifests = Manifests.parse(yaml);
        return Stream.of(
                        PodRules.findings(manifests),
                        WiringRules.findings(manifests, DeployRulesTest::isOfTheUser),
                        CountRules.findings(manifests, shutdownTimeout()))
                .flatMap(List::stream)
                .toList();
    }

    /** The README's table says which Secrets and ConfigMaps whoever deploys brings along. */
    private static boolean isOfTheUser(String name) {
        return read(DEPLOY.resolve("README.md"))
                .lines()
                .anyMatch(line -> line.matches("\\| (Secret|ConfigMap) `" + name + "` .*"));
    }

    private static Duration shutdownTimeout() {
        try {
            return new SmallRyeConfigBuilder()
                    .withSources(new PropertiesConfigSource(Path.of("src/main/resources/application.properties")
                            .toUri()
                            .toURL()))
                    .addDiscoveredConverters()
                    .build()
                    .getValue("quarkus.shutdown.timeout", Duration.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("kustomizations")
    void allRulesHold(Path directory) {
        assertThat(findings(built(directory))).isEmpty();
    }

    /** The check of the check: what is built from the base with one thing made wrong. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            runAsNonRoot: true                  | runAsNonRoot: false              | runAsNonRoot
            runAsUser: 1001                     | runAsUser: 0                     | runAsUser
            type: RuntimeDefault                | type: Unconfined                 | seccompProfile
            readOnlyRootFilesystem: true        | readOnlyRootFilesystem: false    | readOnlyRootFilesystem
            allowPrivilegeEscalation: false     | privileged: true                 | privileged
            allowPrivilegeEscalation: false     | allowPrivilegeEscalation: true   | allowPrivilegeEscalation
            '- ALL'                             | '- NET_RAW'                      | capabilities
            enableServiceLinks: false           | hostNetwork: true                | hostNetwork
            enableServiceLinks: false           | enableServiceLinks: true         | enableServiceLinks
            automountServiceAccountToken: false\\n      containers | containers | automountServiceAccountToken
            image: weir:0.1.0                   | image: weir:latest               | latest
            image: weir:0.1.0                   | image: weir                      | image
            image: weir:0.1.0                   | image: example.org/weir:1        | image
            (?s)livenessProbe:.*?timeoutSeconds: 3 | stdin: false                   | livenessProbe
            memory: 256Mi\\n          requests  | cpu: 1\\n          requests      | limits.memory
            value: 5s                           | value: 25s                       | terminationGracePeriodSeconds
            QUARKUS_SHUTDOWN_DELAY              | SHUTDOWN_DELAY                   | QUARKUS_SHUTDOWN_DELAY
            value: /run/secrets/weir/tokens     | value: redis://u:p@host          | a secret
            name: QUARKUS_SHUTDOWN_DELAY        | name: WEIR_TOKEN                 | a secret
            name: weir-redis                    | name: weir-rides                 | no Secret
            secretName: weir-tokens             | secretName: token                | no Secret
            name: weir-config-\\w+\\n        name: config | name: weir-config\\n        name: config | no ConfigMap
            serviceAccountName: weir            | serviceAccountName: war          | no ServiceAccount
            name: tokens\\n          readOnly   | name: token\\n          readOnly | no volume
            targetPort: http                    | targetPort: web                  | no port
            'containerPort: 8080\\n          name: http' | 'containerPort: 8081\\n          name: web' | no port
            port: 8080\\n      protocol: TCP    | port: 8081\\n      protocol: TCP | no port
            maxUnavailable: 1\\n  selector      | maxUnavailable: 2\\n  selector   | all go at once
            minReplicas: 2                      | minReplicas: 7                   | maxReplicas
            minReplicas: 2                      | minReplicas: 1                   | PodDisruptionBudget
            revisionHistoryLimit: 3             | replicas: 2                      | replicas
            """)
    void whatIsWrongIsFound(String right, String wrong, String finding) {
        String yaml = built(DEPLOY.resolve("base"));
        Pattern pattern = Pattern.compile(right);
        assertThat(yaml).containsPattern(pattern);
        String changed = pattern.matcher(yaml).replaceFirst(wrong.replace("\\n", "\n"));
        assertThat(findings(changed)).anyMatch(found -> found.contains(finding));
    }

    /** Labels stand in many places: changed in one kind of object alone, it finds nothing any more. */
    @ParameterizedTest
    @ValueSource(strings = {"Service", "PodDisruptionBudget", "NetworkPolicy", "Deployment", "ServiceMonitor"})
    void aSelectorThatFindsNothingIsFound(String kind) {
        String yaml = Stream.of(built(DEPLOY.resolve("overlays/production")).split("\n---\n"))
                .map(document -> document.contains("\nkind: " + kind + "\n")
                        ? document.replaceFirst(
                                "(?s)(elector:.*?app.kubernetes.io/component:) server", "$1 somethingelse")
                        : document)
                .reduce((one, two) -> one + "\n---\n" + two)
                .orElseThrow();
        assertThat(findings(yaml)).anyMatch(found -> found.startsWith(kind + " "));
    }

    @ParameterizedTest
    @CsvSource({
        "Forbid,Allow,concurrencyPolicy",
        "backoffLimit: 2,parallelism: 1,backoffLimit",
        "restartPolicy: Never,restartPolicy: OnFailure,restartPolicy",
        "activeDeadlineSeconds: 1500,parallelism: 1,activeDeadlineSeconds",
        "startingDeadlineSeconds: 300,suspend: false,startingDeadlineSeconds",
        "name: weir-warmer\\n,name: nobody\\n,no Secret"
    })
    void aWarmerThatCouldPileUpIsFound(String right, String wrong, String finding) {
        String yaml = built(DEPLOY.resolve("warmer"));
        String changed = yaml.replace(right.replace("\\n", "\n"), wrong.replace("\\n", "\n"));
        assertThat(changed).isNotEqualTo(yaml);
        assertThat(findings(changed)).anyMatch(found -> found.contains(finding));
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/dev", "overlays/production"})
    void thePodIsWhatTheImagesExpect(String directory) {
        Template template = Template.of(Manifests.parse(built(DEPLOY.resolve(directory))))
                .filter(each -> each.name().equals("Deployment weir"))
                .findFirst()
                .orElseThrow();
        Container weir = template.spec().getContainers().getFirst();
        assertThat(weir.getStartupProbe().getHttpGet().getPath()).isEqualTo("/q/health/started");
        assertThat(weir.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/q/health/live");
        assertThat(weir.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/q/health/ready");
        for (Path image : List.of(Path.of("Dockerfile.native"), Path.of("src/main/docker/Dockerfile.jvm"))) {
            assertThat(read(image))
                    .contains("\nUSER " + template.spec().getSecurityContext().getRunAsUser() + "\n")
                    .contains("\nEXPOSE " + weir.getPorts().getFirst().getContainerPort() + "\n");
            String workdir = read(image).replaceFirst("(?s).*\nWORKDIR (\\S+)\n.*", "$1");
            assertThat(weir.getVolumeMounts())
                    .extracting(mount -> mount.getMountPath())
                    .contains(workdir + "/config", "/tmp");
        }
    }

    @Test
    void productionHasThreeInstancesOrMore() {
        assertThat(Manifests.parse(built(DEPLOY.resolve("overlays/production"))).all(HorizontalPodAutoscaler.class))
                .singleElement()
                .satisfies(each -> assertThat(each.getSpec().getMinReplicas()).isGreaterThanOrEqualTo(3));
    }
}
