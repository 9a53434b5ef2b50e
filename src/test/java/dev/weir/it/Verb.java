package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.util.List;

/** Weir as a command line, and what it prints. */
final class Verb {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Verb() {}

    static WeirProcess.Builder at(WeirProcess weir, String... args) {
        return at(weir.url(), args);
    }

    static WeirProcess.Builder at(String url, String... args) {
        return WeirProcess.builder().args(args).env("WEIR_URL", url);
    }

    static Exit run(WeirProcess weir, String... args) {
        return WeirProcess.runToExit(at(weir, args));
    }

    /** What it printed, after it ended with this status. */
    static String text(Exit exit, int status) {
        assertThat(exit.code()).as("%s", exit).isEqualTo(status);
        return String.join("\n", exit.stdout());
    }

    /** The one line of standard error, where standard output is empty. */
    static String complaint(Exit exit, int status) {
        assertThat(exit.code()).as("%s", exit).isEqualTo(status);
        assertThat(exit.stdout()).isEmpty();
        assertThat(exit.stderr()).hasSize(1);
        return exit.stderr().getFirst();
    }

    /** The one document that it printed. */
    static JsonNode document(Exit exit, int status) {
        assertThat(exit.code()).as("%s", exit).isEqualTo(status);
        assertThat(exit.stdout()).as("%s", exit).hasSize(1);
        return parse(exit.stdout().getFirst());
    }

    static List<JsonNode> documents(Exit exit) {
        return exit.stdout().stream().map(Verb::parse).toList();
    }

    private static JsonNode parse(String line) {
        try {
            JsonNode document = JSON.readTree(line);
            assertThat(document.isObject()).as(line).isTrue();
            return document;
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }
}
