package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weir health}. */
@Command(
        name = "health",
        mixinStandardHelpOptions = true,
        description = {
            "Says whether the service is ready and how its Redis is.",
            "Status 1 if it is not ready, or Redis is down or degraded."
        })
final class HealthCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Terminal terminal;

    @Mixin
    private final ServiceOptions options;

    HealthCommand(Terminal terminal) {
        this.terminal = terminal;
        this.options = new ServiceOptions(terminal);
    }

    @Override
    public Integer call() {
        Service service = options.open();
        Duration patience = options.patience(PATIENCE);
        Reply readiness = service.get("/q/health/ready", patience);
        if (!readiness.object().path("checks").isArray()) {
            throw readiness.trouble();
        }
        Reply redis = service.get("/v1/health/redis", patience);
        Ending trouble = redis.status() == 200 ? null : redis.trouble();
        if (trouble != null && trouble.status() != Ending.BAD_NEWS) {
            throw trouble;
        }
        boolean ready = readiness.status() == 200
                && readiness.object().path("status").asText().equals("UP");
        boolean good = ready && redis.object().path("status").asText().equals("up");
        if (options.isJson()) {
            ObjectNode document = Documents.object().put("healthy", good);
            document.set("readiness", readiness.object());
            document.set("redis", redis.object());
            options.print(document);
        } else {
            terminal.print(lines(terminal, readiness.object(), ready, trouble == null ? redis.object() : null));
        }
        if (trouble != null) {
            terminal.say(trouble.line());
        }
        return good ? 0 : Ending.BAD_NEWS;
    }

    private static List<String> lines(Terminal terminal, JsonNode readiness, boolean ready, @Nullable JsonNode redis) {
        List<String> lines = new ArrayList<>();
        String mode = "";
        for (JsonNode check : readiness.path("checks")) {
            mode = check.path("data").path("mode").asText(mode);
        }
        lines.add("service   "
                + (ready ? terminal.coloured(32, "ready") : terminal.coloured(31, "not ready"))
                + (mode.isEmpty() ? "" : ", " + Figures.printable(mode)));
        if (redis != null) {
            lines.addAll(StatsText.redis(terminal, redis));
        }
        return lines;
    }
}
