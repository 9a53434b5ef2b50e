package dev.weir.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import dev.weir.store.Settled;
import dev.weir.warm.WarmStore.Kept;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every {@link WarmStore} guarantees. */
abstract class WarmStoreContract {

    private static final Duration LONG = Duration.ofMinutes(1);

    abstract WarmStore store();

    /** The time by the store's clock, in milliseconds since the epoch. */
    abstract long now();

    /** Has a time that short be over. */
    abstract void pass(Duration time);

    static Kept run(String warmer, String id, long startedMs, String state) {
        return new Kept(
                warmer,
                id,
                startedMs,
                Json.object().put("id", id).put("warmer", warmer).put("state", state));
    }

    private void save(Kept run) {
        Settled.value(store().save(run));
    }

    private ObjectNode find(String warmer, String id) {
        return Settled.value(store().find(warmer, id));
    }

    private List<String> list(String warmer, int most) {
        return Settled.value(store().list(warmer, most)).stream()
                .map(run -> run.path("id").asText() + " " + run.path("state").asText())
                .toList();
    }

    private void count(String cache, Map<String, Long> reads) {
        Settled.value(store().countReads(cache, reads));
    }

    final List<String> hot(String cache, int most) {
        return Settled.value(store().hot(cache, most));
    }

    @Test
    void aRunIsFoundByItsIdUnderItsWarmer() {
        assertThat(find("users", "a")).isNull();
        assertThat(list("users", 10)).isEmpty();
        Kept run = run("users", "a", now(), "running");
        save(run);
        assertThat(find("users", "a")).isEqualTo(run.shown());
        assertThat(find("users", "b")).isNull();
        assertThat(find("workload", "a")).isNull();
        assertThat(list("workload", 10)).isEmpty();
    }

    @Test
    void aRunThatIsSavedAgainReplacesWhatWasKnownOfIt() {
        long began = now();
        save(run("users", "a", began, "running"));
        save(run("users", "b", began + 5, "running"));
        save(run("users", "a", began, "done"));
        assertThat(find("users", "a").path("state").asText()).isEqualTo("done");
        assertThat(list("users", 10)).containsExactly("b running", "a done");
    }

    @Test
    void theLatestRunsComeFirstAndNoMoreThanAreWanted() {
        long began = now();
        for (int i : List.of(3, 1, 4, 2, 5)) {
            save(run("users", "r" + i, began + i, "done"));
        }
        assertThat(list("users", 10)).containsExactly("r5 done", "r4 done", "r3 done", "r2 done", "r1 done");
        assertThat(list("users", 2)).containsExactly("r5 done", "r4 done");
        assertThat(list("users", 1)).containsExactly("r5 done");
    }

    @Test
    void runsAreListedForADay() {
        long day = WarmStore.KNOWN.toMillis();
        save(run("users", "old", now() - day - 1_000, "done"));
        save(run("users", "yesterday", now() - day + 60_000, "done"));
        save(run("users", "new", now(), "done"));
        assertThat(list("users", 10)).containsExactly("new done", "yesterday done");
    }

    @Test
    void ofTooManyRunsThoseThatBeganLastAreKnown() {
        long began = now();
        for (int i = 0; i <= WarmStore.MAX_RUNS; i++) {
            save(run("users", "r" + i, began + i, "done"));
        }
        save(run("workload", "other", began, "done"));
        assertThat(find("users", "r0")).isNull();
        assertThat(find("users", "r1")).isNotNull();
        assertThat(list("users", WarmStore.MAX_RUNS + 10))
                .hasSize(WarmStore.MAX_RUNS)
                .startsWith("r1000 done")
                .endsWith("r1 done");
        assertThat(find("workload", "other")).isNotNull();
    }

    @Test
    void whatWasSavedIsNotWhatTheCallerGoesOnWith() {
        Kept run = run("users", "a", now(), "running");
        save(run);
        run.shown().put("state", "changed");
        assertThat(find("users", "a").path("state").asText()).isEqualTo("running");
    }

    @Test
    void theFirstToAskHasTheTickAndNobodyElse() {
        assertThat(Settled.value(store().claim("users", "1", LONG))).isTrue();
        assertThat(Settled.value(store().claim("users", "1", LONG))).isFalse();
        assertThat(Settled.value(store().claim("users", "2", LONG))).isTrue();
        assertThat(Settled.value(store().claim("workload", "1", LONG))).isTrue();
        assertThat(Settled.value(store().claim("users", "1", LONG))).isFalse();
    }

    @Test
    void aTickIsFreeAgainWhenItsTimeIsOver() {
        Duration brief = Duration.ofMillis(50);
        assertThat(Settled.value(store().claim("users", "every", brief))).isTrue();
        pass(brief);
        await().pollInterval(Duration.ofMillis(5)).until(() -> Settled.value(store().claim("users", "every", LONG)));
    }

    @Test
    void aClaimForNoTimeAtAllIsNoError() {
        assertThat(Settled.value(store().claim("users", "1", Duration.ZERO))).isTrue();
    }

    @Test
    void theMostReadComeFirstWhoeverCountedThem() {
        assertThat(hot("users", 10)).isEmpty();
        count("users", Map.of("a", 5L, "b", 3L, "c:/ü \"x", 10L));
        count("users", Map.of("b", 4L, "d", 1L));
        count("others", Map.of("z", 100L));
        assertThat(hot("users", 10)).containsExactly("c:/ü \"x", "b", "a", "d");
        assertThat(hot("users", 2)).containsExactly("c:/ü \"x", "b");
        assertThat(hot("others", 10)).containsExactly("z");
    }

    @Test
    void soManyKeysAreCountedAndThoseThatAreReadMost() {
        Map<String, Long> reads = new HashMap<>();
        for (int i = 1; i <= 10_300; i++) {
            reads.put("k" + i, (long) i);
        }
        count("users", reads);
        List<String> kept = hot("users", 20_000);
        assertThat(kept).hasSize(10_000).startsWith("k10300", "k10299").endsWith("k301");
    }
}
