package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.StreamingOrigin;
import dev.weir.testkit.StreamingOrigin.Call;
import dev.weir.testkit.WeirProcess;
import dev.weir.testkit.WireConnection;
import dev.weir.testkit.WireConnection.Head;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies flow through routes as they come, in a process far smaller than they are, and end where either side ends. */
class StreamingIT {

    private static final long GIB = 1L << 30;
    /** More than all buffers between client and origin hold, those of the kernel among them. */
    private static final long MUCH = 128L << 20;

    private static final long WHAT_BUFFERS_HOLD = 32L << 20;
    private static final Duration SOON = Duration.ofSeconds(15);

    private static final byte[] BLOCK = new byte[(1 << 20) + 13];
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static StreamingOrigin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        new Random(1).nextBytes(BLOCK);
        origin = StreamingOrigin.open();
        weir = WeirProcess.builder()
                .jvmArgs("-Xmx128m", "-XX:+UseSerialGC")
                .property("weir.caches.small.ttl", "1h")
                .property("weir.caches.small.max-entry-size", "1MiB")
                .property("weir.routes.plain.path", "/plain/*")
                .property("weir.routes.plain.origin", origin.url())
                .property("weir.routes.cached.path", "/cached/*")
                .property("weir.routes.cached.origin", origin.url())
                .property("weir.routes.cached.cache", "small")
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        origin.close();
    }

    /** A path of its own below one of the routes. */
    private static String path(String route) {
        return "/" + route + "/" + NUMBER.incrementAndGet();
    }

    private static WireConnection connection() {
        return WireConnection.to(weir.port());
    }

    // A gibibyte

    /** What went by, and what it was. */
    private record Sum(long length, String sha256) {}

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Sum write(OutputStream to, long length, boolean chunked) throws IOException {
        OutputStream out = new BufferedOutputStream(to, 256 * 1024);
        MessageDigest sha = sha256();
        for (long left = length; left > 0; ) {
            int n = (int) Math.min(left, BLOCK.length);
            if (chunked) {
                out.write((Integer.toHexString(n) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            }
            out.write(BLOCK, 0, n);
            if (chunked) {
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            sha.update(BLOCK, 0, n);
            left -= n;
        }
        if (chunked) {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        out.flush();
        return new Sum(length, HexFormat.of().formatHex(sha.digest()));
    }

    private static Sum read(InputStream in) throws IOException {
        MessageDigest sha = sha256();
        byte[] buffer = new byte[256 * 1024];
        long length = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            sha.update(buffer, 0, n);
            length += n;
        }
        return new Sum(length, HexFormat.of().formatHex(sha.digest()));
    }

    private static String framing(boolean chunked, long length) {
        return chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + length + "\r\n";
    }

    @ParameterizedTest
    @CsvSource({"plain, false", "cached, true"})
    void aGibibyteGoesUp(String route, boolean chunked) throws IOException {
        String path = path(route);
        origin.on(path, call -> {
            Sum sum = read(call.body());
            call.answer(200, sum.toString());
        });
        try (WireConnection client = connection()) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: w\r\n" + framing(chunked, GIB) + "\r\n");
            Sum sent = write(client.out(), GIB, chunked);
            assertThat(client.text(200)).isEqualTo(sent.toString());
        }
        assertThat(origin.calls(path)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"plain, false", "cached, true"})
    void aGibibyteComesDown(String route, boolean chunked) throws IOException {
        String path = path(route);
        CompletableFuture<Sum> sent = new CompletableFuture<>();
        origin.on(path, call -> {
            call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + framing(chunked, GIB) + "\r\n");
            sent.complete(write(call.out(), GIB, chunked));
        });
        try (WireConnection client = connection()) {
            Head head = client.get(path).head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(read(client.body(head))).isEqualTo(sent.join());
        }
        assertThat(weir.isAlive()).isTrue();
    }

    // Who does not read

    @ParameterizedTest
    @CsvSource({"plain, false", "plain, true", "cached, false", "cached, true"})
    void aClientThatDoesNotReadStopsTheOrigin(String route, boolean chunked) throws IOException {
        String path = path(route);
        AtomicLong gone = new AtomicLong();
        CompletableFuture<Sum> sent = new CompletableFuture<>();
        origin.on(path, call -> {
            call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + framing(chunked, MUCH) + "\r\n");
            sent.complete(write(counting(call.out(), gone), MUCH, chunked));
        });
        try (WireConnection client = WireConnection.to(weir.port(), 64 * 1024)) {
            Head head = client.get(path).head();
            InputStream body = client.body(head);
            awaitSilence(gone);
            assertThat(gone.get()).isPositive().isLessThan(WHAT_BUFFERS_HOLD);
            assertThat(read(body)).isEqualTo(sent.join());
        }
    }

    @Test
    void anOriginThatDoesNotReadStopsTheClient() throws IOException {
        String path = path("plain");
        CountDownLatch go = new CountDownLatch(1);
        AtomicLong gone = new AtomicLong();
        origin.on(path, call -> {
            awaitOpen(go);
            call.answer(200, read(call.body()).toString());
        });
        try (WireConnection client = connection()) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: w\r\n" + framing(false, MUCH) + "\r\n");
            CompletableFuture<Sum> sent = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return write(counting(client.out(), gone), MUCH, false);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    Thread::startVirtualThread);
            awaitSilence(gone);
            assertThat(gone.get()).isPositive().isLessThan(WHAT_BUFFERS_HOLD);
            go.countDown();
            assertThat(client.text(200)).isEqualTo(sent.join().toString());
        }
    }

    /** Until nothing has been added for half a second. */
    private static void awaitSilence(AtomicLong count) {
        AtomicLong before = new AtomicLong(-1);
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> count.get() > 0 && before.getAndSet(count.get()) == count.get());
    }

    private static OutputStream counting(OutputStream out, AtomicLong count) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                // In small parts, or the count would lag behind by a block.
                for (int at = offset; at < offset + length; at += 16 * 1024) {
                    int n = Math.min(16 * 1024, offset + length - at);
                    out.write(bytes, at, n);
                    count.addAndGet(n);
                }
            }
        };
    }

    private static void awaitOpen(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // Who leaves

    /** An answer that waits for the test, and knows whether anybody still waits for it. */
    private static final class Held {

        final CountDownLatch go = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);
        final String path;

        /** @param sent of the answer, head and all, before it waits */
        Held(String path, String sent, String rest) {
            this.path = path;
            origin.on(path, call -> {
                call.send(sent);
                Thread watch = Thread.startVirtualThread(() -> {
                    call.awaitEnd();
                    ended.countDown();
                    go.countDown();
                });
                awaitOpen(go);
                if (ended.getCount() > 0) {
                    call.send(rest);
                }
                watch.interrupt();
            });
        }

        /** One that says nothing yet. */
        static Held silent(String path) {
            return new Held(path, "", WHOLE);
        }

        /** One that has begun its answer. */
        static Held begun(String path) {
            return new Held(path, WHOLE.substring(0, WHOLE.length() - 40), WHOLE.substring(WHOLE.length() - 40));
        }

        void awaitCalls(int count) {
            await().atMost(SOON).until(() -> origin.calls(path).size() == count);
        }

        /** A moment for what must not come. */
        void staysAt(int count) {
            await().during(Duration.ofMillis(400))
                    .atMost(SOON)
                    .until(() -> origin.calls(path).size() == count && ended.getCount() == 1);
        }

        void assertEnds() throws InterruptedException {
            assertThat(ended.await(SOON.toSeconds(), TimeUnit.SECONDS))
                    .as("the origin's connection ends")
                    .isTrue();
        }
    }

    private static final String CONTENT = "0123456789".repeat(10);
    private static final String WHOLE =
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 100\r\n\r\n" + CONTENT;

    @ParameterizedTest
    @ValueSource(strings = {"plain", "cached"})
    void aClientThatLeavesEndsTheOriginsCall(String route) throws InterruptedException {
        Held silent = Held.silent(path(route));
        WireConnection client = connection().get(silent.path);
        silent.awaitCalls(1);
        silent.staysAt(1);
        client.close();
        silent.assertEnds();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "cached"})
    void aClientThatLeavesInTheMiddleOfAnAnswerEndsIt(String route) throws InterruptedException {
        Held begun = Held.begun(path(route));
        WireConnection client = connection().get(begun.path);
        begun.awaitCalls(1);
        begun.staysAt(1);
        client.close();
        begun.assertEnds();
        assertIsAskedForAnew(begun.path);
    }

    /** Nothing of it was kept. */
    private static void assertIsAskedForAnew(String path) {
        int calls = origin.calls(path).size();
        origin.on(path, call -> call.answer(200, "anew", "Cache-Control: max-age=60"));
        try (WireConnection client = connection()) {
            assertThat(client.get(path).text(200)).isEqualTo("anew");
        }
        assertThat(origin.calls(path)).hasSize(calls + 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatLeavesDoesNotTakeTheAnswerFromThoseWhoWaitForIt(boolean begun) {
        String path = path("cached");
        Held held = begun ? Held.begun(path) : Held.silent(path);
        WireConnection first = connection().get(path);
        held.awaitCalls(1);
        try (WireConnection second = connection().get(path);
                WireConnection third = connection().get(path)) {
            held.staysAt(1);
            first.close();
            held.staysAt(1);
            held.go.countDown();
            assertThat(second.text(200)).isEqualTo(CONTENT);
            assertThat(third.text(200)).isEqualTo(CONTENT);
            assertThat(second.get(path).text(200)).isEqualTo(CONTENT);
        }
        assertThat(origin.calls(path)).hasSize(1);
    }

    @Test
    void aWaitingClientThatLeavesTakesTheAnswerFromNobody() {
        Held held = Held.silent(path("cached"));
        try (WireConnection first = connection().get(held.path)) {
            held.awaitCalls(1);
            WireConnection second = connection().get(held.path);
            held.staysAt(1);
            second.close();
            held.staysAt(1);
            held.go.countDown();
            assertThat(first.text(200)).isEqualTo(CONTENT);
        }
    }

    @Test
    void whenAllHaveLeftTheOriginsCallEnds() throws InterruptedException {
        Held held = Held.silent(path("cached"));
        WireConnection first = connection().get(held.path);
        held.awaitCalls(1);
        WireConnection second = connection().get(held.path);
        held.staysAt(1);
        first.close();
        held.staysAt(1);
        second.close();
        held.assertEnds();
        assertIsAskedForAnew(held.path);
    }

    @ParameterizedTest
    @CsvSource({"plain, false", "plain, true", "cached, false"})
    void anUploadWhoseClientLeavesIsBrokenOffAtTheOrigin(String route, boolean chunked) throws Exception {
        String path = path(route);
        CompletableFuture<String> seen = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        origin.on(path, call -> {
            try {
                call.body().readNBytes(5);
                begun.countDown();
                call.body().readAllBytes();
                seen.complete("whole");
            } catch (EOFException e) {
                seen.complete("broken off");
            } catch (IOException e) {
                seen.complete("broken off by a reset");
            }
        });
        WireConnection client = connection();
        client.send("PUT " + path + " HTTP/1.1\r\nHost: w\r\n" + framing(chunked, 1_000) + "\r\n");
        client.send(chunked ? "a\r\n0123456789\r\n" : "0123456789");
        awaitOpen(begun);
        client.close();
        assertThat(seen.get(SOON.toSeconds(), TimeUnit.SECONDS)).startsWith("broken off");
    }

    @Test
    void anUploadReachesTheOriginAsItComes() {
        String path = path("plain");
        CountDownLatch begun = new CountDownLatch(1);
        origin.on(path, call -> {
            String first = new String(call.body().readNBytes(5), StandardCharsets.UTF_8);
            begun.countDown();
            call.answer(200, first);
        });
        try (WireConnection client = connection()) {
            client.send("PUT " + path + " HTTP/1.1\r\nHost: w\r\nContent-Length: 10\r\n\r\nfirst");
            awaitOpen(begun);
            assertThat(client.send("_last").text(200)).isEqualTo("first");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "cached"})
    void anOriginThatAnswersBeforeAnUploadIsWholeWaitsForTheRestInVain(String route) throws InterruptedException {
        String path = path(route);
        CountDownLatch ended = new CountDownLatch(1);
        origin.on(path, call -> {
            call.body().readNBytes(5);
            call.send("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
            call.awaitEnd();
            ended.countDown();
        });
        try (WireConnection client = connection()) {
            client.send("PUT " + path + " HTTP/1.1\r\nHost: w\r\nContent-Length: 1000\r\n\r\nfirst");
            assertThat(client.text(401)).isEqualTo("no");
            assertThat(ended.await(SOON.toSeconds(), TimeUnit.SECONDS))
                    .as("the origin's connection ends")
                    .isTrue();
        }
    }

    // An origin that breaks off

    private static final List<String> HALVES = List.of(
            "Content-Length: 100\r\n\r\n0123456789",
            "Content-Length: 100\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n",
            "Transfer-Encoding: chunked\r\n\r\na\r\n01234",
            "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n",
            "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n0123456789\r\n0\r\n\r\n");

    @ParameterizedTest
    @ValueSource(strings = {"plain", "cached"})
    void halfAnAnswerIsNeverTakenForAWholeOneNorKept(String route) {
        for (String half : HALVES) {
            String path = path(route);
            origin.on(path, call -> call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + half));
            try (WireConnection client = connection()) {
                Head head = client.get(path).head();
                assertThat(head.status()).as(half).isIn(200, 502);
                if (head.status() == 200) {
                    assertThatThrownBy(() -> client.body(head).readAllBytes())
                            .as(half)
                            .isInstanceOf(IOException.class);
                }
            }
            assertIsAskedForAnew(path);
        }
    }

    @Test
    void whatBreaksOffInTheMiddleIsBrokenForTheClientToo() {
        String path = path("cached");
        CountDownLatch go = new CountDownLatch(1);
        origin.on(path, call -> {
            call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n");
            call.send("5\r\nfirst\r\n");
            call.send("6\r\nsecond\r\n");
            awaitOpen(go);
        });
        try (WireConnection client = connection()) {
            Head head = client.get(path).head();
            assertThat(head.status()).isEqualTo(200);
            go.countDown();
            assertThatThrownBy(() -> client.body(head).readAllBytes()).isInstanceOf(IOException.class);
        }
        assertIsAskedForAnew(path);
    }

    @Test
    void whoWaitsForAnAnswerThatBreaksOffAsksForItself() {
        String path = path("cached");
        CountDownLatch go = new CountDownLatch(1);
        origin.on(path, call -> {
            if (origin.calls(path).size() == 1) {
                call.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 100\r\n\r\nhalf");
                awaitOpen(go);
            } else {
                call.answer(200, "whole", "Cache-Control: max-age=60");
            }
        });
        try (WireConnection first = connection().get(path)) {
            await().atMost(SOON).until(() -> origin.calls(path).size() == 1);
            try (WireConnection second = connection().get(path)) {
                await().during(Duration.ofMillis(400))
                        .atMost(SOON)
                        .until(() -> origin.calls(path).size() == 1);
                go.countDown();
                assertThat(second.text(200)).isEqualTo("whole");
            }
            Head head = first.head();
            if (head.status() == 200) {
                assertThatThrownBy(() -> first.body(head).readAllBytes()).isInstanceOf(IOException.class);
            } else {
                assertThat(head.status()).isEqualTo(502);
            }
        }
    }

    // Events

    @ParameterizedTest
    @ValueSource(strings = {"plain", "cached"})
    void eventsComeAsTheyHappen(String route) throws IOException {
        String path = path(route);
        CountDownLatch seen = new CountDownLatch(1);
        origin.on(path, call -> {
            call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            event(call, "data: one\n\n");
            awaitOpen(seen);
            event(call, "data: two\n\n");
            call.send("0\r\n\r\n");
        });
        try (WireConnection client = connection()) {
            Head head = client.get(path, "Accept: text/event-stream").head();
            InputStream body = client.body(head);
            assertThat(body.readNBytes(11)).isEqualTo("data: one\n\n".getBytes(StandardCharsets.UTF_8));
            seen.countDown();
            assertThat(body.readAllBytes()).isEqualTo("data: two\n\n".getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void event(Call call, String text) throws IOException {
        call.send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }
}
