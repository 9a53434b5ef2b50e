package dev.weir.cache;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry as one Redis string: a header of fixed places, so that scripts can read and change single fields, then the
 * texts, then the body.
 *
 * <pre>
 *  0 format (1)      1 kind: V value, N negative, L a lease and nothing else
 *  2 lease token     10 lease until     18 version     26 created
 * 34 fresh until     42 stale until     50 error until 58 ttl          (8 bytes each, big-endian)
 * 66 etag (16)       82 encoding: i identity, g gzip   83 raw length (4)
 * 87 length of the content type (2), of the tags (2), of the aliases (2)
 * 93 content type, tags, aliases (each list joined by NUL), body
 * </pre>
 *
 * A string of another format reads as a miss, so that versions of Weir can share one Redis while they are exchanged.
 */
final class EntryCodec {

    private static final byte FORMAT = 1;
    private static final int HEADER = 93;

    private EntryCodec() {}

    static byte[] encode(Entry entry) {
        byte[] type = entry.contentType().getBytes(StandardCharsets.UTF_8);
        byte[] tags = String.join("\0", entry.tags()).getBytes(StandardCharsets.UTF_8);
        byte[] aliases = String.join("\0", entry.aliases()).getBytes(StandardCharsets.UTF_8);
        int texts = type.length + tags.length + aliases.length;
        byte[] bytes = new byte[HEADER + texts + entry.body().length()];
        ByteBuffer out = ByteBuffer.wrap(bytes);
        out.put(FORMAT)
                .put((byte) (entry.negative() ? 'N' : 'V'))
                .putLong(0)
                .putLong(0)
                .putLong(entry.version())
                .putLong(entry.created())
                .putLong(entry.freshUntil())
                .putLong(entry.staleUntil())
                .putLong(entry.errorUntil())
                .putLong(entry.ttl())
                .put(entry.etag())
                .put((byte) (entry.gzip() ? 'g' : 'i'))
                .putInt(entry.rawLength())
                .putShort((short) type.length)
                .putShort((short) tags.length)
                .putShort((short) aliases.length)
                .put(type)
                .put(tags)
                .put(aliases);
        entry.body().getBytes(bytes, HEADER + texts);
        return bytes;
    }

    /** The entry in {@code bytes}, or null if there is none: absent, a lease alone, or of another format. */
    static @Nullable Entry decode(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length < HEADER || bytes[0] != FORMAT || bytes[1] != 'V' && bytes[1] != 'N') {
            return null;
        }
        try {
            return decode(bytes, ByteBuffer.wrap(bytes));
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            return null; // torn by a foreign hand: as good as absent
        }
    }

    private static Entry decode(byte[] bytes, ByteBuffer in) {
        boolean negative = in.get(1) == 'N';
        in.position(18);
        long version = in.getLong();
        long created = in.getLong();
        long fresh = in.getLong();
        long stale = in.getLong();
        long error = in.getLong();
        long ttl = in.getLong();
        byte[] etag = new byte[16];
        in.get(etag);
        boolean gzip = in.get() == 'g';
        int rawLength = in.getInt();
        int typeLength = in.getShort() & 0xFFFF;
        int tagsLength = in.getShort() & 0xFFFF;
        int aliasesLength = in.getShort() & 0xFFFF;
        String type = text(bytes, in, typeLength);
        List<String> tags = list(text(bytes, in, tagsLength));
        List<String> aliases = list(text(bytes, in, aliasesLength));
        Buffer body = wrap(bytes, in.position());
        return new Entry(
                negative, version, created, fresh, stale, error, ttl, etag, gzip, rawLength, type, tags, aliases, body);
    }

    /** The rest of the array, not copied: it is this entry's alone. */
    @SuppressWarnings("deprecation") // the only way to a Buffer that shares an array
    private static Buffer wrap(byte[] bytes, int from) {
        return Buffer.buffer(Unpooled.wrappedBuffer(bytes, from, bytes.length - from));
    }

    private static String text(byte[] bytes, ByteBuffer in, int length) {
        if (length == 0) {
            return "";
        }
        String text = new String(bytes, in.position(), length, StandardCharsets.UTF_8);
        in.position(in.position() + length);
        return text;
    }

    private static List<String> list(String joined) {
        return joined.isEmpty() ? List.of() : List.of(joined.split("\0"));
    }
}
