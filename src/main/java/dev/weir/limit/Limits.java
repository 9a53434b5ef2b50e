package dev.weir.limit;

import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.limit.LimitStore.Decision;
import dev.weir.limit.Ruling.Part;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The policies of the configuration, and what they say of a request.
 *
 * <p>A ruling of Redis is exact over all instances and by one clock. A refusal spends nothing, and as long as nothing can
 * have changed it is repeated without asking Redis. What becomes of a check that Redis does not answer is each policy's own
 * to say; whether Redis has spent it all the same is then unknown.
 */
public final class Limits implements Availability.Listener {

    private static final Logger LOG = Logger.getLogger(Limits.class);

    private static final long WARNED_AGAIN_NANOS = Duration.ofMinutes(10).toNanos();

    private final Map<String, Policy> policies;
    private final Map<String, LimitFigures> figures;
    private final Failover<LimitStore> store;
    private final LimitStore memory;
    private final Refusals refusals;
    private final boolean shared;
    private final Map<String, Long> warned = new ConcurrentHashMap<>();
    private final Runnable forget;

    /** Redis is back, and nobody has had an answer of it yet. */
    private volatile boolean returned;

    /**
     * @param store refuses while Redis is away: what to do then is decided here
     * @param memory what counts for the policies that go on locally
     * @param shared whether Redis is configured at all
     */
    Limits(
            Collection<Policy> policies,
            Function<Policy, LimitFigures> figures,
            Failover<LimitStore> store,
            MemoryLimitStore memory,
            Refusals refusals,
            boolean shared) {
        this.policies = policies.stream()
                .collect(Collectors.toMap(Policy::name, Function.identity(), (a, b) -> a, TreeMap::new));
        this.figures = policies.stream().collect(Collectors.toMap(Policy::name, figures));
        this.store = store;
        this.memory = memory;
        this.refusals = refusals;
        this.shared = shared;
        this.forget = memory::clear;
    }

    Collection<Policy> all() {
        return policies.values();
    }

    LimitFigures figures(Policy policy) {
        return Objects.requireNonNull(figures.get(policy.name()));
    }

    /** The policy of a name, null if there is none. */
    public @Nullable Policy find(String name) {
        return policies.get(name);
    }

    /** @throws Problem {@code not-found} if there is none of that name */
    public Policy require(String name) {
        Policy policy = find(name);
        if (policy == null) {
            throw new Problem(
                    Problem.Kind.NOT_FOUND,
                    "no policy '" + Names.shorten(name) + "' is declared: declare weir.limits." + Names.shorten(name)
                            + ".limit and .window");
        }
        return policy;
    }

    /**
     * Spends the costs of all checks, or of none if one is denied.
     *
     * @return fails with {@code unprocessable} if a cost is more than its limit, and with {@link StoreUnavailable} if Redis
     *     is away and a policy says that it then denies
     */
    public Future<Ruling> spend(List<Check> checks) {
        return rule(checks, true).map(ruling -> {
            count(ruling);
            return ruling;
        });
    }

    /** What {@link #spend} would decide; nothing is spent, and nothing is counted. */
    Future<Ruling> peek(List<Check> checks) {
        return rule(checks, false);
    }

    private Future<Ruling> rule(List<Check> checks, boolean spend) {
        Problem repeated = repeated(checks);
        if (repeated != null) {
            return Future.failedFuture(repeated);
        }
        if (checks.size() == 1) {
            Check check = checks.getFirst();
            Verdict remembered = refusals.find(check);
            if (remembered != null) {
                if (spend) {
                    figures(check.policy()).near.increment();
                }
                return Future.succeededFuture(new Ruling(Scope.SHARED, List.of(new Part(check, remembered, null))));
            }
        }
        Refusals.Stamp asked = refusals.stamp();
        return store.call(each -> each.decide(checks, spend)).transform(answer -> {
            if (answer.succeeded()) {
                Scoped<Decision> decision = answer.result();
                if (decision.scope() == Scope.SHARED) {
                    settle();
                    remember(checks, decision.value(), asked);
                }
                return Future.succeededFuture(ruling(checks, decision.value(), decision.scope()));
            }
            return answer.cause() instanceof StoreUnavailable unavailable
                    ? fallBack(checks, spend, unavailable)
                    : Future.failedFuture(answer.cause());
        });
    }

    private static @Nullable Problem repeated(List<Check> checks) {
        if (checks.size() < 2) {
            return null;
        }
        Set<List<String>> seen = new HashSet<>();
        for (int i = 0; i < checks.size(); i++) {
            Check check = checks.get(i);
            if (!seen.add(List.of(check.policy().name(), check.key()))) {
                return Problem.badRequest(
                        "checks[" + i + "]",
                        "checks[" + i
                                + "] has the policy and key of an earlier one: ask once for the sum of their costs");
            }
        }
        return null;
    }

    private void remember(List<Check> checks, Decision decision, Refusals.Stamp asked) {
        for (int i = 0; i < checks.size(); i++) {
            if (!decision.verdicts().get(i).allowed()) {
                refusals.remember(checks.get(i), decision.verdicts().get(i), asked);
            }
        }
    }

    private static Ruling ruling(List<Check> checks, Decision decision, Scope scope) {
        List<Part> parts = new ArrayList<>(checks.size());
        for (int i = 0; i < checks.size(); i++) {
            parts.add(new Part(checks.get(i), decision.verdicts().get(i), null));
        }
        return possible(new Ruling(scope, parts));
    }

    /** @throws Problem {@code unprocessable} if a cost can never be spent: waiting would be in vain */
    private static Ruling possible(Ruling ruling) {
        for (Part part : ruling.parts()) {
            if (part.verdict().isImpossible() && part.denies()) {
                long most = part.verdict().quota().burst();
                throw new Problem(
                                Problem.Kind.UNPROCESSABLE,
                                "a cost of " + part.check().cost() + " is more than the policy '"
                                        + part.check().policy().name() + "' ever allows at once, which is " + most)
                        .with("field", "cost")
                        .with("policy", part.check().policy().name())
                        .with("limit", most);
            }
        }
        return ruling;
    }

    private Future<Ruling> fallBack(List<Check> checks, boolean spend, StoreUnavailable unavailable) {
        List<Check> counted = new ArrayList<>(checks.size());
        boolean denied = false;
        for (Check check : checks) {
            warn(check.policy(), unavailable);
            if (spend) {
                figures(check.policy()).fallbacks.increment();
            }
            denied |= check.policy().whenUnavailable() == WhenUnavailable.DENY;
            if (check.policy().whenUnavailable() == WhenUnavailable.LOCAL) {
                counted.add(check);
            }
        }
        if (denied) {
            return Future.failedFuture(unavailable);
        }
        return memory.decide(counted, spend).map(decision -> {
            List<Part> parts = new ArrayList<>(checks.size());
            int next = 0;
            for (Check check : checks) {
                WhenUnavailable mode = check.policy().whenUnavailable();
                Verdict verdict = mode == WhenUnavailable.LOCAL
                        ? decision.verdicts().get(next++)
                        : new Verdict(
                                check.policy().quota(), check.policy().quota().burst(), 0, 0, null);
                parts.add(new Part(check, verdict, mode));
            }
            return possible(new Ruling(Scope.LOCAL, parts));
        });
    }

    /** What was counted while Redis was away is no more: whoever asked in the moment of its return was still counted here. */
    private void settle() {
        if (returned) {
            returned = false;
            warned.clear();
            forget.run();
        }
    }

    /** Once for each outage, and now and then for as long as Redis has no room. */
    private void warn(Policy policy, StoreUnavailable unavailable) {
        long now = System.nanoTime();
        Long last = warned.get(policy.name());
        if (last != null && now - last < WARNED_AGAIN_NANOS) {
            return;
        }
        boolean first = last == null
                ? warned.putIfAbsent(policy.name(), now) == null
                : warned.replace(policy.name(), last, now);
        if (first) {
            String what =
                    switch (policy.whenUnavailable()) {
                        case LOCAL -> "it is counted by this process alone";
                        case ALLOW -> "everything is admitted";
                        case DENY -> "everything is refused";
                    };
            LOG.warnf("Limit %s: %s; until Redis answers %s", policy.name(), unavailable.getMessage(), what);
        }
    }

    private void count(Ruling ruling) {
        boolean allowed = ruling.isAllowed();
        for (Part part : ruling.parts()) {
            LimitFigures of = figures(part.check().policy());
            if (part.denies()) {
                of.denied.increment();
            } else if (!part.verdict().allowed()) {
                of.shadowed.increment();
            } else if (allowed) {
                of.allowed.increment();
            }
        }
    }

    /** Has the subject start anew, on all instances. */
    Future<Scope> reset(Policy policy, String key) {
        return change(policy, key, each -> each.reset(policy, key)).map(Scoped::scope);
    }

    Future<Scope> override(Policy policy, String key, long limit, Duration window, Duration ttl) {
        return change(policy, key, each -> each.override(policy, key, limit, window, ttl))
                .map(Scoped::scope);
    }

    Future<Scoped<Boolean>> dropOverride(Policy policy, String key) {
        return change(policy, key, each -> each.dropOverride(policy, key));
    }

    Future<Scoped<LimitStore.@Nullable OwnLimit>> overrideOf(Policy policy, String key) {
        return store.call(each -> each.overrideOf(policy, key));
    }

    /** Gives a slot back, to whichever store it was taken from. */
    Future<Scoped<Boolean>> giveBack(Policy policy, String key, String slot) {
        return slot(each -> each.giveBack(policy, key, slot));
    }

    /** Gives back all slots that a ruling has taken; one that Redis does not take back returns with its lease. */
    public void giveBack(Ruling ruling) {
        for (Part part : ruling.parts()) {
            String slot = part.verdict().slot();
            if (slot != null) {
                Check check = part.check();
                giveBack(check.policy(), check.key(), slot)
                        .onFailure(e -> LOG.debugf(
                                e,
                                "a slot of %s returns with its lease",
                                check.policy().name()));
            }
        }
    }

    Future<Scoped<Boolean>> renew(Policy policy, String key, String slot) {
        return slot(each -> each.renew(policy, key, slot));
    }

    private <T extends @Nullable Object> Future<Scoped<T>> change(
            Policy policy, String key, Function<LimitStore, Future<T>> operation) {
        return store.call(operation).map(changed -> {
            // The change bus says so too, but perhaps later than the one who asked for it asks again.
            refusals.forget(policy, key);
            return changed;
        });
    }

    private Future<Scoped<Boolean>> slot(Function<LimitStore, Future<Boolean>> operation) {
        return operation
                .apply(memory)
                .compose(
                        held -> held ? Future.succeededFuture(new Scoped<>(true, Scope.LOCAL)) : store.call(operation));
    }

    @Override
    public void onDown() {
        // What was counted since Redis stopped to answer, which is a while before it counts as down, goes on to count.
    }

    @Override
    public void onUp() {
        returned = shared;
    }
}
