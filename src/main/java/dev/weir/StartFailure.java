package dev.weir;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Says in one line why Weir did not start, if it is the configuration's fault; a stack trace would only hide it. */
final class StartFailure {

    private static final Pattern CODE = Pattern.compile("^(SRCFG\\d+|MSG\\d+): ");

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

    static Optional<String> line(Throwable failure) {
        return Stream.iterate(failure, e -> e != null, Throwable::getCause)
                .flatMap(e -> of(e).stream())
                .reduce((outer, inner) -> inner);
    }

    private static Optional<String> of(Throwable e) {
        String message = String.valueOf(e.getMessage());
        return switch (e) {
            case ConfigValidationException invalid -> Optional.of(problems(invalid));
            case ConfigurationException invalid -> Optional.of(oneLine(message));
            case IllegalArgumentException invalid
            when message.matches("(?s)[a-zA-Z_]+[.A-Z_a-z0-9\"-]*: .*") -> Optional.of(oneLine(message));
            case java.net.BindException taken -> Optional.of("quarkus.http.port: " + oneLine(message));
            default -> Optional.empty();
        };
    }

    private static String problems(ConfigValidationException invalid) {
        Stream.Builder<String> lines = Stream.builder();
        for (int i = 0; i < invalid.getProblemCount(); i++) {
            lines.add(oneLine(invalid.getProblem(i).getMessage()));
        }
        return lines.build().collect(Collectors.joining("; "));
    }

    private static String oneLine(String message) {
        Matcher code = CODE.matcher(message);
        return Arrays.stream(code.replaceFirst("").split("\\s*\\R\\s*"))
                .filter(line -> !line.isBlank())
                .collect(Collectors.joining(" "));
    }
}
