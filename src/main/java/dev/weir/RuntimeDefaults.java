package dev.weir;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Defaults that only the process itself can know.
 *
 * <p>Where Weir listens if nobody says: on every interface when callers need a token or {@code weir.auth.open} is set,
 * else on the loopback interface alone. How many event loops it has: one a core, since with more of them fewer commands
 * share a write to Redis.
 */
public final class RuntimeDefaults implements ConfigSourceFactory {

    /** Above the defaults that Quarkus builds in, below everything that somebody sets. */
    private static final int ORDINAL = 50;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        boolean guarded = isSet(context, "weir.auth.tokens-file");
        Iterator<String> names = context.iterateNames();
        while (names.hasNext() && !guarded) {
            String name = names.next();
            guarded = name.startsWith("weir.auth.tokens.") || name.startsWith("WEIR_AUTH_TOKENS_");
        }
        ConfigValue open = context.getValue("weir.auth.open");
        boolean everywhere = guarded || open != null && "true".equals(open.getValue());
        String loops = Integer.toString(Runtime.getRuntime().availableProcessors());
        return List.of(new PropertiesConfigSource(
                Map.of(
                        "quarkus.http.host", everywhere ? "0.0.0.0" : "127.0.0.1",
                        "quarkus.vertx.event-loops-pool-size", loops,
                        "quarkus.http.io-threads", loops),
                "Weir's defaults",
                ORDINAL));
    }

    private static boolean isSet(ConfigSourceContext context, String name) {
        ConfigValue value = context.getValue(name);
        return value != null && value.getValue() != null && !value.getValue().isBlank();
    }

    @Override
    public OptionalInt getPriority() {
        return OptionalInt.of(ORDINAL);
    }
}
