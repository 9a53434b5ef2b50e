package dev.weir.route;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What stands under a key whose answers vary: the names of the request's fields that choose among them (RFC 9111, section
 * 4.1), and a generation that is part of the variants' own keys. Whatever removes this entry makes all variants
 * unreachable with it, for ever, since the next one has another generation.
 */
record Variants(String generation, List<String> names) {

    static final String CONTENT_TYPE = "application/vnd.weir.variants";

    static Variants of(List<String> names) {
        return new Variants(Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36), names);
    }

    static List<String> union(List<String> a, List<String> b) {
        TreeSet<String> names = new TreeSet<>(a);
        names.addAll(b);
        return List.copyOf(names);
    }

    Buffer encode() {
        return Buffer.buffer(generation + '\n' + String.join("\n", names));
    }

    static @Nullable Variants decode(Buffer content) {
        List<String> lines = content.toString(StandardCharsets.UTF_8).lines().toList();
        return lines.size() < 2 ? null : new Variants(lines.getFirst(), lines.subList(1, lines.size()));
    }

    /** The key of the variant that the request chooses. */
    String keyOf(String key, MultiMap request) {
        List<String> values = new ArrayList<>(names.size());
        for (String name : names) {
            // An absent field and an empty one are two things.
            values.add(request.contains(name) ? '=' + normalized(request.getAll(name)) : "-");
        }
        return key + '~' + generation + KeyTemplate.hash(String.join("\n", values));
    }

    /** Lines joined, and blanks around commas left out: what RFC 9111 calls known to have the same meaning. */
    private static String normalized(List<String> lines) {
        return lines.stream()
                .flatMap(line -> List.of(line.split(",", -1)).stream())
                .map(String::strip)
                .collect(Collectors.joining(","));
    }
}
