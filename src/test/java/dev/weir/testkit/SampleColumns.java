package dev.weir.testkit;

import java.util.Arrays;
import java.util.List;

/** The samples of all connections in the order of their starts, a column of primitives for each of their values. */
final class SampleColumns {

    /** Five million samples are fewer than 2^23, and half an hour in microseconds is less than 2^31. */
    private static final int INDEX_BITS = 23;

    private final int[] startMicros;
    private final long[] latencyNanos;
    private final short[] signedStatus;
    private final byte[] header;

    private SampleColumns(int size) {
        startMicros = new int[size];
        latencyNanos = new long[size];
        signedStatus = new short[size];
        header = new byte[size];
    }

    static SampleColumns merged(List<Samples> perConnection) {
        SampleColumns unordered =
                new SampleColumns(perConnection.stream().mapToInt(Samples::kept).sum());
        int[] next = {0};
        perConnection.forEach(samples -> samples.forEach(sample -> unordered.set(next[0]++, sample)));
        long[] order = new long[unordered.size()];
        Arrays.setAll(order, i -> (long) unordered.startMicros[i] << INDEX_BITS | i);
        Arrays.sort(order);
        SampleColumns ordered = new SampleColumns(order.length);
        for (int i = 0; i < order.length; i++) {
            ordered.copy(i, unordered, (int) (order[i] & ((1 << INDEX_BITS) - 1)), 0);
        }
        return ordered;
    }

    /** The samples that started from one time on and before another, their starts counted from the first. */
    SampleColumns between(long fromMicros, long toMicros) {
        int first = firstFrom(fromMicros);
        SampleColumns part = new SampleColumns(Math.max(0, firstFrom(toMicros) - first));
        for (int i = 0; i < part.size(); i++) {
            part.copy(i, this, first + i, (int) fromMicros);
        }
        return part;
    }

    int size() {
        return startMicros.length;
    }

    int startMicros(int i) {
        return startMicros[i];
    }

    long endMicros(int i) {
        return startMicros[i] + latencyNanos[i] / 1_000;
    }

    long latencyNanos(int i) {
        return latencyNanos[i];
    }

    /** 0 when there was no answer. */
    int status(int i) {
        return Math.abs(signedStatus[i]);
    }

    byte header(int i) {
        return header[i];
    }

    long failed() {
        long failed = 0;
        for (short status : signedStatus) {
            failed += status <= 0 ? 1 : 0;
        }
        return failed;
    }

    long[] sortedLatencies() {
        long[] sorted = latencyNanos.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    private int firstFrom(long micros) {
        int low = 0;
        int high = size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (startMicros[middle] < micros) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void set(int i, Samples.Sample sample) {
        startMicros[i] = sample.startMicros();
        latencyNanos[i] = sample.latencyNanos();
        signedStatus[i] = sample.status();
        header[i] = sample.header();
    }

    private void copy(int i, SampleColumns from, int j, int earlier) {
        startMicros[i] = from.startMicros[j] - earlier;
        latencyNanos[i] = from.latencyNanos[j];
        signedStatus[i] = from.signedStatus[j];
        header[i] = from.header[j];
    }
}
