package dev.weir.auth;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides, from the {@code Authorization} header alone, whether a call may go on. */
public final class Access {

    /** What is to become of a call. */
    public enum Decision {
        ALLOWED,
        /** No token, or an unknown one. */
        UNAUTHORIZED,
        /** A known token, whose role does not suffice. */
        FORBIDDEN
    }

    private static final String SCHEME = "bearer ";

    private final Tokens tokens;

    public Access(Tokens tokens) {
        this.tokens = tokens;
    }

    /** True where no token is configured, and everybody who reaches Weir may do everything. */
    public boolean isOpen() {
        return tokens.isEmpty();
    }

    public Decision decide(@Nullable String authorization, Role needed) {
        if (tokens.isEmpty()) {
            return Decision.ALLOWED;
        }
        if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            return Decision.UNAUTHORIZED;
        }
        Optional<Role> role =
                tokens.roleOf(authorization.substring(SCHEME.length()).strip());
        if (role.isEmpty()) {
            return Decision.UNAUTHORIZED;
        }
        return role.get().includes(needed) ? Decision.ALLOWED : Decision.FORBIDDEN;
    }
}
