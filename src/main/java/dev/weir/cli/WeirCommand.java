package dev.weir.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir} itself, which needs a verb. */
@Command(
        name = "weir",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "VERB",
        description = "Caching, rate limits, locks and warming over HTTP: the service, and its command line.",
        footer = {
            "",
            "The verbs talk to WEIR_URL (http://localhost:8080 by default) with the token in WEIR_TOKEN.",
            "Exit status: 0 good, 1 bad news, 2 usage, 3 unreachable."
        })
final class WeirCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a verb is missing");
    }
}
