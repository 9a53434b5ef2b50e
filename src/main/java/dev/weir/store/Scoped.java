package dev.weir.store;

import org.jspecify.annotations.Nullable;

/** A store's answer together with the scope of the store that gave it. */
public record Scoped<T extends @Nullable Object>(T value, Scope scope) {}
