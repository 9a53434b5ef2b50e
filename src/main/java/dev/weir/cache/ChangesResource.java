package dev.weir.cache;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.auth.Role;
import dev.weir.http.Api;
import dev.weir.http.Exchange;
import dev.weir.http.Json;
import dev.weir.http.Names;
import dev.weir.http.Resource;
import dev.weir.redis.ChangeBus;
import dev.weir.store.Glob;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** {@code /v1/changes}: what happens to entries on any instance, as server-sent events. */
@Singleton
final class ChangesResource implements Resource {

    private static final int MAX_BEHIND = 1000;
    private static final long KEEP_ALIVE_MS = 15_000;

    private final Caches caches;
    private final ChangeBus bus;
    private final Vertx vertx;
    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    ChangesResource(Caches caches, ChangeBus bus, Vertx vertx) {
        this.caches = caches;
        this.bus = bus;
        this.vertx = vertx;
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.GET, "/v1/changes", Role.READ, this::get);
    }

    private Future<?> get(Exchange exchange) {
        exchange.allowQuery(Set.of("cache", "pattern"));
        String cache = exchange.query("cache")
                .map(name -> caches.require(Names.requireName("cache", name)).name())
                .orElse(null);
        Glob pattern = exchange.query("pattern")
                .map(text -> Glob.of(CacheInput.requirePattern("pattern", text)))
                .orElse(null);
        exchange.waitsOnPurpose();
        HttpServerResponse response = exchange.response();
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Accel-Buffering", "no");
        Stream stream = new Stream(response, cache, pattern, vertx.getOrCreateContext());
        bus.addListener(stream);
        streams.add(stream);
        long timer = vertx.setPeriodic(KEEP_ALIVE_MS, id -> stream.keepAlive());
        response.closeHandler(closed -> {
            vertx.cancelTimer(timer);
            bus.removeListener(stream);
            streams.remove(stream);
        });
        response.exceptionHandler(e -> {}); // the close handler cleans up
        Future<Void> connected = response.write(": connected\n\n");
        if (stopping) {
            stream.end();
        }
        return connected;
    }

    /** A stream would go on for ever; its client is to go to another instance. */
    void onStop(@Observes ShutdownDelayInitiatedEvent event) {
        stopping = true;
        streams.forEach(Stream::end);
    }

    /** One client. Messages come on any thread; everything else happens on the client's own event loop. */
    private static final class Stream implements ChangeBus.Listener {

        private final HttpServerResponse response;
        private final @Nullable String cache;
        private final @Nullable Glob pattern;
        private final Context context;
        private final Deque<Buffer> behind = new ArrayDeque<>();
        private boolean lagging;

        Stream(HttpServerResponse response, @Nullable String cache, @Nullable Glob pattern, Context context) {
            this.response = response;
            this.cache = cache;
            this.pattern = pattern;
            this.context = context;
            response.drainHandler(drained -> drain());
        }

        @Override
        public void onMessage(String topic, String payload, boolean own) {
            if (topic.equals(Change.TOPIC)) {
                Change.decode(payload).filter(this::isWanted).ifPresent(change -> {
                    Buffer event = render(change);
                    context.runOnContext(go -> send(event));
                });
            }
        }

        /** Changes were missed: all of them, as if the client had fallen behind. */
        @Override
        public void onLost() {
            context.runOnContext(go -> send(event("lagged", Json.object())));
        }

        @Override
        public void onRestored() {}

        private boolean isWanted(Change change) {
            if (change.op() == Change.Op.RELEASE) {
                return false;
            }
            if (cache != null && !change.cache().isEmpty() && !cache.equals(change.cache())) {
                return false;
            }
            boolean single = change.op() == Change.Op.PUT || change.op() == Change.Op.REMOVE;
            return !single || pattern == null || pattern.matches(change.subject());
        }

        private static Buffer render(Change change) {
            ObjectNode data = Json.object();
            if (!change.cache().isEmpty()) {
                data.put("cache", change.cache());
            }
            return switch (change.op()) {
                case PUT -> event("put", data.put("key", change.subject()));
                case REMOVE, RELEASE -> event("remove", data.put("key", change.subject()));
                case REMOVE_TAG -> event("clear", data.put("tag", change.subject()));
                case REMOVE_PATTERN ->
                    event("clear", change.subject().equals("*") ? data : data.put("pattern", change.subject()));
                case CLEAR_ALL -> event("clear", data);
            };
        }

        private static Buffer event(String name, ObjectNode data) {
            return Buffer.buffer("event: " + name + "\ndata: ")
                    .appendBuffer(Json.write(data))
                    .appendString("\n\n");
        }

        private void send(Buffer event) {
            if (response.closed() || response.ended()) {
                return;
            }
            if (!response.writeQueueFull() && behind.isEmpty()) {
                response.write(event);
            } else if (behind.size() >= MAX_BEHIND) {
                // What it missed it can only learn by reading anew: keeping the backlog would help nobody.
                behind.clear();
                lagging = true;
                behind.add(event("lagged", Json.object()));
            } else if (!lagging) {
                behind.add(event);
            }
        }

        void end() {
            context.runOnContext(go -> {
                if (!response.closed() && !response.ended()) {
                    response.end();
                }
            });
        }

        private void drain() {
            while (!behind.isEmpty() && !response.writeQueueFull()) {
                response.write(behind.poll());
            }
            lagging &= !behind.isEmpty();
        }

        private void keepAlive() {
            if (!response.closed() && !response.writeQueueFull()) {
                response.write(":\n\n");
            }
        }
    }
}
