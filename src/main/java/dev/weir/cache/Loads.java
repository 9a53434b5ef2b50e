package dev.weir.cache;

/** Loads of a cache's entries that are under way in this process. What they bring may be older than an invalidation. */
public interface Loads {

    /** Cuts off the load of a key: whoever comes from now on starts a new one. */
    void cutOff(String key);

    void cutOffAll();
}
