package dev.weir.redis;

import dev.weir.store.Glob;

/**
 * The names of everything that Weir keeps in Redis, and the only place that makes them. What belongs together shares a
 * hash tag, so that it lies on one node of a cluster.
 */
public final class Keys {

    private final String prefix;

    /** @param prefix what every key begins with, one per deployment that shares a Redis */
    public Keys(String prefix) {
        this.prefix = prefix;
    }

    /** A cache's entry. */
    public String entry(String cache, String key) {
        return prefix + "c:{" + cache + ":" + key + "}";
    }

    /** The glob that matches the entries of a cache whose keys match a glob. */
    public String entries(String cache, String keyGlob) {
        return Glob.quote(prefix + "c:{" + cache + ":") + Glob.terminated(keyGlob) + "}";
    }

    /** The glob that matches the entries of every cache. */
    public String allEntries() {
        return Glob.quote(prefix + "c:{") + "*}";
    }

    /** The key within its cache that an entry's name was made of. */
    public String keyOf(String cache, String entryName) {
        return entryName.substring(prefix.length() + cache.length() + 4, entryName.length() - 1);
    }

    /** The set of a cache's keys that bear a tag. */
    public String tag(String cache, String tag) {
        return prefix + "t:{" + cache + ":" + tag + "}";
    }

    /** What an alias of a cache's entry names. */
    public String alias(String cache, String alias) {
        return prefix + "a:{" + cache + ":" + alias + "}";
    }

    /** What a limit has counted of a subject. */
    public String limit(String policy, String key) {
        return prefix + "l:{" + policy + ":" + key + "}";
    }

    /** The limit that holds for one subject instead of its policy's; with {@link #limit} on one node. */
    public String limitOverride(String policy, String key) {
        return limit(policy, key) + ":o";
    }

    /** Who holds a lock. */
    public String lock(String name) {
        return prefix + "k:{" + name + "}";
    }

    /** What else is known of a lock; with {@link #lock} on one node. */
    public String lockPart(String name, String part) {
        return lock(name) + ":" + part;
    }

    /** The glob that matches the holders of every lock. */
    public String allLocks() {
        return Glob.quote(prefix + "k:{") + "*}";
    }

    /** The lock that its holders' name was made of. */
    public String lockOf(String holdersName) {
        return holdersName.substring(prefix.length() + 3, holdersName.length() - 1);
    }

    /** What is known of a warmer: {@code runs}, {@code run:<id>}, {@code tick:<id>}. */
    public String warmer(String name, String part) {
        return prefix + "w:{" + name + "}:" + part;
    }

    /** How often a cache's keys were read of late, those that were read most. */
    public String hot(String cache) {
        return prefix + "h:{" + cache + "}";
    }

    /** What instances report of themselves. */
    public String instances() {
        return prefix + "o:{instances}";
    }

    /** When each instance was last heard of; with {@link #instances} on one node. */
    public String instancesSeen() {
        return instances() + ":seen";
    }

    /** The channel on which instances tell each other what changed. */
    public String changes() {
        return prefix + "changes";
    }
}
