package dev.weir;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The service. */
@QuarkusMain
public final class Weir {

    public static void main(String... args) {
        // Weir reads paths itself, strictly, and answers with a problem what it cannot read; Quarkus' own check would
        // parse each URI once more and answer without a word.
        System.setProperty("vertx.disableURIValidation", "true");
        Quarkus.run(null, StartFailure::exit, args);
    }
}
