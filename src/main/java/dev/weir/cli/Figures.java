package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.regex.Pattern;

/** Figures as people read them. What is null or missing was not counted, and is a dash. */
final class Figures {

    private static final String NONE = "-";

    /**
     * What has no picture of its own: controls, of which U+009B is as good as an escape, what turns the direction of text
     * round, line ends, what is nobody's or anybody's. The two joiners stay, since words and pictures are spelt with them.
     */
    static final Pattern HIDDEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cn}\\u2028\\u2029&&[^\\u200c\\u200d]]");

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Figures() {}

    static String decimal(double value, int places) {
        return String.format(Locale.ROOT, "%." + places + "f", value);
    }

    static String count(JsonNode of, String name) {
        JsonNode value = of.path(name);
        return value.isNumber() ? count(value.asLong()) : NONE;
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** A share of one, in percent. */
    static String percent(JsonNode of, String name) {
        JsonNode value = of.path(name);
        return value.isNumber() ? decimal(100 * value.asDouble(), 1) + " %" : NONE;
    }

    static String millis(JsonNode of, String name) {
        JsonNode value = of.path(name);
        if (!value.isNumber()) {
            return NONE;
        }
        double millis = value.asDouble();
        return decimal(millis, millis < 10 ? 2 : millis < 100 ? 1 : 0) + " ms";
    }

    static String bytes(JsonNode of, String name) {
        JsonNode value = of.path(name);
        return value.isNumber() ? bytes(value.asLong()) : NONE;
    }

    static String bytes(long value) {
        double scaled = value;
        int unit = 0;
        while (scaled >= 1024 && unit < UNITS.length - 1) {
            scaled /= 1024;
            unit++;
        }
        return unit == 0 ? value + " B" : decimal(scaled, 1) + " " + UNITS[unit];
    }

    static String text(JsonNode of, String name) {
        JsonNode value = of.path(name);
        return value.isMissingNode() || value.isNull() ? NONE : printable(value.asText());
    }

    /** A duration in milliseconds. */
    static String duration(JsonNode of, String name) {
        JsonNode value = of.path(name);
        return value.isNumber() ? Durations.human(value.asLong()) : NONE;
    }

    /** Names and messages come from elsewhere: what they hold must neither command the terminal nor hide in it. */
    static String printable(String text) {
        return HIDDEN.matcher(text).replaceAll("?");
    }
}
