package dev.weir.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What passes on a connection of HTTP/1 to an origin, beneath the HTTP client.
 *
 * <p>It drops the interim answers that the client would take for the final one, such as 102: RFC 9110, section 15.2, has a
 * client pass over those that it does not expect. And it tells which exchange the connection is at: a call that is given
 * up ends the connection under it, and must not when that connection carries another call by then.
 */
public final class OriginConnection extends ChannelDuplexHandler {

    private static final AttributeKey<OriginConnection> KEY = AttributeKey.valueOf(OriginConnection.class, "watch");

    private final Channel channel;
    private boolean dropping;
    private boolean interim;
    private int asked;
    /** Read away from the connection's event loop by whoever has just been given the connection. */
    private final AtomicInteger answered = new AtomicInteger();

    private OriginConnection(Channel channel) {
        this.channel = channel;
    }

    /** Watches over a connection from its beginning; what breaks it fails the call on it and is not logged beside that. */
    public static void watch(HttpConnection connection) {
        Channel channel = ((ConnectionBase) connection).channel();
        OriginConnection watch = new OriginConnection(channel);
        channel.attr(KEY).set(watch);
        channel.pipeline().addBefore("handler", null, watch);
        connection.exceptionHandler(e -> {});
    }

    /** The exchange that begins on this connection, to be asked for by whoever has just been given the connection. */
    public static Exchange begin(HttpConnection connection) {
        OriginConnection watch =
                ((ConnectionBase) connection).channel().attr(KEY).get();
        return watch.new Exchange(watch.answered.get());
    }

    /** A request and its answer on this connection. */
    public final class Exchange {
        private final int before;

        private Exchange(int before) {
            this.before = before;
        }

        /**
         * Runs {@code breakOff} on the connection's event loop if the request or its answer is not through yet. Once both
         * are, the connection may be another call's.
         */
        public void unlessOver(Runnable breakOff) {
            channel.eventLoop().execute(() -> {
                if (answered.get() == before || asked == before) {
                    breakOff.run();
                }
            });
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof LastHttpContent) {
            asked++;
        }
        super.write(context, message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpResponse response) {
            int status = response.status().code();
            interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            // Those the client knows what to do with.
            boolean known =
                    status == HttpResponseStatus.CONTINUE.code() || status == HttpResponseStatus.EARLY_HINTS.code();
            dropping = interim && !known;
            if (status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
                // Nobody has asked for that, and what comes now is no HTTP: it must not meet another call. An end of
                // the connection alone might have the request sent again.
                context.fireExceptionCaught(new IOException("it switched protocols, which nobody had asked for"));
            }
        }
        if (dropping) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof LastHttpContent && !interim) {
            answered.incrementAndGet();
        }
        context.fireChannelRead(message);
    }
}
