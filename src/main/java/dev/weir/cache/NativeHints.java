package dev.weir.cache;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What the native image could not find out by itself: Caffeine has a class for each combination of its features, and
 * loads by name those that a builder asks for. Here: strong keys and values, bounded by weight or by size, expiring after
 * the write; the cache and its nodes.
 */
@RegisterForReflection(
        classNames = {
            "com.github.benmanes.caffeine.cache.SSMWW",
            "com.github.benmanes.caffeine.cache.PSWMW",
            "com.github.benmanes.caffeine.cache.SSMSW",
            "com.github.benmanes.caffeine.cache.PSWMS"
        })
final class NativeHints {

    private NativeHints() {}
}
