package dev.weir.limit;

/** What becomes of a check that Redis does not answer. */
public enum WhenUnavailable {
    /** Each instance goes on by itself, from zero: with n instances up to n times the limit is admitted. */
    LOCAL,
    /** It is admitted. */
    ALLOW,
    /** It fails with {@code store-unavailable}. */
    DENY
}
