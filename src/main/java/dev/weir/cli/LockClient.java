package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Ending.Unreachable;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;

/** One lock, as one run asks for it, holds it and gives it back. */
final class LockClient {

    /**
     * A lock that was given.
     *
     * @param deadline until when it surely is held, by this process' own monotonic clock; there is none where the answer
     *     was waited for, since nobody knows how long ago it was given
     */
    record Grant(String token, long fence, OptionalLong deadline) {}

    /** The service says that the lock is not held by the token. */
    static final class Lost extends RuntimeException {
        Lost(String detail) {
            super(detail, null, false, false);
        }
    }

    private static final Duration PAUSE = Duration.ofMillis(250);

    private final Service service;
    private final String path;
    private final String owner;
    private final Duration ttl;
    private final Duration patience;
    /** A request that is repeated, because its answer was lost, is the same one. */
    private final String idempotencyKey = UUID.randomUUID().toString();

    LockClient(Service service, String name, String owner, Duration ttl, Duration patience) {
        this.service = service;
        this.path = "/v1/locks/" + Service.encode(name);
        this.owner = owner;
        this.ttl = ttl;
        this.patience = patience;
    }

    /**
     * Waits for the lock for so long. If the service was reached and then is gone, the request is repeated until the time
     * is over.
     *
     * @throws Ending with the holder's name if it is not had
     */
    Grant acquire(Duration wait) throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        boolean repeated = false;
        while (true) {
            long sent = System.nanoTime();
            Duration left = Duration.ofNanos(Math.max(0, end - sent));
            try {
                Reply reply = service.send(
                        "POST", path, wanted(left), left.plus(patience), "Idempotency-Key", idempotencyKey);
                if (!reply.is("store-unavailable") || repeated && System.nanoTime() >= end) {
                    return granted(reply.document(), sent);
                }
            } catch (Unreachable e) {
                // A first request that nobody took says that there is nobody; a later one, that it is being restarted.
                if (e.isRefused() && !repeated || repeated && System.nanoTime() >= end) {
                    throw e;
                }
            }
            repeated = true;
            Thread.sleep(PAUSE);
        }
    }

    private ObjectNode wanted(Duration wait) {
        return Documents.object()
                .put("ttl", Durations.text(ttl))
                .put("wait", Durations.text(wait))
                .put("owner", owner);
    }

    private Grant granted(JsonNode lock, long sent) {
        boolean quick = System.nanoTime() - sent < ttl.toNanos() / 10;
        return new Grant(
                lock.path("token").asText(),
                lock.path("fence").asLong(),
                quick ? OptionalLong.of(sent + ttl.toNanos()) : OptionalLong.empty());
    }

    /**
     * Until when a lock is held that was just given.
     *
     * @throws Lost if it is gone again
     */
    long deadline(Grant grant) {
        return grant.deadline.isPresent() ? grant.deadline.getAsLong() : renew(grant.token, patience);
    }

    /**
     * Lets the TTL begin anew.
     *
     * @return until when it is held, counted from before the request was sent
     */
    long renew(String token, Duration atMost) {
        long sent = System.nanoTime();
        ObjectNode body = Documents.object().put("token", token).put("ttl", Durations.text(ttl));
        Reply reply = service.send("PATCH", path, body, atMost);
        if (reply.is("lock-lost")) {
            throw new Lost(reply.object().path("detail").asText());
        }
        reply.document();
        return sent + ttl.toNanos();
    }

    /**
     * Gives it back, and tries so for a few seconds if the service does not answer.
     *
     * @throws Lost if it was not held any more
     * @throws Ending if it could not be given back
     */
    void release(String token, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (true) {
            try {
                Duration left = Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
                Reply reply = service.send("DELETE", path, null, left, "Weir-Lock-Token", token);
                if (reply.is("lock-lost")) {
                    throw new Lost(reply.object().path("detail").asText());
                }
                reply.requireEmpty();
                return;
            } catch (Ending e) {
                if (System.nanoTime() + PAUSE.toNanos() >= end) {
                    throw e;
                }
            }
            Thread.sleep(PAUSE);
        }
    }
}
