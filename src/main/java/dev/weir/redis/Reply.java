package dev.weir.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reply of Redis, in the types of RESP 2. */
public sealed interface Reply {

    /** An absent value. */
    enum Nil implements Reply {
        NIL
    }

    /** A bulk string. The array is the receiver's own. */
    @SuppressWarnings("ArrayRecordComponent")
    record Bulk(byte[] value) implements Reply {}

    /** A status such as {@code OK}. */
    record Status(String text) implements Reply {}

    /** An integer. */
    record Int(long value) implements Reply {}

    /** An error, with Redis' words. */
    record Err(String message) implements Reply {}

    /** An array, of anything. */
    record Multi(List<Reply> items) implements Reply {}

    default boolean isNil() {
        return this == Nil.NIL;
    }

    /** The bytes of a bulk string, or null if the value is absent. */
    default byte @Nullable [] bytes() {
        return switch (this) {
            case Bulk bulk -> bulk.value;
            case Nil nil -> null;
            case Status status -> status.text.getBytes(StandardCharsets.UTF_8);
            default -> throw unexpected("a string");
        };
    }

    /** A string read as UTF-8, or null if the value is absent. */
    default @Nullable String text() {
        byte[] bytes = bytes();
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** An integer, also one sent as a string. */
    default long integer() {
        return switch (this) {
            case Int number -> number.value;
            case Bulk bulk -> parse(bulk.value);
            default -> throw unexpected("an integer");
        };
    }

    private long parse(byte[] digits) {
        try {
            return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            throw unexpected("an integer");
        }
    }

    /** The items of an array; none if it is absent. */
    default List<Reply> items() {
        return switch (this) {
            case Multi multi -> multi.items;
            case Nil nil -> List.of();
            default -> throw unexpected("an array");
        };
    }

    private RedisError unexpected(String wanted) {
        return new RedisError(
                "expected " + wanted + " from Redis, got " + getClass().getSimpleName());
    }
}
