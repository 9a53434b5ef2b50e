package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to a loopback port that is kept alive, written to in as many pieces as the test likes, and
 * that tells a connection which ended before an answer from one which ended within it.
 */
public final class RawConnection implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Socket socket = new Socket();
    private final InputStream in;
    private boolean begun;

    private RawConnection(int port, int receiveBuffer) throws IOException {
        try {
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** @throws IOException when nobody listens there */
    public static RawConnection open(int port) throws IOException {
        return new RawConnection(port, 0);
    }

    /** One that takes little at a time, so that the other side can send no more than is read here. */
    public static RawConnection openSlow(int port) throws IOException {
        return new RawConnection(port, 65_536);
    }

    /** Sends text in ISO-8859-1. */
    public RawConnection send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawConnection send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends a GET. */
    public RawConnection get(String path) throws IOException {
        return send(Load.Request.get(path));
    }

    public RawConnection send(Load.Request request) throws IOException {
        StringBuilder head = new StringBuilder(128)
                .append(request.method())
                .append(' ')
                .append(request.path())
                .append(" HTTP/1.1\r\nHost: weir\r\n");
        request.headers().forEach(header -> head.append(header).append("\r\n"));
        if (request.body().length > 0) {
            head.append("Content-Length: ").append(request.body().length).append("\r\n");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(request.body());
        return send(out.toByteArray());
    }

    /**
     * Waits for up to 30 seconds for the next answer, and reads all of it.
     *
     * @throws HalfAnswer when the connection ended after the answer's first byte and before its last
     * @throws IOException when it ended before
     */
    public Answer answer() throws IOException {
        begun = false;
        try {
            return read();
        } catch (IOException e) {
            throw begun ? new HalfAnswer(e) : e;
        }
    }

    /** Takes the first {@code count} bytes of the next answer, which can then only be read by {@link #drain}. */
    public byte[] take(int count) throws IOException {
        return in.readNBytes(count);
    }

    /** All that comes until the other side closes the connection. */
    public byte[] drain() throws IOException {
        return in.readAllBytes();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError("closing a socket failed", e);
        }
    }

    private Answer read() throws IOException {
        String statusLine = line();
        if (!statusLine.matches("HTTP/1\\.1 \\d{3}.*")) {
            throw new IOException("no status line: " + statusLine);
        }
        int status = Integer.parseInt(statusLine, 9, 12, 10);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header = line(); !header.isEmpty(); header = line()) {
            int colon = header.indexOf(':');
            headers.merge(
                    header.substring(0, colon), header.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
        }
        boolean bodiless = status / 100 == 1 || status == 204 || status == 304;
        return new Answer(status, headers, bodiless ? new byte[0] : body(headers));
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        String length = headers.get("Content-Length");
        if (length != null) {
            return exactly(Integer.parseInt(length));
        }
        if (!"chunked".equalsIgnoreCase(headers.get("Transfer-Encoding"))) {
            throw new IOException("the answer has neither Content-Length nor chunks: " + headers);
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            body.writeBytes(exactly(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    private byte[] exactly(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the connection ended after " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the connection ended after '" + line + "'");
            }
            begun = true;
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    /** The connection ended within an answer: what came of it must not be taken for the whole. */
    public static final class HalfAnswer extends IOException {
        private static final long serialVersionUID = 1L;

        HalfAnswer(IOException cause) {
            super("half an answer: " + cause.getMessage(), cause);
        }
    }

    /** A whole answer. */
    public record Answer(int status, Map<String, String> headers, byte[] body) {

        public @Nullable String header(String name) {
            return headers.get(name);
        }

        /** Whether it is the connection's last. */
        public boolean closes() {
            return String.valueOf(header("Connection")).toLowerCase(Locale.ROOT).contains("close");
        }

        /** The body as UTF-8. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }
}
