package dev.weir.auth;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes the access control of the configuration. */
final class AuthBeans {

    @Produces
    @Singleton
    Tokens tokens(AuthConfig config) {
        return Tokens.of(config);
    }

    @Produces
    @Singleton
    Access access(Tokens tokens) {
        return new Access(tokens);
    }
}
