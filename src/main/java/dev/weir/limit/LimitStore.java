package dev.weir.limit;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where it is kept what was spent. Each call is one atomic decision by the store's own clock. */
interface LimitStore {

    /** The verdicts in the order of the checks, and whether the costs were spent. */
    record Decision(boolean spent, List<Verdict> verdicts) {}

    /** What holds for a subject instead of its policy's limit, and for how long yet. */
    record OwnLimit(long limit, long windowMicros, long ttlMs) {}

    /**
     * Decides on checks of different subjects. If none is denied, those that can be are all spent; a shadow policy's check
     * denies nothing.
     *
     * @param spend false to look only
     */
    Future<Decision> decide(List<Check> checks, boolean spend);

    /** Forgets what the subject has spent; its override stays. */
    Future<Void> reset(Policy policy, String key);

    /** Sets what holds for the subject from now on. */
    Future<Void> override(Policy policy, String key, long limit, Duration window, Duration ttl);

    /** Has the policy's limit hold again; false if nothing else did. */
    Future<Boolean> dropOverride(Policy policy, String key);

    Future<@Nullable OwnLimit> overrideOf(Policy policy, String key);

    /** Gives a slot back; false if its lease was over, or it was given back before. */
    Future<Boolean> giveBack(Policy policy, String key, String slot);

    /** Has a slot's lease begin anew, for as long as the policy says; false if it was over. */
    Future<Boolean> renew(Policy policy, String key, String slot);
}
