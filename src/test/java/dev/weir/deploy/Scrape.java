package dev.weir.deploy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Prometheus finds at an instance: metrics, their labels, and the values that these have. What Prometheus itself adds is
 * there too: {@code up}, and the labels that say where a sample is from.
 */
record Scrape(Map<String, Map<String, Set<String>>> metrics) {

    /** As the operator sets them for the pods behind a Service. */
    static final Set<String> OF_THE_TARGET =
            Set.of("job", "instance", "namespace", "pod", "container", "service", "endpoint");

    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** @throws IllegalArgumentException that names a line which is none of the format */
    static Scrape of(String page) {
        Map<String, Map<String, Set<String>>> metrics = new HashMap<>();
        metrics.put("up", new HashMap<>());
        page.lines().filter(line -> !line.startsWith("#") && !line.isBlank()).forEach(line -> {
            Matcher sample = SAMPLE.matcher(line);
            if (!sample.matches()) {
                throw new IllegalArgumentException("no sample: " + line);
            }
            Map<String, Set<String>> labels = metrics.computeIfAbsent(sample.group(1), name -> new HashMap<>());
            if (sample.group(2) != null) {
                LABEL.matcher(sample.group(2)).results().forEach(label -> labels.computeIfAbsent(
                                label.group(1), name -> new HashSet<>())
                        .add(label.group(2)));
            }
        });
        return new Scrape(metrics);
    }

    /** The values of each of a metric's own labels; empty if there is no such metric. */
    Optional<Map<String, Set<String>>> labels(String metric) {
        return Optional.ofNullable(metrics.get(metric));
    }
}
