package dev.weir.ops;

import dev.weir.ops.InstanceStore.Listing;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * This instance among its like: it tells them its figures every two seconds, and knows theirs. That Redis is away is no matter
 * here: nothing is told then, and this instance knows of itself alone.
 */
final class Instances {

    private static final Logger LOG = Logger.getLogger(Instances.class);

    /**
     * Who this is.
     *
     * @param process another one with every start
     * @param id the name under which it is listed
     */
    record Identity(String process, String id, String version, Instant startedAt) {}

    private final Vertx vertx;
    private final Identity identity;
    private final Meters meters;
    private final Failover<InstanceStore> store;
    private final Availability availability;
    private final Ledger ledger;
    private final Context context;
    /** Used on the context alone. */
    private boolean publishing;

    private boolean leaving;

    private final Promise<Object> left = Promise.promise();

    Instances(Vertx vertx, Identity identity, Meters meters, Failover<InstanceStore> store, Availability availability) {
        this.vertx = vertx;
        this.identity = identity;
        this.meters = meters;
        this.store = store;
        this.availability = availability;
        this.ledger = new Ledger(identity.startedAt(), System.nanoTime());
        this.context = vertx.getOrCreateContext();
    }

    Identity identity() {
        return identity;
    }

    /** What this instance has to say of itself at this moment. May take a millisecond, so not for an event loop. */
    Report own() {
        return report(meters.read());
    }

    private Report report(Figures now) {
        String mode = !availability.isShared() ? "memory" : availability.isUp() ? "shared" : "degraded";
        return new Report(
                identity.id(),
                identity.version(),
                mode,
                identity.startedAt(),
                ledger.since(),
                ledger.epoch(),
                ledger.total(now),
                ledger.recent(now));
    }

    /** Tells the others, unless that is still under way. */
    void publish() {
        context.runOnContext(go -> {
            if (!publishing && !leaving) {
                publishing = true;
                tell().onComplete(told -> publishing = false);
            }
        });
    }

    private Future<?> tell() {
        return Aside.run(vertx, () -> {
                    Figures now = meters.read();
                    ledger.mark(now, System.nanoTime());
                    return report(now).encode();
                })
                .compose(report -> leaving || availability.isDegraded()
                        ? Future.succeededFuture()
                        : store.call(each -> each.publish(identity.process(), report))
                                .compose(this::heard))
                .onFailure(e -> {
                    if (e instanceof StoreUnavailable) {
                        LOG.debug("the figures of this instance could not be told", e);
                    } else {
                        LOG.warn("the figures of this instance could not be told", e);
                    }
                });
    }

    /** Who has not heard of a reset is believed nothing until it says that it has. */
    private Future<?> heard(Scoped<Long> epoch) {
        if (epoch.scope() == Scope.LOCAL || ledger.knows(epoch.value())) {
            return Future.succeededFuture();
        }
        return Aside.run(vertx, () -> {
                    follow(epoch.value());
                    return own().encode();
                })
                .compose(report -> store.call(each -> each.publish(identity.process(), report)));
    }

    private void follow(long epoch) {
        synchronized (ledger) {
            if (ledger.isNews(epoch)) {
                ledger.reset(meters.read(), Instant.now().truncatedTo(ChronoUnit.MILLIS), System.nanoTime());
            }
        }
    }

    /** The reports of all instances, this one's perhaps among them. What the store knows of resets is followed. */
    Future<Scoped<Listing>> list() {
        return store.call(InstanceStore::list)
                .recover(e -> e instanceof StoreUnavailable
                        ? Future.succeededFuture(
                                new Scoped<>(new Listing(System.currentTimeMillis(), 0, List.of()), Scope.LOCAL))
                        : Future.failedFuture(e))
                .compose(listed -> {
                    if (listed.scope() == Scope.LOCAL
                            || ledger.knows(listed.value().epoch())) {
                        return Future.succeededFuture(listed);
                    }
                    return Aside.run(vertx, () -> {
                        follow(listed.value().epoch());
                        return listed;
                    });
                });
    }

    /** Has all instances count from zero; while Redis is away this one alone. */
    Future<Scope> reset() {
        return store.call(InstanceStore::reset)
                .compose(epoch -> Aside.run(vertx, () -> {
                    synchronized (ledger) {
                        if (epoch.scope() == Scope.SHARED) {
                            ledger.isNews(epoch.value());
                        }
                        ledger.reset(meters.read(), Instant.now().truncatedTo(ChronoUnit.MILLIS), System.nanoTime());
                    }
                    return epoch.scope();
                }))
                .onSuccess(done -> publish());
    }

    /** Has the others forget this one, which ends. */
    void leave() {
        context.runOnContext(go -> {
            leaving = true;
            store.call(each -> each.remove(identity.process()))
                    .onFailure(e -> LOG.debug("the others were not told of this instance's end", e))
                    .onComplete(done -> left.tryComplete());
        });
    }

    /** Completes, and never fails, when it has been tried to {@link #leave}. */
    Future<?> left() {
        return left.future();
    }
}
