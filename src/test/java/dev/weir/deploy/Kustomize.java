package dev.weir.deploy;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code kustomize build} by the executable that the system property {@code kustomize} names, else {@code kustomize} of
 * the PATH, else the {@code kubectl} there. It has to be kustomize 4 or newer, as is in kubectl from 1.21 on.
 */
final class Kustomize {

    private static final Pattern KUBECTL = Pattern.compile("v1\\.(\\d+)\\.");

    private Kustomize() {}

    /**
     * What a directory makes.
     *
     * @throws IllegalStateException with what the tool said, if it failed or warned, or if there is none that will do
     */
    static String build(Path directory) {
        List<String> command = new ArrayList<>(tool());
        command.add(directory.toString());
        return run(command, true);
    }

    private static List<String> tool() {
        String named = System.getProperty("kustomize", "");
        if (!named.isEmpty()) {
            return List.of(named, "build");
        }
        Optional<String> kustomize = onPath("kustomize");
        if (kustomize.isPresent()) {
            return List.of(kustomize.get(), "build");
        }
        String kubectl = onPath("kubectl")
                .orElseThrow(
                        () -> new IllegalStateException(
                                "This test needs kustomize 4 or newer, or kubectl 1.21 or newer, on the PATH, or -Dkustomize=FILE"));
        String version = run(List.of(kubectl, "version", "--client"), false);
        Matcher minor = KUBECTL.matcher(version);
        if (!minor.find() || Integer.parseInt(minor.group(1)) < 21) {
            throw new IllegalStateException(
                    kubectl + " is older than 1.21, and its kustomize older than 4; put a kustomize on the PATH: "
                            + version.strip());
        }
        return List.of(kubectl, "kustomize");
    }

    private static Optional<String> onPath(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private static String run(List<String> command, boolean withoutWarning) {
        try {
            Path complaints = Files.createTempFile("kustomize", ".txt");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectError(complaints.toFile())
                        .start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int status = process.waitFor();
                String said = Files.readString(complaints);
                if (status != 0 || (withoutWarning && !said.isBlank())) {
                    throw new IllegalStateException(
                            String.join(" ", command) + " ended with status " + status + " and said: " + said);
                }
                return output;
            } finally {
                Files.delete(complaints);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
