package dev.weir.bench;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** The values of the benchmark: printable, and the same bytes in every run. */
final class BenchValues {

    private static final int FIRST_PRINTABLE = 0x20;
    private static final int AFTER_LAST_PRINTABLE = 0x7f;

    private BenchValues() {}

    static byte[] ofSize(int size) {
        return new Random(size)
                .ints(size, FIRST_PRINTABLE, AFTER_LAST_PRINTABLE)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .getBytes(StandardCharsets.US_ASCII);
    }
}
