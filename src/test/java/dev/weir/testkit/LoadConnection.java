package dev.weir.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One kept-alive HTTP/1.1 connection, opened when it is needed: as little of a client as a load can do with. */
final class LoadConnection {

    private static final int BODY_START = 200;

    private final URI target;
    private final String recordedHeader;
    private final long timeoutNanos;
    private final byte[] buffer = new byte[8_192];
    private final StringBuilder line = new StringBuilder();
    private final StringBuilder bodyStart = new StringBuilder();
    private volatile @Nullable Socket socket;
    private int position;
    private int end;
    private long deadline;
    private @Nullable String headerValue;

    LoadConnection(URI target, String recordedHeader, Duration timeout) {
        this.target = target;
        this.recordedHeader = recordedHeader;
        this.timeoutNanos = timeout.toNanos();
    }

    /** Sends the request, reads the whole answer and returns its status. */
    int exchange(Load.Request request) throws IOException {
        deadline = System.nanoTime() + timeoutNanos;
        headerValue = null;
        bodyStart.setLength(0);
        Socket connected = socket == null ? connect() : socket;
        connected.getOutputStream().write(encode(request));
        InputStream in = connected.getInputStream();
        int status = readAnswer(connected, in, "HEAD".equals(request.method()));
        while (status / 100 == 1) {
            status = readAnswer(connected, in, false);
        }
        return status;
    }

    /** The recorded header's value in the last answer. */
    @Nullable
    String headerValue() {
        return headerValue;
    }

    /** The first 200 bytes of the last answer's body. */
    String bodyStart() {
        return bodyStart.toString();
    }

    void close() {
        Socket open = socket;
        socket = null;
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            throw new AssertionError("closing a socket failed", e);
        }
    }

    private Socket connect() throws IOException {
        Socket fresh = new Socket();
        socket = fresh;
        position = 0;
        end = 0;
        fresh.setTcpNoDelay(true);
        fresh.connect(new InetSocketAddress(target.getHost(), target.getPort()), remainingMillis());
        return fresh;
    }

    private byte[] encode(Load.Request request) {
        StringBuilder head = new StringBuilder(128)
                .append(request.method())
                .append(' ')
                .append(request.path())
                .append(" HTTP/1.1\r\nHost: ")
                .append(target.getAuthority())
                .append("\r\n");
        for (String header : request.headers()) {
            head.append(header).append("\r\n");
        }
        if (request.body().length > 0 || !"GET".equals(request.method())) {
            head.append("Content-Length: ").append(request.body().length).append("\r\n");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(head.length() + 2 + request.body().length);
        out.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(request.body());
        return out.toByteArray();
    }

    private int readAnswer(Socket connected, InputStream in, boolean head) throws IOException {
        String statusLine = readLine(connected, in);
        if (!statusLine.startsWith("HTTP/1.") || statusLine.length() < 12) {
            throw new IOException("no status line: " + statusLine);
        }
        int status = Integer.parseInt(statusLine, 9, 12, 10);
        long length = -1;
        boolean chunked = false;
        boolean last = false;
        for (String header = readLine(connected, in); !header.isEmpty(); header = readLine(connected, in)) {
            int colon = header.indexOf(':');
            if (isNamed(header, colon, "Content-Length")) {
                length = Long.parseLong(header.substring(colon + 1).strip());
            } else if (isNamed(header, colon, "Transfer-Encoding")) {
                chunked = true;
            } else if (isNamed(header, colon, "Connection")) {
                last = "close".equalsIgnoreCase(header.substring(colon + 1).strip());
            } else if (isNamed(header, colon, recordedHeader)) {
                headerValue = header.substring(colon + 1).strip();
            }
        }
        if (!head && status / 100 != 1 && status != 204 && status != 304) {
            readBody(connected, in, length, chunked);
        }
        if (last) {
            close();
        }
        return status;
    }

    private void readBody(Socket connected, InputStream in, long length, boolean chunked) throws IOException {
        if (!chunked && length < 0) {
            throw new IOException("the answer has neither Content-Length nor chunks");
        }
        if (!chunked) {
            skip(connected, in, length);
            return;
        }
        for (long size = chunkSize(connected, in); size > 0; size = chunkSize(connected, in)) {
            skip(connected, in, size);
            readLine(connected, in);
        }
        while (!readLine(connected, in).isEmpty()) {
            // a trailer
        }
    }

    private long chunkSize(Socket connected, InputStream in) throws IOException {
        String size = readLine(connected, in);
        int extension = size.indexOf(';');
        return Long.parseLong((extension < 0 ? size : size.substring(0, extension)).strip(), 16);
    }

    private void skip(Socket connected, InputStream in, long length) throws IOException {
        for (long left = length; left > 0; ) {
            if (position == end) {
                fill(connected, in);
            }
            int n = (int) Math.min(left, end - position);
            int shown = Math.min(n, BODY_START - bodyStart.length());
            if (shown > 0) {
                bodyStart.append(new String(buffer, position, shown, StandardCharsets.ISO_8859_1));
            }
            position += n;
            left -= n;
        }
    }

    private String readLine(Socket connected, InputStream in) throws IOException {
        line.setLength(0);
        while (true) {
            if (position == end) {
                fill(connected, in);
            }
            char c = (char) (buffer[position++] & 0xff);
            if (c == '\n') {
                return line.toString();
            }
            if (c != '\r') {
                line.append(c);
            }
        }
    }

    private void fill(Socket connected, InputStream in) throws IOException {
        connected.setSoTimeout(remainingMillis());
        int n = in.read(buffer);
        if (n < 0) {
            throw new EOFException("the connection was closed before the answer was whole");
        }
        position = 0;
        end = n;
    }

    private int remainingMillis() throws SocketTimeoutException {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
            throw new SocketTimeoutException("no whole answer in time");
        }
        return (int) millis;
    }

    private static boolean isNamed(String header, int colon, String name) {
        return colon == name.length() && header.regionMatches(true, 0, name, 0, colon);
    }
}
