package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which service, with what token, and in which form its answers are printed. */
final class ServiceOptions {

    private static final String DEFAULT_URL = "http://localhost:8080";
    private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
    private static final Duration MAX_TIMEOUT = Duration.ofDays(1);

    private final Terminal terminal;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the service is; WEIR_URL by default, else " + DEFAULT_URL + ".")
    private @Nullable String url;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "A file that holds the token; by default WEIR_TOKEN is the token.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long to wait for an answer (250ms, 30s, 5m).")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "Print one JSON document instead of text.")
    private boolean json;

    ServiceOptions(Terminal terminal) {
        this.terminal = terminal;
    }

    boolean isJson() {
        return json;
    }

    void print(JsonNode document) {
        terminal.print(Documents.print(document));
    }

    /** What was asked for, else this. */
    Duration patience(Duration usual) {
        return timeout == null ? usual : Durations.require("--timeout", timeout, MIN_TIMEOUT, MAX_TIMEOUT);
    }

    /** @throws Ending as a usage error that names the option or the variable that makes no sense */
    Service open() {
        return new Service(base(), token());
    }

    private String base() {
        String variable = terminal.variable("WEIR_URL");
        String source = url != null ? "--url" : "WEIR_URL";
        String text = url != null ? url : variable != null ? variable : DEFAULT_URL;
        try {
            URI uri = new URI(text.strip());
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null) {
                return text.strip().replaceAll("/+$", "");
            }
        } catch (URISyntaxException e) {
            // It is said below.
        }
        throw Ending.misuse(source + ": it is no URL like http://weir:8080, without credentials and query");
    }

    private @Nullable String token() {
        String token = tokenFile == null ? terminal.variable("WEIR_TOKEN") : read(tokenFile);
        if (token == null) {
            return null;
        }
        String stripped = token.strip();
        if (stripped.isEmpty() || !stripped.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw Ending.misuse((tokenFile == null ? "WEIR_TOKEN" : "--token-file: " + tokenFile)
                    + ": it is not one token of printable characters");
        }
        return stripped;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw Ending.misuse("--token-file: " + file + " cannot be read");
        }
    }
}
