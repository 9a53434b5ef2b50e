package dev.weir.warm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RunTest {

    private final Run run = new Run("users", "1a2b", "call");

    private ObjectNode shown() {
        return run.record().shown();
    }

    @Test
    void itBeginsWithNothingDone() {
        ObjectNode shown = shown();
        assertThat(shown.path("id").asText()).isEqualTo("1a2b");
        assertThat(shown.path("warmer").asText()).isEqualTo("users");
        assertThat(shown.path("trigger").asText()).isEqualTo("call");
        assertThat(shown.path("state").asText()).isEqualTo("running");
        assertThat(shown.path("failures")).isEmpty();
        assertThat(shown.has("reason")).isFalse();
        Instant started = Instant.parse(shown.path("started").asText());
        assertThat(run.record().startedMs()).isEqualTo(started.toEpochMilli());
    }

    @Test
    void itTellsHowFarItHasCome() {
        run.begin(5);
        run.warmed(true);
        run.warmed(true);
        run.warmed(false);
        run.failed("k", "because");
        ObjectNode shown = shown();
        assertThat(shown.path("total").asInt()).isEqualTo(5);
        assertThat(shown.path("warmed").asInt()).isEqualTo(3);
        assertThat(shown.path("fresh").asInt()).isEqualTo(1);
        assertThat(shown.path("failed").asInt()).isEqualTo(1);
        assertThat(shown.path("failures").path(0).toString()).isEqualTo("{\"key\":\"k\",\"reason\":\"because\"}");
    }

    @Test
    void onlyItsFirstEndCounts() {
        IllegalStateException cause = new IllegalStateException("x");
        assertThat(run.end(Run.State.FAILED, "the first", cause)).isTrue();
        assertThat(run.end(Run.State.DONE, null, null)).isFalse();
        assertThat(run.state()).isEqualTo(Run.State.FAILED);
        assertThat(run.cause()).isSameAs(cause);
        assertThat(shown().path("reason").asText()).isEqualTo("the first");
    }

    @Test
    void whatComesAfterItsEndChangesNothing() {
        run.begin(2);
        run.warmed(true);
        run.end(Run.State.ABORTED, "the instance ends", null);
        ObjectNode ended = shown();
        run.warmed(true);
        run.failed("late", "too late");
        assertThat(shown()).isEqualTo(ended);
    }

    @Test
    void ofManyFailuresAHundredAreListedAndAllCounted() {
        for (int i = 0; i < 250; i++) {
            run.failed("k" + i, "because");
        }
        assertThat(run.failedKeys()).isEqualTo(250);
        assertThat(shown().path("failed").asInt()).isEqualTo(250);
        assertThat(shown().path("failures")).hasSize(100);
        assertThat(shown().path("failures").path(99).path("key").asText()).isEqualTo("k99");
    }

    @Test
    void whatIsTooLongToBeAKeyIsListedInPart() {
        run.failed("x".repeat(100_000), "it has 100000 bytes");
        assertThat(shown().path("failures").path(0).path("key").asText()).hasSize(515);
    }
}
