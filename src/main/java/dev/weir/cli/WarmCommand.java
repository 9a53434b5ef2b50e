package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weir warm}. */
@Command(
        name = "warm",
        mixinStandardHelpOptions = true,
        description = {
            "Runs warmers one after the other, and shows how far they are.",
            "Status 1 if a run or a key of it failed. Ctrl-C ends the showing; the run goes on."
        })
final class WarmCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(200);

    /** A service that restarts is back by then, and so is its record of the run. */
    private static final Duration AWAY = Duration.ofSeconds(10);

    private final Terminal terminal;

    @Mixin
    private final ServiceOptions options;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "The warmers; without any, all of them.")
    private List<String> names = new ArrayList<>();

    WarmCommand(Terminal terminal) {
        this.terminal = terminal;
        this.options = new ServiceOptions(terminal);
    }

    @Override
    public Integer call() throws InterruptedException {
        Service service = options.open();
        ObjectNode document = Documents.object();
        ArrayNode runs = document.putArray("runs");
        boolean good = true;
        for (String name : names.isEmpty() ? all(service) : names) {
            good &= warm(service, name, runs);
        }
        if (options.isJson()) {
            options.print(document);
        } else if (runs.isEmpty()) {
            terminal.print("No warmer is declared.");
        }
        return good ? 0 : Ending.BAD_NEWS;
    }

    private List<String> all(Service service) {
        List<String> all = new ArrayList<>();
        service.get("/v1/warmers", options.patience(PATIENCE))
                .document()
                .path("warmers")
                .forEach(warmer -> all.add(warmer.path("name").asText()));
        return all;
    }

    /** A warmer that cannot be run does not keep the others from it. */
    private boolean warm(Service service, String name, ArrayNode runs) throws InterruptedException {
        try {
            JsonNode run = run(service, name);
            runs.add(run);
            return WarmProgress.isGood(run);
        } catch (Ending e) {
            if (e.status() != Ending.BAD_NEWS) {
                throw e;
            }
            runs.addObject().put("warmer", name).set("problem", e.document());
            terminal.say(name + ": " + e.line());
            return false;
        }
    }

    private JsonNode run(Service service, String name) throws InterruptedException {
        String path = "/v1/warmers/" + Service.encode(name) + "/runs";
        Duration patience = options.patience(PATIENCE);
        JsonNode run = service.send("POST", path, null, patience).document();
        String own = path + "/" + Service.encode(run.path("id").asText());
        WarmProgress progress = new WarmProgress(terminal, name, options.isJson());
        long heard = System.nanoTime();
        while (run.path("state").asText().equals("running")) {
            progress.show(run);
            Thread.sleep(POLL);
            try {
                run = service.get(own, patience).document();
                heard = System.nanoTime();
            } catch (Ending.Unreachable e) {
                if (System.nanoTime() - heard > AWAY.toNanos()) {
                    throw e;
                }
            }
        }
        progress.end(run);
        return run;
    }
}
