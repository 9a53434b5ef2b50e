package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A client's connection on which the test says itself when it sends, when it reads, and when it leaves. Waits 20 seconds
 * at most for whatever is to come.
 */
public final class WireConnection implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;

    private WireConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
    }

    public static WireConnection to(int port) {
        return to(port, 0);
    }

    /** One that holds no more than some of these bytes for a reader that does not read. */
    public static WireConnection to(int port, int receiveBuffer) {
        Socket socket = new Socket();
        try {
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            return new WireConnection(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port + ": " + e.getMessage(), e);
        }
    }

    /** The head of an answer. */
    public record Head(int status, Fields fields) {}

    /** Sends this text, in ISO-8859-1. */
    public WireConnection send(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** GET of a path, with these header lines. */
    public WireConnection get(String path, String... headerLines) {
        StringBuilder head = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: weir.example\r\n");
        for (String line : headerLines) {
            head.append(line).append("\r\n");
        }
        return send(head + "\r\n");
    }

    public OutputStream out() throws IOException {
        return socket.getOutputStream();
    }

    /** The head of the next final answer. */
    public Head head() {
        try {
            while (true) {
                String statusLine = Wire.line(in);
                if (statusLine == null) {
                    throw new IOException("the connection ended before an answer");
                }
                Fields fields = Wire.fields(in);
                int status = Integer.parseInt(statusLine.split(" ")[1]);
                if (status >= 200) {
                    return new Head(status, fields);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The body that belongs to a head, as it comes; throws {@link java.io.EOFException} where it breaks off. */
    public InputStream body(Head head) {
        return BodyStream.ofAnswer(in, head.fields());
    }

    /** The next answer's body as ISO-8859-1, after a look at its status. */
    public String text(int status) {
        try {
            Head head = head();
            String text = new String(body(head).readAllBytes(), StandardCharsets.ISO_8859_1);
            if (head.status() != status) {
                throw new AssertionError("status " + head.status() + " instead of " + status + ": " + text);
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the connection. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
