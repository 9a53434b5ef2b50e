package dev.weir.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The figures as the service sends them, once a second. */
final class StatsStream implements AutoCloseable {

    /** What came over the stream: figures, or its end. */
    private record Event(@Nullable JsonNode stats) {}

    private final Service service;
    private final Duration patience;
    private final InputStream body;
    private final LinkedTransferQueue<Event> events = new LinkedTransferQueue<>();

    private StatsStream(Service service, Duration patience, InputStream body) {
        this.service = service;
        this.patience = patience;
        this.body = body;
    }

    /** @throws Ending if the service cannot be reached or refuses */
    static StatsStream open(Service service, Duration patience) {
        HttpResponse<InputStream> answer = service.stream("/v1/stats/events", patience);
        String type = answer.headers().firstValue("Content-Type").orElse("");
        if (answer.statusCode() != 200 || !type.startsWith("text/event-stream")) {
            throw refused(service, answer);
        }
        StatsStream stream = new StatsStream(service, patience, answer.body());
        Thread.ofPlatform().daemon().name("stats").start(stream::read);
        return stream;
    }

    private static Ending refused(Service service, HttpResponse<InputStream> answer) {
        String text = "";
        try (InputStream body = answer.body()) {
            text = new String(body.readNBytes(64 * 1024), StandardCharsets.UTF_8);
        } catch (IOException e) {
            // What came of it is judged.
        }
        return new Reply(
                        service.base(),
                        answer.statusCode(),
                        answer.headers(),
                        Documents.parse(text).orElse(null))
                .trouble();
    }

    /** @throws Ending.Unreachable if the stream is over, or silent for longer than the patience */
    JsonNode next() {
        Event event = null;
        try {
            event = events.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (event == null) {
            throw new Ending.Unreachable(
                    service.base() + ": nothing came for " + Durations.human(patience.toMillis()), false);
        }
        if (event.stats == null) {
            throw new Ending.Unreachable(service.base() + ": the connection ended", false);
        }
        return event.stats;
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            StringBuilder data = new StringBuilder();
            String line = lines.readLine();
            while (line != null) {
                if (line.startsWith("data:")) {
                    data.append(line, "data:".length(), line.length()).append('\n');
                } else if (line.isEmpty() && !data.isEmpty()) {
                    Documents.parse(data.toString()).ifPresent(stats -> events.add(new Event(stats)));
                    data.setLength(0);
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            // The end of the stream, whatever its cause.
        }
        events.add(new Event(null));
    }

    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            // There is nothing to be lost.
        }
    }
}
