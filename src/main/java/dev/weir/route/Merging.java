package dev.weir.route;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A kept answer's fields, brought up to date by a 304 (RFC 9111, section 3.2). */
final class Merging {

    /** These describe the content, which a 304 does not bring. */
    private static final Set<String> OF_THE_CONTENT =
            Set.of("content-encoding", "content-length", "content-range", "content-type");

    private Merging() {}

    static MultiMap merge(StoredResponse known, MultiMap news) {
        MultiMap merged = HttpHeaders.headers().addAll(known.headers());
        // How old it was is told anew, or is nothing.
        merged.remove(HttpHeaders.AGE);
        Set<String> replaced = new HashSet<>();
        for (Map.Entry<String, String> field : news) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (OF_THE_CONTENT.contains(name)) {
                continue;
            }
            if (replaced.add(name)) {
                merged.remove(name);
            }
            merged.add(field.getKey(), field.getValue());
        }
        return merged;
    }
}
