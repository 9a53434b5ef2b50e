package dev.weir;

import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import java.net.BindException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Says in one line why Weir did not start, if it is the configuration's fault; a stack trace would only hide it. */
final class StartFailure {

    /** How our own checks begin: with the setting's name. */
    private static final Pattern SETTING = Pattern.compile("(?s)[a-zA-Z][\\w.\"-]*: .*");

    /** What SmallRye Config says, in an operator's words. */
    private static final Map<Pattern, String> WORDS = Map.of(
            Pattern.compile("^The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being"
                    + " converted (.*)$"),
            "$1: $3",
            Pattern.compile("^The config property (\\S+) is required but it could not be found in any config source$"),
            "$1: it is required",
            Pattern.compile("^(\\S+) in .* does not map to any root$"),
            "$1: there is no such setting",
            Pattern.compile("Cannot convert (\\S+) to enum class \\S+, allowed values: (.*)$"),
            "'$1' is none of $2");

    /** What the TLS registry says of a key or trust store; what is wrong with it stands in the cause. */
    private static final Pattern TLS =
            Pattern.compile("Invalid (.+) configur(?:ation|ed) for certificate '([^']+)'(?: - (.*))?");

    private static final Pattern NOISE = Pattern.compile("\\b(SRCFG\\d+|([a-z]\\w*\\.)+[A-Z]\\w*(Exception|Error)): ");

    private StartFailure() {}

    static void exit(Integer code, @Nullable Throwable failure) {
        if (failure != null) {
            Optional<String> line = line(failure);
            if (line.isPresent()) {
                System.err.println("weir: " + line.get());
            } else {
                Logger.getLogger(Weir.class).error("Weir cannot start", failure);
            }
            System.err.flush();
        }
        System.exit(code);
    }

    /** The line for a failure of the start; nothing if it is none of the configuration's. */
    static Optional<String> line(Throwable failure) {
        return Stream.iterate(failure, e -> e != null, Throwable::getCause)
                .flatMap(e -> of(e).stream())
                .reduce((outer, inner) -> inner);
    }

    private static Optional<String> of(Throwable e) {
        String message = String.valueOf(e.getMessage());
        // With native transport it is an exception of Netty's own.
        if (e instanceof BindException || message.contains("Address already in use")) {
            return Optional.of("quarkus.http.port: it cannot be listened on: " + inWords(message));
        }
        return switch (e) {
            case QuarkusBindException taken ->
                Optional.of(
                        "quarkus.http.port: " + taken.getPort() + " of " + taken.getHost() + " cannot be listened on");
            case ConfigValidationException invalid -> Optional.of(problems(invalid));
            case ConfigurationException invalid -> Optional.of(inWords(message));
            case IllegalArgumentException invalid
            when SETTING.matcher(message).matches() -> Optional.of(inWords(message));
            case IllegalStateException invalid -> certificates(invalid);
            default -> Optional.empty();
        };
    }

    private static Optional<String> certificates(IllegalStateException invalid) {
        Matcher parts = TLS.matcher(String.valueOf(invalid.getMessage()));
        if (!parts.matches()) {
            return Optional.empty();
        }
        Throwable cause = invalid.getCause();
        String why = cause == null ? parts.group(3) : String.valueOf(cause.getMessage());
        return Optional.of(
                inWords("quarkus.tls." + parts.group(2) + ": its " + parts.group(1) + " cannot be used: " + why));
    }

    private static String problems(ConfigValidationException invalid) {
        return IntStream.range(0, invalid.getProblemCount())
                .mapToObj(i -> inWords(String.valueOf(invalid.getProblem(i).getMessage())))
                .collect(Collectors.joining("; "));
    }

    private static String inWords(String message) {
        String line = Arrays.stream(NOISE.matcher(message).replaceAll("").split("\\R"))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(" "));
        for (Map.Entry<Pattern, String> each : WORDS.entrySet()) {
            line = each.getKey().matcher(line).replaceFirst(each.getValue());
        }
        return line;
    }
}
