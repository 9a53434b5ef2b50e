package dev.weir.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serial;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What went wrong, as problem details after RFC 9457. Thrown anywhere below a resource; it carries no stack trace, since
 * it is an answer and not an accident.
 */
public final class Problem extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** The kinds of problems: the last part of {@code type}, its status and its title. */
    public enum Kind {
        BAD_REQUEST("bad-request", 400, "The request cannot be understood"),
        UNAUTHORIZED("unauthorized", 401, "A token is needed"),
        FORBIDDEN("forbidden", 403, "This is not allowed"),
        NOT_FOUND("not-found", 404, "There is no such thing"),
        METHOD_NOT_ALLOWED("method-not-allowed", 405, "The method is not allowed here"),
        CONFLICT("conflict", 409, "It collides with what is there"),
        PRECONDITION_FAILED("precondition-failed", 412, "The condition does not hold"),
        TOO_LARGE("too-large", 413, "The content is too large"),
        UNSUPPORTED("unsupported-media-type", 415, "The content is in a form that is not understood"),
        UNPROCESSABLE("unprocessable", 422, "The request cannot be carried out"),
        LOCKED("locked", 423, "Another holds it"),
        LOCK_LOST("lock-lost", 409, "The lock is not held"),
        LIMIT_EXCEEDED("limit-exceeded", 429, "The limit is exceeded"),
        HEADERS_TOO_LARGE("too-large", 431, "The request's headers are too large"),
        INTERNAL("internal", 500, "Weir failed"),
        ORIGIN_FAILED("origin-failed", 502, "The origin failed"),
        STORE_UNAVAILABLE("store-unavailable", 503, "The store is unavailable"),
        ORIGIN_TIMEOUT("origin-timeout", 504, "The origin did not answer in time");

        private final String name;
        private final int status;
        private final String title;

        Kind(String name, int status, String title) {
            this.name = name;
            this.status = status;
            this.title = title;
        }
    }

    private final Kind kind;
    private final String detail;
    private int status;
    private final Map<String, Object> members = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    /** @param detail what to do about it, in a sentence */
    public Problem(Kind kind, String detail) {
        super(detail, null, false, false);
        this.kind = kind;
        this.detail = detail;
        this.status = kind.status;
    }

    /** A request that is wrong at one place. */
    public static Problem badRequest(String field, String detail) {
        return new Problem(Kind.BAD_REQUEST, detail).with("field", field);
    }

    /** Has it answered with another status than its kind's, for callers that understand only that one. */
    public Problem withStatus(int other) {
        status = other;
        return this;
    }

    /** Adds a member to the body: a string, a number, a boolean or JSON. */
    public Problem with(String member, Object value) {
        members.put(member, value);
        return this;
    }

    /** Adds a header to the answer. */
    public Problem withHeader(String name, String value) {
        headers.put(name, value);
        return this;
    }

    public Kind kind() {
        return kind;
    }

    public int status() {
        return status;
    }

    public Map<String, String> headers() {
        return headers;
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("type", "urn:weir:problem:" + kind.name)
                .put("title", kind.title)
                .put("status", status)
                .put("detail", detail);
        members.forEach((name, value) -> {
            switch (value) {
                case Integer number -> json.put(name, number);
                case Long number -> json.put(name, number);
                case Boolean bool -> json.put(name, bool);
                case JsonNode node -> json.set(name, node);
                default -> json.put(name, value.toString());
            }
        });
        return json;
    }
}
