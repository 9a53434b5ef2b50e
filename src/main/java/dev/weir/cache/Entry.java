package dev.weir.cache;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A value as a store keeps it, immutable. All times are milliseconds since the epoch by the clock of the store that it
 * is kept in.
 *
 * @param negative that the origin has no such thing is what is kept; there is no value
 * @param version differs between any two writes of a key
 * @param freshUntil from then on it is stale
 * @param staleUntil until then it may be served stale while it is refreshed
 * @param errorUntil until then it may be served stale because the origin fails
 * @param ttl how long it is fresh, by which sliding expiry renews it
 * @param etag 16 bytes that identify the value
 * @param gzip whether {@code body} is gzip
 * @param rawLength the length of the value itself
 */
@SuppressWarnings("ArrayRecordComponent")
record Entry(
        boolean negative,
        long version,
        long created,
        long freshUntil,
        long staleUntil,
        long errorUntil,
        long ttl,
        byte[] etag,
        boolean gzip,
        int rawLength,
        String contentType,
        List<String> tags,
        List<String> aliases,
        Buffer body) {

    /** What a value is, before any store has given it a time. */
    record Content(
            byte[] etag,
            boolean gzip,
            int rawLength,
            String contentType,
            List<String> tags,
            List<String> aliases,
            Buffer body) {

        Content withNames(List<String> newTags, List<String> newAliases) {
            return new Content(etag, gzip, rawLength, contentType, newTags, newAliases, body);
        }
    }

    static Entry of(Content content, Lifetimes lifetimes, long now) {
        return make(false, content, lifetimes, now);
    }

    /** The knowledge that the origin has nothing under this key. */
    static Entry negative(Lifetimes lifetimes, long now) {
        return make(
                true, new Content(new byte[16], false, 0, "", List.of(), List.of(), Buffer.buffer(0)), lifetimes, now);
    }

    private static Entry make(boolean negative, Content content, Lifetimes lifetimes, long now) {
        long fresh = now + lifetimes.ttlMs();
        return new Entry(
                negative,
                ThreadLocalRandom.current().nextLong(),
                now,
                fresh,
                fresh + lifetimes.staleMs(),
                fresh + lifetimes.errorMs(),
                lifetimes.ttlMs(),
                content.etag,
                content.gzip,
                content.rawLength,
                content.contentType,
                content.tags,
                content.aliases,
                content.body);
    }

    /** The same entry, fresh for its whole life from {@code now}. */
    Entry renewed(long now) {
        long by = Math.max(0, now + ttl - freshUntil);
        return new Entry(
                negative,
                version,
                created,
                freshUntil + by,
                staleUntil + by,
                errorUntil + by,
                ttl,
                etag,
                gzip,
                rawLength,
                contentType,
                tags,
                aliases,
                body);
    }

    boolean isFresh(long now) {
        return now < freshUntil;
    }

    /** True if a caller may get it without anybody asking the origin first. */
    boolean isServable(long now) {
        return now < freshUntil || !negative && now < staleUntil;
    }

    boolean mayStandInForError(long now) {
        return !negative && now < Math.max(errorUntil, staleUntil);
    }

    /** When a store may forget it. */
    long keepUntil() {
        return Math.max(freshUntil, Math.max(staleUntil, errorUntil));
    }

    /** True if {@code now} lies in the given last share of its life, of 0 to 1. */
    boolean isNearItsEnd(long now, double share) {
        return share > 0 && freshUntil - now < ttl * share;
    }

    /** The strong entity tag of the value itself, with its quotation marks. */
    String entityTag() {
        return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(etag) + '"';
    }

    /** The bytes whose tag, as {@link #entityTag} writes it, without quotation marks, is given; null if it is none. */
    static byte @Nullable [] tagBytes(String opaque) {
        if (opaque.length() != 22) {
            return null;
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(opaque);
            return bytes.length == 16 ? bytes : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Identifies a value: 128 bits of SHA-256 over its type and its bytes. */
    static byte[] digest(String contentType, Buffer raw) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(contentType.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(raw.getBytes());
            return Arrays.copyOf(sha.digest(), 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
