package dev.weir.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bytes to a loopback port and the bytes that come back, for requests that no proper client would send.
 *
 * <p>Once the connection stands nothing that the other side does makes it throw: a reset gives what had come until
 * then.
 */
public final class RawHttp {

    private static final int SILENCE_MILLIS = 2_000;
    private static final Pattern CONTENT_LENGTH = Pattern.compile("\r\ncontent-length: *(\\d+)");

    private RawHttp() {}

    /**
     * The bytes of one answer: reads until it is complete by its {@code Content-Length} or last chunk, the connection
     * is closed, or nothing came for two seconds.
     */
    public static byte[] exchange(int port, byte[] request) {
        return exchange(port, request, RawHttp::isComplete);
    }

    /** {@link #exchange(int, byte[])} of a request written as text, in ISO-8859-1. */
    public static byte[] exchange(int port, String request) {
        return exchange(port, request.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** All that comes until the connection is closed or silent for two seconds: shows a second answer, if any. */
    public static byte[] exchangeAll(int port, byte[] request) {
        return exchange(port, request, answer -> false);
    }

    /** The status of the first answer in these bytes, 0 when there is none. */
    public static int status(byte[] answer) {
        String text = text(answer);
        return text.matches("(?s)HTTP/1\\.[01] \\d{3}.*") ? Integer.parseInt(text.substring(9, 12)) : 0;
    }

    /** The bytes as ISO-8859-1. */
    public static String text(byte[] answer) {
        return new String(answer, StandardCharsets.ISO_8859_1);
    }

    private static byte[] exchange(int port, byte[] request, Predicate<byte[]> complete) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), SILENCE_MILLIS);
            socket.setSoTimeout(SILENCE_MILLIS);
            // Beside the reading, since a server may answer and stop reading before it has seen the whole request.
            Thread.startVirtualThread(() -> write(socket, request));
            return read(socket.getInputStream(), complete);
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port + ": " + e.getMessage(), e);
        }
    }

    private static void write(Socket socket, byte[] request) {
        try {
            socket.getOutputStream().write(request);
        } catch (IOException refused) {
            // What was answered before the refusal is what the caller wants to see.
        }
    }

    private static byte[] read(InputStream in, Predicate<byte[]> complete) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] buffer = new byte[16_384];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                answer.write(buffer, 0, n);
                if (complete.test(answer.toByteArray())) {
                    break;
                }
            }
        } catch (IOException silenceOrReset) {
            return answer.toByteArray();
        }
        return answer.toByteArray();
    }

    private static boolean isComplete(byte[] answer) {
        String text = text(answer);
        while (text.startsWith("HTTP/1.1 1") && text.contains("\r\n\r\n")) {
            text = text.substring(text.indexOf("\r\n\r\n") + 4);
        }
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        String head = text.substring(0, end).toLowerCase(Locale.ROOT);
        Matcher length = CONTENT_LENGTH.matcher(head);
        if (length.find()) {
            return text.length() - end - 4 >= Long.parseLong(length.group(1));
        }
        return head.startsWith("http/1.1 204")
                || head.startsWith("http/1.1 304")
                || (head.contains("\r\ntransfer-encoding: chunked") && text.endsWith("\r\n0\r\n\r\n"));
    }
}
