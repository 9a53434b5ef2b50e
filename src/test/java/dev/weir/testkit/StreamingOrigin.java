package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An origin on a free loopback port whose handlers hold the connection in their own hands: they read a body as it comes,
 * write an answer byte by byte, and see when the other side ends it. Each connection bears one request, and is closed when
 * its handler returns.
 */
public final class StreamingOrigin implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 60_000;
    private static final int SEND_BUFFER = 64 * 1024;

    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final ServerSocket server;
    private volatile Handler otherwise = call -> call.answer(404, "no handler for " + call.target());

    private StreamingOrigin() {
        try {
            server = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.startVirtualThread(this::accept);
    }

    public static StreamingOrigin open() {
        return new StreamingOrigin();
    }

    /** {@code http://127.0.0.1:port}. */
    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** Has this path, whatever its query, be answered so. */
    public void on(String path, Handler handler) {
        handlers.put(path, handler);
    }

    /** Has all other paths be answered so. */
    public void otherwise(Handler handler) {
        otherwise = handler;
    }

    /** All requests whose heads have come, in their order. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** Those of this path, whatever their query. */
    public List<Call> calls(String path) {
        return calls.stream().filter(call -> call.path().equals(path)).toList();
    }

    @Override
    public void close() {
        quietly(server);
        connections.forEach(StreamingOrigin::quietly);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                connections.add(connection);
                Thread.startVirtualThread(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            connection.setSoTimeout(TIMEOUT_MILLIS);
            connection.setSendBufferSize(SEND_BUFFER);
            InputStream in = new BufferedInputStream(connection.getInputStream(), SEND_BUFFER);
            String requestLine = Wire.line(in);
            if (requestLine != null) {
                String[] parts = requestLine.split(" ", 3);
                Fields fields = Wire.fields(in);
                Call call = new Call(parts[0], parts[1], fields, in, connection);
                calls.add(call);
                handlers.getOrDefault(call.path(), otherwise).handle(call);
            }
        } catch (IOException brokenByTheOtherSide) {
            // Handlers that want to know catch it themselves.
        } finally {
            connections.remove(connection);
        }
    }

    private static void quietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            // It was to go, and it is gone.
        }
    }

    /** Answers one request. */
    @FunctionalInterface
    public interface Handler {
        void handle(Call call) throws IOException;
    }

    /** One request whose head has come. */
    public static final class Call {

        private final String method;
        private final String target;
        private final Fields fields;
        private final InputStream in;
        private final InputStream body;
        private final Socket connection;

        Call(String method, String target, Fields fields, InputStream in, Socket connection) {
            this.method = method;
            this.target = target;
            this.fields = fields;
            this.in = in;
            this.body = BodyStream.ofRequest(in, fields);
            this.connection = connection;
        }

        public String method() {
            return method;
        }

        /** Path and query as they were sent. */
        public String target() {
            return target;
        }

        public String path() {
            return target.split("\\?", 2)[0];
        }

        public Fields fields() {
            return fields;
        }

        /** The body without its framing; throws {@link java.io.EOFException} where it breaks off. */
        public InputStream body() {
            return body;
        }

        /** Where the answer goes, framing and all. */
        public OutputStream out() throws IOException {
            return connection.getOutputStream();
        }

        /** Writes this text, in ISO-8859-1. */
        public void send(String text) throws IOException {
            out().write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** A whole answer, after the body has been read. */
        public void answer(int status, String text, String... headerLines) throws IOException {
            body.transferTo(OutputStream.nullOutputStream());
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Streamed\r\n");
            for (String line : headerLines) {
                head.append(line).append("\r\n");
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            send(head + "Connection: close\r\nContent-Length: " + bytes.length + "\r\n\r\n");
            out().write(bytes);
        }

        /** Returns once the other side has ended the connection, be it in order or not. */
        public void awaitEnd() {
            try {
                while (in.read() >= 0) {
                    // Whatever still comes is not wanted.
                }
            } catch (IOException reset) {
                return;
            }
        }
    }
}
