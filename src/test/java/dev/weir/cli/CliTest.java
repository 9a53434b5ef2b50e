package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(Map<String, String> environment, String... args) {
        Terminal terminal = new Terminal(environment, new ByteArrayInputStream(new byte[0]), out, err, false);
        return new Cli(terminal).execute(List.of(args));
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "'', a verb is missing",
        "frobnicate, frobnicate",
        "stats --reset --check, --reset and --check",
        "stats --timeout x, --timeout",
        "monitor --interval 10ms, --interval: 10 ms is not within 1 s",
        "monitor --count 0, --count",
        "clear, either CACHE or --all",
        "clear a --tag t --pattern p, --tag",
        "clear --all --tag t, --all",
        "limit chat bob --cost 0, --cost",
        "limit chat bob --cost x, --cost",
        "lock name, COMMAND is missing",
        "lock name --, COMMAND is missing",
        "lock -- true, NAME",
        "lock name --ttl 2d -- true, --ttl: 2 d",
        "lock name --wait 2h -- true, --wait",
        "completion fish, fish",
        "serve --port 80, serve takes no arguments",
        "serve here, config/application.properties",
        "serve -Dquarkus.http.port=80, serve takes no arguments",
        "stats --timeout 999999999999d, --timeout: 999999999999 d is not within 1 ms and 24 h",
        "lock name --ttl P-999999999999D -- true, --ttl: -999999999999 d is not within 200 ms and 24 h",
        "--url x health, --url",
    })
    void whatCannotBeMeantIsStatus2AndNamed(String args, String named) {
        assertThat(run(Map.of(), args.isEmpty() ? new String[0] : args.split(" ")))
                .isEqualTo(2);
        assertThat(errors()).startsWith("weir: ").contains(named, "Usage: weir");
        assertThat(out.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "serve", "health", "lock", "completion"})
    void everyVerbKnowsItsVersionAndHelp(String verb) {
        List<String> words = verb.isEmpty() ? List.of() : List.of(verb);
        for (String option : List.of("--version", "--help")) {
            List<String> args = new ArrayList<>(words);
            args.add(option);
            out.reset();
            assertThat(run(Map.of(), args.toArray(String[]::new))).isZero();
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .startsWith(option.equals("--help") ? ("Usage: weir " + verb).strip() : "weir ");
        }
        assertThat(errors()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"WEIR_URL, nonsense", "WEIR_URL, http://me:secret@weir", "WEIR_TOKEN, two words"})
    void anEnvironmentThatCannotBeMeantIsStatus2AndNamedButNotShown(String name, String value) {
        assertThat(run(Map.of(name, value), "health")).isEqualTo(2);
        assertThat(errors()).startsWith("weir: " + name + ": ").doesNotContain(value);
    }

    @Test
    void coloursAreForTerminalsThatWantThem() {
        ByteArrayInputStream in = new ByteArrayInputStream("y\n".getBytes(StandardCharsets.UTF_8));
        assertThat(new Terminal(Map.of(), in, out, err, true).coloured(31, "x")).isEqualTo("\u001b[31mx\u001b[0m");
        assertThat(new Terminal(Map.of("NO_COLOR", "1"), in, out, err, true).coloured(31, "x"))
                .isEqualTo("x");
        assertThat(new Terminal(Map.of(), in, out, err, false).coloured(31, "x"))
                .isEqualTo("x");
    }

    @Test
    void onlyAYesIsOne() {
        for (Map.Entry<String, Boolean> each : Map.of(
                        "y\n", true, "Yes\n", true, "", false, "no\n", false, "yeah\n", false)
                .entrySet()) {
            ByteArrayInputStream in = new ByteArrayInputStream(each.getKey().getBytes(StandardCharsets.UTF_8));
            assertThat(new Terminal(Map.of(), in, out, err, true).confirm("Sure?"))
                    .as(each.getKey())
                    .isEqualTo(each.getValue());
        }
    }
}
