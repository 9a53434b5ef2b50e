package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.Ending.Unreachable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir monitor}. */
@Command(
        name = "monitor",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the figures as they change: on a terminal in place, else a line each time.",
            "Reconnects when the service is gone for a while. Ctrl-C ends it, with status 130."
        })
final class MonitorCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration MAX_INTERVAL = Duration.ofHours(1);
    private static final String HOME = "\u001b[H";
    private static final String REST_OF_LINE = "\u001b[K";
    private static final String REST_OF_SCREEN = "\u001b[J";

    private final Terminal terminal;

    @Mixin
    private final ServiceOptions options;

    @Option(names = "--interval", paramLabel = "DURATION", description = "From one showing to the next; 1s by default.")
    private Duration interval = TICK;

    @Option(names = "--count", paramLabel = "N", description = "End after so many, with status 0.")
    private @Nullable Long count;

    private long shown;

    MonitorCommand(Terminal terminal) {
        this.terminal = terminal;
        this.options = new ServiceOptions(terminal);
    }

    @Override
    public Integer call() throws InterruptedException {
        Durations.require("--interval", interval, TICK, MAX_INTERVAL);
        if (count != null && count < 1) {
            throw Ending.misuse("--count: it is not a number above 0");
        }
        Service service = options.open();
        Duration patience = options.patience(PATIENCE);
        boolean reached = false;
        while (true) {
            try (StatsStream stream = StatsStream.open(service, patience)) {
                if (reached) {
                    terminal.say(service.base() + ": connected again");
                }
                reached = true;
                if (follow(stream)) {
                    return 0;
                }
            } catch (Unreachable e) {
                if (!reached) {
                    throw e;
                }
                terminal.say(e.line() + "; trying again");
            }
            Thread.sleep(TICK);
        }
    }

    /** True when all that was asked for is shown, or nobody looks any more. */
    private boolean follow(StatsStream stream) {
        long step = Math.ceilDiv(interval.toMillis(), TICK.toMillis());
        for (long tick = 0; ; tick++) {
            JsonNode stats = stream.next();
            if (tick % step == 0) {
                show(stats);
                shown++;
                if (count != null && shown >= count || terminal.isClosed()) {
                    return true;
                }
            }
        }
    }

    private void show(JsonNode stats) {
        if (options.isJson()) {
            options.print(stats);
        } else if (terminal.isInteractive()) {
            redraw(new StatsText(terminal, stats).lines());
        } else {
            terminal.print(line(stats));
        }
    }

    private void redraw(List<String> lines) {
        int[] size = terminal.size();
        StringBuilder screen = new StringBuilder(shown == 0 ? HOME + REST_OF_SCREEN : HOME);
        lines.stream().limit(Math.max(1, size[0] - 1L)).forEach(line -> screen.append(Ansi.cut(line, size[1]))
                .append(REST_OF_LINE)
                .append('\n'));
        terminal.out().print(screen + REST_OF_SCREEN);
        terminal.out().flush();
    }

    static String line(JsonNode stats) {
        JsonNode requests = stats.path("requests");
        JsonNode cache = stats.path("cache");
        JsonNode locks = stats.path("locks");
        return Instant.now().truncatedTo(ChronoUnit.SECONDS) + " requests=" + Figures.count(requests, "total")
                + " errors=" + Figures.count(requests, "errors")
                + " p99=" + Figures.millis(requests, "p99Ms").replace(" ", "")
                + " hit-rate=" + Figures.percent(cache, "hitRate").replace(" ", "")
                + " operations=" + Figures.count(cache, "operations")
                + " locks-waiting=" + Figures.count(locks, "waiting")
                + " redis=" + Figures.text(stats.path("redis"), "status")
                + " instances=" + stats.path("instances").size()
                + " advice=" + stats.path("advice").size();
    }
}
