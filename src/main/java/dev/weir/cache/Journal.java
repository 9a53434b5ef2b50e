package dev.weir.cache;

import dev.weir.cache.CacheStore.Selection;
import dev.weir.redis.Recovery;
import dev.weir.store.Loop;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What was invalidated while Redis was away, kept until Redis is told: an entry that somebody removed or replaced must
 * not rise again when Redis returns. Beyond {@code maxPerCache} invalidations of one cache, all of that cache is
 * dropped on return instead, so that an outage cannot fill the memory. It lives in this process: if the process ends
 * before Redis returns, an old entry can live on until its TTL ends.
 */
final class Journal implements Recovery.Replay {

    private static final int BATCH = 500;

    private final int maxPerCache;
    private final CacheStore shared;
    private final Map<String, Set<Selection>> pending = new HashMap<>();

    /** @param shared the store to be told; it must answer although Redis is not yet believed to be back */
    Journal(int maxPerCache, CacheStore shared) {
        this.maxPerCache = maxPerCache;
        this.shared = shared;
    }

    synchronized void add(Selection selection) {
        String cache = cacheOf(selection);
        Set<Selection> ofCache = pending.computeIfAbsent(cache, c -> new LinkedHashSet<>());
        if (ofCache.size() >= maxPerCache && !cache.isEmpty()) {
            ofCache.clear();
            ofCache.add(new Selection.Pattern(cache, "*"));
        } else if (!ofCache.contains(new Selection.Pattern(cache, "*"))) {
            ofCache.add(selection);
        }
    }

    private static String cacheOf(Selection selection) {
        return switch (selection) {
            case Selection.Key key -> key.cache();
            case Selection.Tag tag -> tag.cache();
            case Selection.Pattern pattern -> pattern.cache();
            case Selection.Everything everything -> "";
        };
    }

    /** Forgets an invalidation that Redis was told of by another way. */
    synchronized void discard(Selection selection) {
        Set<Selection> ofCache = pending.get(cacheOf(selection));
        if (ofCache != null && ofCache.remove(selection) && ofCache.isEmpty()) {
            pending.remove(cacheOf(selection));
        }
    }

    synchronized int size() {
        return pending.values().stream().mapToInt(Set::size).sum();
    }

    /** Tells the store everything that is pending, in portions that Redis can answer in time. */
    @Override
    public Future<?> run() {
        return Loop.until(take(), List::isEmpty, portion -> Future.all(
                        portion.stream().map(shared::remove).toList())
                .onFailure(e -> portion.forEach(this::add))
                .map(done -> take()));
    }

    @Override
    public synchronized boolean ifNothingPending(Runnable action) {
        if (!pending.isEmpty()) {
            return false;
        }
        action.run();
        return true;
    }

    /**
     * Many keys at once, but only one tag or pattern: each of those is many commands already. They are taken away before
     * they are told, so that the same invalidation made again meanwhile is told again.
     */
    private synchronized List<Selection> take() {
        List<Selection> keys =
                all().filter(Selection.Key.class::isInstance).limit(BATCH).toList();
        List<Selection> portion = keys.isEmpty() ? all().limit(1).toList() : keys;
        for (Selection selection : portion) {
            Set<Selection> ofCache = pending.get(cacheOf(selection));
            if (ofCache != null) {
                ofCache.remove(selection);
            }
        }
        pending.values().removeIf(Set::isEmpty);
        return portion;
    }

    private Stream<Selection> all() {
        return pending.values().stream().flatMap(Set::stream);
    }
}
