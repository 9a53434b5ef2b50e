package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * One request, one answer, on a connection of its own: shows header lines, interim answers and broken ends that {@link
 * Http}'s client hides, and sends header lines that it refuses to send.
 */
public final class WireClient {

    private static final int TIMEOUT_MILLIS = 15_000;

    private WireClient() {}

    /**
     * Sends these bytes and reads one answer.
     *
     * @param method of the request; the answer to HEAD has no body whatever its fields say
     * @throws UncheckedIOException when nothing comes for 15 seconds
     */
    public static WireAnswer exchange(int port, String method, byte[] request) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(request);
            return read(new BufferedInputStream(socket.getInputStream()), method);
        } catch (IOException e) {
            throw new UncheckedIOException(method + " to port " + port + ": " + e, e);
        }
    }

    private static WireAnswer read(InputStream in, String method) throws IOException {
        List<Integer> interim = new ArrayList<>();
        while (true) {
            String statusLine = Wire.line(in);
            if (statusLine == null) {
                return new WireAnswer(0, interim, Fields.of(), new byte[0], false);
            }
            int status = Integer.parseInt(statusLine.split(" ")[1]);
            Fields fields = Wire.fields(in);
            if (status >= 200) {
                Wire.Body body = body(in, method, status, fields);
                return new WireAnswer(status, interim, fields, body.bytes(), body.complete());
            }
            interim.add(status);
        }
    }

    private static Wire.Body body(InputStream in, String method, int status, Fields fields) throws IOException {
        if (method.equals("HEAD") || status == 204 || status == 304) {
            return Wire.Body.NONE;
        }
        try {
            if (Wire.isChunked(fields)) {
                return Wire.chunks(in);
            }
            String length = fields.get("Content-Length");
            return length == null ? Wire.untilClosed(in) : Wire.exactly(in, Long.parseLong(length));
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException reset) {
            return new Wire.Body(new byte[0], false);
        }
    }
}
