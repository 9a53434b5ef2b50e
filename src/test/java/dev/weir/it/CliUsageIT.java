package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WeirProcess.Exit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line where there is no service, or nothing that could be asked of it. */
class CliUsageIT {

    private static final List<String[]> VERBS = List.of(
            new String[] {"health"},
            new String[] {"stats", "--json"},
            new String[] {"monitor", "--count", "1"},
            new String[] {"warm"},
            new String[] {"clear", "default", "--yes"},
            new String[] {"lock", "job", "--", "true"},
            new String[] {"limit", "chat", "bob", "--json"});

    private static List<Exit> each(String url) {
        return Checks.atOnce(VERBS.size(), i -> WeirProcess.runToExit(Verb.at(url, VERBS.get(i))));
    }

    @Test
    void withoutAServiceEachVerbSaysSoInOneLine() throws IOException {
        String url;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            url = "http://127.0.0.1:" + socket.getLocalPort();
        }
        for (Exit exit : each(url)) {
            assertThat(Verb.complaint(exit, 3)).isEqualTo("weir: " + url + ": connection refused");
        }
    }

    @Test
    void whatIsNotWeirIsToldFromIt() {
        try (ScriptedOrigin other = ScriptedOrigin.open()) {
            for (Exit exit : each(other.url())) {
                assertThat(Verb.complaint(exit, 3)).startsWith("weir: " + other.url() + ": what answers there, with");
            }
        }
    }

    @Test
    void aServiceThatDoesNotAnswerIsUnreachable() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String url = "http://127.0.0.1:" + silent.getLocalPort();
            Exit exit = WeirProcess.runToExit(Verb.at(url, "health", "--timeout", "300ms"));
            assertThat(Verb.complaint(exit, 3)).isEqualTo("weir: " + url + ": no answer within 300 ms");
        }
    }

    @Test
    void whatCannotBeMeantIsAUsageErrorThatNamesIt(@TempDir Path directory) throws IOException {
        Path empty = Files.writeString(directory.resolve("empty"), "\n");
        List<List<String>> wrong = List.of(
                List.of("frobnicate", "'frobnicate'"),
                List.of("health", "--url", "ftp://weir", "--url"),
                List.of("health", "--token-file", empty.toString(), "--token-file"),
                List.of("monitor", "--interval", "5x", "--interval"),
                List.of("clear", "--all", "default", "--all"),
                List.of("clear", "default", "--yes"),
                List.of("serve", "--port", "80", "serve takes no arguments"),
                List.of("serve", "--json", "config/application.properties"),
                List.of("lock", "job", "COMMAND"),
                List.of("lock", "job", "--ttl", "1ms", "--", "true", "--ttl"),
                List.of("limit", "chat", "KEY"));
        List<Exit> exits = Checks.atOnce(
                wrong.size(),
                i -> WeirProcess.runToExit(Verb.at(
                        "http://127.0.0.1:1",
                        wrong.get(i).subList(0, wrong.get(i).size() - 1).toArray(String[]::new))));
        for (int i = 0; i < wrong.size(); i++) {
            assertThat(exits.get(i).code()).as("%s", exits.get(i)).isEqualTo(2);
            assertThat(exits.get(i).stdout()).isEmpty();
            assertThat(exits.get(i).stderr().getFirst())
                    .startsWith("weir: ")
                    .contains(wrong.get(i).getLast());
            assertThat(exits.get(i).stderr()).anyMatch(line -> line.startsWith("Usage: weir"));
        }
    }

    @Test
    void helpVersionAndCompletionNeedNoService(@TempDir Path directory) throws Exception {
        assertThat(Verb.text(WeirProcess.runToExit(Verb.at("http://127.0.0.1:1", "--help")), 0))
                .contains("serve", "health", "stats", "monitor", "warm", "clear", "lock", "limit", "completion");
        assertThat(Verb.text(WeirProcess.runToExit(Verb.at("http://127.0.0.1:1", "--version")), 0))
                .matches("weir \\d+\\.\\d+\\.\\d+\\S*");
        assertThat(Verb.text(WeirProcess.runToExit(Verb.at("http://127.0.0.1:1", "serve", "--help")), 0))
                .startsWith("Usage: weir serve [-hV]")
                .contains("Runs the service");
        assertThat(Verb.text(WeirProcess.runToExit(Verb.at("http://127.0.0.1:1", "serve", "--version")), 0))
                .startsWith("weir ");
        String script = Verb.text(WeirProcess.runToExit(Verb.at("http://127.0.0.1:1", "completion", "bash")), 0);
        Path file = Files.writeString(directory.resolve("completion"), script);
        Process shell = new ProcessBuilder(
                        "bash",
                        "-c",
                        ". \"$1\" && COMP_WORDS=(weir sta) COMP_CWORD=1 && _complete_weir;" + " echo ${COMPREPLY[@]}",
                        "bash",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(shell.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip())
                .isEqualTo("stats");
        assertThat(Verb.document(WeirProcess.runToExit(Verb.at("http://127.0.0.1:1", "completion", "zsh", "--json")), 0)
                        .path("script")
                        .asText())
                .contains("compinit");
    }
}
