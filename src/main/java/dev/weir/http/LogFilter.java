package dev.weir.http;

import io.quarkus.logging.LoggingFilter;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jspecify.annotations.Nullable;

/**
 * Completes each log line: what is logged while a request is handled bears the request's id, and its trace; and what
 * exceptions say that Weir does not know is left out, since it may quote a key, a value or a token.
 */
@LoggingFilter(name = "weir")
public final class LogFilter implements Filter {

    static final String REQUEST_ID = "requestId";
    static final String TRACE_ID = "traceId";
    static final String SPAN_ID = "spanId";

    @Override
    public boolean isLoggable(LogRecord line) {
        Correlation current = Correlation.current();
        if (current != null && line instanceof ExtLogRecord extended) {
            complete(extended, current);
        }
        boolean ofAConnection = Withheld.isOfAConnection(line);
        Throwable thrown = line.getThrown();
        if (thrown != null && (current != null || ofAConnection)) {
            line.setThrown(Withheld.of(thrown));
        }
        if (ofAConnection && line instanceof ExtLogRecord extended) {
            Withheld.cleanse(extended);
        }
        return true;
    }

    private static void complete(ExtLogRecord line, Correlation current) {
        line.putMdc(REQUEST_ID, current.requestId());
        @Nullable TraceParent trace = current.trace();
        if (trace != null) {
            line.putMdc(TRACE_ID, trace.traceId());
            line.putMdc(SPAN_ID, trace.spanId());
        }
    }
}
