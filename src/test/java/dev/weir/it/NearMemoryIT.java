package dev.weir.it;

import static dev.weir.it.Seen.json;
import static dev.weir.it.Seen.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.Load;
import dev.weir.testkit.LoadResult;
import dev.weir.testkit.WeirProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However many keys there are, an instance keeps within its memory. */
class NearMemoryIT {

    private static final int BATCHES = 1_000;
    private static final int ITEMS = 500;
    private static final long NEAR_BYTES = 64L << 20;

    private static WeirProcess weir;
    private static LoadResult load;

    /** Two batches for each thousand of a million keys: each stores 500 and reads the 500 of the batch before. */
    @BeforeAll
    static void storeAMillionKeys() {
        weir = WeirProcess.builder()
                .jvmArgs("-Xmx256m", "-XX:+UseSerialGC")
                .property("weir.caches.big.near.max-bytes", "64MiB")
                .property("weir.caches.big.near.max-entries", "10000000")
                .property("weir.caches.big.near.ttl", "10m")
                .property("weir.caches.big.ttl", "1h")
                .start();
        try (Load batches = Load.builder()
                .connections(2)
                .against(weir.url())
                .requests(NearMemoryIT::batch)
                .timeout(Duration.ofSeconds(30))
                .start()) {
            await().atMost(Duration.ofSeconds(100)).until(() -> batches.finished() >= 2 * BATCHES || !weir.isAlive());
            load = batches.stop();
        }
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    @Test
    void aMillionKeysFitIntoAQuarterOfAGigabyte() {
        assertThat(load.failureCount()).as(load.toString()).isZero();
        assertThat(load.total()).isGreaterThanOrEqualTo(2 * BATCHES);
        assertThat(weir.isAlive()).isTrue();
        assertThat(weir.logLinesMatching("OutOfMemory|ERROR")).isEmpty();
        assertThat(metric(weir, "weir_cache_stored_values_total", "cache=\"big\""))
                .isGreaterThanOrEqualTo(1_000_000);
        assertThat(metric(weir, "weir_cache_evictions_total", "cache=\"big\"", "tier=\"near\""))
                .isPositive();
        assertThat(metric(weir, "weir_cache_evictions_total", "cache=\"big\"", "tier=\"memory\""))
                .isPositive();
    }

    @Test
    void theNearCacheKeepsWhatItMayAndNoMore() {
        JsonNode near = json(Http.get(weir.url("/v1/caches/big")), 200).path("near");

        assertThat(near.path("entries").asLong()).isBetween(1_000L, 1_000_000L);
        assertThat(near.path("bytes").asLong()).isBetween(NEAR_BYTES / 2, NEAR_BYTES);
    }

    /** What goes for want of room is what is old, not what was stored just now. */
    @ParameterizedTest
    @ValueSource(ints = {1, 1_000, 100_000})
    void whatIsStoredWhenThereIsNoRoomIsThere(int length) {
        List<Integer> lost = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String entry = weir.url("/v1/caches/big/entries/after/" + length + "/" + i);
            assertThat(Http.put(entry, "x".repeat(length), "text/plain").statusCode())
                    .isEqualTo(201);
            if (Http.get(entry).statusCode() != 200) {
                lost.add(i);
            }
        }
        assertThat(lost).as("of 50 values, those that were gone at once").isEmpty();
    }

    private static Load.Request batch(int number) {
        StringBuilder body = new StringBuilder(ITEMS * 300).append("{\"get\":[");
        for (int i = 0; i < ITEMS; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("\"key:")
                    .append((number - 1) * ITEMS + i)
                    .append('"');
        }
        body.append("],\"put\":[");
        String value = "v".repeat(198);
        for (int i = 0; i < ITEMS; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"key\":\"key:")
                    .append(number * ITEMS + i)
                    .append("\",\"value\":\"")
                    .append(value)
                    .append("\"}");
        }
        return Load.Request.of(
                "POST", "/v1/caches/big/batch", body.append("]}").toString(), "Content-Type: application/json");
    }
}
