package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What alerts and dashboard tell whoever is called by them. */
class MonitoringTest {

    static List<Rule> alerts() throws IOException {
        return Manifests.parse(Files.readString(Path.of("deploy/monitoring/prometheusrule.yaml")))
                .all(PrometheusRule.class)
                .flatMap(rules -> rules.getSpec().getGroups().stream())
                .flatMap(group -> group.getRules().stream())
                .toList();
    }

    @Test
    void everyAlertSaysHowBadItIsWhatIsTheMatterAndWhatToDo() throws IOException {
        assertThat(alerts()).hasSizeGreaterThanOrEqualTo(10).allSatisfy(alert -> {
            assertThat(alert.getLabels()).containsOnlyKeys("severity");
            assertThat(alert.getLabels().get("severity")).isIn("warning", "critical");
            assertThat(alert.getAnnotations()).containsOnlyKeys("summary", "description");
            assertThat(alert.getAnnotations().get("summary")).hasSizeBetween(10, 80);
            assertThat(alert.getAnnotations().get("description")).hasSizeGreaterThan(80);
        });
        assertThat(alerts()).extracting(Rule::getAlert).doesNotHaveDuplicates();
    }

    @Test
    void theReadmeListsTheAlerts() throws IOException {
        List<String> listed = Files.readAllLines(Path.of("deploy/README.md")).stream()
                .filter(line -> line.startsWith("| `Weir"))
                .map(line -> line.replaceFirst("\\| `(\\w+)` \\| (\\w+) .*", "$1 $2"))
                .toList();
        assertThat(alerts())
                .extracting(alert -> alert.getAlert() + " " + alert.getLabels().get("severity"))
                .isEqualTo(listed);
    }

    @Test
    void thresholdsAreWhatTheyAreCalledFor() throws IOException {
        assertThat(alerts())
                .extracting(
                        alert -> alert.getExpr().getStrVal().replaceFirst("(?s).*?\\) ([<>] 0\\.[0-9]+)(\n.*)?$", "$1"))
                .contains("> 0.85", "< 0.7", "> 0.01", "> 0.1");
    }

    @Test
    void everyPanelHasAUnitATitleAndTheChosenDataSource() throws IOException {
        Set<String> places = new HashSet<>();
        assertThat(Dashboard.read().panels()).hasSizeGreaterThan(20).allSatisfy(panel -> {
            assertThat(panel.path("title").asText()).isNotBlank();
            assertThat(panel.path("fieldConfig").path("defaults").path("unit").asText())
                    .isIn("none", "short", "percentunit", "s", "bytes", "Bps", "ops", "reqps");
            assertThat(panel.findValuesAsText("uid")).isNotEmpty().containsOnly("${datasource}");
            JsonNode place = panel.path("gridPos");
            assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(24);
            assertThat(places.add(place.path("x") + " " + place.path("y"))).isTrue();
        });
        assertThat(Dashboard.read().variables())
                .extracting(variable -> variable.path("name").asText())
                .containsExactly("datasource", "namespace", "pod");
    }

    /** A rate in percent, a time in seconds: what is divided has no dimension, and a quantile of seconds has. */
    @Test
    void unitsAreThoseOfTheFigures() throws IOException {
        assertThat(Dashboard.read().panels()).allSatisfy(panel -> {
            String unit =
                    panel.path("fieldConfig").path("defaults").path("unit").asText();
            String expression = panel.path("targets").path(0).path("expr").asText();
            if (expression.contains(") / ") || expression.matches(".*_(ratio|hit_ratio)\\{.*")) {
                assertThat(unit).isEqualTo("percentunit");
            } else if (expression.startsWith("histogram_quantile") || expression.contains("latency_seconds{")) {
                assertThat(unit).isEqualTo("s");
            } else if (expression.contains("_bytes_total")) {
                assertThat(unit).isEqualTo("Bps");
            } else if (expression.contains("_bytes{")) {
                assertThat(unit).isEqualTo("bytes");
            } else if (expression.contains("rate(")) {
                assertThat(unit).isIn("ops", "reqps");
            } else {
                assertThat(unit).isIn("none", "short", "ops");
            }
        });
    }

    @Test
    void grafanaFindsTheDashboardByItsLabel() {
        assertThat(Manifests.parse(Kustomize.build(Path.of("deploy/monitoring")))
                        .all(ConfigMap.class))
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
                    assertThat(each.getData()).containsOnlyKeys("weir.json");
                });
    }
}
