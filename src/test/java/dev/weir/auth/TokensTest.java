package dev.weir.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {

    private static final String READER = "reader-0123456789";
    private static final String WRITER = "writer-0123456789";
    private static final String ADMIN = "admin-00123456789";

    @TempDir
    private Path directory;

    private record Config(Map<String, Token> tokens, Optional<Path> tokensFile) implements AuthConfig {
        @Override
        public Open open() {
            return Open.FALSE;
        }
    }

    private record Configured(String value, Role role) implements AuthConfig.Token {}

    static Tokens configured(Map<String, AuthConfig.Token> tokens) {
        return Tokens.of(new Config(tokens, Optional.empty()));
    }

    static AuthConfig.Token token(String value, Role role) {
        return new Configured(value, role);
    }

    private Tokens file(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("tokens"), text);
        return Tokens.of(new Config(Map.of(), Optional.of(file)));
    }

    @Test
    void withoutTokensThereAreNone() throws IOException {
        assertThat(configured(Map.of()).isEmpty()).isTrue();
        assertThat(file("\n# nothing\n").isEmpty()).isTrue();
        assertThat(configured(Map.of()).roleOf("")).isEmpty();
    }

    @Test
    void everyTokenHasItsRole() {
        Tokens tokens = configured(Map.of(
                "r",
                token(READER, Role.READ),
                "w",
                token(" " + WRITER + " ", Role.WRITE),
                "a",
                token(ADMIN, Role.ADMIN)));
        assertThat(tokens.roleOf(READER)).contains(Role.READ);
        assertThat(tokens.roleOf(WRITER)).contains(Role.WRITE);
        assertThat(tokens.roleOf(ADMIN)).contains(Role.ADMIN);
        assertThat(tokens.roleOf(READER + "x")).isEmpty();
        assertThat(tokens.roleOf(READER.substring(1))).isEmpty();
        assertThat(tokens.roleOf(READER.toUpperCase(java.util.Locale.ROOT))).isEmpty();
        assertThat(tokens.roleOf("")).isEmpty();
    }

    @Test
    void aTokenThatIsGivenTwiceHasItsHigherRole() {
        assertThat(configured(Map.of("a", token(READER, Role.READ), "b", token(READER, Role.ADMIN)))
                        .roleOf(READER))
                .contains(Role.ADMIN);
        assertThat(configured(Map.of("a", token(READER, Role.ADMIN), "b", token(READER, Role.READ)))
                        .roleOf(READER))
                .contains(Role.ADMIN);
    }

    @Test
    void aFileHasOneRoleAndTokenALine() throws IOException {
        Tokens tokens =
                file("# who may what\r\n\r\n  read\t" + READER + "  \r\nWRITE " + WRITER + "\nadmin   " + ADMIN);
        assertThat(tokens.roleOf(READER)).contains(Role.READ);
        assertThat(tokens.roleOf(WRITER)).contains(Role.WRITE);
        assertThat(tokens.roleOf(ADMIN)).contains(Role.ADMIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "read",
                "s3cret-s3cret-s3cret",
                "read s3cret-s3cret-s3cret more",
                "owner s3cret-s3cret-s3cret",
                "read s3cret",
                "s3cret-s3cret-s3cret admin",
                "read:s3cret-s3cret-s3cret"
            })
    void aLineThatMakesNoSenseIsNamedByItsNumberAndNotShown(String line) {
        assertThatThrownBy(() -> file("# first\n" + line + "\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("weir.auth.tokens-file: line 2 of ")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        Config config = new Config(Map.of(), Optional.of(directory.resolve("nowhere")));
        assertThatThrownBy(() -> Tokens.of(config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("weir.auth.tokens-file: ")
                .hasMessageContaining("nowhere");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short-s3cret", "123456789012345", "      s3cret       "})
    void aTokenThatIsGuessedTooEasilyIsNamedByItsSettingAndNotShown(String value) {
        assertThatThrownBy(() -> configured(Map.of("ci", token(value, Role.READ))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("weir.auth.tokens.ci.value: ")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void sixteenCharactersAreEnough() {
        assertThat(configured(Map.of("ci", token("1234567890123456", Role.READ)))
                        .roleOf("1234567890123456"))
                .contains(Role.READ);
    }
}
