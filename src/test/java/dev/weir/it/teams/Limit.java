package dev.weir.it.teams;

import static dev.weir.it.Checks.figures;
import static dev.weir.it.Checks.spend;
import static dev.weir.it.Seen.problem;
import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.it.Checks;
import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** A limit as a team has it. Windows are a minute or longer: no test lives to see the end of one. */
record Limit(String policy, int limit, Duration window) {

    private static final int CALLERS = 8;

    /** Of a larger limit the rest is spent in one call. */
    private static final int MOST_CALLS = 100;

    private static final AtomicInteger SUBJECT = new AtomicInteger();

    /** One of the calls that spend it. */
    interface Call {
        HttpResponse<byte[]> make(int number, String subject);
    }

    static Limit of(String policy, int limit, String window) {
        return new Limit(policy, limit, Duration.parse(window));
    }

    /** An address that nobody had before. */
    static String subject() {
        int number = SUBJECT.incrementAndGet();
        return "203.0." + number / 250 + "." + (1 + number % 250);
    }

    /** The policy is the one that the team has. */
    void assertDeclared(WeirProcess weir, String whenUnavailable) {
        JsonNode declared = figures(weir, policy);
        assertThat(declared.path("limit").asInt()).as(policy).isEqualTo(limit);
        assertThat(declared.path("windowMs").asLong()).as(policy).isEqualTo(window.toMillis());
        assertThat(declared.path("whenUnavailable").asText()).as(policy).isEqualTo(whenUnavailable);
    }

    /**
     * Has a new subject use it up to the last one, eight calls at a time, and then ask once more.
     *
     * @param weir where all but the last hundred are spent
     * @return the subject, which is refused now
     */
    String useUp(WeirProcess weir, Call call) {
        String subject = subject();
        int first = Math.max(0, limit - MOST_CALLS);
        if (first > 0) {
            text(spend(weir, policy, subject, first), 200);
        }
        AtomicInteger next = new AtomicInteger(first);
        int admitted = Checks.atOnce(CALLERS, caller -> {
                    int mine = 0;
                    for (int number = next.getAndIncrement(); number < limit; number = next.getAndIncrement()) {
                        HttpResponse<byte[]> answer = call.make(number, subject);
                        assertThat(answer.statusCode()).as(Http.text(answer)).isIn(200, 201, 429);
                        mine += answer.statusCode() == 429 ? 0 : 1;
                    }
                    return mine;
                })
                .stream()
                .mapToInt(Integer::intValue)
                .sum();
        assertThat(admitted).as(policy + ": all of them").isEqualTo(limit - first);
        HttpResponse<byte[]> refused = call.make(limit, subject);
        assertThat(problem(refused, 429, "limit-exceeded").path("policy").asText())
                .isEqualTo(policy);
        assertThat(Long.parseLong(String.valueOf(Http.header(refused, "Retry-After"))))
                .isBetween(1L, window.toSeconds());
        return subject;
    }
}
