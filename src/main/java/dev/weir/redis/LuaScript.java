package dev.weir.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A script that Redis runs as one atomic step: a file under {@code lua/}, known to Redis by the SHA-1 of its text.
 *
 * @param name the file, as {@code cache/put}
 */
public record LuaScript(String name, String source, String sha) {

    /** Every script that was loaded, so that a Redis that has none of them can be given all at once. */
    private static final Set<LuaScript> KNOWN = ConcurrentHashMap.newKeySet();

    static Set<LuaScript> known() {
        return Set.copyOf(KNOWN);
    }

    /** Reads {@code lua/<name>.lua}; a missing file is a broken build. */
    public static LuaScript load(String name) {
        try (InputStream in = LuaScript.class.getResourceAsStream("/lua/" + name + ".lua")) {
            if (in == null) {
                throw new IllegalStateException("the script lua/" + name + ".lua is not part of this build");
            }
            byte[] source = in.readAllBytes();
            byte[] sha = MessageDigest.getInstance("SHA-1").digest(source);
            LuaScript script = new LuaScript(
                    name,
                    new String(source, StandardCharsets.UTF_8),
                    HexFormat.of().formatHex(sha));
            KNOWN.add(script);
            return script;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    Command bySha(String key, Object... arguments) {
        return command("EVALSHA", sha, key, arguments);
    }

    Command bySource(String key, Object... arguments) {
        return command("EVAL", source, key, arguments);
    }

    private static Command command(String verb, String script, String key, Object... arguments) {
        Object[] all = new Object[arguments.length + 3];
        all[0] = script;
        all[1] = 1;
        all[2] = key;
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return Command.of(verb, all);
    }
}
