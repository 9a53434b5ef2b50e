package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * An origin on a free loopback port that sends what it is told to, byte by byte, where {@link Origin} sends what the
 * JDK's server lets through: any {@code Date} or none, interim answers, hop-by-hop fields, bodies that break off.
 *
 * <p>Each path has a script of its own; a request is recorded before it is answered. HTTP/1.1 with persistent
 * connections, a virtual thread each. A path without a script is 404 and {@code no-store}.
 */
public final class ScriptedOrigin implements AutoCloseable {

    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final ServerSocket server;

    private ScriptedOrigin() {
        try {
            server = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.startVirtualThread(this::accept);
    }

    public static ScriptedOrigin open() {
        return new ScriptedOrigin();
    }

    /** {@code http://127.0.0.1:port}. */
    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** The answers of this path in turn, whatever is asked of it; the last one again and again. */
    public void answers(String path, Answer... inTurn) {
        List<Answer> list = List.of(inTurn);
        Script script = new Script();
        script.answer = request -> list.get(Math.min(request.number(), list.size()) - 1);
        scripts.put(path, script);
    }

    /** Answers made for each request of this path. */
    public void answers(String path, Function<Request, Answer> answer) {
        Script script = new Script();
        script.answer = answer;
        scripts.put(path, script);
    }

    /** The requests that came for this path since its script was given, whatever their query. */
    public List<Request> requests(String path) {
        Script script = scripts.get(path);
        return script == null ? List.of() : script.requests();
    }

    @Override
    public void close() {
        quietly(server);
        connections.forEach(ScriptedOrigin::quietly);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                connection.setTcpNoDelay(true);
                connections.add(connection);
                Thread.startVirtualThread(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            boolean goesOn = true;
            while (goesOn) {
                goesOn = answerOne(in, connection);
            }
        } catch (IOException brokenByTheOtherSide) {
            // Whoever asked sees it too, and it is for the test to judge.
        } finally {
            connections.remove(connection);
        }
    }

    private boolean answerOne(InputStream in, Socket connection) throws IOException {
        String requestLine = Wire.line(in);
        if (requestLine == null) {
            return false;
        }
        String[] parts = requestLine.split(" ");
        Fields fields = Wire.fields(in);
        if (fields.has("Expect")) {
            connection.getOutputStream().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        String length = fields.get("Content-Length");
        Wire.Body body = Wire.isChunked(fields)
                ? Wire.chunks(in)
                : length == null ? Wire.Body.NONE : Wire.exactly(in, Long.parseLong(length));
        String path = URI.create(parts[1]).getRawPath();
        Script script = scripts.computeIfAbsent(path, unknown -> new Script());
        Request request = script.record(parts[0], parts[1], fields, body.bytes());
        boolean goesOn = script.answer.apply(request).send(connection.getOutputStream(), parts[0], request.number());
        return goesOn && !"close".equalsIgnoreCase(fields.get("Connection"));
    }

    private static void quietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            // It was to go, and it is gone.
        }
    }

    /**
     * A request as it arrived.
     *
     * @param number of the request among those of its path, from 1
     * @param target path and query as they were sent
     */
    public record Request(int number, String method, String target, Fields fields, byte[] body) {

        /** The values of this header joined by commas, empty when there is none. */
        public String header(String name) {
            String value = fields.get(name);
            return value == null ? "" : value;
        }

        /** The body in ISO-8859-1. */
        public String text() {
            return new String(body, StandardCharsets.ISO_8859_1);
        }
    }

    private static final class Script {

        private final List<Request> requests = new ArrayList<>();
        private volatile Function<Request, Answer> answer =
                request -> Answer.of(404, "Cache-Control", "no-store").body("no script for " + request.target());

        synchronized Request record(String method, String target, Fields fields, byte[] body) {
            Request request = new Request(requests.size() + 1, method, target, fields, body);
            requests.add(request);
            return request;
        }

        synchronized List<Request> requests() {
            return List.copyOf(requests);
        }
    }
}
