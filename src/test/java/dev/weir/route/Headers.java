package dev.weir.route;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Header fields as tests write and read them. */
final class Headers {

    private Headers() {}

    /** Names and values in turn. */
    static MultiMap of(String... namesAndValues) {
        MultiMap headers = io.vertx.core.http.HttpHeaders.headers();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    /** The fields as {@code name: value}, names in lower case, in the order of the message. */
    static List<String> lines(MultiMap headers) {
        return headers.entries().stream().map(Headers::line).toList();
    }

    private static String line(Map.Entry<String, String> field) {
        return field.getKey().toLowerCase(Locale.ROOT) + ": " + field.getValue();
    }
}
