package dev.weir.auth;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** {@code weir.auth.*}: who may call. */
@ConfigMapping(prefix = "weir.auth")
public interface AuthConfig {

    /** One token, under a name that only serves to tell tokens apart in the configuration. */
    interface Token {

        /** What the caller sends as {@code Authorization: Bearer}; at least 16 characters. */
        String value();

        Role role();
    }

    /** Yes or no, and nothing that only resembles it. */
    enum Open {
        TRUE,
        FALSE
    }

    Map<String, Token> tokens();

    /** A file with one {@code <role> <token>} a line; {@code WEIR_TOKENS_FILE} is the same. */
    Optional<Path> tokensFile();

    /** That everybody may do everything from anywhere is meant. */
    @WithDefault("false")
    Open open();
}
