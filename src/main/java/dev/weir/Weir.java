package dev.weir;

import dev.weir.cli.Cli;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/**
 * The service, and its command line: without an argument, or with {@code serve} as the only one, it serves; all else is the
 * command line's, for which nothing of the server is so much as loaded.
 */
@QuarkusMain
public final class Weir {

    private static final String SERVE = "serve";

    public static void main(String... args) {
        if (args.length == 0 || args.length == 1 && args[0].equals(SERVE)) {
            serve();
        } else {
            int status = Cli.run(args);
            // The native executable waits for its signal handlers as it ends, and dies of an interrupt that is still
            // pending.
            Thread.interrupted();
            System.exit(status);
        }
    }

    private static void serve() {
        // Weir reads paths itself, strictly, and answers with a problem what it cannot read; Quarkus' own check would
        // parse each URI once more and answer without a word.
        System.setProperty("vertx.disableURIValidation", "true");
        Quarkus.run(null, StartFailure::exit);
    }
}
