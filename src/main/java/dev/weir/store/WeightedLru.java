package dev.weir.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.ToIntBiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A map of bounded weight that forgets what was used least recently.
 *
 * <p>What was put is there for whoever asks next, however full the map is. That is what a stand-in for Redis has to
 * promise, and what a cache that weighs a newcomer's worth against the old, as Caffeine does, does not. Keys are spread
 * over a few independently locked parts, each of which bounds its share of the weight; a value heavier than that share is
 * kept alone in its part, and one heavier than the whole is not kept.
 */
public final class WeightedLru<K, V> {

    private static final int PARTS = 16;

    private final List<Part<K, V>> parts;

    /** @param onEviction told, under a lock, what had to go for want of room */
    public WeightedLru(long maxWeight, ToIntBiFunction<K, V> weigher, BiConsumer<K, V> onEviction) {
        long share = Math.min(maxWeight, Math.max(1, maxWeight / PARTS));
        parts = Stream.generate(() -> new Part<>(share, maxWeight, weigher, onEviction))
                .limit(PARTS)
                .toList();
    }

    public @Nullable V get(K key) {
        return part(key).get(key);
    }

    /** Replaces a value in one step; a function that returns null removes it. It must not touch this map. */
    public void compute(K key, BiFunction<K, @Nullable V, @Nullable V> function) {
        part(key).compute(key, function);
    }

    /** What is there now, entry by entry; later changes do not show. */
    public Stream<Map.Entry<K, V>> snapshot() {
        return parts.stream().flatMap(part -> part.snapshot().stream());
    }

    public void clear() {
        parts.forEach(Part::clear);
    }

    private Part<K, V> part(K key) {
        int hash = key.hashCode();
        return parts.get((hash ^ hash >>> 16) & PARTS - 1);
    }

    private static final class Part<K, V> {

        private final long share;
        private final long maxWeight;
        private final ToIntBiFunction<K, V> weigher;
        private final BiConsumer<K, V> onEviction;
        private final ReentrantLock lock = new ReentrantLock();
        private final LinkedHashMap<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);
        private long weight;

        Part(long share, long maxWeight, ToIntBiFunction<K, V> weigher, BiConsumer<K, V> onEviction) {
            this.share = share;
            this.maxWeight = maxWeight;
            this.weigher = weigher;
            this.onEviction = onEviction;
        }

        @Nullable
        V get(K key) {
            lock.lock();
            try {
                return entries.get(key);
            } finally {
                lock.unlock();
            }
        }

        void compute(K key, BiFunction<K, @Nullable V, @Nullable V> function) {
            lock.lock();
            try {
                V old = entries.get(key);
                V next = function.apply(key, old);
                if (next == null) {
                    entries.remove(key);
                } else {
                    entries.put(key, next);
                    weight += weigher.applyAsInt(key, next);
                }
                if (old != null) {
                    weight -= weigher.applyAsInt(key, old);
                }
                evict();
            } finally {
                lock.unlock();
            }
        }

        private void evict() {
            var eldest = entries.entrySet().iterator();
            while (weight > share && (entries.size() > 1 || weight > maxWeight)) {
                Map.Entry<K, V> entry = eldest.next();
                K key = entry.getKey();
                V value = entry.getValue();
                eldest.remove();
                weight -= weigher.applyAsInt(key, value);
                onEviction.accept(key, value);
            }
        }

        List<Map.Entry<K, V>> snapshot() {
            lock.lock();
            try {
                return entries.entrySet().stream()
                        .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                        .toList();
            } finally {
                lock.unlock();
            }
        }

        void clear() {
            lock.lock();
            try {
                entries.clear();
                weight = 0;
            } finally {
                lock.unlock();
            }
        }
    }
}
