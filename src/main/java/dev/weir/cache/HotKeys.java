package dev.weir.cache;

import java.util.HashMap;
import java.util.Map;

/**
 * Which keys are read most, in bounded space: lossy counting after Manku and Motwani, "Approximate Frequency Counts over Data
 * Streams", 2002. A key that makes up more than 1/{@value #WIDTH} of the reads between two takings is never missed, and no
 * count is too low by more than that share of the reads.
 */
final class HotKeys {

    /** After so many reads the keys are dropped that have not kept up. */
    static final int WIDTH = 4096;

    private record Count(long reads, long missed) {}

    private final Map<String, Count> counts = new HashMap<>();
    private long reads;
    private long bucket = 1;

    synchronized void count(String key) {
        counts.merge(key, new Count(1, bucket - 1), (old, one) -> new Count(old.reads + 1, old.missed));
        if (++reads % WIDTH == 0) {
            counts.values().removeIf(count -> count.reads + count.missed <= bucket);
            bucket++;
        }
    }

    /** The counts since the last time, which begin anew. */
    synchronized Map<String, Long> take() {
        Map<String, Long> taken = new HashMap<>();
        counts.forEach((key, count) -> taken.put(key, count.reads));
        counts.clear();
        reads = 0;
        bucket = 1;
        return taken;
    }
}
