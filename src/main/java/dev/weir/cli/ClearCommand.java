package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir clear}. */
@Command(
        name = "clear",
        mixinStandardHelpOptions = true,
        description = {
            "Removes entries of a cache, a whole cache, or all caches, on every instance.",
            "Part of a cache needs the role write, the rest admin."
        })
final class ClearCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Terminal terminal;

    @Mixin
    private final ServiceOptions options;

    @Parameters(arity = "0..1", paramLabel = "CACHE", description = "The cache.")
    private @Nullable String cache;

    @Option(names = "--tag", paramLabel = "TAG", description = "Only what bears this tag.")
    private @Nullable String tag;

    @Option(names = "--pattern", paramLabel = "GLOB", description = "Only keys that match, as in users/*.")
    private @Nullable String pattern;

    @Option(names = "--all", description = "All caches.")
    private boolean all;

    @Option(names = "--yes", description = "Do not ask; needed for a whole cache where there is no terminal.")
    private boolean yes;

    ClearCommand(Terminal terminal) {
        this.terminal = terminal;
        this.options = new ServiceOptions(terminal);
    }

    @Override
    public Integer call() {
        String path = path();
        Service service = options.open();
        if (tag == null && pattern == null && !yes && !isMeant(service)) {
            throw Ending.badNews("nothing was removed");
        }
        Reply reply = service.send("DELETE", path, null, options.patience(PATIENCE));
        JsonNode answer = reply.document();
        if (options.isJson()) {
            options.print(answer);
        } else {
            terminal.print("Removed " + Figures.count(answer, "removed") + " entries of " + what() + "."
                    + (reply.isLocal() ? " This instance alone was asked: it works from memory." : ""));
        }
        return 0;
    }

    private String path() {
        if (all == (cache != null)) {
            throw Ending.misuse("either CACHE or --all has to say what to clear");
        }
        if (tag != null && pattern != null || all && (tag != null || pattern != null)) {
            throw Ending.misuse("--tag, --pattern and --all: only one of them can be meant");
        }
        String base = "/v1/caches" + (cache == null ? "" : "/" + Service.encode(cache));
        if (tag != null) {
            return base + "/entries?tag=" + Service.encode(tag);
        }
        return pattern != null ? base + "/entries?pattern=" + Service.encode(pattern) : base;
    }

    private boolean isMeant(Service service) {
        if (!terminal.isInteractive()) {
            throw Ending.misuse("--yes is needed to clear " + what() + " where nobody can be asked");
        }
        return terminal.confirm("Remove every entry of " + what() + " at " + service.base() + "?");
    }

    private String what() {
        return cache == null ? "all caches" : "the cache " + Figures.printable(cache);
    }
}
