package dev.weir.auth;

/** What a caller may do; each role includes those before it. */
public enum Role {
    /** Reads, and limit checks. */
    READ,
    /** Changes. */
    WRITE,
    /** What concerns everyone: clearing whole caches and the like. */
    ADMIN;

    public boolean includes(Role needed) {
        return compareTo(needed) >= 0;
    }
}
