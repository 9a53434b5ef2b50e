package dev.weir.redis;

import dev.weir.store.Settled;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A peer that answers as a real Redis does only on bad days: greets as it should, then says what the test wants. */
final class FakeRedis implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final NetServer server;

    /** @param answers the raw reply to a command, null for none at all; what it does not know of is answered sensibly */
    FakeRedis(Function<List<String>, @Nullable String> answers) {
        server = vertx.createNetServer(
                        new NetServerOptions().setHost("127.0.0.1").setPort(0))
                .connectHandler(socket -> {
                    RespDecoder commands = new RespDecoder(reply -> {
                        List<String> words =
                                reply.items().stream().map(Reply::text).toList();
                        String answer = answers.apply(words);
                        if (answer != null) {
                            socket.write(Buffer.buffer(answer));
                        }
                    });
                    socket.handler(commands::feed);
                });
        Settled.value(server.listen());
    }

    static String greeting(List<String> words) {
        return switch (words.getFirst()) {
            case "CLIENT" -> words.get(1).equals("ID") ? ":1\r\n" : "+OK\r\n";
            case "PING" -> "+PONG\r\n";
            case "TIME" -> "*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n";
            case "SUBSCRIBE" ->
                "*3\r\n$9\r\nsubscribe\r\n$" + words.get(1).length() + "\r\n" + words.get(1) + "\r\n:1\r\n";
            default -> "+OK\r\n";
        };
    }

    String url() {
        return "redis://127.0.0.1:" + server.actualPort();
    }

    @Override
    public void close() {
        Settled.value(vertx.close());
    }
}
