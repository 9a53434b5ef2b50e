package dev.weir.store;

import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** Waits, on the thread that ends the process, for what has to be done before its end. */
public final class Stopping {

    private static final Logger LOG = Logger.getLogger(Stopping.class);
    private static final long PATIENCE_S = 2;

    private Stopping() {}

    /** Waits for at most {@value #PATIENCE_S} seconds, and goes on whatever comes of it. */
    public static void await(Future<?> work) {
        try {
            work.toCompletionStage().toCompletableFuture().get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("something was left undone at the end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
