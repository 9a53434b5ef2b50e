package dev.weir.limit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The name under which a subject is kept: its key, or a hash of it, so that no caller can make a key weigh much. */
final class StoredKey {

    private static final int MAX_BYTES = 64;

    /** Before a hash; a key that begins so is hashed too, lest it name another's. */
    private static final char MARK = '#';

    private StoredKey() {}

    static String of(String key) {
        boolean plain = key.length() <= MAX_BYTES / 3
                || key.length() <= MAX_BYTES && key.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
        return plain && key.indexOf(MARK) != 0 ? key : MARK + hash(key);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
