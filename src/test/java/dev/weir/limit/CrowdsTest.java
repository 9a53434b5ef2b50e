package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.LimitStore.Decision;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CrowdsTest {

    private static final Policy POLICY =
            new Policy("p", Algorithm.SLIDING_LOG, Quota.of(5, Duration.ofMinutes(1)), WhenUnavailable.LOCAL, false);
    private static final Check CHECK = new Check(POLICY, "k", 1);

    private record Question(Check check, int times, Promise<List<Decision>> answer) {

        /** Answers with decisions that are told apart by what they say remains. */
        void answer(int first) {
            answer.complete(IntStream.range(first, first + times)
                    .mapToObj(n -> new Decision(true, List.of(new Verdict(POLICY.quota(), n, 0, 0, null))))
                    .toList());
        }
    }

    private final List<Question> asked = new ArrayList<>();
    private final Crowds crowds = new Crowds((check, times) -> {
        Question question = new Question(check, times, Promise.promise());
        asked.add(question);
        return question.answer().future();
    });

    private static long number(Future<Decision> decision) {
        return decision.result().verdicts().getFirst().remaining();
    }

    @Test
    void whoFindsNobodyUnderWayIsAskedForAtOnce() {
        Future<Decision> one = crowds.decide(CHECK);
        asked.getFirst().answer(7);
        Future<Decision> other = crowds.decide(CHECK);
        asked.getLast().answer(8);

        assertThat(asked).extracting(Question::times).containsExactly(1, 1);
        assertThat(number(one)).isEqualTo(7);
        assertThat(number(other)).isEqualTo(8);
    }

    @Test
    void thoseWhoComeMeanwhileAreAskedForTogetherInTheirOrder() {
        Future<Decision> first = crowds.decide(CHECK);
        List<Future<Decision>> later =
                IntStream.range(0, 4).mapToObj(i -> crowds.decide(CHECK)).toList();
        assertThat(asked).hasSize(1);

        asked.getFirst().answer(0);
        assertThat(asked).hasSize(2);
        assertThat(asked.getLast().times()).isEqualTo(4);
        Future<Decision> last = crowds.decide(CHECK);
        asked.getLast().answer(10);

        assertThat(number(first)).isZero();
        assertThat(later).extracting(CrowdsTest::number).containsExactly(10L, 11L, 12L, 13L);
        assertThat(last.isComplete()).isFalse();
        asked.getLast().answer(20);
        assertThat(number(last)).isEqualTo(20);
        assertThat(asked).extracting(Question::times).containsExactly(1, 4, 1);
    }

    @Test
    void checksThatDifferGoTheirOwnWay() {
        crowds.decide(CHECK);
        crowds.decide(new Check(POLICY, "k", 2));
        crowds.decide(new Check(POLICY, "other", 1));

        assertThat(asked).extracting(Question::times).containsExactly(1, 1, 1);
    }

    @Test
    void aCrowdThatIsTooLargeIsNotJoined() {
        crowds.decide(CHECK);
        IntStream.range(0, 1000).forEach(i -> crowds.decide(CHECK));
        crowds.decide(CHECK);

        assertThat(asked).extracting(Question::times).containsExactly(1, 1);
    }

    @Test
    void whoWaitedForAQuestionThatWasNotAnsweredFailsWithIt() {
        Future<Decision> first = crowds.decide(CHECK);
        Future<Decision> second = crowds.decide(CHECK);
        StoreUnavailable away = StoreUnavailable.unreachable("away");
        asked.getFirst().answer().fail(away);

        assertThat(first.cause()).isSameAs(away);
        assertThat(second.cause()).isSameAs(away);
        assertThat(asked).hasSize(1);
        crowds.decide(CHECK);
        assertThat(asked).hasSize(2);
    }
}
