package dev.weir.store;

/** Where the storage behind an answer lives: the value of the {@code Weir-Scope} header. */
public enum Scope {
    /** Redis answered: every instance sees the same. */
    SHARED("shared"),
    /** This process' memory answered: other instances know nothing of it. */
    LOCAL("local");

    private final String headerValue;

    Scope(String headerValue) {
        this.headerValue = headerValue;
    }

    public String headerValue() {
        return headerValue;
    }
}
