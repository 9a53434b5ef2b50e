package dev.weir.redis;

import dev.weir.store.Availability;
import dev.weir.store.StoreUnavailable;
import io.netty.util.concurrent.FastThreadLocal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.NetClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The gateway to one Redis: a pipelined connection per event loop, and a breaker.
 *
 * <p>The breaker is {@link Availability}: while it says that Redis is down, calls fail at once. It opens when a
 * connection breaks and cannot be opened again, or when {@value #MISSES} calls in a row got no answer in time;
 * {@link Recovery} closes it.
 */
public final class PipelinedGateway implements RedisGateway {

    private static final int MISSES = 3;

    @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace that could mislead
    private static final StoreUnavailable DOWN = StoreUnavailable.unreachable("Redis is unavailable");

    private final VertxInternal vertx;
    private final NetClient client;
    private final RedisTarget target;
    private final Availability availability;
    private final long timeoutNanos;
    private final Duration connectTimeout;
    private final Pipe home;
    private final List<Pipe> pipes = new CopyOnWriteArrayList<>();
    private final List<RedisLink> abandoned = new CopyOnWriteArrayList<>();
    private final FastThreadLocal<Pipe> mine = new FastThreadLocal<>();
    private volatile long clockOffset;
    private volatile Runnable onSignOfLife = () -> {};

    /**
     * @param timeout the deadline of every command
     * @param connectTimeout how long a connection and its handshake may take
     */
    public PipelinedGateway(
            Vertx vertx,
            NetClient client,
            RedisTarget target,
            Availability availability,
            Duration timeout,
            Duration connectTimeout) {
        this.vertx = (VertxInternal) vertx;
        this.client = client;
        this.target = target;
        this.availability = availability;
        this.timeoutNanos = timeout.toNanos();
        this.connectTimeout = connectTimeout;
        this.home = newPipe(this.vertx.createEventLoopContext());
    }

    @Override
    public Future<Reply> send(Command command) {
        return availability.isUp() ? sendAnyway(command) : Future.failedFuture(DOWN);
    }

    @Override
    public Future<Scan> scan(String cursor, String pattern, int count) {
        return scan(this, cursor, pattern, count);
    }

    private static Future<Scan> scan(RedisGateway gateway, String cursor, String pattern, int count) {
        return gateway.send(Command.of("SCAN", cursor, "MATCH", pattern, "COUNT", count))
                .map(reply -> {
                    List<Reply> both = reply.items();
                    List<String> keys = both.get(1).items().stream()
                            .flatMap(key -> Stream.ofNullable(key.text()))
                            .toList();
                    return new Scan(String.valueOf(both.getFirst().text()), keys);
                });
    }

    @Override
    public long now() {
        return System.currentTimeMillis() + clockOffset;
    }

    /**
     * The same gateway without the breaker: for those who find out whether Redis is back, and for what has to be done
     * before anyone else believes it.
     */
    public RedisGateway unguarded() {
        return new RedisGateway() {
            @Override
            public Future<Reply> send(Command command) {
                return sendAnyway(command);
            }

            @Override
            public Future<Scan> scan(String cursor, String pattern, int count) {
                return PipelinedGateway.scan(this, cursor, pattern, count);
            }

            @Override
            public long now() {
                return PipelinedGateway.this.now();
            }
        };
    }

    /**
     * The same gateway over a connection of its own, for commands that hold up those behind them, such as {@code WAIT}. That
     * they are slow says nothing of Redis' health.
     */
    public RedisGateway separate() {
        Pipe own = new Pipe(vertx.createEventLoopContext(), this::open, new Unconcerned(), timeoutNanos);
        pipes.add(own);
        return new RedisGateway() {
            @Override
            public Future<Reply> send(Command command) {
                return availability.isUp()
                        ? submit(command, own, vertx.getOrCreateContext().promise())
                        : Future.failedFuture(DOWN);
            }

            @Override
            public Future<Scan> scan(String cursor, String pattern, int count) {
                return PipelinedGateway.scan(this, cursor, pattern, count);
            }

            @Override
            public long now() {
                return PipelinedGateway.this.now();
            }
        };
    }

    private Future<Reply> sendAnyway(Command command) {
        ContextInternal caller = vertx.getOrCreateContext();
        Pipe pipe = caller.isEventLoopContext() && caller.inThread() ? pipeOf(caller) : home;
        return submit(command, pipe, caller.promise());
    }

    private static Future<Reply> submit(Command command, Pipe pipe, Promise<Reply> promise) {
        if (pipe.loop().inEventLoop()) {
            pipe.submit(command, promise);
        } else {
            pipe.loop().execute(() -> pipe.submit(command, promise));
        }
        return promise.future();
    }

    private Pipe pipeOf(ContextInternal caller) {
        Pipe pipe = mine.get();
        if (pipe == null) {
            pipe = home.loop().equals(caller.nettyEventLoop()) ? home : newPipe(caller.unwrap());
            mine.set(pipe);
        }
        return pipe;
    }

    private Pipe newPipe(ContextInternal context) {
        Pipe pipe = new Pipe(context, this::open, new BreakerWatch(), timeoutNanos);
        pipes.add(pipe);
        return pipe;
    }

    /** Opens a connection on the current context, within its deadline. */
    Future<RedisLink> open() {
        return RedisLink.open(vertx, client, target, connectTimeout);
    }

    /** Makes sure that every connection is open and that Redis has answered all that was ever sent on it. */
    Future<?> drain() {
        return Future.all(pipes.stream().map(this::ping).toList());
    }

    private Future<Reply> ping(Pipe pipe) {
        Promise<Reply> promise = Promise.promise();
        pipe.loop().execute(() -> pipe.connect()
                .onSuccess(link -> pipe.submit(Command.of("PING"), promise))
                .onFailure(promise::tryFail));
        return promise.future();
    }

    /** Closes connections on which Redis has been silent for so long that they are of no more use. */
    void abandonSilent(Duration silence) {
        for (Pipe pipe : pipes) {
            pipe.loop().execute(() -> pipe.abandonIfSilent(silence.toNanos()));
        }
    }

    /**
     * Ends abandoned connections on Redis' side too, so that nothing sent on them takes effect later than what is sent
     * from now on. Number and address together name a connection even if Redis was restarted meanwhile.
     */
    Future<?> buryAbandoned() {
        return Future.all(List.copyOf(abandoned).stream().map(this::bury).toList());
    }

    private Future<?> bury(RedisLink link) {
        return sendAnyway(Command.of("CLIENT", "KILL", "ID", link.clientId(), "ADDR", link.localAddress()))
                .map(Reply::toString)
                .recover(e -> e instanceof RedisError ? Future.succeededFuture("") : Future.failedFuture(e))
                .onSuccess(killed -> abandoned.remove(link));
    }

    /** Reads something: a replica that has lost its master answers pings, and nothing else. */
    Future<?> read(String key) {
        return sendAnyway(Command.of("EXISTS", key));
    }

    /** Gives Redis all scripts, so that none of a caller's commands has to be sent twice and so overtakes the next. */
    Future<?> loadScripts() {
        return Future.all(LuaScript.known().stream()
                .map(script -> sendAnyway(Command.of("SCRIPT", "LOAD", script.source())))
                .toList());
    }

    /** Asks Redis for its time, and keeps the difference to this machine's. */
    Future<?> syncClock() {
        long asked = System.currentTimeMillis();
        return sendAnyway(Command.of("TIME")).map(reply -> {
            long answered = System.currentTimeMillis();
            List<Reply> time = reply.items();
            long redis = time.get(0).integer() * 1000 + time.get(1).integer() / 1000;
            clockOffset = redis - (asked + answered) / 2;
            return reply;
        });
    }

    /** Has {@code action} run when a reply comes while Redis is thought to be down. */
    void onSignOfLife(Runnable action) {
        onSignOfLife = action;
    }

    /** Answers everyone who still waits for Redis. */
    void releaseWaiting() {
        for (Pipe pipe : pipes) {
            pipe.loop().execute(() -> pipe.failAll(DOWN));
        }
    }

    /** A context on which background work on Redis runs. */
    Context homeContext() {
        return vertx.createEventLoopContext(
                home.loop(), null, Thread.currentThread().getContextClassLoader());
    }

    /** Ends every connection; the future completes when that is done. */
    public Future<Void> close() {
        return Future.join(pipes.stream().map(this::close).toList()).mapEmpty();
    }

    private Future<Void> close(Pipe pipe) {
        Promise<Void> closed = Promise.promise();
        pipe.loop().execute(() -> {
            pipe.close();
            closed.complete();
        });
        return closed.future();
    }

    private final class Unconcerned implements Pipe.Watcher {
        @Override
        public void answered() {
            // What others see of Redis is enough.
        }

        @Override
        public void missed(int times) {
            // It may well have been waiting.
        }

        @Override
        public void broken(String reason) {
            // Redis ends all connections when it ends.
        }

        @Override
        public void abandoned(RedisLink link) {
            abandoned.add(link);
        }
    }

    private final class BreakerWatch implements Pipe.Watcher {
        @Override
        public void answered() {
            if (!availability.isUp()) {
                onSignOfLife.run();
            }
        }

        @Override
        public void missed(int times) {
            if (times >= MISSES) {
                availability.down("it did not answer " + times + " commands in a row in time");
            }
        }

        @Override
        public void broken(String reason) {
            availability.down(reason);
        }

        @Override
        public void abandoned(RedisLink link) {
            abandoned.add(link);
        }
    }
}
