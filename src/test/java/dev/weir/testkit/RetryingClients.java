package dev.weir.testkit;

import dev.weir.testkit.Load.Request;
import dev.weir.testkit.RawConnection.Answer;
import dev.weir.testkit.RawConnection.HalfAnswer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiPredicate;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Clients as a careful proxy is one: each keeps a connection to every instance, deals its requests out in turn, and sends
 * a request that met a broken connection, or a 503, once more to the next instance. Only a request that fares no better
 * there has failed. So every request must be one that may be sent twice.
 */
public final class RetryingClients implements AutoCloseable {

    private final AtomicIntegerArray ports;
    private final IntFunction<Request> requests;
    private final BiPredicate<Request, Answer> good;
    private final List<Thread> clients = new ArrayList<>();
    private final AtomicInteger number = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger retried = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Queue<String> halves = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    /**
     * Starts them.
     *
     * @param requests the request of each number
     * @param good whether an answer is what the request should get
     */
    public RetryingClients(
            int count, List<Integer> ports, IntFunction<Request> requests, BiPredicate<Request, Answer> good) {
        this.ports = new AtomicIntegerArray(
                ports.stream().mapToInt(Integer::intValue).toArray());
        this.requests = requests;
        this.good = good;
        for (int i = 0; i < count; i++) {
            clients.add(Thread.ofVirtual().name("testkit-client").start(this::run));
        }
    }

    /** From now on the instance of that index is to be found at another port. */
    public void replace(int index, int port) {
        ports.set(index, port);
    }

    /** The requests that were answered well so far. */
    public int answered() {
        return answered.get();
    }

    /** Ends it, each client after the request that it is in. */
    public Result stop() {
        stopping = true;
        for (Thread client : clients) {
            try {
                client.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the clients ended", e);
            }
        }
        return new Result(answered.get(), retried.get(), List.copyOf(failures), List.copyOf(halves));
    }

    @Override
    public void close() {
        stop();
    }

    /**
     * What came of it.
     *
     * @param retried the requests that needed a second instance
     * @param failures the requests that failed there too
     * @param halves the answers that broke off within, at the first or at the second instance
     */
    public record Result(int answered, int retried, List<String> failures, List<String> halves) {}

    /** What came of one attempt; {@code trouble} is null if it was answered well. */
    private record Outcome(@Nullable String trouble, boolean mayPass) {
        static final Outcome GOOD = new Outcome(null, false);
    }

    private void run() {
        Client client = new Client();
        try {
            while (!stopping) {
                client.perform(number.getAndIncrement());
            }
        } finally {
            client.close();
        }
    }

    /** One client's connections. */
    private final class Client {

        private final @Nullable RawConnection[] connections = new RawConnection[ports.length()];
        private final int[] connectedTo = new int[ports.length()];

        void perform(int n) {
            Request request = requests.apply(n);
            int first = n % connections.length;
            Outcome outcome = attempt(request, first);
            String trouble = outcome.trouble;
            if (trouble != null && outcome.mayPass) {
                retried.incrementAndGet();
                String again = attempt(request, (first + 1) % connections.length).trouble;
                trouble = again == null ? null : trouble + ", and then " + again;
            }
            if (trouble == null) {
                answered.incrementAndGet();
            } else {
                failures.add(request.method() + " " + request.path() + ": " + trouble);
                LockSupport.parkNanos(10_000_000);
            }
        }

        private Outcome attempt(Request request, int index) {
            try {
                Answer answer = connection(index).send(request).answer();
                if (answer.closes()) {
                    drop(index);
                }
                return good.test(request, answer)
                        ? Outcome.GOOD
                        : new Outcome(
                                "status " + answer.status() + " " + answer.headers() + " " + start(answer),
                                answer.status() == 503);
            } catch (HalfAnswer e) {
                halves.add(request.method() + " " + request.path() + ": " + e.getMessage());
                drop(index);
                return new Outcome(e.getMessage(), true);
            } catch (IOException e) {
                drop(index);
                return new Outcome(e.toString(), true);
            }
        }

        private RawConnection connection(int index) throws IOException {
            int port = ports.get(index);
            RawConnection open = connections[index];
            if (open != null && connectedTo[index] == port) {
                return open;
            }
            drop(index);
            RawConnection opened = RawConnection.open(port);
            connections[index] = opened;
            connectedTo[index] = port;
            return opened;
        }

        private void drop(int index) {
            RawConnection open = connections[index];
            connections[index] = null;
            if (open != null) {
                open.close();
            }
        }

        void close() {
            for (int i = 0; i < connections.length; i++) {
                drop(i);
            }
        }

        private static String start(Answer answer) {
            return answer.text().substring(0, Math.min(200, answer.text().length()));
        }
    }
}
