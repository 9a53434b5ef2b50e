package dev.weir.store;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Repeats an asynchronous step. A chain of composed futures would do the same for few steps only: it keeps each of them,
 * and when the last one completes it unwinds them all on one stack.
 */
public final class Loop {

    private Loop() {}

    /** Applies {@code step} to the state until {@code done} says so; a step that fails ends it with its failure. */
    public static <S> Future<S> until(S state, Predicate<S> done, Function<S, Future<S>> step) {
        Promise<S> promise = Promise.promise();
        run(state, done, step, promise);
        return promise.future();
    }

    private static <S> void run(S first, Predicate<S> done, Function<S, Future<S>> step, Promise<S> promise) {
        S state = first;
        while (!done.test(state)) {
            Future<S> next;
            try {
                next = step.apply(state);
            } catch (RuntimeException e) {
                promise.fail(e);
                return;
            }
            if (!next.succeeded()) {
                next.onSuccess(later -> run(later, done, step, promise)).onFailure(promise::fail);
                return;
            }
            state = next.result();
        }
        promise.complete(state);
    }
}
