package dev.weir.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** Passes on what a command writes, until it and all that has inherited its output have closed it. */
final class Pump {

    /** More than a pipe ever holds on Linux unless somebody with privileges says otherwise. */
    private static final long PIPE = 1 << 20;

    private final InputStream from;
    private final OutputStream to;
    private final Thread thread;
    private volatile boolean writing;
    private volatile long passed;

    Pump(InputStream from, OutputStream to) {
        this.from = from;
        this.to = to;
        this.thread = Thread.ofPlatform().daemon().name("output").start(this::run);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // Only this thread counts.
    private void run() {
        byte[] buffer = new byte[8192];
        try (from) {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                writing = true;
                to.write(buffer, 0, n);
                to.flush();
                passed += n;
                writing = false;
            }
        } catch (IOException e) {
            // Nobody reads it any more, as the command will notice itself.
        } finally {
            writing = false;
        }
    }

    /**
     * Waits, once the command has ended, until all that it wrote is passed on. What it has started may have its output still:
     * if that is silent for so long, or has written more than the command can have left in the pipe, it is not heard to the
     * end.
     */
    void finish(Duration grace) throws InterruptedException {
        long atEnd = passed;
        long before;
        boolean over;
        do {
            before = passed;
            over = thread.join(grace);
        } while (!over && (writing || passed > before) && passed - atEnd <= PIPE);
    }
}
