package dev.weir.deploy;

import dev.weir.deploy.PodRules.Template;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether what refers to something finds it: selectors their pods, ports and volumes their names. */
final class WiringRules {

    private final Manifests manifests;
    private final Predicate<String> ofTheUser;
    private final List<Template> templates;
    private final List<String> findings = new ArrayList<>();

    private WiringRules(Manifests manifests, Predicate<String> ofTheUser) {
        this.manifests = manifests;
        this.ofTheUser = ofTheUser;
        this.templates = Template.of(manifests).toList();
    }

    /**
     * What is wrong, one line each.
     *
     * @param ofTheUser whether a ConfigMap or Secret of that name is documented as one that whoever deploys brings along
     */
    static List<String> findings(Manifests manifests, Predicate<String> ofTheUser) {
        WiringRules rules = new WiringRules(manifests, ofTheUser);
        rules.templates.forEach(rules::checkTemplate);
        manifests
                .all(Deployment.class)
                .forEach(each -> rules.checkSelector(
                        each,
                        each.getSpec().getSelector(),
                        each.getSpec().getTemplate().getMetadata().getLabels()));
        manifests.all(StatefulSet.class).forEach(rules::checkStatefulSet);
        manifests.all(Service.class).forEach(rules::checkService);
        manifests
                .all(PodDisruptionBudget.class)
                .forEach(each -> rules.checkSelectsPods(each, each.getSpec().getSelector()));
        if (!rules.templates.isEmpty()) {
            manifests.all(NetworkPolicy.class).forEach(rules::checkNetworkPolicy);
            manifests.all(ServiceMonitor.class).forEach(rules::checkServiceMonitor);
        }
        need(rules, manifests.all(Secret.class).findAny().isEmpty(), "Secret", "a secret in plain text");
        return rules.findings;
    }

    private void checkTemplate(Template template) {
        String at = template.name();
        var spec = template.spec();
        String account = spec.getServiceAccountName();
        need(account == null || manifests.has(ServiceAccount.class, account), at, "no ServiceAccount " + account);
        List<String> volumes = Stream.concat(spec.getVolumes().stream().map(Volume::getName), claims(template.owner()))
                .toList();
        spec.getVolumes().forEach(volume -> checkVolume(at, volume));
        spec.getTopologySpreadConstraints()
                .forEach(spread -> need(
                        matches(spread.getLabelSelector(), template.labels()),
                        at,
                        "topologySpreadConstraints select others"));
        List<String> mounted = new ArrayList<>();
        template.containers().forEach(container -> {
            for (VolumeMount mount : container.getVolumeMounts()) {
                mounted.add(mount.getName());
                need(volumes.contains(mount.getName()), at, "no volume " + mount.getName());
            }
            checkEnvironment(at, container);
            Stream.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())
                    .filter(Objects::nonNull)
                    .forEach(probe -> need(hasPort(container, port(probe)), at, "a probe of no port of it"));
        });
        volumes.forEach(volume -> need(mounted.contains(volume), at, "volume " + volume + " is mounted nowhere"));
    }

    private static Stream<String> claims(HasMetadata owner) {
        return owner instanceof StatefulSet set
                ? set.getSpec().getVolumeClaimTemplates().stream()
                        .map(claim -> claim.getMetadata().getName())
                : Stream.empty();
    }

    private void checkVolume(String at, Volume volume) {
        if (volume.getConfigMap() != null) {
            checkConfigMap(at, volume.getConfigMap().getName());
        }
        if (volume.getSecret() != null) {
            need(
                    ofTheUser.test(volume.getSecret().getSecretName()),
                    at,
                    "no Secret " + volume.getSecret().getSecretName());
        }
    }

    private void checkConfigMap(String at, String name) {
        need(manifests.has(ConfigMap.class, name) || ofTheUser.test(name), at, "no ConfigMap " + name);
    }

    private void checkEnvironment(String at, Container container) {
        container.getEnv().stream().filter(each -> each.getValueFrom() != null).forEach(each -> {
            var from = each.getValueFrom();
            if (from.getConfigMapKeyRef() != null) {
                checkConfigMap(at, from.getConfigMapKeyRef().getName());
            }
            if (from.getSecretKeyRef() != null) {
                String secret = from.getSecretKeyRef().getName();
                need(ofTheUser.test(secret), at, "no Secret " + secret);
            }
        });
    }

    private void checkStatefulSet(StatefulSet set) {
        checkSelector(
                set,
                set.getSpec().getSelector(),
                set.getSpec().getTemplate().getMetadata().getLabels());
        String service = set.getSpec().getServiceName();
        need(manifests.has(Service.class, service), name(set), "no Service " + service);
    }

    private void checkSelector(HasMetadata owner, LabelSelector selector, Map<String, String> labels) {
        need(matches(selector, labels), name(owner), "the selector selects other pods than its own");
    }

    private void checkService(Service service) {
        List<Template> behind = selected(service.getSpec().getSelector());
        need(behind.size() == 1, name(service), "pods of " + behind.size() + " kinds are behind it, not of one");
        service.getSpec()
                .getPorts()
                .forEach(port -> behind.forEach(template -> need(
                        template.containers().anyMatch(container -> hasPort(container, port.getTargetPort())),
                        name(service),
                        "no port " + port.getTargetPort().getValue() + " behind it")));
    }

    private void checkSelectsPods(HasMetadata owner, LabelSelector selector) {
        need(!selected(selector.getMatchLabels()).isEmpty(), name(owner), "it selects no pods");
    }

    private void checkNetworkPolicy(NetworkPolicy policy) {
        checkSelectsPods(policy, policy.getSpec().getPodSelector());
        List<Template> pods = selected(policy.getSpec().getPodSelector().getMatchLabels());
        need(
                policy.getSpec().getPolicyTypes().contains("Ingress")
                        || policy.getSpec().getIngress().isEmpty(),
                name(policy),
                "ingress is not among policyTypes");
        policy.getSpec().getIngress().stream()
                .flatMap(rule -> rule.getPorts().stream())
                .forEach(port -> pods.forEach(template -> need(
                        template.containers().anyMatch(container -> hasPort(container, port.getPort())),
                        name(policy),
                        "no port " + port.getPort().getValue())));
    }

    private void checkServiceMonitor(ServiceMonitor monitor) {
        List<Service> services = manifests
                .all(Service.class)
                .filter(each -> matches(
                        monitor.getSpec().getSelector(), each.getMetadata().getLabels()))
                .toList();
        need(services.size() == 1, name(monitor), "it selects " + services.size() + " Services");
        monitor.getSpec().getEndpoints().forEach(endpoint -> {
            need(
                    services.stream()
                            .flatMap(service -> service.getSpec().getPorts().stream())
                            .anyMatch(port -> Objects.equals(port.getName(), endpoint.getPort())),
                    name(monitor),
                    "no port " + endpoint.getPort());
            String secret = endpoint.getAuthorization().getCredentials().getName();
            need(ofTheUser.test(secret), name(monitor), "no Secret " + secret);
        });
    }

    private List<Template> selected(Map<String, String> labels) {
        return templates.stream()
                .filter(each -> each.labels().entrySet().containsAll(labels.entrySet()))
                .toList();
    }

    private static boolean matches(LabelSelector selector, Map<String, String> labels) {
        return !selector.getMatchLabels().isEmpty()
                && labels.entrySet().containsAll(selector.getMatchLabels().entrySet());
    }

    private static @Nullable IntOrString port(Probe probe) {
        return probe.getHttpGet() != null
                ? probe.getHttpGet().getPort()
                : probe.getTcpSocket() != null ? probe.getTcpSocket().getPort() : null;
    }

    /** A probe that runs a command has none. */
    private static boolean hasPort(Container container, @Nullable IntOrString port) {
        return port == null
                || container.getPorts().stream()
                        .anyMatch((ContainerPort each) -> Objects.equals(each.getName(), port.getStrVal())
                                || Objects.equals(each.getContainerPort(), port.getIntVal()));
    }

    private static String name(HasMetadata object) {
        return object.getKind() + " " + object.getMetadata().getName();
    }

    private static void need(WiringRules rules, boolean holds, String at, String what) {
        rules.need(holds, at, what);
    }

    private void need(boolean holds, String at, String what) {
        if (!holds) {
            findings.add(at + ": " + what);
        }
    }
}
