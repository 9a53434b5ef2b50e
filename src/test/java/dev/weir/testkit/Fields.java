package dev.weir.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The header lines of a message in the order in which they stood on the wire, none folded, none dropped. */
public record Fields(List<Line> lines) {

    /** One line. */
    public record Line(String name, String value) {

        @Override
        public String toString() {
            return name + ": " + value;
        }
    }

    /** Names and values in turn. */
    static Fields of(String... namesAndValues) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            lines.add(new Line(namesAndValues[i], namesAndValues[i + 1]));
        }
        return new Fields(List.copyOf(lines));
    }

    public boolean has(String name) {
        return lines.stream().anyMatch(line -> line.name().equalsIgnoreCase(name));
    }

    /** The values of all lines of this name, in any case. */
    public List<String> all(String name) {
        return lines.stream()
                .filter(line -> line.name().equalsIgnoreCase(name))
                .map(Line::value)
                .toList();
    }

    /** {@link #all} joined by commas, null when there is none. */
    public @Nullable String get(String name) {
        return has(name) ? String.join(", ", all(name)) : null;
    }

    @Override
    public String toString() {
        return lines.stream().map(Line::toString).collect(Collectors.joining(" | "));
    }
}
