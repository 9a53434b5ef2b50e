package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir limit}. */
@Command(
        name = "limit",
        mixinStandardHelpOptions = true,
        description = {"Spends of a rate limit. Status 0 if it is allowed, 1 if it is denied."})
final class LimitCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Terminal terminal;

    @Mixin
    private final ServiceOptions options;

    @Parameters(index = "0", paramLabel = "POLICY", description = "The policy.")
    private String policy = "";

    @Parameters(index = "1", paramLabel = "KEY", description = "Whose: a user, an address.")
    private String key = "";

    @Option(names = "--cost", paramLabel = "N", description = "How much; 1 by default.")
    private long cost = 1;

    @Option(names = "--peek", description = "Only say what would be, and spend nothing.")
    private boolean peek;

    LimitCommand(Terminal terminal) {
        this.terminal = terminal;
        this.options = new ServiceOptions(terminal);
    }

    @Override
    public Integer call() {
        if (cost < 1) {
            throw Ending.misuse("--cost: it is not a number above 0");
        }
        if (policy.isEmpty() || key.isEmpty()) {
            throw Ending.misuse("POLICY and KEY cannot be empty");
        }
        String path = "/v1/limits/" + Service.encode(policy) + "/" + Service.encode(key) + "?cost=" + cost;
        Reply reply = options.open().send(peek ? "GET" : "POST", path, null, options.patience(PATIENCE));
        JsonNode verdict = reply.is("limit-exceeded") ? reply.object() : reply.document();
        boolean allowed = verdict.path("allowed").asBoolean();
        if (options.isJson()) {
            options.print(verdict);
        } else {
            terminal.print(line(verdict, allowed) + (reply.isLocal() ? " (counted by this instance alone)" : ""));
        }
        return allowed ? 0 : Ending.BAD_NEWS;
    }

    private String line(JsonNode verdict, boolean allowed) {
        String left = Figures.count(verdict, "remaining") + " of " + Figures.count(verdict, "limit") + " left";
        return allowed
                ? terminal.coloured(32, "allowed") + ", " + left
                : terminal.coloured(31, "denied") + ", " + left + ", try again in "
                        + Figures.duration(verdict, "retryAfterMs");
    }
}
