package dev.weir;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.EnvConfigSource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Variables of the environment that look as if they were settings and are none.
 *
 * <p>SmallRye Config reports every other setting that it does not know, but says nothing of variables: {@code
 * WEIR_LIMITS_API_WHEN_UNAVAILBLE=deny} would leave the limit open. Not every variable that begins with {@code WEIR_} is
 * ours, though; one that begins with the name of a section is, but for those that Kubernetes sets and those that {@code weir
 * lock} gives its command.
 *
 * <p>A variable is a setting if SmallRye Config has made a name out of it that one of our mappings knows, or if it spells a
 * setting of something that is named elsewhere, as in the file. From a variable alone it cannot know where in {@code
 * WEIR_CACHES_MY_CACHE_TTL} the name of the cache ends, and takes it for nothing.
 */
final class SettingVariables {

    /**
     * Every setting, {@code *} for a name and {@code [*]} for the place in a list. The mappings know them too, but can tell
     * them only by reflection, which an executable would have to be prepared for. A test compares the two.
     */
    static final List<String> SETTINGS = """
            weir.auth.open
            weir.auth.tokens-file
            weir.auth.tokens.*.role
            weir.auth.tokens.*.value
            weir.cache.journal-max-entries
            weir.cache.memory-max-bytes
            weir.cache.undeclared
            weir.caches.*.compress-over
            weir.caches.*.max-entry-size
            weir.caches.*.near.max-bytes
            weir.caches.*.near.max-entries
            weir.caches.*.near.ttl
            weir.caches.*.negative-ttl
            weir.caches.*.origin.headers.*
            weir.caches.*.origin.max-concurrent
            weir.caches.*.origin.retries
            weir.caches.*.origin.timeout
            weir.caches.*.origin.tls-configuration
            weir.caches.*.origin.url
            weir.caches.*.origin.write-through
            weir.caches.*.refresh-ahead
            weir.caches.*.sliding
            weir.caches.*.stale-if-error
            weir.caches.*.stale-while-revalidate
            weir.caches.*.ttl
            weir.events.*.removes
            weir.events.*.removes[*]
            weir.limit.headers
            weir.limit.memory-max-bytes
            weir.limit.near-max-entries
            weir.limits.*.algorithm
            weir.limits.*.burst
            weir.limits.*.limit
            weir.limits.*.shadow
            weir.limits.*.when-unavailable
            weir.limits.*.window
            weir.lock.replicas
            weir.locks.*.permits
            weir.log.requests
            weir.ops.instance
            weir.redis.connect-timeout
            weir.redis.prefix
            weir.redis.timeout
            weir.redis.tls-configuration
            weir.routes.*.cache
            weir.routes.*.headers.*
            weir.routes.*.invalidates
            weir.routes.*.invalidates[*]
            weir.routes.*.key
            weir.routes.*.limit
            weir.routes.*.limit-key
            weir.routes.*.limit[*]
            weir.routes.*.max-concurrent
            weir.routes.*.methods
            weir.routes.*.methods[*]
            weir.routes.*.origin
            weir.routes.*.override-ttl
            weir.routes.*.path
            weir.routes.*.preserve-host
            weir.routes.*.timeout
            weir.routes.*.tls-configuration
            weir.trusted-proxies
            weir.warmers.*.at-start
            weir.warmers.*.backoff
            weir.warmers.*.cache
            weir.warmers.*.concurrency
            weir.warmers.*.cron
            weir.warmers.*.every
            weir.warmers.*.hot
            weir.warmers.*.keys
            weir.warmers.*.keys-from
            weir.warmers.*.keys-headers.*
            weir.warmers.*.keys-pointer
            weir.warmers.*.keys-tls-configuration
            weir.warmers.*.keys[*]
            weir.warmers.*.order-after
            weir.warmers.*.order-after[*]
            weir.warmers.*.retries
            weir.warmers.*.time-zone
            """.lines().toList();

    private static final Set<String> OF_A_LOCK = Set.of("WEIR_LOCK_NAME", "WEIR_LOCK_FENCE", "WEIR_LOCK_TOKEN");

    /** What Kubernetes sets for a service {@code weir-redis}, with the value behind the name. */
    private static final Pattern OF_A_SERVICE = Pattern.compile("(?s)WEIR_.+_(SERVICE_HOST=.*|SERVICE_PORT(_.+)?=.*"
            + "|PORT=(tcp|udp|sctp)://.*|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?=.*)");

    /** A name in the name of a setting; with dots it stands in quotes. */
    private static final String NAME = "(\"[^\"]+\"|[^.\\[\"]+)";

    private SettingVariables() {}

    /**
     * @param sections what may stand below {@code weir.}
     * @throws ConfigurationException that names every variable which begins like a setting of one of them and is none
     */
    static void refuseUnknown(Config config, Set<String> sections) {
        Map<String, String> suspects = new TreeMap<>();
        for (ConfigSource source : config.getConfigSources()) {
            if (source instanceof EnvConfigSource) {
                source.getProperties().entrySet().stream()
                        .filter(variable -> isOurs(variable.getKey(), variable.getValue(), sections))
                        .forEach(variable -> suspects.put(variable.getKey(), variable.getValue()));
            }
        }
        if (!suspects.isEmpty()) {
            Set<String> spelt =
                    spelt(StreamSupport.stream(config.getPropertyNames().spliterator(), false)
                            .filter(name -> name.startsWith("weir."))
                            .toList());
            String unknown = suspects.keySet().stream()
                    .filter(name -> !spelt.contains(variable(name)))
                    .map(SettingVariables::complaint)
                    .collect(Collectors.joining("; "));
            if (!unknown.isEmpty()) {
                throw new ConfigurationException(unknown);
            }
        }
    }

    private static boolean isOurs(String name, String value, Set<String> sections) {
        String variable = variable(name);
        return sections.stream().anyMatch(section -> variable.startsWith(variable("weir." + section + ".")))
                && !OF_A_LOCK.contains(variable)
                && !OF_A_SERVICE.matcher(name + "=" + value).matches();
    }

    /** As SmallRye Config spells a setting; quotes that end it are two underscores or one. */
    private static String variable(String setting) {
        return setting.replaceAll("[^A-Za-z0-9]", "_").replaceAll("__$", "_").toUpperCase(Locale.ROOT);
    }

    /** The variables that are settings, now that these names are known of settings. */
    private static Set<String> spelt(List<String> known) {
        Set<String> spelt = new HashSet<>();
        for (String setting : SETTINGS) {
            int name = setting.indexOf('*');
            if (name < 0) {
                spelt.add(variable(setting));
                continue;
            }
            Pattern exact = exact(setting);
            String before = setting.substring(0, name);
            String after = setting.substring(name + 1);
            Pattern named = Pattern.compile(Pattern.quote(before) + NAME + "(\\..*)?");
            for (String each : known) {
                if (exact.matcher(each).matches()) {
                    spelt.add(variable(each));
                }
                Matcher matcher = named.matcher(each);
                // Below a list or a map it would have to be known what is there.
                if (after.indexOf('*') < 0 && matcher.matches()) {
                    spelt.add(variable(before + matcher.group(1) + after));
                }
            }
        }
        return spelt;
    }

    /** What stands last may be any text, as the name of a header; what stands before is one name. */
    private static Pattern exact(String setting) {
        String last = setting.endsWith(".*") ? setting.substring(0, setting.length() - 1) : setting;
        return Pattern.compile(
                ("\\Q" + last + "\\E").replace("[*]", "\\E\\[\\d+\\]\\Q").replace("*", "\\E" + NAME + "\\Q")
                        + (last.equals(setting) ? "" : ".+"));
    }

    private static String complaint(String name) {
        boolean hidesName = SETTINGS.stream()
                .map(setting -> variable(setting.replace("[*]", "<0>").replace("*", "<1>")))
                .map(pattern -> pattern.replace("_0_", "_\\d+_").replace("_1_", ".+"))
                .anyMatch(pattern -> variable(name).matches(pattern));
        return name + ": "
                + (hidesName
                        ? "set it in config/application.properties, where its names can be told from each other"
                        : "there is no such setting");
    }
}
