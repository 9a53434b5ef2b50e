package dev.weir;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The service. */
@QuarkusMain
public final class Weir {

    public static void main(String... args) {
        Quarkus.run(null, StartFailure::exit, args);
    }
}
