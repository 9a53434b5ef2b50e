package dev.weir.ops;

import dev.weir.http.Json;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Those who watch the figures. All of them are sent the same, which is computed once a second, and not at all while there are
 * none. A client that does not keep up is passed over until it does: it needs the latest, not all.
 */
final class StatsStreams {

    private static final Logger LOG = Logger.getLogger(StatsStreams.class);

    /** One client; everything happens on its own event loop. */
    private record Stream(HttpServerResponse response, Context context) {

        void send(Buffer event) {
            context.runOnContext(go -> {
                if (!response.closed() && !response.ended() && !response.writeQueueFull()) {
                    response.write(event);
                }
            });
        }

        void end() {
            context.runOnContext(go -> {
                if (!response.closed() && !response.ended()) {
                    response.end();
                }
            });
        }
    }

    private final Vertx vertx;
    private final Stats stats;
    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean computing = new AtomicBoolean();
    private volatile boolean stopping;

    StatsStreams(Vertx vertx, Stats stats) {
        this.vertx = vertx;
        this.stats = stats;
    }

    /** Sends to a client from now on, at once and then each second, whatever is new by then. */
    void add(HttpServerResponse response) {
        Stream stream = new Stream(response, vertx.getOrCreateContext());
        response.closeHandler(closed -> streams.remove(stream));
        response.exceptionHandler(e -> {}); // the close handler cleans up
        event().onSuccess(event -> {
                    stream.send(event);
                    streams.add(stream);
                    if (response.closed()) {
                        streams.remove(stream);
                    } else if (stopping) {
                        stream.end();
                    }
                })
                .onFailure(e -> {
                    LOG.warn("the figures could not be put together", e);
                    stream.end();
                });
    }

    /** A second has passed. */
    void tick() {
        if (streams.isEmpty() || !computing.compareAndSet(false, true)) {
            return;
        }
        event().onSuccess(event -> streams.forEach(stream -> stream.send(event)))
                .onFailure(e -> LOG.warn("the figures could not be put together", e))
                .onComplete(done -> computing.set(false));
    }

    private Future<Buffer> event() {
        return stats.now().map(now -> Buffer.buffer("event: stats\ndata: ")
                .appendBuffer(Json.write(now.value()))
                .appendString("\n\n"));
    }

    /** A stream would go on for ever; its client is to go to another instance. */
    void stop() {
        stopping = true;
        streams.forEach(Stream::end);
    }
}
