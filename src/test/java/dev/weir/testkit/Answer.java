package dev.weir.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ScriptedOrigin} puts on the wire, to the byte. Nothing is added but {@code Date}, unless it is given or
 * {@linkplain #withoutDate taken away}, and the framing. The body, unless one is set, is {@code body-N} for the N-th
 * request of its path.
 */
public final class Answer {

    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US);
    private static final int LONGEST_HOLD_SECONDS = 12;

    private final int status;
    private final List<Fields.Line> lines = new ArrayList<>();
    private final List<String> interim = new ArrayList<>();
    private final List<String> trailers = new ArrayList<>();
    private byte @Nullable [] body;
    private boolean date = true;
    private boolean chunked;
    private boolean untilClose;
    private int breakAfter = -1;
    private @Nullable CountDownLatch hold;

    private Answer(int status) {
        this.status = status;
    }

    /** An answer of this status; {@code headers} are names and values in turn. */
    public static Answer of(int status, String... headers) {
        Answer answer = new Answer(status);
        answer.lines.addAll(Fields.of(headers).lines());
        return answer;
    }

    /** No answer at all: the connection is closed. */
    public static Answer disconnect() {
        return of(0);
    }

    /** That moment in HTTP's own format (RFC 9110 section 5.6.7). */
    public static String httpDate(Instant moment) {
        return HTTP_DATE.format(moment.atOffset(ZoneOffset.UTC));
    }

    /** One more header line. */
    public Answer header(String name, String value) {
        lines.add(new Fields.Line(name, value));
        return this;
    }

    public Answer body(String text) {
        return body(text.getBytes(StandardCharsets.UTF_8));
    }

    public Answer body(byte[] bytes) {
        body = bytes;
        return this;
    }

    public Answer withoutDate() {
        date = false;
        return this;
    }

    /** Sent in chunks, with these trailer lines behind the last one. */
    public Answer chunked(String... trailerLines) {
        chunked = true;
        trailers.addAll(Arrays.asList(trailerLines));
        return this;
    }

    /** Without a length: the end of the connection is the end of the body. */
    public Answer untilClose() {
        untilClose = true;
        return this;
    }

    /** An interim answer before this one, with these header lines. */
    public Answer interim(int interimStatus, String... headerLines) {
        interim.add("HTTP/1.1 " + interimStatus + " Interim\r\n"
                + String.join(
                        "",
                        Arrays.stream(headerLines).map(line -> line + "\r\n").toList()) + "\r\n");
        return this;
    }

    /** The connection breaks after so many bytes of the body, although the framing promises all of them. */
    public Answer brokenOffAfter(int bytes) {
        breakAfter = bytes;
        return this;
    }

    /** Nothing of it is sent before the latch opens, or twelve seconds have passed. */
    public Answer heldBy(CountDownLatch latch) {
        hold = latch;
        return this;
    }

    /** Sends it; false when the connection is to be closed then. */
    boolean send(OutputStream out, String method, int number) throws IOException {
        await();
        if (status == 0) {
            return false;
        }
        byte[] bytes = body == null ? ("body-" + number).getBytes(StandardCharsets.US_ASCII) : body;
        boolean bodiless = status == 204 || status == 304;
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        write(message, String.join("", interim));
        write(message, "HTTP/1.1 " + status + " Scripted\r\n");
        if (date && lines.stream().noneMatch(line -> line.name().equalsIgnoreCase("Date"))) {
            write(message, "Date: " + httpDate(Instant.now()) + "\r\n");
        }
        for (Fields.Line line : lines) {
            write(message, line + "\r\n");
        }
        if (untilClose) {
            write(message, "Connection: close\r\n\r\n");
        } else if (chunked) {
            write(message, "Transfer-Encoding: chunked\r\n\r\n");
        } else {
            write(message, (bodiless ? "" : "Content-Length: " + bytes.length + "\r\n") + "\r\n");
        }
        if (!bodiless && !method.equals("HEAD")) {
            if (chunked) {
                writeChunks(message, bytes);
            } else {
                message.write(bytes, 0, breakAfter < 0 ? bytes.length : breakAfter);
            }
        }
        out.write(message.toByteArray());
        out.flush();
        return !untilClose && breakAfter < 0;
    }

    private void writeChunks(ByteArrayOutputStream message, byte[] bytes) {
        int end = breakAfter < 0 ? bytes.length : breakAfter;
        int size = Math.max(1, end / 3);
        for (int from = 0; from < end; from += size) {
            int length = Math.min(size, end - from);
            write(message, Integer.toHexString(length) + "\r\n");
            message.write(bytes, from, length);
            write(message, "\r\n");
        }
        if (breakAfter < 0) {
            write(message, "0\r\n");
            trailers.forEach(line -> write(message, line + "\r\n"));
            write(message, "\r\n");
        }
    }

    private void await() throws IOException {
        try {
            if (hold != null && !hold.await(LONGEST_HOLD_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("nobody let the answer go");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(ByteArrayOutputStream message, String text) {
        message.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
