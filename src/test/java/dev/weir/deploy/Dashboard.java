package dev.weir.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A dashboard of Grafana, as far as it asks Prometheus. */
record Dashboard(JsonNode json) {

    /** What a panel draws, and how it names each line. */
    record Target(String panel, String expression, String legend) {}

    static Dashboard read() throws IOException {
        return new Dashboard(new ObjectMapper().readTree(Files.readString(Path.of("deploy/monitoring/weir.json"))));
    }

    /** Without the rows. */
    List<JsonNode> panels() {
        return each(json.path("panels"))
                .filter(panel -> !panel.path("type").asText().equals("row"))
                .toList();
    }

    List<Target> targets() {
        return panels().stream()
                .flatMap(panel -> each(panel.path("targets"))
                        .map(target -> new Target(
                                panel.path("title").asText(),
                                target.path("expr").asText(),
                                target.path("legendFormat").asText())))
                .toList();
    }

    List<JsonNode> variables() {
        return each(json.path("templating").path("list")).toList();
    }

    static Stream<JsonNode> each(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
