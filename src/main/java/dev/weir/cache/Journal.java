package dev.weir.cache;

import dev.weir.cache.CacheStore.Selection;
import dev.weir.store.Availability;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was invalidated while Redis was away, kept until Redis is told: an entry that somebody removed or replaced must
 * not rise again when Redis returns. Beyond {@code maxPerCache} invalidations of one cache, all of that cache is
 * dropped on return instead, so that an outage cannot fill the memory. It lives in this process: if the process ends
 * before Redis returns, an old entry can live on until its TTL ends.
 */
final class Journal {

    private static final int BATCH = 500;

    private final int maxPerCache;
    private final Map<String, Set<Selection>> pending = new HashMap<>();

    Journal(int maxPerCache) {
        this.maxPerCache = maxPerCache;
    }

    synchronized void add(Selection selection) {
        String cache =
                switch (selection) {
                    case Selection.Key key -> key.cache();
                    case Selection.Tag tag -> tag.cache();
                    case Selection.Pattern pattern -> pattern.cache();
                    case Selection.Everything everything -> "";
                };
        Set<Selection> ofCache = pending.computeIfAbsent(cache, c -> new LinkedHashSet<>());
        if (ofCache.size() >= maxPerCache) {
            ofCache.clear();
            ofCache.add(new Selection.Pattern(cache, "*"));
        } else if (!ofCache.contains(new Selection.Pattern(cache, "*"))) {
            ofCache.add(selection);
        }
    }

    synchronized int size() {
        return pending.values().stream().mapToInt(Set::size).sum();
    }

    /** Tells the store everything that is pending; what it was not told stays pending. */
    Future<Void> replay(CacheStore shared) {
        List<Selection> batch = take();
        if (batch.isEmpty()) {
            return Future.succeededFuture();
        }
        return Future.all(batch.stream().map(shared::remove).toList())
                .onFailure(e -> batch.forEach(this::add))
                .compose(done -> replay(shared));
    }

    private synchronized List<Selection> take() {
        List<Selection> batch = new ArrayList<>();
        for (Set<Selection> ofCache : pending.values()) {
            ofCache.stream().limit(BATCH - batch.size()).forEach(batch::add);
            batch.forEach(ofCache::remove);
        }
        pending.values().removeIf(Set::isEmpty);
        return batch;
    }

    /** Tells the store at once if Redis came back while an invalidation was being noted; else waits for the replay. */
    Future<Void> settle(CacheStore shared, Availability availability) {
        if (!availability.isUp()) {
            return Future.succeededFuture();
        }
        return replay(shared).recover(e -> {
            availability.down("an invalidation did not reach it");
            return Future.succeededFuture();
        });
    }
}
