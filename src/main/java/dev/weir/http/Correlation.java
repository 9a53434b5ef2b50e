package dev.weir.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.ContextInternal;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * By what a piece of work is told from all others: in the answer, in log lines, and by the origins that are called for it.
 * That is a request's id, and the trace that its client has put it into, if any.
 *
 * <p>It lies where the rare log line looks for it, and costs the many requests of which none is written next to nothing:
 * with the thread while the request is handled at once, and in its Vert.x context only if that was not the end of it.
 * Nothing of the trace is read before somebody asks.
 */
public final class Correlation {

    /** The field of requests, answers and calls of origins that bears the id. */
    public static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");

    static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");
    static final CharSequence TRACESTATE = HttpHeaders.createOptimized("tracestate");

    /** What is being handled on a thread right now. */
    private static final class Turn {
        @Nullable
        Correlation current;

        /** Of what is spoken right now, whatever is being handled. */
        @Nullable
        Correlation spoken;
    }

    private static final ThreadLocal<Turn> TURN = ThreadLocal.withInitial(Turn::new);

    private final CharSequence requestId;
    private final @Nullable HttpServerRequest request;
    private final @Nullable Context context;

    private Correlation(CharSequence requestId, @Nullable HttpServerRequest request, @Nullable Context context) {
        this.requestId = requestId;
        this.request = request;
        this.context = context;
    }

    /**
     * Has a request handled: its answer bears its id from now on, and so does whatever is logged for it. The id is the
     * client's own if that is a sane one, else a new one.
     */
    static void during(HttpServerRequest request, Runnable work) {
        HttpServerResponse response = request.response();
        String given = request.getHeader(REQUEST_ID);
        CharSequence id = given != null && RequestIds.isSane(given) ? given : RequestIds.next();
        response.headers().set(REQUEST_ID, id);
        Correlation mine = new Correlation(id, request, ownContext());
        Turn turn = TURN.get();
        // The end of an answer may bring the next request of its connection, which is then handled within this one.
        Correlation outer = turn.current;
        turn.current = mine;
        try {
            work.run();
        } finally {
            turn.current = outer;
            if (mine.context != null && !response.ended()) {
                mine.context.putLocal(Correlation.class, mine);
            }
        }
    }

    /**
     * Has whatever {@code words} logs bear the id of this request. What it waited for may have come on the context of another,
     * or of none.
     */
    static <T> T speakingOf(HttpServerRequest request, Supplier<T> words) {
        String id = idOf(request.response());
        Turn turn = TURN.get();
        Correlation outer = turn.spoken;
        turn.spoken = id == null ? outer : new Correlation(id, request, null);
        try {
            return words.get();
        } finally {
            turn.spoken = outer;
        }
    }

    /** Of the request that is being handled; null if none is. */
    public static @Nullable Correlation current() {
        Turn turn = TURN.get();
        if (turn.spoken != null) {
            return turn.spoken;
        }
        Context context = ownContext();
        if (context == null) {
            return null;
        }
        Correlation held = turn.current;
        // What another request waited for may go on within this one, but then on its own context.
        return held != null && context.equals(held.context) ? held : context.getLocal(Correlation.class);
    }

    /** The context of one request. A root context is shared by whatever happens on its event loop, and Quarkus guards it. */
    private static @Nullable Context ownContext() {
        return Vertx.currentContext() instanceof ContextInternal context && context.isDuplicate() ? context : null;
    }

    /** Of the request that is being handled, or one of its own for work that nobody waits for. */
    public static Correlation currentOrOwn() {
        Correlation current = current();
        return current == null ? own() : current;
    }

    /** One for work that Weir does by itself. */
    public static Correlation own() {
        return new Correlation(RequestIds.next(), null, null);
    }

    /** The id of the request that is answered here; null if it was not begun. */
    public static @Nullable String idOf(HttpServerResponse response) {
        return response.headers().get(REQUEST_ID);
    }

    public String requestId() {
        return requestId.toString();
    }

    /** The trace that the request is part of; null if there is none, or none that can be understood. */
    public @Nullable TraceParent trace() {
        return request == null ? null : TraceParent.of(request.headers().getAll(TRACEPARENT));
    }

    /**
     * Has a call of an origin bear the id, and the trace as it came: Weir records no spans, so the origin's is the child of
     * the client's. An invalid {@code traceparent} goes no further, nor does the {@code tracestate} beside it.
     */
    public void mark(RequestOptions call) {
        call.putHeader(REQUEST_ID, requestId());
        TraceParent trace = trace();
        if (trace != null && request != null) {
            call.putHeader(TRACEPARENT, trace.text());
            String state = String.join(",", request.headers().getAll(TRACESTATE));
            if (!state.isBlank()) {
                call.putHeader(TRACESTATE, state);
            }
        }
    }
}
