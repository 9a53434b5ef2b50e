package dev.weir.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.http.Problem;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which orders of warmers there can be, and which warmers run together. */
@SuppressWarnings("NullAway")
class WarmersTest {

    private final Warmers warmers = new Warmers(null, null);

    private void add(String name, String schedule, String... after) {
        Warmer warmer = new Warmer(
                null,
                new Warmer.Settings(name, "cache", schedule, Duration.ofMinutes(1), 1, 0, Duration.ofSeconds(1)),
                "here",
                null,
                null,
                null,
                null,
                null);
        warmers.add(new Warmers.Member(warmer, Set.of(after), false));
    }

    @Test
    void anOrderMayBranchAndMeetAgain() {
        add("d", "", "b", "c");
        add("c", "", "a");
        add("b", "", "a");
        add("a", "");
        add("alone", "");
        assertThatCode(warmers::checkOrder).doesNotThrowAnyException();
    }

    @Test
    void aWarmerAfterOneThatIsNotThereIsRefused() {
        add("a", "", "nope");
        assertThatIllegalArgumentException()
                .isThrownBy(warmers::checkOrder)
                .withMessageContaining("weir.warmers.a.order-after")
                .withMessageContaining("nope");
    }

    @Test
    void aWarmerAfterItselfIsRefused() {
        add("a", "", "a");
        assertThatIllegalArgumentException()
                .isThrownBy(warmers::checkOrder)
                .withMessageContaining("weir.warmers.a.order-after");
    }

    @Test
    void warmersInACircleAreRefused() {
        add("a", "", "c");
        add("b", "", "a");
        add("c", "", "b");
        assertThatIllegalArgumentException().isThrownBy(warmers::checkOrder).withMessageContaining("order-after");
    }

    @Test
    void aWarmerBeforeACircleIsNotWhatIsRefused() {
        add("a", "", "b");
        add("b", "", "c");
        add("c", "", "b");
        assertThatIllegalArgumentException()
                .isThrownBy(warmers::checkOrder)
                .withMessageContaining("weir.warmers.b.order-after");
    }

    @Test
    void aLongChainWithManyWaysIsCheckedAtOnce() {
        add("n000", "");
        add("m000", "");
        for (int i = 1; i < 60; i++) {
            String before = "%03d".formatted(i - 1);
            add("n%03d".formatted(i), "", "n" + before, "m" + before);
            add("m%03d".formatted(i), "", "n" + before, "m" + before);
        }
        assertThatCode(warmers::checkOrder).doesNotThrowAnyException();
    }

    @Test
    void thoseWithTheSameScheduleRunTogether() {
        add("a", "every PT30M");
        add("b", "UTC 0 3 * * *");
        add("c", "every PT30M");
        add("d", "");
        assertThat(warmers.bySchedule().keySet()).containsExactly("UTC 0 3 * * *", "every PT30M");
        assertThat(warmers.bySchedule().get("every PT30M"))
                .extracting(warmer -> warmer.settings().name())
                .containsExactly("a", "c");
    }

    @Test
    void aWarmerThatIsNotThereIsNotFound() {
        assertThatThrownBy(() -> warmers.require("nope"))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.NOT_FOUND))
                .hasMessageContaining("weir.warmers.nope");
    }
}
