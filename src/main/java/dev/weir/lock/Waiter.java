package dev.weir.lock;

import dev.weir.lock.LockStore.Lock;
import io.vertx.core.Promise;
import java.util.HashSet;
import java.util.Set;

/**
 * One that waits at this instance for a lock. Of all who may have something to say of it (the wait's end, a message, a sweep, the
 * client's leaving) the first settles the matter.
 */
final class Waiter {
    final Lock lock;
    final String token;
    final String owner;
    final long ttlMs;
    final long deadline;
    final Promise<Locks.Answer> promise;
    private boolean queued;
    private boolean settling;
    private boolean over;
    private boolean abandoned;
    volatile long timer = -1;

    /**
     * Those that are told what becomes of this and whose clients are still there: itself, and the earlier requests by the
     * same token that it took over, which share this set. The room's to guard.
     */
    Set<Waiter> clients = new HashSet<>();

    Waiter(Lock lock, String token, String owner, long ttlMs, long deadline, Promise<Locks.Answer> promise) {
        this.lock = lock;
        this.token = token;
        this.owner = owner;
        this.ttlMs = ttlMs;
        this.deadline = deadline;
        this.promise = promise;
        clients.add(this);
    }

    /** True for the first who asks: it is then the one that settles the matter. */
    synchronized boolean settle() {
        boolean first = !settling;
        settling = true;
        return first;
    }

    /** Nothing came of it; true if the wait was over, or the client left, meanwhile. */
    synchronized boolean unsettle() {
        settling = false;
        return over || abandoned;
    }

    synchronized boolean settleAsOver() {
        over = true;
        return settle();
    }

    /** As {@link #settle}, if there is a place in the queue to leave; before that it may yet turn out to hold the lock. */
    synchronized boolean settleIfQueued() {
        return queued && settle();
    }

    /** As {@link #settleIfQueued}; else whoever settles the matter sees that the client has left. */
    synchronized boolean settleAsAbandoned() {
        abandoned = true;
        return settleIfQueued();
    }

    /** It has its place in the queue; true if the client has left meanwhile. */
    synchronized boolean queuedInVain() {
        queued = true;
        return abandoned;
    }
}
