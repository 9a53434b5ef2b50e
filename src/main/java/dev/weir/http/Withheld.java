package dev.weir.http;

import dev.weir.store.Discreet;
import java.io.Serial;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import org.jboss.logmanager.ExtLogRecord;
import org.jspecify.annotations.Nullable;

/**
 * Stands in the log for an exception whose words are not known to be harmless: a parser quotes what it could not read, a
 * client the URL that it called, a decoder the bytes that it was sent, and each may be a key, a value or a token. Its type
 * and its stack trace are there, those of its causes too.
 */
final class Withheld extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Bytes of a connection, as Netty shows them. */
    private static final Pattern HEX = Pattern.compile("\\b[0-9a-fA-F]{12,}\\b");

    private static final int MAX_DEPTH = 20;

    private Withheld(Throwable of, @Nullable Throwable cause) {
        super(of.getClass().getName() + ", whose words are left out: they may quote a request", cause, false, true);
        setStackTrace(of.getStackTrace());
    }

    /** The exception itself where all that it says is harmless. */
    static Throwable of(Throwable thrown) {
        return of(thrown, 0);
    }

    private static Throwable of(Throwable thrown, int depth) {
        Throwable cause = depth < MAX_DEPTH ? thrown.getCause() : null;
        if (cause == null) {
            return isHarmless(thrown) ? thrown : new Withheld(thrown, null);
        }
        Throwable shown = of(cause, depth + 1);
        return shown.equals(cause) && isHarmless(thrown) ? thrown : new Withheld(thrown, shown);
    }

    /** What the JDK says of a bug in the code names code and numbers. */
    private static boolean isHarmless(Throwable thrown) {
        return thrown.getMessage() == null
                || thrown instanceof Discreet
                || thrown instanceof Withheld
                || thrown instanceof NullPointerException
                || thrown instanceof IndexOutOfBoundsException
                || thrown instanceof ClassCastException
                || thrown instanceof ArithmeticException
                || thrown instanceof VirtualMachineError;
    }

    /** True for lines of those who deal with connections and know nothing of requests. */
    static boolean isOfAConnection(LogRecord line) {
        String logger = line.getLoggerName();
        return logger != null && (logger.startsWith("io.vertx.") || logger.startsWith("io.netty."));
    }

    /** Takes bytes out of a line's words. */
    static void cleanse(ExtLogRecord line) {
        String words = line.getMessage();
        if (words != null && HEX.matcher(words).find()) {
            line.setMessage(HEX.matcher(words).replaceAll("…"), ExtLogRecord.FormatStyle.NO_FORMAT);
        }
    }
}
