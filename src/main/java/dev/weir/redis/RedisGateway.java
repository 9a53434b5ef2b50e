package dev.weir.redis;

import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import java.util.List;

/**
 * The one way to Redis.
 *
 * <p>Every call is answered within the configured deadline. It fails with {@link StoreUnavailable} if Redis did not
 * answer or cannot serve now, and with {@link RedisError} if Redis answered with an error that no outage explains. A
 * failure by deadline leaves open whether Redis still carries the command out. The answer arrives on the caller's own
 * Vert.x context.
 */
public interface RedisGateway {

    /** Sends one command. Commands of one caller on one event loop take effect in the order in which they were sent. */
    Future<Reply> send(Command command);

    /** Runs a script on one key: by its SHA, and once by its source if Redis does not know it yet. */
    default Future<Reply> run(LuaScript script, String key, Object... arguments) {
        return run(script, List.of(key), arguments);
    }

    /** Runs a script on several keys, all of one hash slot. */
    default Future<Reply> run(LuaScript script, List<String> keys, Object... arguments) {
        return send(script.bySha(keys, arguments))
                .recover(e -> isUnknownScript(e) ? send(script.bySource(keys, arguments)) : Future.failedFuture(e));
    }

    private static boolean isUnknownScript(Throwable e) {
        return e instanceof RedisError && String.valueOf(e.getMessage()).startsWith("NOSCRIPT");
    }

    /** The replies to two commands that were sent one right behind the other. */
    record Pair(Reply first, Reply second) {}

    /**
     * Runs a script as {@link #run}, and right behind it a command that asks for what the script has done, such as
     * {@code WAIT}: if Redis did not know the script, both are sent again.
     */
    default Future<Pair> runBefore(Command command, LuaScript script, List<String> keys, Object... arguments) {
        return sendBoth(script.bySha(keys, arguments), command)
                .recover(e -> isUnknownScript(e)
                        ? sendBoth(script.bySource(keys, arguments), command)
                        : Future.failedFuture(e));
    }

    private Future<Pair> sendBoth(Command first, Command second) {
        Future<Reply> one = send(first);
        Future<Reply> two = send(second);
        // The second also of a first that failed: what is sent next would wait behind it, and use up its own deadline.
        return Future.join(one, two)
                .transform(answered -> one.compose(reply -> two.map(behind -> new Pair(reply, behind))));
    }

    /**
     * One step of a walk over all keys that match a glob, as {@code SCAN}: a key that exists throughout the walk is
     * seen at least once.
     *
     * @param cursor {@code "0"} to begin, then what the last step returned
     * @param count how many keys Redis should look at, about
     */
    Future<Scan> scan(String cursor, String pattern, int count);

    /** Redis' own clock in milliseconds since the epoch, as far as it is known; this machine's before that. */
    long now();
}
