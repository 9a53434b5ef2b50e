package dev.weir.http;

import dev.weir.auth.Access;
import dev.weir.auth.Role;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints below {@code /v1}: finds the one that a request means, checks the caller's role, and turns whatever goes
 * wrong into a problem.
 *
 * <p>Paths are matched as they were sent, not normalised and not decoded: a key may hold {@code //}, {@code ;} or an
 * encoded {@code /}, and a general-purpose router would have changed it before a resource sees it. It also is the
 * shortest way from the socket to an endpoint.
 */
public final class Api {

    /** Answers one kind of request; what it returns completes when the answer has been handed over, or fails. */
    @FunctionalInterface
    public interface Endpoint {
        Future<?> handle(Exchange exchange);
    }

    /** An endpoint as it was registered. */
    public record Operation(String method, String path, Role role) {}

    private record Bound(Endpoint endpoint, Role role, String path) {}

    private static final class Node {
        final Map<String, Node> literals = new HashMap<>();

        @Nullable
        Node name;

        @Nullable
        Node rest;

        boolean isRest;

        /** What may stand behind a rest, slash included. */
        final Map<String, Node> suffixes = new HashMap<>();

        final Map<HttpMethod, Bound> methods = new HashMap<>();
    }

    private static final Logger LOG = Logger.getLogger(Api.class);
    private static final CharSequence FETCH_SITE = HttpHeaders.createOptimized("Sec-Fetch-Site");
    private static final String BASE = "/v1/";
    private static final int FIRST_SERVER_ERROR = 500;

    private final Access access;
    private final Node root = new Node();
    private final Set<Operation> operations = new LinkedHashSet<>();

    public Api(Access access) {
        this.access = access;
    }

    /**
     * Registers an endpoint.
     *
     * @param path as {@code /v1/caches/{cache}/entries/{key...}}: {@code {x}} captures one segment, {@code {x...}} all
     *     that is left, slashes included. What stands behind such a rest, as in {@code {key...}/override}, is told from the
     *     rest by the method: where the longer path has none such, it is part of the rest, and a rest that is to end so
     *     anyway is sent with its slash encoded
     */
    public Api on(HttpMethod method, String path, Role role, Endpoint endpoint) {
        Node node = root;
        for (String segment : path.substring(BASE.length()).split("/", -1)) {
            if (node.isRest) {
                node = node.suffixes.computeIfAbsent('/' + segment, s -> new Node());
            } else if (segment.endsWith("...}")) {
                node.rest = node.rest == null ? new Node() : node.rest;
                node = node.rest;
                node.isRest = true;
            } else if (segment.startsWith("{")) {
                node.name = node.name == null ? new Node() : node.name;
                node = node.name;
            } else {
                node = node.literals.computeIfAbsent(segment, s -> new Node());
            }
        }
        if (node.methods.put(method, new Bound(endpoint, role, path)) != null) {
            throw new IllegalStateException(method + " " + path + " is registered twice");
        }
        operations.add(new Operation(method.name(), path, role));
        return this;
    }

    /** Everything that is registered. */
    public Set<Operation> operations() {
        return Set.copyOf(operations);
    }

    /** Answers the request, if its path is below {@code /v1}; says false and does nothing if it is not. */
    public boolean handle(HttpServerRequest request) {
        return handle(request, null);
    }

    boolean handle(HttpServerRequest request, @Nullable Measured measured) {
        String path = request.path();
        if (path == null || !path.startsWith(BASE)) {
            return false;
        }
        if (measured != null) {
            measured.is(RequestFigures.Kind.API);
        }
        List<String> captured = new ArrayList<>(2);
        Node node = find(path, request.method(), captured);
        Exchange exchange = new Exchange(request, captured, measured);
        try {
            Bound bound = bound(request, node);
            authorize(request, bound.role);
            bound.endpoint.handle(exchange).onFailure(e -> fail(exchange, e));
        } catch (RuntimeException e) {
            fail(exchange, e);
        }
        // Whatever nobody asked for of the body is read and dropped, so that the connection can go on.
        request.resume();
        return true;
    }

    /** The path that the endpoint of a request was registered with; null if there is no such endpoint. */
    @Nullable
    String templateOf(HttpServerRequest request) {
        String path = request.path();
        if (path == null || !path.startsWith(BASE)) {
            return null;
        }
        Node node = find(path, request.method(), new ArrayList<>(2));
        Bound bound = node == null ? null : node.methods.get(request.method());
        return bound == null ? null : bound.path;
    }

    private @Nullable Node find(String path, HttpMethod method, List<String> captured) {
        Node node = root;
        int from = BASE.length();
        while (true) {
            int slash = path.indexOf('/', from);
            String segment = slash < 0 ? path.substring(from) : path.substring(from, slash);
            Node next = node.literals.get(segment);
            if (next == null && node.rest != null) {
                return rest(node.rest, path.substring(from), method, captured);
            }
            if (next == null && node.name != null) {
                captured.add(segment);
                next = node.name;
            }
            if (next == null || slash < 0) {
                return next;
            }
            node = next;
            from = slash + 1;
        }
    }

    private static Node rest(Node node, String rest, HttpMethod method, List<String> captured) {
        for (Map.Entry<String, Node> longer : node.suffixes.entrySet()) {
            String suffix = longer.getKey();
            if (rest.length() > suffix.length()
                    && rest.endsWith(suffix)
                    && (longer.getValue().methods.containsKey(method) || !node.methods.containsKey(method))) {
                captured.add(rest.substring(0, rest.length() - suffix.length()));
                return longer.getValue();
            }
        }
        captured.add(rest);
        return node;
    }

    private static Bound bound(HttpServerRequest request, @Nullable Node node) {
        if (node == null || node.methods.isEmpty()) {
            throw new Problem(Problem.Kind.NOT_FOUND, "no endpoint has this path: see /q/swagger-ui for those that do");
        }
        Bound bound = node.methods.get(request.method());
        if (bound == null) {
            String allowed = node.methods.keySet().stream()
                    .map(HttpMethod::name)
                    .collect(Collectors.toCollection(TreeSet::new))
                    .stream()
                    .collect(Collectors.joining(", "));
            throw new Problem(
                            Problem.Kind.METHOD_NOT_ALLOWED,
                            Names.shorten(request.method().name()) + " is not allowed here: " + allowed + " are")
                    .withHeader("Allow", allowed);
        }
        return bound;
    }

    /** @throws Problem unless the request's token has the role */
    public void authorize(HttpServerRequest request, Role role) {
        switch (access.decide(request.getHeader(HttpHeaders.AUTHORIZATION), role)) {
            case ALLOWED -> refuseForeignPages(request);
            case UNAUTHORIZED ->
                throw new Problem(
                                Problem.Kind.UNAUTHORIZED,
                                "send Authorization: Bearer with a token that this Weir knows")
                        .withHeader("WWW-Authenticate", "Bearer realm=\"weir\"");
            case FORBIDDEN ->
                throw new Problem(
                        Problem.Kind.FORBIDDEN,
                        "this call needs a token of role " + role.name().toLowerCase(Locale.ROOT));
        }
    }

    /**
     * A browser sends a simple POST to any address on behalf of any page, and sees for itself only that it may not read the
     * answer. A token does not go along; where there is none, this header of Fetch Metadata tells such a request.
     */
    private void refuseForeignPages(HttpServerRequest request) {
        HttpMethod method = request.method();
        if (access.isOpen()
                && !HttpMethod.GET.equals(method)
                && !HttpMethod.HEAD.equals(method)
                && "cross-site".equalsIgnoreCase(request.getHeader(FETCH_SITE))) {
            throw new Problem(
                    Problem.Kind.FORBIDDEN,
                    "a page of another site may change nothing here: configure weir.auth.tokens and send one if that is meant");
        }
    }

    private static void fail(Exchange exchange, Throwable e) {
        if (exchange.response().closed()) {
            // The client has left: whatever failed, nobody is there to be told.
            Correlation.speakingOf(exchange.request(), () -> {
                LOG.debug("a request ended with its connection", Withheld.of(e));
                return exchange;
            });
            return;
        }
        exchange.problem(problemOf(exchange.request(), e));
    }

    /** The problem that stands for a request's failure; one that nobody foresaw is logged and named {@code internal}. */
    public static Problem problemOf(HttpServerRequest request, Throwable e) {
        return Correlation.speakingOf(request, () -> problemOf(e));
    }

    /** The problem that stands for a part's failure; one that nobody foresaw is logged and named {@code internal}. */
    public static Problem problemOf(Throwable e) {
        return switch (e) {
            case Problem problem -> {
                if (problem.status() >= FIRST_SERVER_ERROR) {
                    // Its detail may name the URL that was called, and with it a key.
                    LOG.debugf("a request failed: %s", problem.kind());
                }
                yield problem;
            }
            case StoreUnavailable away ->
                new Problem(
                                Problem.Kind.STORE_UNAVAILABLE,
                                away.isRefused()
                                        ? String.valueOf(away.getMessage())
                                        : "Redis does not answer: try again in a second")
                        .withHeader("Retry-After", "1");
            default -> {
                LOG.error("a request failed for a reason that nobody foresaw", Withheld.of(e));
                yield new Problem(Problem.Kind.INTERNAL, "the cause stands in Weir's log");
            }
        };
    }
}
