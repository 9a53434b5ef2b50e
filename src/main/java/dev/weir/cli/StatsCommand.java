package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir stats}. */
@Command(
        name = "stats",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the figures of all instances, and what to change where one is bad.",
            "Status 0 even then, unless --check is given."
        })
final class StatsCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Terminal terminal;

    @Mixin
    private final ServiceOptions options;

    @Option(names = "--reset", description = "Have all instances count from zero (role admin), and print nothing else.")
    private boolean reset;

    @Option(names = "--check", description = "Status 1 if there is advice.")
    private boolean check;

    StatsCommand(Terminal terminal) {
        this.terminal = terminal;
        this.options = new ServiceOptions(terminal);
    }

    @Override
    public Integer call() {
        if (reset && check) {
            throw Ending.misuse("--reset and --check: only one of them can be meant");
        }
        Service service = options.open();
        Duration patience = options.patience(PATIENCE);
        if (reset) {
            service.send("DELETE", "/v1/stats", null, patience).requireEmpty();
            if (options.isJson()) {
                options.print(Documents.object().put("reset", true));
            } else {
                terminal.print("All instances count from zero now.");
            }
            return 0;
        }
        JsonNode stats = service.get("/v1/stats", patience).document();
        if (options.isJson()) {
            options.print(stats);
        } else {
            terminal.print(new StatsText(terminal, stats).lines());
        }
        return check && !stats.path("advice").isEmpty() ? Ending.BAD_NEWS : 0;
    }
}
