package dev.weir.it.rfc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Answer;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.ScriptedOrigin.Request;
import dev.weir.testkit.WireAnswer;
import dev.weir.testkit.WireClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One case's own path, on both sides of Weir: scripts what the origin says there, asks Weir for it, and says what the
 * origin saw. Answers may be told apart by their bodies, {@code body-1}, {@code body-2}…: the number is that of the
 * request at the origin.
 */
final class Probe {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** A little over the second of the {@code max-age=1} that is waited for. */
    private static final Duration OVER_A_SECOND = Duration.ofMillis(1_150);

    private final ScriptedOrigin origin;
    private final IntSupplier port;
    private final String id;
    private final String path;
    private final ConcurrentLinkedQueue<String> transcript;

    Probe(ScriptedOrigin origin, IntSupplier port, String id) {
        this(origin, port, id, "/rfc/" + id, new ConcurrentLinkedQueue<>());
    }

    private Probe(
            ScriptedOrigin origin, IntSupplier port, String id, String path, ConcurrentLinkedQueue<String> transcript) {
        this.origin = origin;
        this.port = port;
        this.id = id;
        this.path = path;
        this.transcript = transcript;
    }

    /** The same case below another route. */
    Probe on(String route) {
        return new Probe(origin, port, id, "/" + route + "/" + id, transcript);
    }

    /** Another path of the same case; {@code rest} begins with a slash. */
    Probe at(String rest) {
        return new Probe(origin, port, id, path + rest, transcript);
    }

    String path() {
        return path;
    }

    /** What clients take Weir's host to be. */
    String authority() {
        return "127.0.0.1:" + port.getAsInt();
    }

    // The origin

    /** The answers in turn, the last one again and again. */
    void answers(Answer... inTurn) {
        origin.answers(path, inTurn);
    }

    void answers(Function<Request, Answer> answer) {
        origin.answers(path, answer);
    }

    /** How many requests of this path the origin saw. */
    int seen() {
        return origin.requests(path).size();
    }

    /** The n-th of them, from 1. */
    Request seen(int n) {
        List<Request> requests = origin.requests(path);
        assertThat(requests).as("requests that the origin saw").hasSizeGreaterThanOrEqualTo(n);
        return requests.get(n - 1);
    }

    Request lastSeen() {
        return seen(seen());
    }

    /** Waits until the origin has seen so many. */
    void awaitSeen(int n) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> seen() >= n);
    }

    /** Stays for a moment, and sees to it that the origin sees no more than so many. */
    void staysSeen(int n) {
        await().during(Duration.ofMillis(300)).atMost(PATIENCE).until(() -> {
            assertThat(seen()).as("requests that the origin saw").isEqualTo(n);
            return true;
        });
    }

    /** A moment in which requests that are on their way arrive. */
    void pause() {
        passes(Duration.ofMillis(300));
    }

    /** The time that {@code max-age=1} takes to run out. */
    void untilStale() {
        passes(OVER_A_SECOND);
    }

    private static void passes(Duration time) {
        long start = System.nanoTime();
        await().pollInterval(Duration.ofMillis(25))
                .atMost(PATIENCE)
                .until(() -> System.nanoTime() - start > time.toNanos());
    }

    // The client

    Got get(String... headers) {
        return send("GET", "", null, headers);
    }

    /** GET with a query, which begins with {@code ?}, or any other end of the path. */
    Got getWith(String rest, String... headers) {
        return send("GET", rest, null, headers);
    }

    Got head(String... headers) {
        return send("HEAD", "", null, headers);
    }

    Got send(String method, String rest, @Nullable String body, String... headers) {
        StringBuilder head =
                new StringBuilder(method + " " + path + rest + " HTTP/1.1\r\nHost: " + authority() + "\r\n");
        boolean connection = false;
        for (int i = 0; i < headers.length; i += 2) {
            head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
            connection |= headers[i].equalsIgnoreCase("Connection");
        }
        if (!connection) {
            head.append("Connection: close\r\n");
        }
        if (body != null) {
            head.append("Content-Length: ").append(body.length()).append("\r\n");
        }
        return raw(method, head + "\r\n" + (body == null ? "" : body));
    }

    /** A request as it is, in ISO-8859-1. */
    Got raw(String method, String request) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(request.getBytes(StandardCharsets.ISO_8859_1));
        int before = seen();
        WireAnswer answer = WireClient.exchange(port.getAsInt(), method, bytes.toByteArray());
        transcript.add("> " + request.strip().replace("\r\n", " | "));
        List<Request> requests = origin.requests(path);
        requests.subList(Math.min(before, requests.size()), requests.size())
                .forEach(one -> transcript.add("    origin saw no. " + one.number() + ": " + one.method() + " "
                        + one.target() + " | " + one.fields()));
        transcript.add("< " + answer.status() + " " + answer.fields() + (answer.complete() ? "" : " [broken off]")
                + " | " + answer.text().substring(0, Math.min(60, answer.text().length())));
        return new Got(answer);
    }

    /** The same in a thread of its own. */
    CompletableFuture<Got> later(Supplier<Got> request) {
        return CompletableFuture.supplyAsync(request, Thread::startVirtualThread);
    }

    /** Sends a GET and closes the connection as soon as the origin has seen it. */
    void sendAndGoAway() {
        int before = seen();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.getAsInt())) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + authority() + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            awaitSeen(before + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // What most cases judge

    /** GET, and Weir has to have answered by itself, from what it had stored, and to say so. */
    Got hit(String... headers) {
        int before = seen();
        Got got = get(headers);
        assertThat(seen())
                .as("requests that the origin saw, which a hit must not add to")
                .isEqualTo(before);
        return got.fromStore();
    }

    /** GET, and Weir has to have asked the origin, once. */
    Got asks(String... headers) {
        int before = seen();
        Got got = get(headers);
        assertThat(seen())
                .as("requests that the origin saw, which this one has to add to")
                .isEqualTo(before + 1);
        return got;
    }

    /** The first GET stores and the second is answered from the store. */
    void stores(Answer answer) {
        answers(answer);
        Got first = asks();
        Got second = hit();
        second.status(first.status()).body(first.text());
    }

    /** Both the first and the second GET are answered by the origin. */
    void doesNotStore(Answer answer) {
        answers(answer);
        asks().text();
        asks().text();
    }

    /** All that was said so far. */
    String transcript() {
        return String.join("\n", transcript);
    }
}
