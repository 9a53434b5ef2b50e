package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What would break the images without a word, as nothing here builds them. */
class DockerfileTest {

    private static final Path NATIVE = Path.of("Dockerfile.native");
    private static final Path JVM = Path.of("src/main/docker/Dockerfile.jvm");

    /** One instruction, on one line, with its flags taken out of what it says. */
    private record Instruction(String name, List<String> flags, String text) {

        static Instruction of(String line) {
            String[] words = line.strip().split("\\s+", 2);
            String text = words[1];
            List<String> flags = new ArrayList<>();
            while (text.startsWith("--")) {
                String[] rest = text.split("\\s+", 2);
                flags.add(rest[0]);
                text = rest[1];
            }
            return new Instruction(words[0], flags, text);
        }

        Optional<String> flag(String flag) {
            return flags.stream()
                    .filter(each -> each.startsWith(flag))
                    .map(each -> each.substring(flag.length()))
                    .findFirst();
        }

        /** Of a COPY, what is copied. */
        List<String> sources() {
            String[] words = text.split("\\s+");
            return Arrays.asList(words).subList(0, words.length - 1);
        }

        /** Of a COPY, where to. */
        String destination() {
            return text.substring(text.lastIndexOf(' ') + 1);
        }
    }

    /** A stage, which begins with its FROM. */
    private record Stage(Instruction from, List<Instruction> instructions) {

        boolean isNamed(String name) {
            return from.text().endsWith(" AS " + name);
        }

        List<Instruction> all(String name) {
            return instructions.stream()
                    .filter(each -> each.name().equals(name))
                    .toList();
        }

        Instruction last(String name) {
            return all(name).getLast();
        }

        String commands() {
            return String.join("\n", all("RUN").stream().map(Instruction::text).toList());
        }
    }

    private record Dockerfile(List<Instruction> instructions) {

        static Dockerfile read(Path path) throws IOException {
            String lines = Files.readString(path).replaceAll("(?m)^#.*\\R", "").replaceAll("\\\\\\R", " ");
            return new Dockerfile(lines.lines()
                    .filter(line -> !line.isBlank())
                    .map(Instruction::of)
                    .toList());
        }

        List<Stage> stages() {
            List<Stage> stages = new ArrayList<>();
            for (Instruction each : instructions) {
                if (each.name().equals("FROM")) {
                    stages.add(new Stage(each, new ArrayList<>()));
                } else if (!stages.isEmpty()) {
                    stages.getLast().instructions().add(each);
                }
            }
            return stages;
        }

        Stage stage(String name) {
            return stages().stream()
                    .filter(each -> each.isNamed(name))
                    .findFirst()
                    .orElseThrow();
        }

        Stage image() {
            return stages().getLast();
        }

        List<String> entrypoint() throws IOException {
            return Arrays.asList(
                    new ObjectMapper().readValue(image().last("ENTRYPOINT").text(), String[].class));
        }
    }

    static Stream<Path> dockerfiles() {
        return Stream.of(NATIVE, JVM);
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void whatIsCopiedFromTheProjectExistsAndIsInTheContext(Path path) throws IOException {
        List<String> context = Files.readAllLines(Path.of(".dockerignore")).stream()
                .filter(line -> line.startsWith("!"))
                .map(line -> line.substring(1))
                .toList();
        List<String> sources = Dockerfile.read(path).stages().stream()
                .flatMap(stage -> stage.all("COPY").stream())
                .filter(copy -> copy.flag("--from=").isEmpty())
                .flatMap(copy -> copy.sources().stream())
                .toList();
        assertThat(sources).contains("pom.xml", "mvnw", ".mvn", "src/main/java");
        // Maven says nothing of one that is not there.
        assertThat(sources).containsAll(resourceDirectories());
        assertThat(sources).allSatisfy(source -> {
            assertThat(Path.of(source)).exists();
            assertThat(context).anyMatch(kept -> Path.of(source).startsWith(kept));
        });
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void whatIsCopiedFromAStageIsMadeThere(Path path) throws IOException {
        Dockerfile dockerfile = Dockerfile.read(path);
        // Where the build puts the executable and the jar is what the black-box tests run.
        List<String> products = Stream.of(
                        pom("<native.image.path>\\$\\{project.build.directory}/\\$\\{project.build.finalName}(.*?)<"),
                        pom("<weir.jar>\\$\\{project.build.directory}/(.*?)/[^/]*<"))
                .map(product -> product.startsWith("-") ? "target/*" + product : "target/" + product)
                .toList();
        for (Stage stage : dockerfile.stages()) {
            for (Instruction copy : stage.all("COPY")) {
                if (copy.flag("--from=").isPresent()) {
                    Stage from = dockerfile.stage(copy.flag("--from=").get());
                    for (String source : copy.sources()) {
                        if (source.startsWith("/project/src/")) {
                            assertThat(Path.of(source.substring("/project/".length())))
                                    .exists();
                        } else if (source.startsWith("/project/")) {
                            String product = source.substring("/project/".length());
                            assertThat(products.contains(product)
                                            || from.commands().contains(product))
                                    .as(product)
                                    .isTrue();
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void everyJdkIsTheOneThatTheProjectIsCompiledFor(Path path) throws IOException {
        List<String> releases = Dockerfile.read(path).instructions().stream()
                .filter(each -> each.name().equals("ARG"))
                .flatMap(each -> Pattern.compile("=(?:jdk-|.*-temurin-)?(\\d+)(?:-jre)?$")
                        .matcher(each.text())
                        .results())
                .map(result -> result.group(1))
                .toList();
        assertThat(releases).hasSize(2).containsOnly(pom("<maven.compiler.release>(\\d+)</maven.compiler.release>"));
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void theImageHasTheVersionOfTheProject(Path path) throws IOException {
        assertThat(Dockerfile.read(path).image().all("ARG"))
                .extracting(Instruction::text)
                .contains("VERSION=" + pom("<artifactId>weir</artifactId>\\s*<version>(.*?)</version>"));
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void theServiceIsStartedWithoutAShellByAUserWhoIsNotRoot(Path path) throws IOException {
        Dockerfile dockerfile = Dockerfile.read(path);
        List<Instruction> image = dockerfile.image().instructions();
        assertThat(image.getLast().name()).isEqualTo("ENTRYPOINT");
        assertThat(dockerfile.entrypoint()).isNotEmpty();
        // As a number, or an orchestrator that demands a user other than root cannot tell.
        assertThat(dockerfile.image().last("USER").text()).matches("[1-9]\\d*");
        assertThat(image).extracting(Instruction::name).doesNotContain("CMD", "SHELL", "VOLUME");
    }

    @ParameterizedTest
    @MethodSource("dockerfiles")
    void nothingIsFetchedButByMavenAndNobodyIsLetInWithoutAToken(Path path) throws IOException {
        List<Instruction> instructions = Dockerfile.read(path).instructions();
        assertThat(instructions).extracting(Instruction::name).doesNotContain("ADD", "ONBUILD");
        assertThat(instructions)
                .extracting(Instruction::text)
                .noneMatch(text -> text.contains("://"))
                .noneMatch(text -> text.matches("(?is).*auth.open.*"));
    }

    @Test
    void theExecutableIsWhereItIsStarted() throws IOException {
        Dockerfile dockerfile = Dockerfile.read(NATIVE);
        assertThat(dockerfile.stage("build").commands()).contains("-Dnative package");
        Instruction copy = dockerfile.image().all("COPY").stream()
                .filter(each -> each.text().contains("-runner"))
                .findFirst()
                .orElseThrow();
        Path workdir = Path.of(dockerfile.image().last("WORKDIR").text());
        assertThat(workdir.resolve(copy.destination()).normalize())
                .isEqualTo(Path.of(dockerfile.entrypoint().getFirst()));
    }

    @Test
    void theCacheIsMadeByTheJvmAndTheCommandThatUseIt() throws IOException {
        Dockerfile dockerfile = Dockerfile.read(JVM);
        String command = String.join(" ", dockerfile.entrypoint());
        assertThat(command).contains(" -XX:AOTCache=/weir/weir.aot ");
        Stage train = dockerfile.stage("train");
        assertThat(train.commands()).endsWith(" " + command.replace("-XX:AOTCache=", "-Xmx512m -XX:AOTCacheOutput="));
        assertThat(train.from().text()).isEqualTo(dockerfile.image().from().text() + " AS train");
        assertThat(train.last("WORKDIR")).isEqualTo(dockerfile.image().last("WORKDIR"));
    }

    @Test
    void theTrainingRunCompiles(@TempDir Path classes) {
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        // A library on the class path names others that need not be there.
                        "-Xlint:all,-path",
                        "-Werror",
                        "-d",
                        classes.toString(),
                        "src/main/docker/Train.java");
        assertThat(status).isZero();
    }

    private static List<String> resourceDirectories() throws IOException {
        return Pattern.compile("<resource>\\s*<directory>([^<]*)<")
                .matcher(Files.readString(Path.of("pom.xml")))
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    private static String pom(String regex) throws IOException {
        return Pattern.compile(regex)
                .matcher(Files.readString(Path.of("pom.xml")))
                .results()
                .map(result -> result.group(1))
                .findFirst()
                .orElseThrow();
    }
}
