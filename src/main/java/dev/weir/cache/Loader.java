package dev.weir.cache;

import dev.weir.http.Correlation;
import dev.weir.store.Failover;
import dev.weir.store.Loop;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Brings entries from their origin, once for all who want them.
 *
 * <p>In this process, who wants an entry that is already being loaded waits for that load (single flight). Between
 * processes the load needs a lease of the store; who does not get it waits until the holder's message says that the
 * entry is there, looks again now and then in case the message is lost, and after the origin's
 * timeout loads it all the same, without storing it.
 *
 * <p>An invalidation cuts off the loads under way: whoever comes after it starts a new one, and what the old one brings
 * is neither stored nor kept near.
 */
final class Loader implements Loads {

    private static final Duration MARGIN = Duration.ofSeconds(1);
    private static final long REST_AFTER_FAILED_REFRESH_MS = 1_000;

    /** What a load came to. */
    record Loaded(NearCache.Held held, Fate fate, boolean collapsed) {

        static Loaded of(Entry entry, Scope scope, Fate fate) {
            return new Loaded(new NearCache.Held(entry, scope), fate, false);
        }

        /** The same, as it is for one who waited for another's load. */
        Loaded joined() {
            return new Loaded(held, fate, fate != Fate.STALE);
        }
    }

    /** What became of the entry that was loaded. */
    enum Fate {
        STORED,
        /** It was not to be kept, or could not be. */
        UNKEPT,
        /** An invalidation or a newer value came between. */
        OVERTAKEN,
        /** Nothing was loaded; the old one stands in for it. */
        STALE
    }

    private final class Flight {
        final String key;
        final long ticket;
        final long deadline = System.nanoTime() + leaseLength.toNanos();
        final Promise<Loaded> result = Promise.promise();
        /** The request that began it: the origin is called when the store has answered, maybe in another's turn. */
        final Correlation cause;

        Flight(String key, Correlation cause) {
            this.key = key;
            this.cause = cause;
            this.ticket = near.ticket(key);
        }
    }

    private final Vertx vertx;
    private final CachePolicy policy;
    private final Origin origin;
    private final Failover<CacheStore> store;
    private final Leases leases;
    private final NearCache near;
    private final Gzip gzip;
    private final CacheFigures figures;
    private final Duration leaseLength;
    private final Map<String, Flight> flights = new ConcurrentHashMap<>();
    private final Set<String> refreshing = ConcurrentHashMap.newKeySet();

    Loader(
            Vertx vertx,
            CachePolicy policy,
            Origin origin,
            Duration originTimeout,
            Failover<CacheStore> store,
            Leases leases,
            NearCache near,
            Gzip gzip,
            CacheFigures figures) {
        this.vertx = vertx;
        this.policy = policy;
        this.origin = origin;
        this.store = store;
        this.leases = leases;
        this.near = near;
        this.gzip = gzip;
        this.figures = figures;
        this.leaseLength = originTimeout.plus(MARGIN);
    }

    /**
     * Loads an entry, or joins the load that is under way. Fails with the origin's problem, unless {@code seen} may
     * stand in for it.
     *
     * @param seen the entry that the store has and that will not do, null if none
     * @param scope the scope of the store that said so; if Redis has not answered this caller once, it is not asked again
     */
    Future<Loaded> load(String key, @Nullable Entry seen, Scope scope) {
        return load(key, seen, scope, true);
    }

    private Future<Loaded> load(String key, @Nullable Entry seen, Scope scope, boolean mayRetry) {
        Flight flight = new Flight(key, Correlation.currentOrOwn());
        Flight earlier = flights.putIfAbsent(key, flight);
        if (earlier == null) {
            run(flight, seen, scope).recover(e -> standIn(seen, scope, e)).onComplete(result -> {
                flights.remove(key, flight);
                leases.wakes().wake(key);
                flight.result.handle(result);
            });
            return flight.result.future();
        }
        return join(earlier).compose(loaded -> {
            // Who joined may have come after what overtook the load, though no message has cut it off yet.
            boolean tooOld = loaded.fate == Fate.OVERTAKEN;
            return tooOld && mayRetry ? load(key, seen, scope, false) : Future.succeededFuture(loaded.joined());
        });
    }

    /** The result of another's load, on the caller's own context and not on that of whoever started it. */
    private Future<Loaded> join(Flight flight) {
        ContextInternal mine = (ContextInternal) vertx.getOrCreateContext();
        Promise<Loaded> promise = mine.promise();
        flight.result.future().onComplete(promise);
        return promise.future();
    }

    private Future<Loaded> standIn(@Nullable Entry seen, Scope scope, Throwable e) {
        return seen != null && seen.mayStandInForError(store.on(scope).now())
                ? Future.succeededFuture(Loaded.of(seen, scope, Fate.STALE))
                : Future.failedFuture(e);
    }

    /** What the next request for the lease is made with, or what came of the last one. */
    private record Attempt(
            @Nullable Entry seen, Scope scope, @Nullable Loaded loaded) {}

    private Future<Loaded> run(Flight flight, @Nullable Entry seen, Scope scope) {
        return Loop.until(
                        new Attempt(seen, scope, null),
                        attempt -> attempt.loaded != null,
                        attempt -> attempt(flight, attempt.seen, attempt.scope))
                .map(attempt -> Objects.requireNonNull(attempt.loaded));
    }

    private Future<Attempt> attempt(Flight flight, @Nullable Entry seen, Scope scope) {
        Future<Void> wake = leases.wakes().listen(flight.key);
        return leases.ask(flight.key, seen, scope, leaseLength).compose(asked -> {
            Scope from = asked.scope();
            return switch (asked.value()) {
                case CacheStore.Lease.Granted(long token) ->
                    fetch(flight, leases.hold(flight.key, token, from), seen)
                            .map(loaded -> new Attempt(seen, from, loaded));
                case CacheStore.Lease.Changed(Entry entry) ->
                    Future.succeededFuture(new Attempt(
                            entry,
                            from,
                            isGood(entry, from) ? kept(flight, entry, from).joined() : null));
                case CacheStore.Lease.Busy(long remainingMs) ->
                    System.nanoTime() - flight.deadline > 0
                            ? fetch(flight, leases.hold(flight.key, Leases.NONE, from), seen)
                                    .map(loaded -> new Attempt(seen, from, loaded))
                            : leases.wakes()
                                    .await(flight.key, wake, remainingMs)
                                    .map(woken -> new Attempt(seen, from, null));
            };
        });
    }

    private boolean isGood(Entry entry, Scope scope) {
        return entry.isFresh(store.on(scope).now());
    }

    private Loaded kept(Flight flight, Entry entry, Scope scope) {
        return new Loaded(near.fill(flight.key, entry, scope, flight.ticket), Fate.STORED, false);
    }

    private Future<Loaded> fetch(Flight flight, Leases.Held lease, @Nullable Entry seen) {
        Scope scope = lease.scope();
        long began = System.nanoTime();
        return origin.load(flight.key, flight.cause)
                .compose(answer -> entryOf(answer, seen, scope))
                .onComplete(result -> (result.succeeded() ? figures.load : figures.loadFailed)
                        .record(System.nanoTime() - began, TimeUnit.NANOSECONDS))
                .onFailure(e -> leases.giveBack(lease))
                .compose(entry -> !lease.mayStore() || entry.keepUntil() <= entry.created()
                        ? leases.giveBack(lease).map(Loaded.of(entry, scope, Fate.UNKEPT))
                        : fill(flight, lease, entry));
    }

    private Future<Entry> entryOf(Origin.Answer answer, @Nullable Entry seen, Scope scope) {
        return switch (answer) {
            case Origin.Answer.Missing missing ->
                Future.succeededFuture(
                        Entry.negative(policy.negative(), store.on(scope).now()));
            case Origin.Answer.Found(var body, var contentType) ->
                gzip.pack(
                                body,
                                contentType,
                                seen == null ? List.of() : seen.tags(),
                                seen == null ? List.of() : seen.aliases(),
                                policy.compressOver())
                        .map(content -> Entry.of(
                                content, policy.lifetimes(), store.on(scope).now()));
        };
    }

    private Future<Loaded> fill(Flight flight, Leases.Held lease, Entry entry) {
        return leases.fill(lease, entry)
                .map(filled -> {
                    if (!filled.value()) {
                        return Loaded.of(entry, filled.scope(), Fate.OVERTAKEN);
                    }
                    figures.stored(entry);
                    return kept(flight, entry, filled.scope());
                })
                // The value is there; that it could not be kept is no reason to withhold it.
                .otherwise(e -> Loaded.of(entry, lease.scope(), Fate.UNKEPT));
    }

    /** Loads an entry anew in the background, unless anybody anywhere does so already. Failures show in the figures. */
    void refresh(String key, Entry seen, Scope scope) {
        if (!refreshing.add(key)) {
            return;
        }
        Flight flight = new Flight(key, Correlation.own());
        Future.succeededFuture()
                .compose(go -> leases.ask(key, seen, scope, leaseLength))
                .compose(asked -> refresh(flight, seen, asked))
                .recover(e -> Future.succeededFuture(REST_AFTER_FAILED_REFRESH_MS))
                .onSuccess(restMs -> {
                    if (restMs == 0) {
                        refreshing.remove(key);
                    } else {
                        vertx.setTimer(restMs, id -> refreshing.remove(key));
                    }
                });
    }

    /** Returns for how many milliseconds nobody here need try again. */
    private Future<Long> refresh(Flight flight, Entry seen, Scoped<CacheStore.Lease> asked) {
        return switch (asked.value()) {
            case CacheStore.Lease.Granted(long token) ->
                fetch(flight, leases.hold(flight.key, token, asked.scope()), seen)
                        .map(loaded -> 0L);
            case CacheStore.Lease.Changed(Entry entry) -> {
                kept(flight, entry, asked.scope());
                yield Future.succeededFuture(0L);
            }
            case CacheStore.Lease.Busy(long remainingMs) -> Future.succeededFuture(Math.max(1, remainingMs));
        };
    }

    @Override
    public void cutOff(String key) {
        flights.remove(key);
    }

    @Override
    public void cutOffAll() {
        flights.clear();
    }
}
