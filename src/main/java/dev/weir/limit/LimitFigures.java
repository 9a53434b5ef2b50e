package dev.weir.limit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What one policy has decided in this process since its start; the same figures that Prometheus scrapes. */
final class LimitFigures {

    final Counter allowed;
    final Counter denied;
    final Counter shadowed;
    final Counter near;
    final Counter fallbacks;

    LimitFigures(Policy policy, MeterRegistry registry) {
        allowed = checks(policy, "allowed", registry);
        denied = checks(policy, "denied", registry);
        shadowed = checks(policy, "shadow", registry);
        near = counter("weir_limit_near_refusals_total", "Refusals that were remembered, so that Redis was not asked")
                .tag("policy", policy.name())
                .register(registry);
        fallbacks = counter("weir_limit_fallbacks_total", "Checks that Redis did not answer")
                .tag("policy", policy.name())
                .tag("mode", policy.whenUnavailable().name().toLowerCase(java.util.Locale.ROOT))
                .register(registry);
    }

    private static Counter checks(Policy policy, String verdict, MeterRegistry registry) {
        return counter("weir_limit_checks_total", "Checks by their verdict; shadow is one that would have been denied")
                .tag("policy", policy.name())
                .tag("verdict", verdict)
                .register(registry);
    }

    private static Counter.Builder counter(String name, String description) {
        return Counter.builder(name).description(description);
    }
}
