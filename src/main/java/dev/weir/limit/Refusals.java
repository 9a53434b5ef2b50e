package dev.weir.limit;

import dev.weir.redis.ChangeBus;
import dev.weir.store.WeightedLru;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The refusals that Redis has lately given, each until the earliest moment at which it could be otherwise: who hammers
 * costs Redis nothing.
 *
 * <p>A reset or an override on any instance makes this one forget; while such messages may get lost nothing is remembered
 * at all. A refusal on its way while one comes is not remembered either.
 */
final class Refusals implements ChangeBus.Listener {

    static final String TOPIC = "limit";

    /** Of how many different costs a subject's refusals are remembered. */
    private static final int MAX_COSTS = 4;

    private record Refusal(long cost, Verdict verdict, long until, long told) {}

    private final WeightedLru<String, List<Refusal>> refusals;
    private final LongSupplier nanos;
    private final AtomicLong generation = new AtomicLong();
    private volatile boolean listening;

    /** @param nanos a clock that never goes back */
    Refusals(int maxEntries, LongSupplier nanos) {
        this.refusals = new WeightedLru<>(maxEntries, (key, all) -> 1, (key, all) -> {});
        this.nanos = nanos;
    }

    /** Says on the change bus which subject it is about. */
    static String message(String policy, String storedKey) {
        return policy + '\0' + storedKey;
    }

    /** The refusal that Redis would give anyway, or null if it has to be asked. */
    @Nullable
    Verdict find(Check check) {
        if (!listening) {
            return null;
        }
        List<Refusal> all = refusals.get(message(check.policy().name(), StoredKey.of(check.key())));
        if (all == null) {
            return null;
        }
        long now = nanos.getAsLong();
        for (Refusal refusal : all) {
            if (refusal.cost == check.cost() && refusal.until - now > 0) {
                long passed = Math.max(0, now - refusal.told) / 1000;
                Verdict then = refusal.verdict;
                return new Verdict(
                        then.quota(),
                        then.remaining(),
                        Math.max(1, then.resetMicros() - passed),
                        Math.max(1, then.retryMicros() - passed),
                        null);
            }
        }
        return null;
    }

    /** To be asked for before Redis is, and shown with its answer. */
    Stamp stamp() {
        return new Stamp(generation.get(), nanos.getAsLong());
    }

    /** The moment before a question. */
    record Stamp(long generation, long nanos) {}

    /**
     * Remembers a refusal. It holds from when Redis was asked, so that it never outlasts Redis' own, while the times to
     * tell count from when the answer came, so that nobody is told too early a moment.
     */
    void remember(Check check, Verdict verdict, Stamp asked) {
        // A slot may be given back at any time.
        if (!listening || check.policy().algorithm() == Algorithm.CONCURRENCY || verdict.retryMicros() <= 0) {
            return;
        }
        long now = nanos.getAsLong();
        Refusal refusal = new Refusal(check.cost(), verdict, asked.nanos + verdict.retryMicros() * 1000, now);
        refusals.compute(message(check.policy().name(), StoredKey.of(check.key())), (key, all) -> {
            if (generation.get() != asked.generation) {
                return all;
            }
            List<Refusal> next = new ArrayList<>(2);
            next.add(refusal);
            if (all != null) {
                all.stream()
                        .filter(other -> other.cost != refusal.cost && other.until - now > 0)
                        .limit(MAX_COSTS - 1)
                        .forEach(next::add);
            }
            return next;
        });
    }

    @Override
    public void onMessage(String topic, String payload, boolean own) {
        if (topic.equals(TOPIC)) {
            forget(payload);
        }
    }

    /** What is remembered of a subject is no more, and what is on its way will not be. */
    void forget(Policy policy, String key) {
        forget(message(policy.name(), StoredKey.of(key)));
    }

    private void forget(String subject) {
        generation.incrementAndGet();
        refusals.compute(subject, (key, all) -> null);
    }

    @Override
    public void onLost() {
        listening = false;
        generation.incrementAndGet();
        refusals.clear();
    }

    @Override
    public void onRestored() {
        // What was asked before may have been undone by a message that was lost.
        generation.incrementAndGet();
        listening = true;
    }
}
