package dev.weir.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir completion}. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {"Prints the completion script of a shell: source <(weir completion bash)."})
final class CompletionCommand implements Callable<Integer> {

    private static final List<String> SHELLS = List.of("bash", "zsh");

    private final Terminal terminal;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "SHELL", description = "bash, which is the default, or zsh.")
    private String shell = "bash";

    @Option(names = "--json", description = "Print one JSON document instead of the script.")
    private boolean json;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (!SHELLS.contains(shell)) {
            throw Ending.misuse("SHELL '" + shell + "' is none of " + String.join(", ", SHELLS));
        }
        // The one script is for both: it begins with what zsh needs for it.
        String script = AutoComplete.bash("weir", spec.root().commandLine());
        if (json) {
            terminal.print(
                    Documents.print(Documents.object().put("shell", shell).put("script", script)));
        } else {
            terminal.print(script.stripTrailing());
        }
        return 0;
    }
}
