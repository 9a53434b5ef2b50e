package dev.weir.limit;

import dev.weir.limit.Meter.Look;
import dev.weir.redis.ChangeBus;
import dev.weir.store.WeightedLru;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits in this process' memory. Of bounded weight: what was used least recently is forgotten first, and its subject
 * starts anew.
 */
final class MemoryLimitStore implements LimitStore {

    private record Subject(String policy, String key) {

        static Subject of(Policy policy, String key) {
            return new Subject(policy.name(), StoredKey.of(key));
        }

        int weight() {
            return 128 + key.length();
        }
    }

    private record Overriding(long limit, long windowMicros, long till) {}

    /** The weight is that of when it was put: a meter grows. */
    private record Kept(
            @Nullable Meter meter, int weight, @Nullable Overriding overriding) {}

    private final WeightedLru<Subject, Kept> subjects;
    private final ChangeBus bus;
    private final LongSupplier clock;

    /**
     * @param clock microseconds, which never go back
     * @param onEviction told when a subject had to go for want of room
     */
    MemoryLimitStore(long maxBytes, ChangeBus bus, LongSupplier clock, Runnable onEviction) {
        this.subjects = new WeightedLru<>(
                maxBytes, (subject, kept) -> subject.weight() + kept.weight(), (subject, kept) -> onEviction.run());
        this.bus = bus;
        this.clock = clock;
    }

    @Override
    public synchronized Future<Decision> decide(List<Check> checks, boolean spend) {
        long now = clock.getAsLong();
        String slot = SlotName.newId();
        List<Meter> meters = new ArrayList<>(checks.size());
        List<Verdict> verdicts = new ArrayList<>(checks.size());
        boolean denied = false;
        for (Check check : checks) {
            Policy policy = check.policy();
            Kept kept = subjects.get(Subject.of(policy, check.key()));
            Meter meter = meter(kept, policy, now);
            Quota quota = quota(kept, policy, now);
            boolean possible = check.cost() <= quota.burst();
            Look look = meter.look(now, quota, possible ? check.cost() : 0);
            long retry = possible ? look.retry() : Verdict.NEVER;
            denied |= retry != 0 && !policy.shadow();
            meters.add(meter);
            verdicts.add(new Verdict(quota, Math.max(0, look.remaining()), look.reset(), retry, null));
        }
        boolean spent = spend && !denied;
        for (int i = 0; spent && i < checks.size(); i++) {
            if (verdicts.get(i).allowed()) {
                verdicts.set(i, spend(checks.get(i), meters.get(i), verdicts.get(i), now, slot));
            }
        }
        return Future.succeededFuture(new Decision(spent, verdicts));
    }

    private Verdict spend(Check check, Meter meter, Verdict verdict, long now, String slot) {
        meter.spend(now, verdict.quota(), check.cost(), slot);
        subjects.compute(
                Subject.of(check.policy(), check.key()),
                (subject, kept) -> new Kept(meter, meter.weight(), kept == null ? null : kept.overriding()));
        Look after = meter.look(now, verdict.quota(), 0);
        boolean taken = check.policy().algorithm() == Algorithm.CONCURRENCY;
        return new Verdict(
                verdict.quota(),
                after.remaining(),
                after.reset(),
                0,
                taken ? new SlotName(slot, check.cost()).toString() : null);
    }

    private static Meter meter(@Nullable Kept kept, Policy policy, long now) {
        Meter meter = kept == null ? null : kept.meter();
        return meter == null || meter.idleAt() <= now ? policy.algorithm().newMeter() : meter;
    }

    private static Quota quota(@Nullable Kept kept, Policy policy, long now) {
        Overriding overriding = kept == null ? null : kept.overriding();
        return overriding == null || overriding.till() <= now
                ? policy.quota()
                : policy.overridden(overriding.limit(), overriding.windowMicros());
    }

    @Override
    public synchronized Future<Void> reset(Policy policy, String key) {
        subjects.compute(
                Subject.of(policy, key),
                (subject, kept) ->
                        kept == null || kept.overriding() == null ? null : new Kept(null, 0, kept.overriding()));
        return told(policy, key);
    }

    @Override
    public synchronized Future<Void> override(Policy policy, String key, long limit, Duration window, Duration ttl) {
        set(policy, key, new Overriding(limit, window.toMillis() * 1000, clock.getAsLong() + ttl.toMillis() * 1000));
        return told(policy, key);
    }

    @Override
    public synchronized Future<Boolean> dropOverride(Policy policy, String key) {
        boolean was = override(policy, key) != null;
        set(policy, key, null);
        return told(policy, key).map(was);
    }

    private void set(Policy policy, String key, @Nullable Overriding overriding) {
        subjects.compute(Subject.of(policy, key), (subject, kept) -> {
            Meter meter = kept == null ? null : kept.meter();
            return meter == null && overriding == null
                    ? null
                    : new Kept(meter, meter == null ? 0 : meter.weight(), overriding);
        });
    }

    private Future<Void> told(Policy policy, String key) {
        bus.deliverLocally(Refusals.TOPIC, Refusals.message(policy.name(), StoredKey.of(key)));
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<@Nullable OwnLimit> overrideOf(Policy policy, String key) {
        return Future.succeededFuture(override(policy, key));
    }

    private @Nullable OwnLimit override(Policy policy, String key) {
        Kept kept = subjects.get(Subject.of(policy, key));
        Overriding overriding = kept == null ? null : kept.overriding();
        long now = clock.getAsLong();
        return overriding == null || overriding.till() <= now
                ? null
                : new OwnLimit(
                        overriding.limit(), overriding.windowMicros(), Math.ceilDiv(overriding.till() - now, 1000));
    }

    @Override
    public synchronized Future<Boolean> giveBack(Policy policy, String key, String slot) {
        SlotName name = SlotName.parse(slot);
        return Future.succeededFuture(name != null
                && slots(policy, key) instanceof Slots slots
                && slots.giveBack(clock.getAsLong(), name.id()));
    }

    @Override
    public synchronized Future<Boolean> renew(Policy policy, String key, String slot) {
        SlotName name = SlotName.parse(slot);
        return Future.succeededFuture(name != null
                && slots(policy, key) instanceof Slots slots
                && slots.renew(clock.getAsLong(), name.id(), policy.quota().windowMicros()));
    }

    private @Nullable Meter slots(Policy policy, String key) {
        Kept kept = subjects.get(Subject.of(policy, key));
        return kept == null ? null : kept.meter();
    }

    /** Forgets everything. */
    synchronized void clear() {
        subjects.clear();
    }
}
