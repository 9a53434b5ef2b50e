package dev.weir.redis;

import dev.weir.store.Causes;
import dev.weir.store.StoreUnavailable;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to Redis: bytes out, replies in, in order. It knows nothing of deadlines or of what a reply means. All
 * of it happens on the event loop on which it was opened.
 */
final class RedisLink {

    private static final int MAX_WRITE = 1 << 20;

    private final NetSocket socket;
    private final String localAddress;
    private final Queue<Promise<Reply>> handshake = new ArrayDeque<>();
    private Consumer<Reply> onReply = this::shakeHands;
    private Consumer<String> onClose = reason -> {};
    private long clientId = -1;
    private boolean closed;

    private RedisLink(NetSocket socket) {
        this.socket = socket;
        this.localAddress = addressOf(socket); // a closed socket has none any more
        RespDecoder decoder = new RespDecoder(reply -> onReply.accept(reply));
        socket.handler(chunk -> {
            try {
                decoder.feed(chunk);
            } catch (RuntimeException | Error e) {
                // A chunk that is lost would put every later reply to the wrong question.
                close("a reply could not be read: " + e.getMessage());
            }
        });
        socket.exceptionHandler(e -> close(String.valueOf(e.getMessage())));
        socket.closeHandler(nothing -> close("the connection was closed"));
    }

    /** Connects, authenticates and selects the database; fails with {@link StoreUnavailable}. */
    static Future<RedisLink> open(Vertx vertx, NetClient client, RedisTarget target, Duration timeout) {
        return client.connect(target.address())
                .compose(socket -> target.tls() ? socket.upgradeToSsl().map(socket) : Future.succeededFuture(socket))
                .compose(socket -> {
                    RedisLink link = new RedisLink(socket);
                    long timer = vertx.setTimer(
                            timeout.toMillis(), id -> link.close("no answer within " + timeout.toMillis() + " ms"));
                    return link.greet(target).onComplete(done -> vertx.cancelTimer(timer));
                })
                .recover(e -> Future.failedFuture(
                        e instanceof StoreUnavailable
                                ? e
                                : StoreUnavailable.unreachable(
                                        "cannot connect to " + target + ": " + Causes.words(e))));
    }

    private Future<RedisLink> greet(RedisTarget target) {
        Future<?> ready = Future.succeededFuture();
        String password = target.password();
        String user = target.user();
        if (password != null) {
            ready = ask(user == null ? Command.of("AUTH", password) : Command.of("AUTH", user, password));
        }
        if (target.database() != 0) {
            ready = ready.compose(done -> ask(Command.of("SELECT", target.database())));
        }
        return ready.compose(done -> ask(Command.of("CLIENT", "SETNAME", "weir")))
                .compose(done -> ask(Command.of("CLIENT", "ID")))
                .map(id -> {
                    clientId = id.integer();
                    return this;
                })
                .onFailure(e -> close(String.valueOf(e.getMessage())));
    }

    private Future<Reply> ask(Command command) {
        Promise<Reply> promise = Promise.promise();
        if (closed) {
            return Future.failedFuture(StoreUnavailable.unreachable("the connection was closed"));
        }
        handshake.add(promise);
        write(List.of(command));
        return promise.future();
    }

    private void shakeHands(Reply reply) {
        Promise<Reply> promise = handshake.poll();
        if (promise == null) {
            close("Redis sent a reply that nobody asked for");
        } else if (reply instanceof Reply.Err(String message)) {
            promise.fail(StoreUnavailable.unreachable("Redis refuses the connection: " + message));
        } else {
            promise.complete(reply);
        }
    }

    /** Hands every reply from now on to {@code replies}, and the reason of the end, once, to {@code end}. */
    void attach(Consumer<Reply> replies, Consumer<String> end) {
        onReply = replies;
        onClose = end;
        if (closed) {
            end.accept("the connection was closed");
        }
    }

    /** Sends commands in one write, or in a few if they are large. A failure ends the connection. */
    void write(List<Command> commands) {
        try {
            int from = 0;
            long size = 0;
            for (int i = 0; i < commands.size(); i++) {
                size += commands.get(i).encodedSize();
                if (size > MAX_WRITE || i == commands.size() - 1) {
                    write(commands.subList(from, i + 1), size);
                    from = i + 1;
                    size = 0;
                }
            }
        } catch (RuntimeException | Error e) {
            // Who waits for a reply to what was not sent would get the reply to what is sent next.
            close("a command could not be written: " + e);
            throw e;
        }
    }

    @SuppressWarnings("deprecation") // the only way to a Buffer that wraps a ByteBuf
    private void write(List<Command> commands, long size) {
        var out = Unpooled.buffer(Math.toIntExact(size));
        for (Command command : commands) {
            command.encode(out);
        }
        socket.write(Buffer.buffer(out)).onFailure(e -> close(String.valueOf(e.getMessage())));
    }

    /** Redis' own number of this connection. */
    long clientId() {
        return clientId;
    }

    /** This side's address as Redis sees it, unless something between translates it. */
    String localAddress() {
        return localAddress;
    }

    private static String addressOf(NetSocket socket) {
        String host = String.valueOf(socket.localAddress().hostAddress());
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":"
                + socket.localAddress().port();
    }

    void close(@Nullable String reason) {
        if (closed) {
            return;
        }
        closed = true;
        socket.close();
        String words = reason == null ? "closed" : reason;
        Promise<Reply> promise;
        while ((promise = handshake.poll()) != null) {
            promise.tryFail(StoreUnavailable.unreachable(words));
        }
        onClose.accept(words);
    }
}
