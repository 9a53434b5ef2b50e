package dev.weir.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one connection measured: written by its thread alone, read when that has ended. 15 bytes a sample. */
final class Samples {

    private static final int CHUNK = 1_024;
    private static final int MAX_FAILURES = 1_000;

    private final int capacity;
    private final List<Chunk> chunks = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private volatile long count;
    private int kept;
    private long failed;
    private long lastEndNanos;

    Samples(int capacity) {
        this.capacity = capacity;
    }

    // Only the owner writes the count; it is volatile for those who look on.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void add(long startNanos, long latencyNanos, int status, byte header, @Nullable String failure) {
        count++;
        lastEndNanos = startNanos + latencyNanos;
        if (failure != null) {
            failed++;
            if (failures.size() < MAX_FAILURES) {
                failures.add(new Failure(startNanos, failure));
            }
        }
        if (kept < capacity) {
            if (kept % CHUNK == 0) {
                chunks.add(new Chunk());
            }
            chunks.getLast().set(kept++ % CHUNK, startNanos, latencyNanos, failure == null ? status : -status, header);
        }
    }

    long count() {
        return count;
    }

    int kept() {
        return kept;
    }

    long failed() {
        return failed;
    }

    long lastEndNanos() {
        return lastEndNanos;
    }

    /** The first thousand. */
    List<Failure> failures() {
        return failures;
    }

    void forEach(Consumer<Sample> consumer) {
        for (int i = 0; i < kept; i++) {
            consumer.accept(chunks.get(i / CHUNK).get(i % CHUNK));
        }
    }

    record Failure(long startNanos, String text) {}

    /** The status is negative when it is a failure, and 0 when there was no answer. */
    record Sample(int startMicros, long latencyNanos, short status, byte header) {}

    private static final class Chunk {

        private final int[] startMicros = new int[CHUNK];
        private final long[] latencyNanos = new long[CHUNK];
        private final short[] status = new short[CHUNK];
        private final byte[] header = new byte[CHUNK];

        void set(int i, long start, long latency, int code, byte headerValue) {
            startMicros[i] = (int) (start / 1_000);
            latencyNanos[i] = latency;
            status[i] = (short) code;
            header[i] = headerValue;
        }

        Sample get(int i) {
            return new Sample(startMicros[i], latencyNanos[i], status[i], header[i]);
        }
    }
}
