package dev.weir.limit;

import java.time.Duration;

/** Policies for tests. */
final class Policies {

    private Policies() {}

    static Policy of(Algorithm algorithm, long limit, Duration window) {
        return of(algorithm.wireName(), algorithm, Quota.of(limit, window));
    }

    static Policy of(String name, Algorithm algorithm, Quota quota) {
        return new Policy(name, algorithm, quota, WhenUnavailable.LOCAL, false);
    }

    static Policy shadow(Policy policy) {
        return new Policy(policy.name(), policy.algorithm(), policy.quota(), policy.whenUnavailable(), true);
    }

    static Policy when(Policy policy, WhenUnavailable mode) {
        return new Policy(policy.name(), policy.algorithm(), policy.quota(), mode, policy.shadow());
    }
}
