package dev.weir.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parts of HTTP/1.1 messages (RFC 9112) as they come off a stream; what breaks off is returned as far as it came. */
final class Wire {

    private Wire() {}

    /** A body, and whether it came whole. */
    record Body(byte[] bytes, boolean complete) {

        static final Body NONE = new Body(new byte[0], true);
    }

    /** A line without its end, in ISO-8859-1; null where the stream ends before it does. */
    static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(b);
        }
        return null;
    }

    /** Header or trailer lines up to the empty one. */
    static Fields fields(InputStream in) throws IOException {
        List<Fields.Line> lines = new ArrayList<>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            lines.add(
                    colon < 0
                            ? new Fields.Line(line, "")
                            : new Fields.Line(
                                    line.substring(0, colon),
                                    line.substring(colon + 1).strip()));
        }
        return new Fields(lines);
    }

    static Body exactly(InputStream in, long length) throws IOException {
        byte[] bytes = in.readNBytes(Math.toIntExact(length));
        return new Body(bytes, bytes.length == length);
    }

    static Body chunks(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            String size = line(in);
            if (size == null) {
                return new Body(all.toByteArray(), false);
            }
            int length = Integer.parseInt(size.split(";")[0].strip(), 16);
            if (length == 0) {
                fields(in);
                return new Body(all.toByteArray(), true);
            }
            byte[] chunk = in.readNBytes(length);
            all.writeBytes(chunk);
            if (chunk.length < length || line(in) == null) {
                return new Body(all.toByteArray(), false);
            }
        }
    }

    static Body untilClosed(InputStream in) throws IOException {
        return new Body(in.readAllBytes(), true);
    }

    static boolean isChunked(Fields fields) {
        return "chunked".equalsIgnoreCase(fields.get("Transfer-Encoding"));
    }
}
