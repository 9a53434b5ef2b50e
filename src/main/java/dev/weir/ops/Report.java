package dev.weir.ops;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.http.Json;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * What an instance says of itself.
 *
 * @param id the name under which it is listed
 * @param mode {@code shared}, {@code degraded} or {@code memory}
 * @param since when its figures began at zero
 * @param epoch the last reset that it has followed
 * @param total its figures since then
 * @param recent those of the last minutes
 */
record Report(
        String id,
        String version,
        String mode,
        Instant startedAt,
        Instant since,
        long epoch,
        Figures total,
        Figures recent) {

    String encode() {
        var json = Json.object()
                .put("id", id)
                .put("version", version)
                .put("mode", mode)
                .put("startedAt", startedAt.toEpochMilli())
                .put("since", since.toEpochMilli())
                .put("epoch", epoch);
        json.set("total", total.toJson());
        json.set("recent", recent.toJson());
        return Json.write(json).toString(StandardCharsets.UTF_8);
    }

    /** Nothing if it is no report: instances of another version, or a foreign hand, may have written it. */
    static Optional<Report> decode(String text) {
        return Json.tryParse(Buffer.buffer(text)).filter(JsonNode::isObject).map(Report::of);
    }

    private static Report of(JsonNode json) {
        return new Report(
                json.path("id").asText(),
                json.path("version").asText(),
                json.path("mode").asText(),
                Instant.ofEpochMilli(json.path("startedAt").asLong()),
                Instant.ofEpochMilli(json.path("since").asLong()),
                json.path("epoch").asLong(),
                Figures.fromJson(json.path("total")),
                Figures.fromJson(json.path("recent")));
    }

    /** The same from zero, for who has not heard of a reset yet. */
    Report emptied(Instant when) {
        return new Report(id, version, mode, startedAt, when, epoch, Figures.NONE, Figures.NONE);
    }
}
