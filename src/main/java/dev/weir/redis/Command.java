package dev.weir.redis;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One Redis command, encoded as a RESP array of bulk strings. */
public final class Command {

    private static final byte[] CRLF = {'\r', '\n'};

    private final List<byte[]> parts;

    private Command(List<byte[]> parts) {
        this.parts = parts;
    }

    /**
     * A command of a name and its arguments.
     *
     * @param arguments strings (sent as UTF-8), byte arrays, buffers, integers or longs
     */
    public static Command of(String name, Object... arguments) {
        List<byte[]> parts = new ArrayList<>(arguments.length + 1);
        parts.add(name.getBytes(StandardCharsets.UTF_8));
        for (Object argument : arguments) {
            parts.add(bytes(argument));
        }
        return new Command(parts);
    }

    static byte[] bytes(Object argument) {
        return switch (argument) {
            case byte[] bytes -> bytes;
            case String text -> text.getBytes(StandardCharsets.UTF_8);
            case Buffer buffer -> buffer.getBytes();
            case Integer number -> Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
            case Long number -> Long.toString(number).getBytes(StandardCharsets.US_ASCII);
            default -> throw new IllegalArgumentException("not an argument of Redis: " + argument.getClass());
        };
    }

    /** The command's name, fit for a message. */
    public String name() {
        return new String(parts.getFirst(), StandardCharsets.UTF_8);
    }

    /** How many bytes {@link #encode} writes, or a few more. */
    long encodedSize() {
        long size = 16;
        for (byte[] part : parts) {
            size += part.length + 16;
        }
        return size;
    }

    void encode(ByteBuf out) {
        out.writeByte('*');
        writeNumber(out, parts.size());
        for (byte[] part : parts) {
            out.writeByte('$');
            writeNumber(out, part.length);
            out.writeBytes(part);
            out.writeBytes(CRLF);
        }
    }

    private static void writeNumber(ByteBuf out, int number) {
        if (number < 10) {
            out.writeByte('0' + number);
        } else {
            out.writeBytes(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(CRLF);
    }
}
