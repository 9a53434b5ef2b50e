package dev.weir.warm;

import dev.weir.cache.CacheWarmth;
import dev.weir.http.Problem;
import dev.weir.lock.Locks;
import dev.weir.lock.Locks.Answer;
import dev.weir.lock.Locks.Holding;
import dev.weir.store.Failover;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Fills one cache. Whatever instance begins, only one is at it at a time, under a lock that is renewed while it works; if
 * it dies, the lock is free when its time is over. A key that cannot be loaded is tried again, reported, and never stops
 * the rest.
 */
final class Warmer {

    /** What a warmer is to do, and how. */
    record Settings(
            String name,
            String cache,
            String schedule,
            Duration loadBefore,
            int concurrency,
            int retries,
            Duration backoff) {}

    private static final Logger LOG = Logger.getLogger(Warmer.class);

    static final Duration LOCK_TTL = Duration.ofSeconds(30);
    private static final long RENEWED_EACH_MS = LOCK_TTL.toMillis() / 3;
    private static final long SAVED_EACH_MS = 1000;
    private static final long MAX_PAUSE_MS = 60_000;

    private final Vertx vertx;
    private final Settings settings;
    private final String instance;
    private final CacheWarmth cache;
    private final KeySource source;
    private final Locks locks;
    private final Failover<WarmStore> store;
    private final WarmFigures figures;
    private final Queue<Work> working = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    Warmer(
            Vertx vertx,
            Settings settings,
            String instance,
            CacheWarmth cache,
            KeySource source,
            Locks locks,
            Failover<WarmStore> store,
            WarmFigures figures) {
        this.vertx = vertx;
        this.settings = settings;
        this.instance = instance;
        this.cache = cache;
        this.source = source;
        this.locks = locks;
        this.store = store;
        this.figures = figures;
    }

    Settings settings() {
        return settings;
    }

    /** How long what it loads is fresh. */
    Duration ttl() {
        return cache.ttl();
    }

    /** A run that was begun: it is known by its id, and done when the future completes, which never fails. */
    record Begun(Run run, Future<Run> done) {}

    /**
     * Begins a run.
     *
     * @param trigger why, in a word
     * @param freshFor keys that are fresh for so long yet are left as they are
     */
    Begun begin(String trigger, Duration freshFor) {
        Run run = new Run(settings.name, UUID.randomUUID().toString().substring(0, 8), trigger);
        Work work = new Work(run, freshFor);
        working.add(work);
        Future<Run> done = work.done.future().onComplete(end -> working.remove(work));
        vertx.getOrCreateContext().runOnContext(go -> work.begin());
        return new Begun(run, done);
    }

    /** The run of that id, if it is under way here. */
    @Nullable
    Run running(String id) {
        return working.stream()
                .map(work -> work.run)
                .filter(run -> run.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    /** Completes when no run is under way here. */
    Future<?> idle() {
        return Future.join(working.stream().map(work -> work.done.future()).toList());
    }

    /** Ends what is under way as soon as the keys that are being loaded are there. */
    Future<?> stop() {
        stopping = true;
        return idle();
    }

    /** One run at work. Everything happens on one event loop. */
    private final class Work {
        final Run run;
        final Duration freshFor;
        final Promise<Run> done = Promise.promise();
        final Queue<String> keys = new ArrayDeque<>();
        private long renewal = -1;
        private long saving = -1;
        private @Nullable Holding holding;
        private boolean lockLost;

        Work(Run run, Duration freshFor) {
            this.run = run;
            this.freshFor = freshFor;
        }

        void begin() {
            locks.acquire(lock(), UUID.randomUUID().toString(), instance, LOCK_TTL, Duration.ZERO)
                    .answer()
                    .onComplete(asked -> {
                        if (asked.failed()) {
                            end(
                                    Run.State.FAILED,
                                    "whether another is at it cannot be known: "
                                            + asked.cause().getMessage());
                        } else if (asked.result() instanceof Answer.Granted(Holding held)) {
                            holding = held;
                            renewal = vertx.setPeriodic(RENEWED_EACH_MS, id -> renew(held.token()));
                            saving = vertx.setPeriodic(SAVED_EACH_MS, id -> save());
                            save();
                            collect();
                        } else {
                            Answer.Refused refused = (Answer.Refused) asked.result();
                            end(Run.State.SKIPPED, "another run is under way, at " + refused.owner());
                        }
                    });
        }

        private String lock() {
            return "weir/warmer/" + settings.name;
        }

        private void renew(String token) {
            locks.extend(lock(), token, LOCK_TTL)
                    .onSuccess(extended -> lockLost |= extended == null)
                    .onFailure(e -> LOG.debugf(e, "the lock of warmer %s could not be renewed", settings.name));
        }

        private Future<?> save() {
            return store.call(each -> each.save(run.record()))
                    .onFailure(e -> LOG.debugf(e, "a run of warmer %s could not be recorded", settings.name));
        }

        private void collect() {
            source.keys().onComplete(found -> {
                if (found.failed()) {
                    end(Run.State.FAILED, words(found.cause()));
                    return;
                }
                keys.addAll(found.result());
                run.begin(keys.size());
                save();
                List<Future<Void>> workers = new ArrayList<>();
                for (int i = 0; i < settings.concurrency; i++) {
                    Promise<Void> worker = Promise.promise();
                    workers.add(worker.future());
                    next(worker);
                }
                Future.join(workers).onComplete(all -> finish());
            });
        }

        private void next(Promise<Void> worker) {
            String key = lockLost || stopping ? null : keys.poll();
            if (key == null) {
                worker.complete();
            } else {
                warm(key, 0).onComplete(warmed -> next(worker));
            }
        }

        private Future<Void> warm(String key, int tries) {
            return attempt(key).transform(attempted -> {
                if (attempted.succeeded()) {
                    switch (attempted.result()) {
                        case LOADED, FRESH -> {
                            boolean loaded = attempted.result() == CacheWarmth.Outcome.LOADED;
                            figures.warmed(settings.name);
                            run.warmed(loaded);
                            return Future.succeededFuture();
                        }
                        case MISSING -> {
                            return failed(key, "the origin has no such thing");
                        }
                        case UNKEPT, STALE -> {}
                    }
                } else if (attempted.cause() instanceof Problem problem && problem.kind() == Problem.Kind.BAD_REQUEST) {
                    return failed(key, words(problem));
                }
                if (tries < settings.retries && !stopping && !lockLost) {
                    return pause(tries).compose(over -> warm(key, tries + 1));
                }
                return failed(
                        key,
                        attempted.failed()
                                ? words(attempted.cause())
                                : attempted.result() == CacheWarmth.Outcome.STALE
                                        ? "the origin fails; what is there is stale"
                                        : "it was loaded and not kept: it changed meanwhile, or there is no room");
            });
        }

        private Future<CacheWarmth.Outcome> attempt(String key) {
            try {
                return cache.warm(key, freshFor);
            } catch (Problem e) {
                return Future.failedFuture(e);
            }
        }

        private Future<Void> failed(String key, String reason) {
            figures.failed(settings.name);
            run.failed(key, reason);
            return Future.succeededFuture();
        }

        private Future<Void> pause(int tries) {
            double most = settings.backoff.toMillis() * Math.pow(2, tries);
            double jittered = most * (0.5 + ThreadLocalRandom.current().nextDouble() / 2);
            Promise<Void> over = Promise.promise();
            vertx.setTimer(Math.clamp((long) jittered, 1, MAX_PAUSE_MS), id -> over.complete());
            return over.future();
        }

        private void finish() {
            if (lockLost) {
                end(Run.State.ABORTED, "its lock was lost: another may be at it");
            } else if (stopping && !keys.isEmpty()) {
                end(Run.State.ABORTED, "the instance ends");
            } else {
                end(Run.State.DONE, null);
            }
        }

        private void end(Run.State how, @Nullable String why) {
            vertx.cancelTimer(renewal);
            vertx.cancelTimer(saving);
            run.end(how, why);
            figures.ended(settings.name, how);
            if (how == Run.State.FAILED || how == Run.State.ABORTED) {
                LOG.warnf("Warmer %s: %s", settings.name, why);
            } else if (run.failedKeys() > 0) {
                LOG.warnf(
                        "Warmer %s: %d keys could not be warmed, see its run %s",
                        settings.name, run.failedKeys(), run.id());
            }
            save().transform(saved -> holding == null
                            ? Future.succeededFuture()
                            : locks.release(lock(), holding.token()).mapEmpty())
                    .onComplete(released -> done.complete(run));
        }
    }

    private static String words(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
