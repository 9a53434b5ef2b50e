package dev.weir.route;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Drops the interim answers of an origin that the HTTP client would take for the final one, such as 102. RFC 9110, section
 * 15.2, has a client pass over those that it does not expect.
 */
final class InterimAnswers extends ChannelInboundHandlerAdapter {

    private boolean dropping;

    private InterimAnswers() {}

    /** Watches over a connection of HTTP/1. */
    static void watch(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            base.channel().pipeline().addBefore("handler", null, new InterimAnswers());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpResponse response) {
            int status = response.status().code();
            // Those the client knows what to do with; 101 ends HTTP on this connection.
            boolean known = status == HttpResponseStatus.CONTINUE.code()
                    || status == HttpResponseStatus.SWITCHING_PROTOCOLS.code()
                    || status == HttpResponseStatus.EARLY_HINTS.code();
            dropping = response.status().codeClass() == HttpStatusClass.INFORMATIONAL && !known;
        }
        if (!dropping) {
            context.fireChannelRead(message);
            return;
        }
        dropping = !(message instanceof LastHttpContent);
        ReferenceCountUtil.release(message);
    }
}
