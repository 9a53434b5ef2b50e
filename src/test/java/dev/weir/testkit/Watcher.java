package dev.weir.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Reads the server-sent events of one address, from the moment when Weir has said that it sends them until it is closed. */
public final class Watcher implements AutoCloseable {

    private final Queue<String> events = new ConcurrentLinkedQueue<>();
    private final Socket socket;

    /** @throws IllegalStateException if the answer is no 200 with events */
    public Watcher(WeirProcess weir, String path) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), weir.port());
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: weir\r\nAccept: text/event-stream\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            List<String> head = new ArrayList<>();
            for (String line = lines.readLine(); line != null && !line.startsWith(":"); line = lines.readLine()) {
                head.add(line.toLowerCase(Locale.ROOT));
            }
            if (!head.contains("http/1.1 200 ok") || !head.contains("content-type: text/event-stream")) {
                throw new IllegalStateException(path + " sends no events: " + head);
            }
            Thread.startVirtualThread(() -> read(lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All events so far, each as {@code name data}. */
    public List<String> events() {
        return List.copyOf(events);
    }

    private void read(BufferedReader lines) {
        String event = "";
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event: ")) {
                    event = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    events.add(event + " " + line.substring(6));
                }
            }
        } catch (IOException closed) {
            // So ends every watch.
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
