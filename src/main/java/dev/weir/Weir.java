package dev.weir;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The service. */
@QuarkusMain
public final class Weir {

    public static void main(String... args) {
        // Weir reads paths itself, strictly, and answers with a problem what it cannot read; Quarkus' own check would
        // parse each URI once more and answer without a word.
        setUnlessGiven("vertx.disableURIValidation", "true");
        // Checks of Netty's own correctness, and hooks for metrics that nobody reads: together 6 % of a near hit.
        setUnlessGiven("io.netty.buffer.checkBounds", "false");
        setUnlessGiven("io.netty.buffer.checkAccessible", "false");
        setUnlessGiven("vertx.disableMetrics", "true");
        Quarkus.run(null, StartFailure::exit, args);
    }

    private static void setUnlessGiven(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
