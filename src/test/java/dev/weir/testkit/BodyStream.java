package dev.weir.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The body of a message without its framing, as it comes, however long it is. Throws {@link EOFException} where it breaks
 * off before the end that the framing promised; where there is no framing the end of the connection is its end.
 */
final class BodyStream extends InputStream {

    private final InputStream in;
    private final boolean chunked;
    /** Of the body, or of the chunk; negative where the connection's end is the body's. */
    private long left;

    private boolean ended;

    private BodyStream(InputStream in, boolean chunked, long left) {
        this.in = in;
        this.chunked = chunked;
        this.left = left;
        this.ended = left == 0 && !chunked;
    }

    static BodyStream ofRequest(InputStream in, Fields fields) {
        String length = fields.get("Content-Length");
        boolean chunked = Wire.isChunked(fields);
        return new BodyStream(in, chunked, chunked || length == null ? 0 : Long.parseLong(length));
    }

    static BodyStream ofAnswer(InputStream in, Fields fields) {
        String length = fields.get("Content-Length");
        boolean chunked = Wire.isChunked(fields);
        return new BodyStream(in, chunked, chunked ? 0 : length == null ? -1 : Long.parseLong(length));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (ended || length == 0) {
            return ended ? -1 : 0;
        }
        if (chunked && left == 0 && !beginChunk()) {
            ended = true;
            return -1;
        }
        int n = in.read(bytes, offset, left < 0 ? length : (int) Math.min(length, left));
        if (n < 0) {
            ended = true;
            if (left < 0) {
                return -1;
            }
            throw new EOFException("the body broke off");
        }
        if (left > 0) {
            left -= n;
            if (left == 0) {
                endOfPart();
            }
        }
        return n;
    }

    private boolean beginChunk() throws IOException {
        left = Long.parseLong(line().split(";")[0].strip(), 16);
        if (left == 0) {
            Wire.fields(in);
        }
        return left > 0;
    }

    private void endOfPart() throws IOException {
        if (chunked) {
            line();
        } else {
            ended = true;
        }
    }

    private String line() throws IOException {
        String line = Wire.line(in);
        if (line == null) {
            throw new EOFException("the body broke off");
        }
        return line;
    }
}
