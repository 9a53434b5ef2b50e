package dev.weir.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON, read strictly and as a tree: duplicate names, trailing text and unknown fields are errors that name the culprit,
 * and numbers keep every digit. No class is read or written by reflection, so that the native image needs to know none.
 */
public final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final ObjectReader READER = MAPPER.reader();

    static {
        MAPPER.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(200)
                        .maxStringLength(256 * 1024 * 1024)
                        .build());
    }

    private Json() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** @throws Problem {@code bad-request} that says where the text stops being JSON */
    public static JsonNode parse(Buffer text) {
        if (text.length() == 0) {
            throw Problem.badRequest("body", "the body is empty: JSON is expected");
        }
        try {
            JsonNode node = READER.readTree(text.getBytes());
            if (node.isMissingNode()) {
                throw Problem.badRequest("body", "the body is empty: JSON is expected");
            }
            return node;
        } catch (JsonProcessingException e) {
            var where = e.getLocation();
            String place = where == null ? "" : " at line " + where.getLineNr() + ", column " + where.getColumnNr();
            throw Problem.badRequest("body", "the body is no JSON" + place + ": " + words(e));
        } catch (IOException e) {
            throw Problem.badRequest("body", "the body is no JSON: " + e.getMessage());
        }
    }

    /** What Jackson says, without what only its users understand: it stands in brackets. */
    private static String words(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        if (e instanceof MismatchedInputException) {
            return "more text follows the value";
        }
        String words = message.split("[(\\[\\n]", 2)[0].strip();
        return words.length() <= 200 ? words : words.substring(0, 200) + "...";
    }

    /** The value if it is JSON, nothing if it is not. */
    public static Optional<JsonNode> tryParse(Buffer text) {
        try {
            return Optional.of(parse(text));
        } catch (Problem e) {
            return Optional.empty();
        }
    }

    /** @throws Problem unless the body is an object whose fields are all among {@code known} */
    public static ObjectNode parseObject(Buffer text, String... known) {
        return requireObject("body", parse(text), known);
    }

    /** @throws Problem unless {@code node} is an object whose fields are all among {@code known} */
    public static ObjectNode requireObject(String field, JsonNode node, String... known) {
        if (!(node instanceof ObjectNode object)) {
            throw wrongType(field, "an object", node);
        }
        Set<String> names = Set.of(known);
        for (Iterator<String> it = object.fieldNames(); it.hasNext(); ) {
            String name = it.next();
            if (!names.contains(name)) {
                String path = field.equals("body") ? Names.shorten(name) : field + "." + Names.shorten(name);
                throw Problem.badRequest(
                        path, path + " is an unknown field: known are " + String.join(", ", List.of(known)));
            }
        }
        return object;
    }

    /** The string at {@code name}, or null if it is absent. */
    public static @Nullable String optionalText(String field, ObjectNode object, String name) {
        JsonNode node = object.get(name);
        if (node == null || node.isNull()) {
            return null;
        }
        if (!node.isTextual()) {
            throw wrongType(field, "a string", node);
        }
        return node.textValue();
    }

    /** The whole number at {@code name}, or {@code fallback} if it is absent. */
    public static long wholeNumber(String field, ObjectNode object, String name, long fallback, long min, long max) {
        JsonNode node = object.get(name);
        if (node == null || node.isNull()) {
            return fallback;
        }
        if (!node.isNumber()) {
            throw wrongType(field, "a number", node);
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < min || node.longValue() > max) {
            throw Problem.badRequest(
                    field,
                    field + " is " + Names.shorten(node.asText()) + ", not a whole number from " + min + " to " + max);
        }
        return node.longValue();
    }

    /** The strings of the array at {@code name}; none if it is absent. */
    public static List<String> texts(String field, ObjectNode object, String name) {
        return items(field, object, name).stream()
                .map(node -> {
                    if (!node.isTextual()) {
                        throw wrongType(field, "an array of strings", node);
                    }
                    return node.textValue();
                })
                .toList();
    }

    /** The items of the array at {@code name}; none if it is absent. */
    public static List<JsonNode> items(String field, ObjectNode object, String name) {
        JsonNode node = object.get(name);
        if (node == null || node.isNull()) {
            return List.of();
        }
        if (!node.isArray()) {
            throw wrongType(field, "an array", node);
        }
        return List.copyOf(node.valueStream().toList());
    }

    public static Problem wrongType(String field, String wanted, JsonNode node) {
        String got = node.getNodeType().name().toLowerCase(Locale.ROOT);
        return Problem.badRequest(field, field + " is a JSON " + got + " where " + wanted + " is expected");
    }

    public static Buffer write(JsonNode node) {
        try {
            return Buffer.buffer(MAPPER.writeValueAsBytes(node));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
