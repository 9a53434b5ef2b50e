package dev.weir.redis;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Turns the bytes of a connection into replies, whatever the cuts between chunks: RESP 2. Each byte is looked at a
 * bounded number of times, also when a large array arrives in many chunks. Not thread-safe.
 */
final class RespDecoder {

    /** Redis' own limit of a string. */
    private static final int MAX_BULK = 512 * 1024 * 1024;

    private static final int MAX_DEPTH = 32;

    private record Frame(int size, List<Reply> items) {}

    private final Consumer<Reply> out;
    private final Deque<Frame> open = new ArrayDeque<>();
    private byte[] data = new byte[0];
    private int start;
    private int end;

    RespDecoder(Consumer<Reply> out) {
        this.out = out;
    }

    /**
     * Takes the next chunk and hands on every reply that is complete with it.
     *
     * @throws RedisError if the peer does not speak RESP 2; the connection is of no use from then on
     */
    void feed(Buffer chunk) {
        append(chunk);
        boolean more = true;
        while (more && start < end) {
            more = element();
        }
        if (start == end) {
            start = 0;
            end = 0;
            data = data.length > 1 << 20 ? new byte[0] : data;
        }
    }

    private void append(Buffer chunk) {
        int length = chunk.length();
        if (start == end) {
            start = 0;
            end = 0;
        }
        if (end + length > data.length) {
            int kept = end - start;
            byte[] roomier = kept + length <= data.length ? data : new byte[Math.max(kept + length, kept * 2)];
            System.arraycopy(data, start, roomier, 0, kept);
            data = roomier;
            start = 0;
            end = kept;
        }
        chunk.getBytes(0, length, data, end);
        end += length;
    }

    /** Reads one element, or leaves the position where it was and says false if it is not complete. */
    private boolean element() {
        int lineEnd = lineEnd();
        if (lineEnd < 0) {
            return false;
        }
        byte type = data[start];
        int next = lineEnd + 2;
        switch (type) {
            case '+' -> complete(new Reply.Status(line(lineEnd)), next);
            case '-' -> complete(new Reply.Err(line(lineEnd)), next);
            case ':' -> complete(new Reply.Int(number(lineEnd)), next);
            case '$' -> {
                return bulk(number(lineEnd), next);
            }
            case '*' -> array(number(lineEnd), next);
            default -> throw new RedisError("the peer does not speak RESP 2: a reply began with byte " + type);
        }
        return true;
    }

    private boolean bulk(long length, int from) {
        if (length < 0) {
            complete(Reply.Nil.NIL, from);
            return true;
        }
        if (length > MAX_BULK) {
            throw new RedisError("a string of " + length + " bytes from Redis");
        }
        int to = from + (int) length;
        if (to + 2 > end) {
            return false;
        }
        complete(new Reply.Bulk(Arrays.copyOfRange(data, from, to)), to + 2);
        return true;
    }

    private void array(long size, int next) {
        if (size < 0) {
            complete(Reply.Nil.NIL, next);
        } else if (size == 0) {
            complete(new Reply.Multi(List.of()), next);
        } else if (size > Integer.MAX_VALUE) {
            throw new RedisError("an array of " + size + " items from Redis");
        } else if (open.size() == MAX_DEPTH) {
            throw new RedisError("arrays nested deeper than " + MAX_DEPTH + " from Redis");
        } else {
            start = next;
            open.push(new Frame((int) size, new ArrayList<>((int) Math.min(size, 1024))));
        }
    }

    private void complete(Reply reply, int next) {
        start = next;
        Reply done = reply;
        Frame frame = open.peek();
        while (frame != null) {
            frame.items.add(done);
            if (frame.items.size() < frame.size) {
                return;
            }
            open.pop();
            done = new Reply.Multi(frame.items);
            frame = open.peek();
        }
        out.accept(done);
    }

    private int lineEnd() {
        for (int i = start + 1; i + 1 < end; i++) {
            if (data[i] == '\r' && data[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private String line(int lineEnd) {
        return new String(data, start + 1, lineEnd - start - 1, StandardCharsets.UTF_8);
    }

    private long number(int lineEnd) {
        int at = start + 1;
        boolean negative = at < lineEnd && data[at] == '-';
        if (negative) {
            at++;
        }
        if (at == lineEnd) {
            throw new RedisError("an empty number from Redis");
        }
        long value = 0;
        for (; at < lineEnd; at++) {
            int digit = data[at] - '0';
            if (digit < 0 || digit > 9) {
                throw new RedisError("not a number from Redis");
            }
            value = value * 10 + digit;
        }
        return negative ? -value : value;
    }
}
