package dev.weir.http;

import io.netty.channel.Channel;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The sockets on which this process listens. When it is to end they are closed first, and the connections last: the wait
 * for requests under way ends in the moment in which there is none, and clients that may connect anew keep that moment
 * from coming for as long as they like. A client that is refused a connection has sent nothing and may go elsewhere with
 * whatever it wants.
 */
@Singleton
final class Listeners {

    private final Vertx vertx;
    private final Optional<Duration> delay;
    private volatile List<Channel> known = List.of();
    private volatile boolean closing;

    Listeners(Vertx vertx, @ConfigProperty(name = "quarkus.shutdown.delay") Optional<Duration> delay) {
        this.vertx = vertx;
        this.delay = delay;
    }

    /** Takes notice of the socket through which a request's connection came: the server itself names none. */
    void note(HttpServerRequest request) {
        if (!(request.connection() instanceof ConnectionBase connection)) {
            return;
        }
        Channel listener = connection.channel().parent();
        if (listener != null && !known.contains(listener)) {
            add(listener);
        }
    }

    private synchronized void add(Channel listener) {
        if (known.contains(listener)) {
            return;
        }
        List<Channel> more = new ArrayList<>(known);
        more.add(listener);
        known = List.copyOf(more);
        if (closing) {
            close(listener);
        }
    }

    /** For {@code quarkus.shutdown.delay} everything is as ever but readiness; it is then that the listeners go. */
    void onStop(@Observes ShutdownDelayInitiatedEvent event) {
        long wait = delay.map(Duration::toMillis).orElse(0L);
        if (wait > 0) {
            vertx.setTimer(wait, id -> close());
        } else {
            close();
        }
    }

    private synchronized void close() {
        closing = true;
        known.forEach(Listeners::close);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // one that does not close now is closed with the server
    private static void close(Channel listener) {
        listener.close();
    }
}
