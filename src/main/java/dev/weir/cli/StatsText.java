package dev.weir.cli;

import static dev.weir.cli.Figures.bytes;
import static dev.weir.cli.Figures.count;
import static dev.weir.cli.Figures.duration;
import static dev.weir.cli.Figures.millis;
import static dev.weir.cli.Figures.percent;
import static dev.weir.cli.Figures.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** The figures of {@code /v1/stats} as lines of text, without a part that has nothing to say. */
final class StatsText {

    private final Terminal terminal;
    private final JsonNode stats;
    private final List<String> lines = new ArrayList<>();

    StatsText(Terminal terminal, JsonNode stats) {
        this.terminal = terminal;
        this.stats = stats;
    }

    List<String> lines() {
        JsonNode performance = stats.path("performance");
        lines.add("performance  " + status(text(performance, "status")) + ": " + text(performance, "recommendation"));
        lines.add("counted      since " + text(stats, "since") + ", scope " + text(stats, "scope"));
        JsonNode requests = stats.path("requests");
        lines.add("requests     " + count(requests, "total") + ", errors " + count(requests, "errors") + " ("
                + percent(requests, "errorRate") + "), " + percentiles(requests));
        JsonNode cache = stats.path("cache");
        lines.add("cache        hit rate " + percent(cache, "hitRate") + " of " + count(cache, "operations") + ", mean "
                + millis(cache, "avgTimeMs") + ", " + percentiles(cache));
        JsonNode locks = stats.path("locks");
        lines.add("locks        granted " + count(locks, "granted") + ", refused " + count(locks, "refused") + ", lost "
                + count(locks, "lost") + ", waiting " + count(locks, "waiting"));
        lines.addAll(redis(terminal, stats.path("redis")).stream()
                .map(line -> line.substring(0, 10) + "   " + line.substring(10))
                .toList());
        advice();
        add(caches());
        add(limits());
        add(warmers());
        add(routes());
        add(instances());
        return lines;
    }

    private static String percentiles(JsonNode of) {
        return "p50 " + millis(of, "p50Ms") + ", p95 " + millis(of, "p95Ms") + ", p99 " + millis(of, "p99Ms");
    }

    private String status(String status) {
        return status(terminal, status);
    }

    private static String status(Terminal terminal, String status) {
        return switch (status) {
            case "good", "up" -> terminal.coloured(32, status);
            case "fair", "degraded", "warning" -> terminal.coloured(33, status);
            default -> terminal.coloured(31, status);
        };
    }

    /** The state of Redis: each line begins with ten letters that say of what. */
    static List<String> redis(Terminal terminal, JsonNode redis) {
        List<String> lines = new ArrayList<>();
        String mode = text(redis, "mode");
        if (mode.equals("memory")) {
            return List.of("redis     none: everything is kept in the memory of each process");
        }
        boolean known = !redis.path("latencyMs").isNull();
        lines.add(
                "redis     " + status(terminal, text(redis, "status")) + " since " + text(redis, "since") + ", " + mode
                        + (known
                                ? " " + text(redis, "version") + ", " + millis(redis, "latencyMs") + ", "
                                        + count(redis, "opsPerSecond") + " operations/s, " + count(redis, "clients")
                                        + " clients, up for " + duration(redis, "uptimeMs")
                                : ""));
        JsonNode memory = redis.path("memory");
        if (memory.path("usedBytes").isNumber()) {
            lines.add("memory    " + bytes(memory, "usedBytes")
                    + (memory.path("maxBytes").isNumber()
                            ? " of " + bytes(memory, "maxBytes") + " (" + percent(memory, "ratio") + ")"
                            : ", no limit")
                    + ", " + text(redis, "evictionPolicy") + ", " + count(redis, "evictedKeys") + " evicted, hit rate "
                    + percent(redis, "hitRate"));
        }
        redis.path("reasons").forEach(reason -> lines.add("reason    " + Figures.printable(reason.asText())));
        return lines;
    }

    private void advice() {
        for (JsonNode advice : stats.path("advice")) {
            StringJoiner subject = new StringJoiner(", ");
            advice.path("subject")
                    .properties()
                    .forEach(part -> subject.add(part.getKey() + " "
                            + Figures.printable(part.getValue().asText())));
            lines.add("");
            lines.add(status(text(advice, "severity")) + "  " + (subject.length() == 0 ? "" : subject + ": ")
                    + text(advice, "message"));
            lines.add("         " + text(advice, "change"));
        }
    }

    private void add(Table table) {
        List<String> rows = table.lines();
        if (!rows.isEmpty()) {
            lines.add("");
            lines.add(terminal.coloured(1, rows.getFirst()));
            lines.addAll(rows.subList(1, rows.size()));
        }
    }

    private Table caches() {
        Table table = new Table(
                "CACHE",
                "HIT RATE",
                "NEAR",
                "SHARED",
                "MEMORY",
                "STALE",
                "MISSES",
                "LOADS",
                "FAILED",
                "P99",
                "STORED",
                "SAVED");
        for (JsonNode each : stats.path("caches")) {
            table.row(
                    text(each, "name"),
                    percent(each, "hitRate"),
                    count(each, "near"),
                    count(each, "shared"),
                    count(each, "memory"),
                    count(each, "stale"),
                    count(each, "misses"),
                    count(each, "loads"),
                    count(each, "loadFailures"),
                    millis(each, "p99Ms"),
                    bytes(each, "storedBytes"),
                    bytes(each, "savedBytes"));
        }
        return table;
    }

    private Table limits() {
        Table table = new Table("LIMIT", "ALLOWED", "DENIED", "SHADOW", "NEAR", "FALLBACKS");
        for (JsonNode each : stats.path("limits")) {
            table.row(
                    text(each, "policy"),
                    count(each, "allowed"),
                    count(each, "denied"),
                    count(each, "shadow"),
                    count(each, "nearRefusals"),
                    count(each, "fallbacks"));
        }
        return table;
    }

    private Table warmers() {
        Table table = new Table("WARMER", "WARMED", "FAILED", "RUNS");
        for (JsonNode each : stats.path("warmers")) {
            StringJoiner runs = new StringJoiner(", ");
            each.path("runs").properties().forEach(run -> {
                if (run.getValue().asLong() > 0) {
                    runs.add(Figures.printable(run.getKey()) + " "
                            + count(run.getValue().asLong()));
                }
            });
            table.row(text(each, "name"), count(each, "warmed"), count(each, "failed"), runs.toString());
        }
        return table;
    }

    private Table routes() {
        Table table = new Table("ROUTE", "HIT", "STALE", "VALIDATED", "MISS", "PASS", "ERROR");
        for (JsonNode each : stats.path("routes")) {
            table.row(
                    text(each, "name"),
                    count(each, "hit"),
                    count(each, "stale"),
                    count(each, "validated"),
                    count(each, "miss"),
                    count(each, "pass"),
                    count(each, "error"));
        }
        return table;
    }

    private Table instances() {
        Table table = new Table("INSTANCE", "STATE", "MODE", "VERSION", "UP FOR", "REQUESTS", "HIT RATE", "P99");
        for (JsonNode each : stats.path("instances")) {
            table.row(
                    text(each, "id") + (each.path("self").asBoolean() ? " *" : ""),
                    text(each, "state"),
                    text(each, "mode"),
                    text(each, "version"),
                    duration(each, "uptimeMs"),
                    count(each.path("requests"), "total"),
                    percent(each.path("cache"), "hitRate"),
                    millis(each.path("requests"), "p99Ms"));
        }
        return table;
    }
}
