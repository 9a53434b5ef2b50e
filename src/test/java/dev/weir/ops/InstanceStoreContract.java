package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.ops.InstanceStore.Listing;
import dev.weir.ops.InstanceStore.Seen;
import dev.weir.store.Settled;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link InstanceStore} guarantees. */
abstract class InstanceStoreContract {

    abstract InstanceStore store();

    /** Has what was reported so far be that old. */
    abstract void age(long millis);

    private long publish(String process, String report) {
        return Settled.value(store().publish(process, report));
    }

    private Listing list() {
        return Settled.value(store().list());
    }

    private List<String> reports() {
        return list().instances().stream()
                .map(seen -> seen.process() + " " + seen.report())
                .sorted()
                .toList();
    }

    @Test
    void atFirstNobodyIsKnownAndNothingWasReset() {
        Listing listing = list();
        assertThat(listing.instances()).isEmpty();
        assertThat(listing.epoch()).isZero();
        assertThat(listing.nowMs()).isPositive();
    }

    @Test
    void theLastReportOfEachIsListed() {
        assertThat(publish("a", "{\"n\":1}")).isZero();
        publish("b", "ü \" \0 '");
        publish("a", "{\"n\":2}");
        assertThat(reports()).containsExactly("a {\"n\":2}", "b ü \" \0 '");
        Listing listing = list();
        for (Seen seen : listing.instances()) {
            assertThat(seen.seenMs()).isBetween(listing.nowMs() - 10_000, listing.nowMs());
        }
    }

    @Test
    void whoEndsIsForgotten() {
        publish("a", "1");
        publish("b", "1");
        Settled.value(store().remove("a"));
        Settled.value(store().remove("nobody"));
        assertThat(reports()).containsExactly("b 1");
        publish("a", "2");
        assertThat(reports()).containsExactly("a 2", "b 1");
    }

    @Test
    void whoIsNotHeardOfIsListedForFiveMinutes() {
        publish("old", "1");
        age(InstanceStore.FORGOTTEN.toMillis() - 60_000);
        publish("new", "1");
        assertThat(reports()).containsExactly("new 1", "old 1");
        Seen old = list().instances().stream()
                .filter(seen -> seen.process().equals("old"))
                .findFirst()
                .orElseThrow();
        assertThat(list().nowMs() - old.seenMs()).isBetween(240_000L, 270_000L);
        age(61_000);
        assertThat(reports()).containsExactly("new 1");
        publish("new", "2");
        assertThat(reports()).containsExactly("new 2");
        publish("old", "back");
        assertThat(reports()).containsExactly("new 2", "old back");
    }

    @Test
    void eachResetBeginsAnEpochThatAllAreTold() {
        publish("a", "1");
        long before = 0;
        for (int i = 0; i < 20; i++) {
            long epoch = Settled.value(store().reset());
            assertThat(epoch).isGreaterThan(before);
            assertThat(publish("a", "1")).isEqualTo(epoch);
            assertThat(list().epoch()).isEqualTo(epoch);
            before = epoch;
        }
        assertThat(reports()).as("the epoch is no instance").containsExactly("a 1");
        // By the store's clock, or in one and the same millisecond a little ahead of it.
        assertThat(before).isBetween(list().nowMs() - 60_000, list().nowMs() + 20);
    }

    @Test
    void manyAreListed() {
        IntStream.range(0, 200).forEach(i -> publish("p" + i, "x".repeat(1000) + i));
        assertThat(list().instances()).hasSize(200).allMatch(seen -> seen.report()
                .equals("x".repeat(1000) + seen.process().substring(1)));
    }
}
