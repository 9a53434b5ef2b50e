package dev.weir.cache;

/** The full name of an entry. */
record CacheKey(String cache, String key) {}
