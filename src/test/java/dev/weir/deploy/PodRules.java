package dev.weir.deploy;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What every pod has to keep to: the restricted profile of Kubernetes' Pod Security Standards
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/), and what is more than that asks for.
 */
final class PodRules {

    /** Pods, and what makes them. */
    record Template(HasMetadata owner, PodTemplateSpec pods) {

        static Stream<Template> of(Manifests manifests) {
            return Stream.of(
                            manifests
                                    .all(Deployment.class)
                                    .map(each ->
                                            new Template(each, each.getSpec().getTemplate())),
                            manifests
                                    .all(StatefulSet.class)
                                    .map(each ->
                                            new Template(each, each.getSpec().getTemplate())),
                            manifests
                                    .all(CronJob.class)
                                    .map(each -> new Template(
                                            each,
                                            each.getSpec()
                                                    .getJobTemplate()
                                                    .getSpec()
                                                    .getTemplate())))
                    .flatMap(each -> each);
        }

        PodSpec spec() {
            return pods.getSpec();
        }

        Map<String, String> labels() {
            return pods.getMetadata().getLabels();
        }

        /** Whether it is to run on and on. */
        boolean lasts() {
            return !(owner instanceof CronJob);
        }

        Stream<Container> containers() {
            return Stream.concat(spec().getInitContainers().stream(), spec().getContainers().stream());
        }

        String name() {
            return owner.getKind() + " " + owner.getMetadata().getName();
        }
    }

    private final List<String> findings = new ArrayList<>();

    private PodRules() {}

    /** What is wrong, one line each. */
    static List<String> findings(Manifests manifests) {
        PodRules rules = new PodRules();
        Template.of(manifests).forEach(rules::check);
        return rules.findings;
    }

    private void check(Template template) {
        PodSpec spec = template.spec();
        String name = template.name();
        need(!Boolean.TRUE.equals(spec.getHostNetwork()), name, "hostNetwork");
        need(!Boolean.TRUE.equals(spec.getHostPID()), name, "hostPID");
        need(!Boolean.TRUE.equals(spec.getHostIPC()), name, "hostIPC");
        need(Boolean.FALSE.equals(spec.getAutomountServiceAccountToken()), name, "automountServiceAccountToken");
        need(Boolean.FALSE.equals(spec.getEnableServiceLinks()), name, "enableServiceLinks");
        var security = spec.getSecurityContext();
        need(security != null && Boolean.TRUE.equals(security.getRunAsNonRoot()), name, "runAsNonRoot");
        need(
                security != null && security.getRunAsUser() != null && security.getRunAsUser() > 0,
                name,
                "runAsUser is to be a number above 0, as the image's own is");
        need(
                security != null
                        && security.getSeccompProfile() != null
                        && "RuntimeDefault".equals(security.getSeccompProfile().getType()),
                name,
                "seccompProfile");
        spec.getVolumes().forEach(volume -> need(isHarmless(volume), name, "kind of volume " + volume.getName()));
        template.containers().forEach(container -> {
            String at = name + ", container " + container.getName();
            checkSecurity(at, container.getSecurityContext());
            checkImage(at, container.getImage());
            checkResources(at, container);
            container.getPorts().forEach(port -> need(port.getHostPort() == null, at, "hostPort"));
            container.getEnv().forEach(variable -> need(!isSecret(variable), at, "a secret in " + variable.getName()));
            if (template.lasts()) {
                need(container.getStartupProbe() != null, at, "startupProbe");
                need(container.getLivenessProbe() != null, at, "livenessProbe");
                need(container.getReadinessProbe() != null, at, "readinessProbe");
            }
        });
    }

    private void checkSecurity(String at, @Nullable SecurityContext security) {
        if (security == null) {
            findings.add(at + ": securityContext");
            return;
        }
        need(!Boolean.TRUE.equals(security.getPrivileged()), at, "privileged");
        need(Boolean.FALSE.equals(security.getAllowPrivilegeEscalation()), at, "allowPrivilegeEscalation");
        need(Boolean.TRUE.equals(security.getReadOnlyRootFilesystem()), at, "readOnlyRootFilesystem");
        need(!Boolean.FALSE.equals(security.getRunAsNonRoot()), at, "runAsNonRoot");
        need(!Objects.equals(security.getRunAsUser(), 0L), at, "runAsUser");
        need(security.getSeccompProfile() == null, at, "seccompProfile");
        Capabilities capabilities = security.getCapabilities();
        need(
                capabilities != null
                        && capabilities.getDrop().contains("ALL")
                        && capabilities.getAdd().isEmpty(),
                at,
                "capabilities");
    }

    private void checkImage(String at, String image) {
        need(image.matches("[a-z0-9-]+(:[A-Za-z0-9._-]+)"), at, "image is to be a name and a tag");
        need(!image.endsWith(":latest"), at, "image is the latest one, whichever that may be");
    }

    private void checkResources(String at, Container container) {
        var resources = container.getResources();
        need(
                resources != null && resources.getRequests().keySet().containsAll(List.of("cpu", "memory")),
                at,
                "resources.requests");
        need(resources != null && resources.getLimits().containsKey("memory"), at, "resources.limits.memory");
    }

    private static boolean isHarmless(Volume volume) {
        return volume.getConfigMap() != null || volume.getSecret() != null || volume.getEmptyDir() != null;
    }

    private static boolean isSecret(EnvVar variable) {
        String value = Objects.requireNonNullElse(variable.getValue(), "");
        return !value.isEmpty()
                && (value.matches("[a-z]+://[^/]*@.*")
                        || variable.getName().matches(".*(TOKEN|PASSWORD|SECRET|KEY)(_VALUE)?"));
    }

    private void need(boolean holds, String at, String what) {
        if (!holds) {
            findings.add(at + ": " + what);
        }
    }
}
