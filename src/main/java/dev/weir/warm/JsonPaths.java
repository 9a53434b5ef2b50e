package dev.weir.warm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A JSON Pointer (RFC 6901) in which {@code *} stands for every element of an array and every member of an object. */
final class JsonPaths {

    private static final String EVERY = "*";

    private final List<String> tokens;

    private JsonPaths(List<String> tokens) {
        this.tokens = tokens;
    }

    /** @throws IllegalArgumentException if the text is no pointer */
    static JsonPaths parse(String text) {
        if (text.isEmpty()) {
            return new JsonPaths(List.of());
        }
        if (text.charAt(0) != '/') {
            throw new IllegalArgumentException("'" + text + "' is no JSON Pointer: it does not begin with /");
        }
        List<String> tokens = new ArrayList<>();
        for (String token : text.substring(1).split("/", -1)) {
            if (token.replace("~0", "").replace("~1", "").indexOf('~') >= 0) {
                throw new IllegalArgumentException(
                        "'" + text + "' is no JSON Pointer: a ~ stands before neither 0 nor 1");
            }
            tokens.add(token.replace("~1", "/").replace("~0", "~"));
        }
        return new JsonPaths(tokens);
    }

    /** What it points at, in the document's order. */
    Stream<JsonNode> find(JsonNode document) {
        Stream<JsonNode> found = Stream.of(document);
        for (String token : tokens) {
            found = found.flatMap(node -> step(node, token));
        }
        return found;
    }

    /** True if it finds nothing because an array or object, of which it means every element, has none. */
    boolean isOfNone(JsonNode document) {
        List<JsonNode> found = List.of(document);
        for (String token : tokens) {
            if (token.equals(EVERY) && found.stream().anyMatch(node -> node.isContainerNode() && node.isEmpty())) {
                return find(document).findAny().isEmpty();
            }
            found = found.stream().flatMap(node -> step(node, token)).toList();
        }
        return false;
    }

    private static Stream<JsonNode> step(JsonNode node, String token) {
        if (token.equals(EVERY) && node.isContainerNode() && !node.has(EVERY)) {
            return node.valueStream();
        }
        JsonNode next = node.isArray() && token.matches("0|[1-9]\\d{0,8}")
                ? node.get(Integer.parseInt(token))
                : node.get(token);
        return Stream.ofNullable(next);
    }
}
