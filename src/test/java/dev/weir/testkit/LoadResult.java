package dev.weir.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Load} measured. Latency is from the first byte sent, or the attempt to connect, to the last byte
 * received; a failed request has one as well. A scope is the value of the recorded header, {@code Weir-Scope} unless
 * the load was told otherwise, and counts at the moment when its answer had come whole.
 */
public final class LoadResult {

    private static final int BUCKET_MICROS = 50_000;

    private final Instant startedAt;
    private final Duration elapsed;
    private final long total;
    private final long failed;
    private final List<Failure> failures;
    private final List<String> scopes;
    private final SampleColumns samples;
    private final long[] sortedLatencies;

    private LoadResult(
            Instant startedAt,
            Duration elapsed,
            long total,
            long failed,
            List<Failure> failures,
            List<String> scopes,
            SampleColumns samples) {
        this.startedAt = startedAt;
        this.elapsed = elapsed;
        this.total = total;
        this.failed = failed;
        this.failures = failures;
        this.scopes = scopes;
        this.samples = samples;
        this.sortedLatencies = samples.sortedLatencies();
    }

    static LoadResult of(Instant startedAt, Duration elapsed, List<Samples> perConnection, List<String> scopes) {
        List<Failure> failures = perConnection.stream()
                .flatMap(samples -> samples.failures().stream())
                .map(failure -> new Failure(startedAt.plusNanos(failure.startNanos()), failure.text()))
                .sorted(Comparator.comparing(Failure::at))
                .toList();
        long total = perConnection.stream().mapToLong(Samples::count).sum();
        long failed = perConnection.stream().mapToLong(Samples::failed).sum();
        return new LoadResult(startedAt, elapsed, total, failed, failures, scopes, SampleColumns.merged(perConnection));
    }

    /** The requests that were finished, failed ones included. */
    public long total() {
        return total;
    }

    /** How many requests failed: not connected, broken, timed out, or a status that is no success. */
    public long failureCount() {
        return failed;
    }

    /** The failures in the order of their starts: of each connection the first thousand. */
    public List<Failure> failures() {
        return failures;
    }

    public Instant startedAt() {
        return startedAt;
    }

    /** From the start of the load to the end of its last request. */
    public Duration elapsed() {
        return elapsed;
    }

    public double requestsPerSecond() {
        return elapsed.isZero() ? 0 : total * 1e9 / elapsed.toNanos();
    }

    /**
     * The request that took longest.
     *
     * @throws NoSuchElementException when there was none
     */
    public Sample slowest() {
        return IntStream.range(0, samples.size())
                .boxed()
                .max(Comparator.comparingLong(i -> samples.latencyNanos(i)))
                .map(this::sample)
                .orElseThrow(() -> new NoSuchElementException("no request was finished"));
    }

    /**
     * The latency within which {@code p} percent of the requests were finished (nearest rank).
     *
     * @throws NoSuchElementException when there was none
     */
    public Duration percentile(double p) {
        if (sortedLatencies.length == 0) {
            throw new NoSuchElementException("no request was finished");
        }
        int rank = (int) Math.ceil(p / 100 * sortedLatencies.length);
        return Duration.ofNanos(sortedLatencies[Math.clamp(rank - 1, 0, sortedLatencies.length - 1)]);
    }

    /** How many answers had which status; 0 stands for no answer. */
    public Map<Integer, Long> statuses() {
        Map<Integer, Long> counts = new TreeMap<>();
        for (int i = 0; i < samples.size(); i++) {
            counts.merge(samples.status(i), 1L, Long::sum);
        }
        return counts;
    }

    /**
     * The scopes in the order in which they ruled: of each 50 ms the one that most answers bore, without repetition. A
     * draw changes nothing, and answers without the header count for nothing.
     */
    public List<String> scopeTransitions() {
        Map<Integer, int[]> buckets = new TreeMap<>();
        for (int i = 0; i < samples.size(); i++) {
            if (samples.header(i) != HeaderValues.ABSENT) {
                int bucket = (int) (samples.endMicros(i) / BUCKET_MICROS);
                buckets.computeIfAbsent(bucket, key -> new int[scopes.size()])[samples.header(i)]++;
            }
        }
        List<String> transitions = new ArrayList<>();
        int current = -1;
        for (int[] counts : buckets.values()) {
            int leader = leader(counts, current);
            if (leader != current) {
                transitions.add(scopes.get(leader));
                current = leader;
            }
        }
        return transitions;
    }

    /** How long after this moment the first answer with that scope had come; empty when there was none. */
    public Optional<Duration> firstScopeAfter(Instant moment, String scope) {
        int index = scopes.indexOf(scope);
        long from = micros(moment);
        return IntStream.range(0, samples.size())
                .filter(i -> index >= 0 && samples.header(i) == index && samples.endMicros(i) >= from)
                .mapToObj(i -> Duration.ofNanos((samples.endMicros(i) - from) * 1_000))
                .min(Comparator.naturalOrder());
    }

    /** The part of the result that is about the requests started in this span, its end not included. */
    public LoadResult between(Instant from, Instant to) {
        SampleColumns part = samples.between(micros(from), micros(to));
        List<Failure> itsFailures = failures.stream()
                .filter(failure -> !failure.at().isBefore(from) && failure.at().isBefore(to))
                .toList();
        return new LoadResult(from, Duration.between(from, to), part.size(), part.failed(), itsFailures, scopes, part);
    }

    /** One line of figures, for the messages of assertions. */
    @Override
    public String toString() {
        if (samples.size() == 0) {
            return "no requests in " + elapsed;
        }
        return "%d requests in %s (%.0f/s), %d failed %s, p50 %s, p99 %s, slowest %s, scopes %s"
                .formatted(
                        total,
                        elapsed,
                        requestsPerSecond(),
                        failed,
                        failures.stream().limit(3).toList(),
                        percentile(50),
                        percentile(99),
                        slowest(),
                        scopeTransitions());
    }

    private Sample sample(int i) {
        return new Sample(
                startedAt.plusNanos(samples.startMicros(i) * 1_000L),
                Duration.ofNanos(samples.latencyNanos(i)),
                samples.status(i),
                samples.header(i) == HeaderValues.ABSENT ? null : scopes.get(samples.header(i)));
    }

    private long micros(Instant moment) {
        return Duration.between(startedAt, moment).toNanos() / 1_000;
    }

    private static int leader(int[] counts, int current) {
        int leader = current < 0 ? 0 : current;
        for (int i = 0; i < counts.length; i++) {
            leader = counts[i] > counts[leader] ? i : leader;
        }
        return leader;
    }

    /** A request that failed: when it was started, and method, path and reason. */
    public record Failure(Instant at, String text) {}

    /** A request: its start, its latency, the status (0: no answer) and the scope if the answer bore one. */
    public record Sample(
            Instant at,
            Duration latency,
            int status,
            @Nullable String scope) {}
}
