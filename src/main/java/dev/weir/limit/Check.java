package dev.weir.limit;

/** A cost to be spent by a subject: whoever a policy tells apart by a key. */
public record Check(Policy policy, String key, long cost) {}
