package dev.weir.store;

/** A failure whose message names no key, no value and no token, so that it may be written to the log. */
public interface Discreet {}
