package dev.weir.ops;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Redis says of itself in answer to {@code INFO}. What it does not say is null. */
record RedisInfo(Map<String, String> fields) {

    /** From this share of its memory on Redis is near to refusing writes or to evicting what is wanted. */
    static final double MEMORY_HIGH = 0.85;

    static final RedisInfo UNKNOWN = new RedisInfo(Map.of());

    /** Reads the lines {@code name:value}; the rest are headings. */
    static RedisInfo parse(String text) {
        Map<String, String> fields = new HashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0 && !line.startsWith("#")) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return new RedisInfo(fields);
    }

    @Nullable
    String version() {
        return fields.get("redis_version");
    }

    @Nullable
    Long uptimeMs() {
        Long seconds = number("uptime_in_seconds");
        return seconds == null ? null : seconds * 1000;
    }

    @Nullable
    Long clients() {
        return number("connected_clients");
    }

    @Nullable
    Long usedBytes() {
        return number("used_memory");
    }

    /** Null if Redis may have all there is. */
    @Nullable
    Long maxBytes() {
        Long max = number("maxmemory");
        return max == null || max == 0 ? null : max;
    }

    @Nullable
    Double memoryRatio() {
        Long used = usedBytes();
        Long max = maxBytes();
        return used == null || max == null ? null : (double) used / max;
    }

    @Nullable
    Long opsPerSecond() {
        return number("instantaneous_ops_per_sec");
    }

    /** Of all look-ups of keys since Redis' start, the share that found one. */
    @Nullable
    Double hitRate() {
        Long hits = number("keyspace_hits");
        Long misses = number("keyspace_misses");
        return hits == null || misses == null || hits + misses == 0 ? null : (double) hits / (hits + misses);
    }

    @Nullable
    Long evictedKeys() {
        return number("evicted_keys");
    }

    @Nullable
    String evictionPolicy() {
        return fields.get("maxmemory_policy");
    }

    /** True if Redis refuses writes when its memory is full, and it can be full. */
    boolean refusesWhenFull() {
        return maxBytes() != null && "noeviction".equals(evictionPolicy());
    }

    /** What is wrong although it answers, a sentence each. */
    List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        Double ratio = memoryRatio();
        // One that evicts is full as a matter of course.
        if (ratio != null && ratio > MEMORY_HIGH && refusesWhenFull()) {
            reasons.add(String.format(
                    Locale.ROOT,
                    "%.0f %% of its memory is used, and by its maxmemory-policy it refuses writes when that is full",
                    ratio * 100));
        }
        if (says("loading", "1")) {
            reasons.add("it is loading its data");
        }
        if (says("role", "slave")) {
            reasons.add("it is a replica");
            if (says("master_link_status", "down")) {
                reasons.add("its link to its master is down");
            }
        }
        fields.forEach((name, value) -> {
            if (name.matches("slave\\d+") && value.contains("state=") && !value.contains("state=online")) {
                reasons.add("the link to its replica " + name.substring("slave".length()) + " is down");
            }
        });
        if (says("rdb_last_bgsave_status", "err")) {
            reasons.add("its last snapshot failed, for which it may refuse writes");
        }
        if (says("aof_last_write_status", "err")) {
            reasons.add("it cannot write its append-only file, and refuses writes");
        }
        return reasons;
    }

    private boolean says(String name, String value) {
        return value.equals(fields.get(name));
    }

    private @Nullable Long number(String name) {
        try {
            String text = fields.get(name);
            return text == null ? null : Long.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
