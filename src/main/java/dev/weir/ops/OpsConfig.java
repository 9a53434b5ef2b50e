package dev.weir.ops;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** {@code weir.ops.*}: how this instance shows itself to those who operate it. */
@ConfigMapping(prefix = "weir.ops")
public interface OpsConfig {

    /** The name under which this instance is listed; by default the host's with something random behind it. */
    Optional<String> instance();
}
