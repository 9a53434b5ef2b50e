package dev.weir.deploy;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobSpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Whether numbers that depend on each other agree: how many pods there are, and how long one may take to end. */
final class CountRules {

    private final Manifests manifests;
    private final Duration shutdownTimeout;
    private final List<String> findings = new ArrayList<>();

    private CountRules(Manifests manifests, Duration shutdownTimeout) {
        this.manifests = manifests;
        this.shutdownTimeout = shutdownTimeout;
    }

    /**
     * What is wrong, one line each.
     *
     * @param shutdownTimeout how long Weir lets requests end that are under way
     */
    static List<String> findings(Manifests manifests, Duration shutdownTimeout) {
        CountRules rules = new CountRules(manifests, shutdownTimeout);
        manifests.all(Deployment.class).forEach(rules::checkReplicas);
        manifests.all(Deployment.class).forEach(rules::checkEnd);
        manifests.all(CronJob.class).forEach(rules::checkCronJob);
        return rules.findings;
    }

    private void checkReplicas(Deployment deployment) {
        String name = "Deployment " + deployment.getMetadata().getName();
        Optional<HorizontalPodAutoscaler> scaler = manifests
                .all(HorizontalPodAutoscaler.class)
                .filter(each -> each.getSpec()
                        .getScaleTargetRef()
                        .getName()
                        .equals(deployment.getMetadata().getName()))
                .findAny();
        Integer replicas = deployment.getSpec().getReplicas();
        need(
                scaler.isPresent() != (replicas != null),
                name,
                "replicas and a HorizontalPodAutoscaler exclude each other");
        need(
                manifests.all(HorizontalPodAutoscaler.class).count() == (scaler.isPresent() ? 1 : 0),
                name,
                "a HorizontalPodAutoscaler of something else");
        int least = scaler.map(each -> each.getSpec().getMinReplicas()).orElse(Objects.requireNonNullElse(replicas, 1));
        scaler.ifPresent(each -> need(least <= each.getSpec().getMaxReplicas(), name, "maxReplicas below minReplicas"));
        Optional<PodDisruptionBudget> budget =
                manifests.all(PodDisruptionBudget.class).findAny();
        need(budget.isPresent() == least > 1, name, "a PodDisruptionBudget belongs to more than one pod");
        budget.ifPresent(each -> need(
                each.getSpec().getMinAvailable() == null
                        && each.getSpec().getMaxUnavailable().getIntVal() < least,
                name,
                "maxUnavailable of the PodDisruptionBudget lets all go at once"));
    }

    private void checkEnd(Deployment deployment) {
        String name = "Deployment " + deployment.getMetadata().getName();
        var spec = deployment.getSpec().getTemplate().getSpec();
        List<EnvVar> environment = spec.getContainers().getFirst().getEnv();
        Optional<Duration> delay = environment.stream()
                .filter(each -> each.getName().equals("QUARKUS_SHUTDOWN_DELAY"))
                .map(each -> Duration.parse("PT" + each.getValue()))
                .findAny();
        need(delay.filter(Duration::isPositive).isPresent(), name, "QUARKUS_SHUTDOWN_DELAY");
        Duration grace = Duration.ofSeconds(Objects.requireNonNullElse(spec.getTerminationGracePeriodSeconds(), 30L));
        Duration end = delay.orElse(Duration.ZERO).plus(shutdownTimeout);
        need(grace.compareTo(end) > 0, name, "terminationGracePeriodSeconds is not above " + end);
    }

    private void checkCronJob(CronJob job) {
        String name = "CronJob " + job.getMetadata().getName();
        CronJobSpec spec = job.getSpec();
        var each = spec.getJobTemplate().getSpec();
        need("Forbid".equals(spec.getConcurrencyPolicy()), name, "concurrencyPolicy");
        need(spec.getStartingDeadlineSeconds() != null, name, "startingDeadlineSeconds");
        need(each.getBackoffLimit() != null, name, "backoffLimit");
        need(each.getActiveDeadlineSeconds() != null, name, "activeDeadlineSeconds");
        need(each.getTtlSecondsAfterFinished() != null, name, "ttlSecondsAfterFinished");
        need("Never".equals(each.getTemplate().getSpec().getRestartPolicy()), name, "restartPolicy");
    }

    private void need(boolean holds, String at, String what) {
        if (!holds) {
            findings.add(at + ": " + what);
        }
    }
}
