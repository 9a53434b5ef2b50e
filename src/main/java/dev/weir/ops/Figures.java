package dev.weir.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BinaryOperator;

/**
 * What one instance or several have counted. It is a value.
 *
 * @param counts what only grows: how often something happened
 * @param levels what goes up and down: how much there is of something now
 * @param times how long something took
 */
record Figures(Map<Name, Long> counts, Map<Name, Long> levels, Map<Name, Distribution> times) {

    /**
     * The name of a figure.
     *
     * @param kind of what it is one, as {@code cache}
     * @param subject which of that kind it is of; empty where there is but one
     * @param member what is counted
     */
    record Name(String kind, String subject, String member) implements Comparable<Name> {

        private static final char SEPARATOR = '/';

        @Override
        public int compareTo(Name other) {
            return toString().compareTo(other.toString());
        }

        /** Neither kinds nor the names of what is configured have a slash. */
        @Override
        public String toString() {
            return kind + SEPARATOR + subject + SEPARATOR + member;
        }

        static Name parse(String text) {
            int first = text.indexOf(SEPARATOR);
            int last = text.indexOf(SEPARATOR, first + 1);
            return first < 0 || last < 0
                    ? new Name("", "", text)
                    : new Name(text.substring(0, first), text.substring(first + 1, last), text.substring(last + 1));
        }
    }

    static final Figures NONE = new Figures(Map.of(), Map.of(), Map.of());

    /** The sum; levels are added, too. */
    Figures plus(Figures other) {
        return new Figures(
                combine(counts, other.counts, Long::sum),
                combine(levels, other.levels, Long::sum),
                combine(times, other.times, Distribution::plus));
    }

    /** What has been added since {@code earlier}; levels are as they are now. */
    Figures minus(Figures earlier) {
        Map<Name, Long> left = new HashMap<>(counts);
        left.replaceAll((name, now) -> Math.max(0, now - earlier.counts.getOrDefault(name, 0L)));
        Map<Name, Distribution> taken = new HashMap<>(times);
        taken.replaceAll((name, now) -> now.minus(earlier.times.getOrDefault(name, Distribution.NONE)));
        return new Figures(left, levels, taken);
    }

    private static <T> Map<Name, T> combine(Map<Name, T> one, Map<Name, T> other, BinaryOperator<T> how) {
        Map<Name, T> combined = new HashMap<>(one);
        other.forEach((name, value) -> combined.merge(name, value, how));
        return combined;
    }

    /** Those of a kind of which anything is known, by their names. */
    Set<String> subjects(String kind) {
        Set<String> subjects = new TreeSet<>();
        for (Map<Name, ?> each : List.of(counts, levels, times)) {
            each.keySet().stream().filter(name -> name.kind.equals(kind)).forEach(name -> subjects.add(name.subject));
        }
        return subjects;
    }

    long count(String kind, String subject, String member) {
        return counts.getOrDefault(new Name(kind, subject, member), 0L);
    }

    /** A count of several subjects together. */
    long count(String kind, Collection<String> subjects, String member) {
        return subjects.stream()
                .mapToLong(subject -> count(kind, subject, member))
                .sum();
    }

    long level(String kind, Collection<String> subjects, String member) {
        return subjects.stream()
                .mapToLong(subject -> levels.getOrDefault(new Name(kind, subject, member), 0L))
                .sum();
    }

    Distribution time(String kind, Collection<String> subjects, String member) {
        return subjects.stream()
                .map(subject -> times.getOrDefault(new Name(kind, subject, member), Distribution.NONE))
                .reduce(Distribution.NONE, Distribution::plus);
    }

    /** Without what is zero, which is most of it; {@link #fromJson} reads it. */
    ObjectNode toJson() {
        ObjectNode json = Json.object();
        put(json.putObject("counts"), counts);
        put(json.putObject("levels"), levels);
        ObjectNode distributions = json.putObject("times");
        times.forEach((name, time) -> {
            if (time.count() > 0) {
                distributions.set(name.toString(), time.toJson());
            }
        });
        return json;
    }

    private static void put(ObjectNode json, Map<Name, Long> numbers) {
        numbers.forEach((name, number) -> {
            if (number != 0) {
                json.put(name.toString(), number);
            }
        });
    }

    /** Lenient, since another version may have written it: what is no number is nothing. */
    static Figures fromJson(JsonNode json) {
        Map<Name, Distribution> times = new HashMap<>();
        json.path("times")
                .properties()
                .forEach(each -> times.put(Name.parse(each.getKey()), Distribution.fromJson(each.getValue())));
        return new Figures(numbers(json.path("counts")), numbers(json.path("levels")), times);
    }

    private static Map<Name, Long> numbers(JsonNode json) {
        Map<Name, Long> numbers = new HashMap<>();
        json.properties()
                .forEach(each -> numbers.put(
                        Name.parse(each.getKey()), Math.max(0, each.getValue().asLong())));
        return numbers;
    }
}
