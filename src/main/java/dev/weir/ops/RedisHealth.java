package dev.weir.ops;

import dev.weir.redis.Command;
import dev.weir.redis.RedisError;
import dev.weir.redis.RedisGateway;
import dev.weir.store.Availability;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks Redis how it does: at most once a second, however many want to know. While Redis is known to be away it is not asked at
 * all. It never fails: what cannot be had is a state of its own.
 */
final class RedisHealth {

    private static final Duration FRESH = Duration.ofSeconds(1);

    /** After that what was known is no longer taken for how it is. */
    private static final Duration KNOWN = Duration.ofSeconds(30);

    private static final Duration BETWEEN_MARKS = Duration.ofSeconds(10);
    private static final double NANOS_PER_MS = 1e6;

    private record Known(long nanos, RedisState state) {}

    private record Mark(long nanos, long evicted) {}

    private final Vertx vertx;
    private final @Nullable RedisGateway redis;
    private final Availability availability;
    private final String mode;
    private final Deque<Mark> marks = new ArrayDeque<>();
    private volatile @Nullable Known known;
    private @Nullable Future<RedisState> asking;

    /**
     * @param redis null if none is configured
     * @param mode {@code standalone}, {@code sentinel} or {@code cluster}
     */
    RedisHealth(Vertx vertx, @Nullable RedisGateway redis, Availability availability, String mode) {
        this.vertx = vertx;
        this.redis = redis;
        this.availability = availability;
        this.mode = mode;
    }

    /** How Redis does, a second ago at the most; on the caller's own context. */
    Future<RedisState> state() {
        RedisGateway gateway = redis;
        if (gateway == null) {
            return Future.succeededFuture(RedisState.none());
        }
        if (!availability.isUp()) {
            return Future.succeededFuture(RedisState.down(mode, availability.since()));
        }
        RedisState fresh = knownWithin(FRESH);
        if (fresh != null) {
            return Future.succeededFuture(fresh);
        }
        Promise<RedisState> own = ((ContextInternal) vertx.getOrCreateContext()).promise();
        shared(gateway).onComplete(own);
        return own.future();
    }

    /** How Redis was when it was last asked; null if that is long ago, or it has gone since. */
    @Nullable
    RedisState known() {
        return availability.isUp() ? knownWithin(KNOWN) : null;
    }

    /** Has the figures known that nobody asks for, so that they can be scraped, and what has changed in them be told. */
    void keepUp() {
        if (redis != null && availability.isUp() && knownWithin(BETWEEN_MARKS) == null) {
            state();
        }
    }

    private @Nullable RedisState knownWithin(Duration age) {
        Known last = known;
        // What was known before an outage says nothing of what came back.
        return last != null
                        && System.nanoTime() - last.nanos < age.toNanos()
                        && availability.since().equals(last.state.since())
                ? last.state
                : null;
    }

    private synchronized Future<RedisState> shared(RedisGateway gateway) {
        Future<RedisState> running = asking;
        if (running == null) {
            running = ask(gateway);
            asking = running;
            running.onComplete(done -> forgetAsking());
        }
        return running;
    }

    private synchronized void forgetAsking() {
        asking = null;
    }

    private Future<RedisState> ask(RedisGateway gateway) {
        var since = availability.since();
        long began = System.nanoTime();
        return gateway.send(Command.of("PING"))
                .compose(pong -> {
                    double latencyMs = (System.nanoTime() - began) / NANOS_PER_MS;
                    return gateway.send(Command.of("INFO"))
                            .map(reply -> RedisInfo.parse(String.valueOf(reply.text())))
                            .map(info ->
                                    RedisState.of(mode, latencyMs, info, since, evictedLately(info, System.nanoTime())))
                            .recover(e -> e instanceof RedisError
                                    ? Future.succeededFuture(RedisState.silent(
                                            mode, latencyMs, since, "it does not answer INFO: " + e.getMessage()))
                                    : Future.failedFuture(e));
                })
                .recover(e -> Future.succeededFuture(unanswered(e)))
                .onSuccess(state -> {
                    if (availability.isUp()) {
                        known = new Known(System.nanoTime(), state);
                    }
                });
    }

    private RedisState unanswered(Throwable e) {
        if (!availability.isUp()) {
            return RedisState.down(mode, availability.since());
        }
        String words = e instanceof StoreUnavailable away && away.isRefused()
                ? "it refuses: " + away.getMessage()
                : "it did not answer in time";
        return RedisState.silent(mode, null, availability.since(), words);
    }

    /** By how much the number has grown since the oldest mark; a Redis that was restarted counts from zero. */
    private synchronized long evictedLately(RedisInfo info, long nanos) {
        Long evicted = info.evictedKeys();
        if (evicted == null) {
            return 0;
        }
        Mark last = marks.peekLast();
        if (last != null && evicted < last.evicted) {
            marks.clear();
            marks.add(new Mark(nanos, 0));
        } else if (last == null || nanos - last.nanos >= BETWEEN_MARKS.toNanos()) {
            marks.add(new Mark(nanos, evicted));
        }
        while (marks.size() > 1 && nanos - Objects.requireNonNull(marks.peekFirst()).nanos > Ledger.LATELY.toNanos()) {
            marks.removeFirst();
        }
        return evicted - Objects.requireNonNull(marks.peekFirst()).evicted;
    }
}
