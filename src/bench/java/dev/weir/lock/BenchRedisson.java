package dev.weir.lock;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.redisson.Redisson;
import org.redisson.api.RFencedLock;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.redisson.config.TransportMode;

/** Redisson's locks, asynchronously, with a lease, so that nobody has to renew it. */
final class BenchRedisson {

    private final RedissonClient redisson;

    BenchRedisson(int port) {
        Config config = new Config();
        config.setTransportMode(TransportMode.EPOLL).setUseScriptCache(true);
        config.useSingleServer().setAddress("redis://127.0.0.1:" + port);
        this.redisson = Redisson.create(config);
    }

    BenchLock lock() {
        return (caller, name, waitMs) -> acquire(redisson.getLock("lock:" + name), caller, waitMs);
    }

    BenchLock fairLock() {
        return (caller, name, waitMs) -> acquire(redisson.getFairLock("fair:" + name), caller, waitMs);
    }

    private static CompletionStage<BenchLock.Held> acquire(RLock lock, int caller, long waitMs) {
        // A number of a thread is what tells callers apart.
        return lock.tryLockAsync(waitMs, BenchLock.TTL_MS, TimeUnit.MILLISECONDS, caller + 1)
                .thenApply(got -> {
                    if (!got) {
                        throw new IllegalStateException("the lock is another's");
                    }
                    return () -> lock.unlockAsync(caller + 1);
                });
    }

    /** With a fencing number. It is asked for by the thread's own number: no name may be asked for by two callers. */
    BenchLock fencedLock() {
        return (caller, name, waitMs) -> {
            RFencedLock lock = redisson.getFencedLock("fenced:" + name);
            long thread = Thread.currentThread().threadId();
            return lock.tryLockAndGetTokenAsync(waitMs, BenchLock.TTL_MS, TimeUnit.MILLISECONDS)
                    .<BenchLock.Held>thenApply(fence -> {
                        if (fence == null) {
                            throw new IllegalStateException("the lock is another's");
                        }
                        return () -> lock.unlockAsync(thread);
                    });
        };
    }
}
