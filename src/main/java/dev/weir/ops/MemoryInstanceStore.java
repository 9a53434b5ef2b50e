package dev.weir.ops;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Reports of this process alone. */
final class MemoryInstanceStore implements InstanceStore {

    private final LongSupplier clock;
    private final Map<String, Seen> reports = new HashMap<>();
    private long epoch;

    /** @param clock milliseconds since the epoch */
    MemoryInstanceStore(LongSupplier clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Future<Long> publish(String process, String report) {
        long now = clock.getAsLong();
        reports.values().removeIf(seen -> isForgotten(seen, now));
        reports.put(process, new Seen(process, report, now));
        return Future.succeededFuture(epoch);
    }

    private static boolean isForgotten(Seen seen, long now) {
        return seen.seenMs() <= now - FORGOTTEN.toMillis();
    }

    @Override
    public synchronized Future<Void> remove(String process) {
        reports.remove(process);
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<Long> reset() {
        epoch = Math.max(epoch + 1, clock.getAsLong());
        return Future.succeededFuture(epoch);
    }

    @Override
    public synchronized Future<Listing> list() {
        long now = clock.getAsLong();
        List<Seen> known = reports.values().stream()
                .filter(seen -> !isForgotten(seen, now))
                .toList();
        return Future.succeededFuture(new Listing(now, epoch, known));
    }
}
