package dev.weir.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
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
        return of(name, text(name));
    }

    /**
     * Puts scripts together that share a table: its parts add to it, each under a name, and the last file uses it.
     *
     * @param table the table's name
     * @param parts the files that add to it
     * @param main the file that uses it, which also gives the script its name
     */
    public static LuaScript assemble(String table, List<String> parts, String main) {
        StringBuilder source = new StringBuilder("local ").append(table).append(" = {}\n");
        parts.forEach(part -> source.append(text(part)));
        return of(main + parts, source.append(text(main)).toString());
    }

    private static LuaScript of(String name, String source) {
        try {
            byte[] sha = MessageDigest.getInstance("SHA-1").digest(source.getBytes(StandardCharsets.UTF_8));
            LuaScript script = new LuaScript(name, source, HexFormat.of().formatHex(sha));
            KNOWN.add(script);
            return script;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(String name) {
        try (InputStream in = LuaScript.class.getResourceAsStream("/lua/" + name + ".lua")) {
            if (in == null) {
                throw new IllegalStateException("the script lua/" + name + ".lua is not part of this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Command bySha(List<String> keys, Object... arguments) {
        return command("EVALSHA", sha, keys, arguments);
    }

    Command bySource(List<String> keys, Object... arguments) {
        return command("EVAL", source, keys, arguments);
    }

    private static Command command(String verb, String script, List<String> keys, Object... arguments) {
        Object[] all = new Object[2 + keys.size() + arguments.length];
        all[0] = script;
        all[1] = keys.size();
        for (int i = 0; i < keys.size(); i++) {
            all[2 + i] = keys.get(i);
        }
        System.arraycopy(arguments, 0, all, 2 + keys.size(), arguments.length);
        return Command.of(verb, all);
    }
}
