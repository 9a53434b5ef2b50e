package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PumpTest {

    private static final byte[] MUCH = "0123456789".repeat(200_000).getBytes(StandardCharsets.US_ASCII);

    /** What somebody writes who never ends. */
    private static final class Endless extends InputStream {

        @Override
        public int read() {
            return 'y';
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            Arrays.fill(into, offset, offset + length, (byte) 'y');
            return length;
        }
    }

    @Test
    void allComesThrough() throws InterruptedException {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        new Pump(new ByteArrayInputStream(MUCH), to).finish(Duration.ofMinutes(1));
        assertThat(to.toByteArray()).isEqualTo(MUCH);
    }

    @Test
    void whoHasTheOutputOpenAndIsSilentIsNotWaitedFor() throws InterruptedException {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        CountDownLatch silent = new CountDownLatch(1);
        InputStream from = new SequenceInputStream(new ByteArrayInputStream(MUCH), new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                silent.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                return -1;
            }
        });
        Pump pump = new Pump(from, to);
        silent.await();
        pump.finish(Duration.ofMillis(10));
        assertThat(to.toByteArray()).isEqualTo(MUCH);
    }

    @Test
    void whoWritesForEverIsNotWaitedFor() throws InterruptedException {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        InputStream from = new SequenceInputStream(new ByteArrayInputStream(MUCH), new Endless());
        new Pump(from, new OutputStream() {
                    @Override
                    public void write(int b) {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) {
                        if (to.size() < 2 * MUCH.length) {
                            to.write(bytes, offset, length);
                        }
                    }
                })
                .finish(Duration.ofMillis(10));
        assertThat(to.size()).isGreaterThan(1 << 20);
    }

    /** As when the output is paged, and the pager is at its first page. */
    @Test
    void aReaderWhoTakesHisTimeGetsItAll() throws InterruptedException {
        Thread waiting = Thread.currentThread();
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        OutputStream slow = new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                // So long that the grace is over several times, by the waiting thread's own doing.
                for (int rounds = 0; rounds < 3; rounds++) {
                    while (waiting.getState() != Thread.State.TIMED_WAITING) {
                        Thread.onSpinWait();
                    }
                    while (waiting.getState() == Thread.State.TIMED_WAITING) {
                        Thread.onSpinWait();
                    }
                }
                to.write(bytes, offset, length);
            }
        };
        new Pump(new ByteArrayInputStream("last words".getBytes(StandardCharsets.US_ASCII)), slow)
                .finish(Duration.ofMillis(1));
        assertThat(to.toString(StandardCharsets.US_ASCII)).isEqualTo("last words");
    }
}
