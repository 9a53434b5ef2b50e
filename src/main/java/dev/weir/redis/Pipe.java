package dev.weir.redis;

import dev.weir.store.StoreUnavailable;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.ContextInternal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The pipelined connection of one event loop. Commands issued in one turn of the loop leave in one write; each has a
 * deadline, after which its caller is answered and its reply, should it still come, is dropped in its turn. Everything
 * here runs on that event loop.
 *
 * <p>Deadlines are watched by one ticking task instead of a timer each: all are of the same length, so the oldest call
 * is always the next to expire.
 */
final class Pipe {

    /** What a pipe tells of its connection. */
    interface Watcher {

        /** A reply came. */
        void answered();

        /** {@code times} calls in a row got no reply in time, nor did any other since they were sent. */
        void missed(int times);

        /** The connection ended while calls waited, or could not be opened. */
        void broken(String reason);

        /** A connection ended with calls unanswered: commands of it may still be waiting inside Redis. */
        void abandoned(RedisLink link);
    }

    private static final class Call {
        final Command command;
        final Promise<Reply> promise;
        final long deadline;
        /** How many replies had come to whatever was asked before. */
        final long repliesBefore;

        boolean over;

        Call(Command command, Promise<Reply> promise, long deadline, long repliesBefore) {
            this.command = command;
            this.promise = promise;
            this.deadline = deadline;
            this.repliesBefore = repliesBefore;
        }
    }

    @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace that could mislead
    private static final StoreUnavailable LATE = StoreUnavailable.unreachable("Redis did not answer in time");

    /** Errors by which Redis says that it is the wrong place or the wrong time to ask, not that the question is wrong. */
    private static final List<String> AWAY =
            List.of("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY ", "NOAUTH");

    /** Errors by which Redis refuses to write although it is well. */
    private static final List<String> REFUSED = List.of("OOM", "MISCONF", "NOREPLICAS");

    @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace that could mislead
    private static final StoreUnavailable ENDING = StoreUnavailable.unreachable("Weir is shutting down");

    private final ContextInternal context;
    private final EventLoop loop;
    private final Supplier<Future<RedisLink>> opener;
    private final Watcher watcher;
    private final long timeoutNanos;
    private final long tickNanos;
    private final Deque<Call> sent = new ArrayDeque<>();
    private final Deque<Call> watched = new ArrayDeque<>();
    private List<Call> turn = new ArrayList<>();
    private @Nullable RedisLink link;
    private @Nullable Future<RedisLink> opening;
    private @Nullable ScheduledFuture<?> ticker;
    private long lastTick;
    private boolean spared;
    private boolean closed;
    private int misses;
    private long replies;

    Pipe(ContextInternal context, Supplier<Future<RedisLink>> opener, Watcher watcher, long timeoutNanos) {
        this.context = context;
        this.loop = context.nettyEventLoop();
        this.opener = opener;
        this.watcher = watcher;
        this.timeoutNanos = timeoutNanos;
        this.tickNanos = Math.clamp(timeoutNanos / 20, 1_000_000L, 20_000_000L);
    }

    EventLoop loop() {
        return loop;
    }

    /** Sends a command with the others of this turn. */
    void submit(Command command, Promise<Reply> promise) {
        Call call = new Call(command, promise, System.nanoTime() + timeoutNanos - tickNanos, replies);
        turn.add(call);
        watched.add(call);
        if (turn.size() == 1) {
            loop.execute(this::flush);
        }
        if (ticker == null) {
            lastTick = System.nanoTime();
            ticker = loop.scheduleAtFixedRate(this::tick, tickNanos, tickNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void flush() {
        RedisLink open = link;
        if (open == null) {
            connect();
            return;
        }
        List<Command> commands = new ArrayList<>(turn.size());
        for (Call call : turn) {
            if (!call.over) {
                sent.add(call);
                commands.add(call.command);
            }
        }
        turn = new ArrayList<>();
        if (!commands.isEmpty()) {
            open.write(commands);
        }
    }

    /** Opens the connection if there is none. What was submitted meanwhile leaves as soon as it is open. */
    Future<RedisLink> connect() {
        if (link != null) {
            return Future.succeededFuture(link);
        }
        if (closed) {
            failAll(ENDING);
            return Future.failedFuture(ENDING);
        }
        if (opening == null) {
            Promise<RedisLink> done = context.promise();
            opening = done.future();
            context.runOnContext(go -> opener.get().onComplete(result -> {
                opening = null;
                if (result.failed()) {
                    done.fail(result.cause());
                    broken(String.valueOf(result.cause().getMessage()));
                    return;
                }
                RedisLink opened = result.result();
                link = opened;
                misses = 0;
                opened.attach(this::onReply, reason -> onClose(opened, reason));
                done.complete(opened);
                if (!turn.isEmpty()) {
                    flush();
                }
            }));
        }
        return opening;
    }

    private void onReply(Reply reply) {
        Call call = sent.poll();
        misses = 0;
        replies++;
        String error = reply instanceof Reply.Err(String message) ? message : null;
        boolean away = error != null && AWAY.stream().anyMatch(error::startsWith);
        if (!away) {
            watcher.answered();
        }
        if (call != null && !call.over) {
            call.over = true;
            if (error == null) {
                call.promise.complete(reply);
            } else {
                call.promise.fail(translate(call.command, error));
            }
        }
        // A replica answers everything but writes: each write finds that out for itself.
        if (error != null && away && !error.startsWith("READONLY")) {
            watcher.broken("it answered " + error);
        }
    }

    private static RuntimeException translate(Command command, String message) {
        if (AWAY.stream().anyMatch(message::startsWith)) {
            return StoreUnavailable.unreachable("Redis answered " + message);
        }
        if (REFUSED.stream().anyMatch(message::startsWith)) {
            return StoreUnavailable.refused("Redis answered " + message);
        }
        // The error's own words come first: a caller may have to tell NOSCRIPT from the rest.
        return new RedisError(withoutArguments(message) + " (" + command.name() + ")");
    }

    /** Redis quotes the arguments of a command that it does not know. */
    private static String withoutArguments(String message) {
        for (int i = 0; i < message.length(); i++) {
            if ("'\"`".indexOf(message.charAt(i)) >= 0) {
                return message.substring(0, i) + "…";
            }
        }
        return message;
    }

    private void tick() {
        long now = System.nanoTime();
        // A loop that was held up itself has not read what Redis answered meanwhile: let it read first.
        boolean heldUp = !spared && now - lastTick > 3 * tickNanos;
        spared = heldUp;
        lastTick = now;
        Call oldest;
        while ((oldest = watched.peek()) != null && (oldest.over || (!heldUp && oldest.deadline - now <= 0))) {
            watched.poll();
            if (!oldest.over) {
                oldest.over = true;
                oldest.promise.fail(LATE);
                // A Redis that is long over all that was asked of it at once is late, and answers in between.
                if (oldest.repliesBefore == replies) {
                    misses++;
                    watcher.missed(misses);
                }
            }
        }
        if (oldest == null && ticker != null) {
            ticker.cancel(false);
            ticker = null;
        }
    }

    private void onClose(RedisLink closed, String reason) {
        if (link != closed) {
            return;
        }
        link = null;
        boolean waiting = !sent.isEmpty();
        if (waiting) {
            watcher.abandoned(closed);
        }
        fail(sent, StoreUnavailable.unreachable("the connection to Redis was lost: " + reason));
        if (waiting) {
            // Find out at once whether Redis is gone or only this connection.
            connect();
        }
    }

    private void broken(String reason) {
        failAll(StoreUnavailable.unreachable(reason));
        watcher.broken(reason);
    }

    /** Answers everyone who waits here; replies that still come are dropped in their turn. */
    void failAll(StoreUnavailable why) {
        for (Call call : sent) {
            failOne(call, why);
        }
        List<Call> unsent = turn;
        turn = new ArrayList<>();
        for (Call call : unsent) {
            failOne(call, why);
        }
    }

    private static void fail(Deque<Call> calls, StoreUnavailable why) {
        Call call;
        while ((call = calls.poll()) != null) {
            failOne(call, why);
        }
    }

    private static void failOne(Call call, StoreUnavailable why) {
        if (!call.over) {
            call.over = true;
            call.promise.fail(why);
        }
    }

    /** Gives the connection up if Redis has owed it a reply for longer than {@code nanos}. */
    void abandonIfSilent(long nanos) {
        Call oldest = sent.peek();
        RedisLink open = link;
        if (open != null && oldest != null && System.nanoTime() - oldest.deadline > nanos) {
            open.close("Redis was silent for too long");
        }
    }

    void close() {
        closed = true;
        RedisLink open = link;
        link = null;
        if (open != null) {
            open.close("shutdown");
        }
        failAll(ENDING);
        if (ticker != null) {
            ticker.cancel(false);
            ticker = null;
        }
    }
}
