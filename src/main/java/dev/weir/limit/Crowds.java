package dev.weir.limit;

import dev.weir.limit.LimitStore.Decision;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gathers equal checks that come while one of their like is under way, and asks for all of them in one step. However many
 * hammer one subject, Redis is asked by each process once at a time; the decisions are as if they had come one after
 * the other. Who finds nobody under way is not held up.
 */
final class Crowds {

    /** Asks for a check several times at once. */
    @FunctionalInterface
    interface Store {
        Future<List<Decision>> ask(Check check, int times);
    }

    /** More than these go their own way: an answer has to be given to each of them in one turn. */
    private static final int MAX = 1000;

    /** A question that takes so long is not waited for by those who come now. */
    private static final long SLOW_NANOS = 20_000_000;

    /** Those who wait until the question that is under way is answered. */
    private static final class Crowd {
        final long began = System.nanoTime();
        final List<Promise<Decision>> waiting = new ArrayList<>();
    }

    private final Store store;
    private final ConcurrentHashMap<Check, Crowd> crowds = new ConcurrentHashMap<>();

    Crowds(Store store) {
        this.store = store;
    }

    Future<Decision> decide(Check check) {
        Crowd mine = new Crowd();
        Promise<Decision> promise = promise();
        boolean[] alone = new boolean[1];
        Crowd before = crowds.compute(check, (same, crowd) -> {
            if (crowd == null) {
                return mine;
            }
            if (crowd.waiting.size() < MAX && mine.began - crowd.began < SLOW_NANOS) {
                crowd.waiting.add(promise);
            } else {
                alone[0] = true;
            }
            return crowd;
        });
        if (alone[0]) {
            return store.ask(check, 1).map(List::getFirst);
        }
        if (before.equals(mine)) {
            ask(check, mine, List.of(promise));
        }
        return promise.future();
    }

    /** The caller's own, so that the answer comes on its event loop. */
    private static Promise<Decision> promise() {
        ContextInternal context = ContextInternal.current();
        return context == null ? Promise.promise() : context.promise();
    }

    private void ask(Check check, Crowd underWay, List<Promise<Decision>> asking) {
        store.ask(check, asking.size()).onComplete(answer -> {
            Crowd next = new Crowd();
            boolean failed = answer.failed();
            crowds.compute(check, (same, crowd) -> failed || underWay.waiting.isEmpty() ? null : next);
            for (int i = 0; i < asking.size(); i++) {
                if (failed) {
                    asking.get(i).fail(answer.cause());
                } else {
                    asking.get(i).complete(answer.result().get(i));
                }
            }
            if (failed) {
                // They have waited as long as one may for Redis.
                underWay.waiting.forEach(waiting -> waiting.fail(answer.cause()));
            } else if (!underWay.waiting.isEmpty()) {
                ask(check, next, underWay.waiting);
            }
        });
    }
}
