package dev.weir.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bearer tokens that are known, and the role of each. Only digests are kept; a candidate is compared with all of
 * them in constant time.
 */
public final class Tokens {

    private static final int MIN_LENGTH = 16;

    @SuppressWarnings("ArrayRecordComponent")
    private record Known(byte[] digest, Role role) {}

    private final List<Known> known;

    private Tokens(List<Known> known) {
        this.known = List.copyOf(known);
    }

    /**
     * The tokens of the configuration and of its file.
     *
     * @throws IllegalArgumentException that names the setting, never the token
     */
    public static Tokens of(AuthConfig config) {
        List<Known> known = new ArrayList<>();
        config.tokens()
                .forEach((name, token) ->
                        known.add(known("weir.auth.tokens." + name + ".value", token.value(), token.role())));
        config.tokensFile().ifPresent(file -> known.addAll(read(file)));
        return new Tokens(known);
    }

    private static List<Known> read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("weir.auth.tokens-file: there is no file " + file, e);
        } catch (IOException e) {
            throw new IllegalArgumentException("weir.auth.tokens-file: " + file + " cannot be read as text", e);
        }
        List<Known> known = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String where = "weir.auth.tokens-file: line " + (i + 1) + " of " + file;
            String[] words = line.split("\\s+");
            if (words.length != 2) {
                throw new IllegalArgumentException(where + " is not of the form <role> <token>");
            }
            known.add(known(where, words[1], role(where, words[0])));
        }
        return known;
    }

    private static Role role(String where, String word) {
        try {
            return Role.valueOf(word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + " does not begin with read, write or admin");
        }
    }

    private static Known known(String where, String token, Role role) {
        if (token.strip().length() < MIN_LENGTH) {
            throw new IllegalArgumentException(
                    where + ": a token of fewer than " + MIN_LENGTH + " characters is guessed too easily");
        }
        return new Known(digest(token.strip()), role);
    }

    public boolean isEmpty() {
        return known.isEmpty();
    }

    /** The role of the bearer of {@code token}, if it is known; takes as long for every candidate. */
    public Optional<Role> roleOf(String token) {
        byte[] candidate = digest(token);
        @Nullable Role found = null;
        for (Known each : known) {
            if (MessageDigest.isEqual(each.digest, candidate) && (found == null || each.role.includes(found))) {
                found = each.role;
            }
        }
        return Optional.ofNullable(found);
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
