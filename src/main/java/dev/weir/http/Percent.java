package dev.weir.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding after RFC 3986, read strictly. */
final class Percent {

    private Percent() {}

    /**
     * Decodes once. A character above 127 is taken for the byte that the client sent unencoded.
     *
     * @param plusIsSpace true in a query, where forms write a space as {@code +}
     * @throws Problem that names the field, if an escape is broken or the bytes are no UTF-8
     */
    static String decode(String field, String raw, boolean plusIsSpace) {
        boolean plain = true;
        for (int i = 0; i < raw.length() && plain; i++) {
            char c = raw.charAt(i);
            plain = c != '%' && c < 0x80 && !(plusIsSpace && c == '+');
        }
        return plain ? raw : decodeBytes(field, raw, plusIsSpace);
    }

    private static String decodeBytes(String field, String raw, boolean plusIsSpace) {
        ByteBuffer bytes = ByteBuffer.allocate(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
                int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw Problem.badRequest(field, field + " holds a % that two hexadecimal digits do not follow");
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else if (c > 0xFF) {
                throw Problem.badRequest(field, field + " holds a character that is not percent-encoded");
            } else {
                bytes.put(plusIsSpace && c == '+' ? (byte) ' ' : (byte) c);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw Problem.badRequest(field, field + " is no UTF-8 once it is percent-decoded");
        }
    }
}
