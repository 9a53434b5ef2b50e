package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of {@code deploy/}, and all that kustomize makes of them, says nothing that Kubernetes would not understand. */
class DeployManifestsTest {

    private static final Path DEPLOY = Path.of("deploy");

    static List<Path> manifests() throws IOException {
        return files(".yaml").stream().filter(file -> !isKustomization(file)).toList();
    }

    static List<Path> kustomizations() throws IOException {
        return files(".yaml").stream()
                .filter(DeployManifestsTest::isKustomization)
                .map(Path::getParent)
                .toList();
    }

    static List<Path> dashboards() throws IOException {
        return files(".json");
    }

    private static List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(DEPLOY)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isKustomization(Path file) {
        return file.endsWith("kustomization.yaml");
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void aFileHoldsNothingThatItsKindDoesNotHave(Path file) throws IOException {
        assertThat(Manifests.parse(Files.readString(file)).objects()).isNotEmpty();
    }

    /** kustomize itself refuses a field of kustomization.yaml that it does not know. */
    @ParameterizedTest
    @MethodSource("kustomizations")
    void whatIsBuiltHoldsNothingThatItsKindDoesNotHave(Path directory) {
        assertThat(Manifests.parse(Kustomize.build(directory)).objects()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void aDashboardIsJson(Path file) throws IOException {
        ObjectMapper strict = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
        assertThat(strict.readTree(Files.readString(file)).path("title").asText())
                .isNotBlank();
    }

    @Test
    void allFilesAreFound() throws IOException {
        assertThat(kustomizations())
                .extracting(Path::toString)
                .contains(
                        "deploy/base",
                        "deploy/overlays/dev",
                        "deploy/overlays/production",
                        "deploy/monitoring",
                        "deploy/warmer");
        try (Stream<Path> all = Files.walk(DEPLOY)) {
            assertThat(all).noneMatch(file -> file.toString().endsWith(".yml"));
        }
        assertThat(manifests()).hasSizeGreaterThan(10);
        assertThat(dashboards()).isNotEmpty();
    }

    /** The check of the check: of a file that is right, one word is made wrong. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            base/deployment.yaml              | terminationGracePeriodSeconds: | terminationGracePeriodsSeconds:
            base/deployment.yaml              | readOnlyRootFilesystem:        | readonlyRootFilesystem:
            base/deployment.yaml              | secretKeyRef:                  | secretRef:
            base/deployment.yaml              | containerPort: 8080            | containerPort: http
            base/deployment.yaml              | containerPort: 8080            | containerPort: "8080"
            base/deployment.yaml              | apps/v1                        | apps/v1beta1
            base/service.yaml                 | selector:                      | selectors:
            base/serviceaccount.yaml          | automountServiceAccountToken:  | automountToken:
            base/poddisruptionbudget.yaml     | maxUnavailable:                | maxUnavailble:
            base/poddisruptionbudget.yaml     | matchLabels:                   | matchLabel:
            base/horizontalpodautoscaler.yaml | averageUtilization:            | targetAverageUtilization:
            base/networkpolicy.yaml           | podSelector:                   | podSelectors:
            base/networkpolicy.yaml           | policyTypes:                   | ingress:
            overlays/dev/redis.yaml           | volumeClaimTemplates:          | volumeClaims:
            warmer/cronjob.yaml               | concurrencyPolicy:             | concurencyPolicy:
            warmer/cronjob.yaml               | restartPolicy:                 | restart:
            monitoring/servicemonitor.yaml    | scrapeTimeout:                 | timeout:
            monitoring/servicemonitor.yaml    | credentials:                   | credential:
            monitoring/prometheusrule.yaml    | annotations:                   | annotation:
            """)
    void aFieldThatIsWrittenWronglyIsFound(String file, String right, String wrong) throws IOException {
        String text = Files.readString(DEPLOY.resolve(file));
        assertThat(text).contains(right);
        String changed = text.replaceFirst(right, wrong);
        assertThatThrownBy(() -> Manifests.parse(changed)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsFoundIsNamed() {
        assertThatThrownBy(() -> Manifests.parse("""
                        apiVersion: v1
                        kind: Service
                        metadata:
                          name: weir
                        spec:
                          prots: []
                        """)).hasMessageContaining("\"prots\"");
    }
}
