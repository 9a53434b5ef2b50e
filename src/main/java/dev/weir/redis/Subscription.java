package dev.weir.redis;

import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one connection that listens to the change bus. It pings every {@value #BEAT_MS} ms, so that a peer that is
 * silently gone counts as lost after two pings without an answer. All of it runs on one event loop.
 */
final class Subscription {

    private static final long BEAT_MS = 500;

    private final Vertx vertx;
    private final PipelinedGateway gateway;
    private final ChangeBus bus;
    private final Duration timeout;
    private final Runnable onLost;
    private @Nullable RedisLink link;
    private @Nullable Promise<Void> confirming;
    private long unansweredBeats;
    private long timer = -1;

    Subscription(Vertx vertx, PipelinedGateway gateway, ChangeBus bus, Duration timeout, Runnable onLost) {
        this.vertx = vertx;
        this.gateway = gateway;
        this.bus = bus;
        this.timeout = timeout;
        this.onLost = onLost;
    }

    boolean isLive() {
        return link != null && confirming == null;
    }

    /** Subscribes if it is not subscribed, and returns when Redis has confirmed that messages flow. */
    Future<Void> ensure() {
        if (isLive()) {
            return Future.succeededFuture();
        }
        Promise<Void> pending = confirming;
        if (pending != null) {
            return pending.future();
        }
        Promise<Void> confirmed = Promise.promise();
        confirming = confirmed;
        gateway.open().onSuccess(opened -> begin(opened, confirmed)).onFailure(e -> {
            confirming = null;
            confirmed.tryFail(e);
        });
        return confirmed.future();
    }

    private void begin(RedisLink opened, Promise<Void> confirmed) {
        link = opened;
        opened.attach(this::onReply, reason -> onClose(opened, reason));
        if (link == null) {
            return; // it was closed before it could be used
        }
        opened.write(List.of(Command.of("SUBSCRIBE", bus.channel())));
        unansweredBeats = 0;
        timer = vertx.setPeriodic(BEAT_MS, id -> beat());
        vertx.setTimer(timeout.toMillis(), id -> {
            if (confirmed.equals(confirming)) {
                opened.close("no answer to SUBSCRIBE");
            }
        });
    }

    private void onReply(Reply reply) {
        unansweredBeats = 0;
        if (reply instanceof Reply.Err(String message)) {
            RedisLink open = link;
            if (open != null) {
                open.close("Redis refuses the subscription: " + message);
            }
            return;
        }
        List<Reply> parts = reply instanceof Reply.Multi(List<Reply> items) ? items : List.of();
        String kind = parts.size() == 3 ? parts.getFirst().text() : null;
        if ("message".equals(kind)) {
            bus.received(parts.get(2).text());
        } else if ("subscribe".equals(kind)) {
            Promise<Void> confirmed = confirming;
            confirming = null;
            if (confirmed != null) {
                bus.restored();
                confirmed.tryComplete();
            }
        }
    }

    private void beat() {
        RedisLink open = link;
        if (open == null) {
            return;
        }
        if (unansweredBeats++ > Math.max(1, timeout.toMillis() / BEAT_MS)) {
            open.close("Redis is silent on the subscription");
            return;
        }
        open.write(List.of(Command.of("PING")));
    }

    private void onClose(RedisLink closed, String reason) {
        if (link != closed) {
            return;
        }
        link = null;
        vertx.cancelTimer(timer);
        Promise<Void> confirmed = confirming;
        confirming = null;
        if (confirmed != null) {
            confirmed.tryFail(StoreUnavailable.unreachable(reason));
        } else {
            bus.lost();
            onLost.run();
        }
    }

    void close() {
        RedisLink open = link;
        link = null;
        vertx.cancelTimer(timer);
        if (open != null) {
            open.close("shutdown");
        }
    }
}
