package dev.weir.warm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Runs and counts of this process alone. */
final class MemoryWarmStore implements WarmStore {

    private static final int MAX_COUNTED = 10_000;
    private static final long HALVED_EACH_MS = 600_000;

    /** What was read of one cache. */
    private static final class Reads {
        final Map<String, Double> counts = new HashMap<>();
        long period;
    }

    private final LongSupplier clock;
    private final Map<String, Deque<Kept>> runs = new HashMap<>();
    private final Map<String, Long> ticks = new HashMap<>();
    private final Map<String, Reads> reads = new HashMap<>();

    /** @param clock milliseconds since the epoch */
    MemoryWarmStore(LongSupplier clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Future<Void> save(Kept run) {
        Deque<Kept> all = runs.computeIfAbsent(run.warmer(), name -> new ArrayDeque<>());
        all.removeIf(other -> other.id().equals(run.id()) || other.startedMs() < run.startedMs() - KNOWN.toMillis());
        all.addFirst(
                new Kept(run.warmer(), run.id(), run.startedMs(), run.shown().deepCopy()));
        while (all.size() > MAX_RUNS) {
            all.removeLast();
        }
        return Future.succeededFuture();
    }

    private List<Kept> known(String warmer) {
        long oldest = clock.getAsLong() - KNOWN.toMillis();
        return runs.getOrDefault(warmer, new ArrayDeque<>()).stream()
                .filter(run -> run.startedMs() > oldest)
                .sorted(Comparator.comparingLong(Kept::startedMs).reversed())
                .toList();
    }

    @Override
    public synchronized Future<@Nullable ObjectNode> find(String warmer, String id) {
        return Future.succeededFuture(known(warmer).stream()
                .filter(run -> run.id().equals(id))
                .findFirst()
                .map(Kept::shown)
                .orElse(null));
    }

    @Override
    public synchronized Future<List<ObjectNode>> list(String warmer, int most) {
        return Future.succeededFuture(
                known(warmer).stream().limit(most).map(Kept::shown).toList());
    }

    @Override
    public synchronized Future<Boolean> claim(String warmer, String tick, Duration within) {
        long now = clock.getAsLong();
        ticks.values().removeIf(until -> until <= now);
        return Future.succeededFuture(
                ticks.putIfAbsent(warmer + '\0' + tick, now + Math.max(1, within.toMillis())) == null);
    }

    @Override
    public synchronized Future<Void> countReads(String cache, Map<String, Long> counted) {
        Reads of = reads.computeIfAbsent(cache, name -> new Reads());
        long period = clock.getAsLong() / HALVED_EACH_MS;
        if (of.period < period) {
            double factor = Math.pow(0.5, (double) Math.min(60, period - of.period));
            of.counts.replaceAll((key, count) -> count * factor);
            of.counts.values().removeIf(count -> count < 0.5);
            of.period = period;
        }
        counted.forEach((key, count) -> of.counts.merge(key, (double) count, Double::sum));
        if (of.counts.size() > MAX_COUNTED) {
            of.counts.keySet().retainAll(List.copyOf(top(of, MAX_COUNTED)));
        }
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<List<String>> hot(String cache, int most) {
        Reads of = reads.get(cache);
        return Future.succeededFuture(of == null ? List.of() : top(of, most));
    }

    private static List<String> top(Reads of, int most) {
        return of.counts.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(most)
                .map(Map.Entry::getKey)
                .toList();
    }
}
