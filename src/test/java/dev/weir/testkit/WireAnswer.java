package dev.weir.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An answer as it came off the wire.
 *
 * @param status of the final answer, 0 when the connection ended before there was one
 * @param interim the statuses 1xx that came before it
 * @param body without the framing of chunks
 * @param complete false when the connection broke before the end that the framing promised
 */
public record WireAnswer(int status, List<Integer> interim, Fields fields, byte[] body, boolean complete) {

    /** The body in ISO-8859-1. */
    public String text() {
        return new String(body, StandardCharsets.ISO_8859_1);
    }
}
