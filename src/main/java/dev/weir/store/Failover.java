package dev.weir.store;

import io.vertx.core.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one place that chooses between a feature's shared store and its sibling in memory.
 *
 * <p>While the shared store answers, it is asked. A call that it does not answer is asked again of the sibling, if the
 * feature's policy says so, and fails with {@link StoreUnavailable} otherwise. While {@link Availability} says that the
 * store is down, it is not asked at all. A store's bug is never covered up: it fails the call.
 *
 * @param <S> the feature's port
 */
public final class Failover<S> {

    /** What a feature does while its shared store is away. */
    public enum Policy {
        /** Goes on with the sibling in memory. */
        MEMORY,
        /** Refuses: an answer of one process alone would be wrong. */
        REFUSE
    }

    private final @Nullable S shared;
    private final S local;
    private final Policy policy;
    private final Availability availability;

    /**
     * @param shared the store on Redis, or null if none is configured: then the sibling answers whatever the policy
     * @param local the sibling in memory
     */
    public Failover(@Nullable S shared, S local, Policy policy, Availability availability) {
        this.shared = shared;
        this.local = local;
        this.policy = policy;
        this.availability = availability;
    }

    /** Runs {@code operation} on the store that is to answer now. */
    public <T extends @Nullable Object> Future<Scoped<T>> call(Function<? super S, Future<T>> operation) {
        return call(operation, unanswered -> {});
    }

    /**
     * As {@link #call(Function)}, for what changes something: if the shared store does not answer, it counts as down at
     * once, since it must be told of the change before anybody believes it again.
     */
    public <T extends @Nullable Object> Future<Scoped<T>> change(Function<? super S, Future<T>> operation) {
        return call(
                operation, unanswered -> availability.down("a change was not answered: " + unanswered.getMessage()));
    }

    private <T extends @Nullable Object> Future<Scoped<T>> call(
            Function<? super S, Future<T>> operation, Consumer<StoreUnavailable> onUnanswered) {
        S store = shared;
        if (store == null) {
            return onLocal(operation);
        }
        if (!availability.isUp()) {
            return policy == Policy.MEMORY
                    ? onLocal(operation)
                    : Future.failedFuture(StoreUnavailable.unreachable("Redis is unavailable"));
        }
        return operation.apply(store).transform(answer -> {
            if (answer.succeeded()) {
                return Future.succeededFuture(new Scoped<>(answer.result(), Scope.SHARED));
            }
            if (policy == Policy.MEMORY
                    && answer.cause() instanceof StoreUnavailable unavailable
                    && !unavailable.isRefused()) {
                onUnanswered.accept(unavailable);
                return onLocal(operation);
            }
            return Future.failedFuture(answer.cause());
        });
    }

    /**
     * Runs the next step of something that began on the store of {@code scope}. What began in memory stays there: its
     * caller has already waited for Redis once, in vain.
     */
    public <T extends @Nullable Object> Future<Scoped<T>> stay(Scope scope, Function<? super S, Future<T>> operation) {
        return scope == Scope.LOCAL ? onLocal(operation) : call(operation);
    }

    /** The store of a scope. */
    public S on(Scope scope) {
        S store = shared;
        return scope == Scope.SHARED && store != null ? store : local;
    }

    private <T extends @Nullable Object> Future<Scoped<T>> onLocal(Function<? super S, Future<T>> operation) {
        return operation.apply(local).map(value -> new Scoped<>(value, Scope.LOCAL));
    }
}
