package dev.weir.it.rfc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.WireAnswer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer of Weir under judgement; each verdict returns the answer itself. */
record Got(WireAnswer answer) {

    int status() {
        return answer.status();
    }

    Got status(Integer... allowed) {
        assertThat(answer.status()).as("status").isIn((Object[]) allowed);
        return this;
    }

    String text() {
        assertThat(answer.complete()).as("the answer is complete").isTrue();
        return answer.text();
    }

    Got body(String expected) {
        assertThat(text()).as("body").isEqualTo(expected);
        return this;
    }

    /** Status 200 and the default body of the origin's n-th answer. */
    Got ok(int n) {
        return status(200).body("body-" + n);
    }

    @Nullable
    String header(String name) {
        return answer.fields().get(name);
    }

    /** The header's value, empty where there is none. */
    String value(String name) {
        String value = header(name);
        return value == null ? "" : value;
    }

    Got has(String name, String value) {
        assertThat(header(name)).as(name).isEqualTo(value);
        return this;
    }

    Got without(String... names) {
        Arrays.stream(names)
                .forEach(name -> assertThat(answer.fields().all(name)).as(name).isEmpty());
        return this;
    }

    /** Age in seconds, which must be there, once, as a number. */
    long age() {
        assertThat(answer.fields().all("Age"))
                .as("Age")
                .singleElement()
                .asString()
                .matches("\\d+");
        return Long.parseLong(value("Age"));
    }

    Got fromStore() {
        age();
        return has("X-Cache", "HIT");
    }

    Got stale() {
        age();
        return has("X-Cache", "STALE");
    }

    /** The parameters of Weir's own member of Cache-Status, which is the last one. */
    List<String> cacheStatus() {
        String field = value("Cache-Status");
        String own = field.substring(field.lastIndexOf(',') + 1).strip();
        List<String> parts = Arrays.stream(own.split(";")).map(String::strip).toList();
        assertThat(parts.getFirst()).as("Cache-Status: " + field).isEqualTo("weir");
        return parts.subList(1, parts.size());
    }

    /** A problem of Weir's own making. */
    Got problem(int status, String kind) {
        status(status).has("Content-Type", "application/problem+json");
        assertThat(text()).contains("urn:weir:problem:" + kind);
        return this;
    }
}
