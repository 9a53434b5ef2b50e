package dev.weir.warm;

import dev.weir.cache.CacheWarmth;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.lock.Locks;
import dev.weir.lock.Locks.Answer;
import dev.weir.lock.Locks.Holding;
import dev.weir.store.Failover;
import dev.weir.store.Loop;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
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

    /**
     * A run that was begun.
     *
     * @param known completes when every instance can tell of it; never fails
     * @param done completes when it is over; never fails
     */
    record Begun(Run run, Future<Scope> known, Future<Run> done) {}

    /**
     * Begins a run.
     *
     * @param trigger why, in a word
     * @param freshFor keys that are fresh for so long yet are left as they are
     */
    Begun begin(String trigger, Duration freshFor) {
        Run run = new Run(settings.name, UUID.randomUUID().toString().substring(0, 8), trigger);
        Work work = new Work(run, freshFor, vertx.getOrCreateContext());
        working.add(work);
        Future<Run> done = work.done.future().onComplete(end -> working.remove(work));
        work.context.runOnContext(go -> work.begin());
        return new Begun(run, work.known.future(), done);
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

    /** Ends what is under way, without waiting for keys that are being loaded, and lets nothing begin any more. */
    Future<?> stop() {
        stopping = true;
        working.forEach(work -> work.context.runOnContext(go -> work.stop()));
        return idle();
    }

    /** One run at work. It begins and ends on one event loop. */
    private final class Work {
        final Run run;
        final Duration freshFor;
        final Context context;
        final Promise<Scope> known = Promise.promise();
        final Promise<Run> done = Promise.promise();
        final Queue<String> keys = new ConcurrentLinkedQueue<>();
        private long renewal = -1;
        private long saving = -1;
        private long heldUntil;
        private @Nullable Future<Answer> asked;

        Work(Run run, Duration freshFor, Context context) {
            this.run = run;
            this.freshFor = freshFor;
            this.context = context;
        }

        void begin() {
            // Before the lock is asked for: whoever is refused it can see who has it.
            save().onComplete(saved -> {
                known.complete(saved.succeeded() ? saved.result().scope() : Scope.LOCAL);
                if (stopping) {
                    stop();
                } else {
                    acquire();
                }
            });
        }

        void stop() {
            end(Run.State.ABORTED, "the instance ends", null);
        }

        private void acquire() {
            String token = UUID.randomUUID().toString();
            heldUntil = System.nanoTime() + LOCK_TTL.toNanos();
            asked = locks.acquire(lock(), token, instance, LOCK_TTL, Duration.ZERO)
                    .answer();
            asked.onComplete(answered -> {
                if (isOver()) {
                    return;
                }
                if (answered.failed()) {
                    end(
                            Run.State.FAILED,
                            "whether another is at it cannot be known: "
                                    + answered.cause().getMessage(),
                            answered.cause());
                } else if (answered.result() instanceof Answer.Refused refused) {
                    end(Run.State.SKIPPED, "another run is under way, at " + refused.owner(), null);
                } else {
                    renewal = vertx.setPeriodic(RENEWED_EACH_MS, id -> renew(token));
                    saving = vertx.setPeriodic(SAVED_EACH_MS, id -> save());
                    collect();
                }
            });
        }

        private boolean isOver() {
            return run.state() != Run.State.RUNNING;
        }

        private String lock() {
            return "weir/warmer/" + settings.name;
        }

        private void renew(String token) {
            long until = System.nanoTime() + LOCK_TTL.toNanos();
            locks.extend(lock(), token, LOCK_TTL).onComplete(extended -> {
                if (extended.succeeded() && extended.result() != null) {
                    heldUntil = until;
                } else if (extended.succeeded() || System.nanoTime() - heldUntil >= 0) {
                    end(Run.State.ABORTED, "its lock was lost: another may be at it", null);
                }
            });
        }

        private Future<Scoped<Void>> save() {
            return store.call(each -> each.save(run.record()))
                    .onFailure(e -> LOG.debugf(e, "a run of warmer %s could not be recorded", settings.name));
        }

        private void collect() {
            keys(0).onComplete(found -> {
                if (isOver()) {
                    return;
                }
                if (found.failed()) {
                    end(Run.State.FAILED, words(found.cause()), found.cause());
                    return;
                }
                keys.addAll(found.result());
                run.begin(keys.size());
                save();
                Future.join(Stream.generate(this::work)
                                .limit(settings.concurrency)
                                .toList())
                        .onComplete(all -> end(Run.State.DONE, null, null));
            });
        }

        /** The keys, asked for as often as one of them would be. */
        private Future<List<String>> keys(int tries) {
            return Future.succeededFuture()
                    .compose(go -> source.keys())
                    .recover(e -> tries < settings.retries && !isOver()
                            ? pause(tries)
                                    .compose(over -> isOver() ? Future.<List<String>>failedFuture(e) : keys(tries + 1))
                            : Future.failedFuture(e));
        }

        /** Warms one key after the other until none is left. */
        private Future<Optional<String>> work() {
            return Loop.until(
                    next(), Optional::isEmpty, key -> warm(key.orElseThrow(), 0).map(over -> next()));
        }

        private Optional<String> next() {
            return isOver() ? Optional.empty() : Optional.ofNullable(keys.poll());
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
                if (tries < settings.retries && !isOver()) {
                    return pause(tries).compose(over -> isOver() ? Future.succeededFuture() : warm(key, tries + 1));
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
                return cache.warm(Names.requireKey("key", key), freshFor);
            } catch (RuntimeException e) {
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

        private void end(Run.State how, @Nullable String why, @Nullable Throwable cause) {
            if (!run.end(how, why, cause)) {
                return;
            }
            vertx.cancelTimer(renewal);
            vertx.cancelTimer(saving);
            figures.ended(settings.name, how);
            if (how == Run.State.FAILED || how == Run.State.ABORTED) {
                LOG.warnf("Warmer %s: %s", settings.name, why);
            } else if (run.failedKeys() > 0) {
                LOG.warnf(
                        "Warmer %s: %d keys could not be warmed, see its run %s",
                        settings.name, run.failedKeys(), run.id());
            }
            save().transform(saved -> giveBack()).onComplete(released -> done.complete(run));
        }

        /** The lock, also if it is granted only now. */
        private Future<?> giveBack() {
            return asked == null
                    ? Future.succeededFuture()
                    : asked.compose(answer -> answer instanceof Answer.Granted(Holding held)
                            ? locks.release(lock(), held.token()).mapEmpty()
                            : Future.succeededFuture());
        }
    }

    private static String words(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
