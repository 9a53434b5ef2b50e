package dev.weir.cache;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Waiting for what another instance loads: until a message tells of the entry, and no longer than
 * {@value #LOOK_AGAIN_MS} ms at a time, in case the message is lost.
 */
final class Wakes {

    private static final long LOOK_AGAIN_MS = 250;

    private final Vertx vertx;
    private final Map<String, Promise<Void>> wakes = new ConcurrentHashMap<>();

    Wakes(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * To be called before asking for what may have to be waited for, or the message that answers could be missed. Whoever
     * then does not {@link #await} calls {@link #wake}, since there may be no message.
     */
    Future<Void> listen(String key) {
        return wakes.computeIfAbsent(key, k -> Promise.promise()).future();
    }

    /** Completes on the caller's context, when the key is woken or it is time to look again. */
    Future<Void> await(String key, Future<Void> wake, long remainingMs) {
        ContextInternal mine = (ContextInternal) vertx.getOrCreateContext();
        Promise<Void> promise = mine.promise();
        // All who wait look again together and listen anew, so that nothing is kept of a key that nobody waits for.
        long timer = vertx.setTimer(Math.clamp(remainingMs, 1, LOOK_AGAIN_MS), id -> wake(key));
        wake.onComplete(woken -> {
            vertx.cancelTimer(timer);
            promise.tryComplete();
        });
        return promise.future();
    }

    /** Has everyone look again who waits for this key. */
    void wake(String key) {
        Promise<Void> wake = wakes.remove(key);
        if (wake != null) {
            wake.tryComplete();
        }
    }

    void wakeAll() {
        wakes.keySet().forEach(this::wake);
    }
}
