package dev.weir.http;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes ids of requests: 60 random bits that are the process' own, and a number that it uses once, both in base 32. So
 * they are unique among instances and restarts and cost next to nothing each. They are no secrets: who has seen one can
 * guess the next.
 */
final class RequestIds {

    private static final byte[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".getBytes(StandardCharsets.US_ASCII);
    private static final int BITS = 5;
    private static final int PREFIX = 12;
    private static final int MAX_LENGTH = 128;

    /** So many numbers a thread takes at once: threads that count together wait for each other. */
    private static final int BLOCK = 1 << 15;

    private static final class Numbers {
        long last;
        long end;
    }

    private static final AtomicLong BLOCKS = new AtomicLong();
    private static final ThreadLocal<Numbers> MINE = ThreadLocal.withInitial(Numbers::new);

    /** Made by the first request, not with the class: that may have been loaded long before, while an executable was built. */
    private static volatile byte @Nullable [] prefix;

    private RequestIds() {}

    static AsciiString next() {
        byte[] mine = prefix;
        if (mine == null) {
            mine = begin();
        }
        Numbers numbers = MINE.get();
        if (numbers.last == numbers.end) {
            numbers.end = BLOCKS.addAndGet(BLOCK);
            numbers.last = numbers.end - BLOCK;
        }
        long number = ++numbers.last;
        int digits = (Long.SIZE - Long.numberOfLeadingZeros(number) + BITS - 1) / BITS;
        byte[] id = new byte[PREFIX + 1 + digits];
        System.arraycopy(mine, 0, id, 0, PREFIX);
        id[PREFIX] = '-';
        write(number, id, PREFIX + 1, digits);
        return new AsciiString(id, false);
    }

    private static synchronized byte[] begin() {
        byte[] mine = prefix;
        if (mine == null) {
            mine = new byte[PREFIX];
            write(new SecureRandom().nextLong(), mine, 0, PREFIX);
            prefix = mine;
        }
        return mine;
    }

    private static void write(long number, byte[] to, int from, int digits) {
        long rest = number;
        for (int i = from + digits - 1; i >= from; i--) {
            to[i] = DIGITS[(int) rest & 31];
            rest >>>= BITS;
        }
    }

    /** Whether a client's id may be used: up to 128 of letters, digits and {@code . _ : / + = -}. */
    static boolean isSane(String id) {
        int length = id.length();
        if (length == 0 || length > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = id.charAt(i);
            boolean allowed = c >= 'a' && c <= 'z'
                    || c >= '0' && c <= ':'
                    || c >= 'A' && c <= 'Z'
                    || c >= '-' && c <= '/'
                    || c == '_'
                    || c == '+'
                    || c == '=';
            if (!allowed) {
                return false;
            }
        }
        return true;
    }
}
