package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.brief;
import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.date;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.ok;
import static dev.weir.it.rfc.Cases.versioned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.util.List;

/** Age and Date: of the origin, of caches before it, and Weir's own. */
final class AgeCases {

    private static final String AGE = "RFC 9111 §4.2.3";
    private static final String FIELD = "RFC 9111 §5.1";
    private static final String DATE = "RFC 9110 §6.6.1";

    private AgeCases() {}

    static void add(Cases cases) {
        cases.of("RFC 9111 §4", "a stored answer bears one Age, near zero at first", probe -> {
            probe.answers(fresh());
            probe.asks();
            assertThat(probe.hit().age()).isBetween(0L, 5L);
        });
        cases.of(AGE, "Age grows while the answer is stored", probe -> {
            probe.answers(fresh());
            probe.asks();
            probe.untilStale();
            assertThat(probe.hit().age()).isBetween(1L, 6L);
        });
        cases.of(AGE, "the Age of a cache before counts in ours", probe -> {
            probe.answers(fresh("Age", "100"));
            probe.asks();
            assertThat(probe.hit().age()).isBetween(100L, 105L);
        });
        cases.of(AGE, "the Age of a cache before is passed on with the first answer", probe -> {
            probe.answers(fresh("Age", "100"));
            assertThat(probe.asks().age()).isBetween(100L, 105L);
        });
        cases.of(
                AGE,
                "what is older than max-age when it comes is not fresh",
                probe -> probe.doesNotStore(cc("max-age=60", "Age", "100")));
        cases.of(
                AGE,
                "what is older than Expires allows when it comes is not fresh",
                probe -> probe.doesNotStore(ok("Expires", date(60), "Age", "100")));
        cases.of(
                AGE,
                "what is older than s-maxage when it comes is not fresh",
                probe -> probe.doesNotStore(cc("s-maxage=60, max-age=3600", "Age", "61")));
        cases.of(
                AGE,
                "an Age as old as max-age is not fresh",
                probe -> probe.doesNotStore(cc("max-age=60", "Age", "60")));
        cases.of(AGE, "Age and the time in the store add up", probe -> {
            probe.answers(cc("max-age=100", "Age", "99"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
        });
        cases.of(AGE, "a Date in the past makes the answer that old", probe -> {
            probe.answers(request -> cc("max-age=7200", "Date", date(-3600)));
            probe.asks();
            assertThat(probe.hit().age()).isBetween(3600L, 3606L);
        });
        cases.of(
                AGE,
                "a Date longer ago than max-age: not fresh",
                probe -> probe.doesNotStore(cc("max-age=1800", "Date", date(-3600))));
        cases.of(AGE, "of Age and Date the older one counts (Date)", probe -> {
            probe.answers(request -> cc("max-age=7200", "Date", date(-3600), "Age", "10"));
            probe.asks();
            assertThat(probe.hit().age()).isBetween(3600L, 3606L);
        });
        cases.of(AGE, "of Age and Date the older one counts (Age)", probe -> {
            probe.answers(request -> cc("max-age=7200", "Date", date(-100), "Age", "3600"));
            probe.asks();
            assertThat(probe.hit().age()).isBetween(3600L, 3606L);
        });
        cases.of(AGE, "a Date to come is no negative age", probe -> {
            probe.answers(fresh("Date", date(3600)));
            probe.asks();
            assertThat(probe.hit().age()).isBetween(0L, 5L);
        });
        cases.of(AGE, "a Date to come lengthens no life", probe -> {
            probe.answers(request -> brief("Date", date(3600)));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
        });
        for (String invalid : List.of("abc", "-7200", "7200.0", "7200a", "")) {
            cases.of(FIELD, "Age '" + invalid + "' is no number and means nothing", probe -> {
                probe.answers(fresh("Age", invalid));
                probe.asks();
                assertThat(probe.hit().age()).isBetween(0L, 5L);
            });
        }
        cases.of(FIELD, "of 'Age: 7200, 0' the first counts", probe -> probe.doesNotStore(fresh("Age", "7200, 0")));
        cases.of(FIELD, "of 'Age: 0, 7200' the first counts", probe -> probe.stores(fresh("Age", "0, 7200")));
        cases.of(
                FIELD,
                "of two lines of Age the first counts (stale)",
                probe -> probe.doesNotStore(fresh("Age", "7200", "Age", "0")));
        cases.of(
                FIELD,
                "of two lines of Age the first counts (fresh)",
                probe -> probe.stores(fresh("Age", "0", "Age", "7200")));
        cases.of(
                "RFC 9111 §1.2.2",
                "an Age beyond 2^31 is very old, and no overflow",
                probe -> probe.doesNotStore(fresh("Age", "4294967297")));
        cases.of("RFC 9111 §4.3.4", "a validated answer is as old as its validation", probe -> {
            probe.answers(request -> request.number() == 1
                    ? fresh("ETag", "\"v1\"", "Age", "500").body("version 1")
                    : versioned(() -> 1, "max-age=3600").apply(request));
            probe.asks();
            probe.asks("Cache-Control", "no-cache").body("version 1");
            assertThat(probe.hit().body("version 1").age()).isBetween(0L, 5L);
        });
        cases.of(DATE, "Date is the origin's, on every hit", probe -> {
            String date = date(-30);
            probe.answers(fresh("Date", date));
            probe.asks().has("Date", date);
            probe.untilStale();
            probe.hit().has("Date", date);
        });
        cases.of(DATE, "an answer without Date gets one, and keeps it", probe -> {
            probe.answers(fresh().withoutDate());
            String date = probe.asks().value("Date");
            assertThat(date).endsWith(" GMT");
            probe.untilStale();
            probe.hit().has("Date", date);
        });
        cases.of(DATE, "an answer that is not stored and has no Date gets one", probe -> {
            probe.answers(cc("no-store").withoutDate());
            assertThat(probe.asks().value("Date")).endsWith(" GMT");
        });
        cases.of("RFC 9111 §5.3", "Expires and Cache-Control are passed on as they came", probe -> {
            String expires = date(1800);
            Answer answer = ok("Expires", expires, "Cache-Control", "public, max-age=1800, foo=\"bar\"");
            probe.answers(answer);
            probe.asks();
            probe.hit().has("Expires", expires).has("Cache-Control", "public, max-age=1800, foo=\"bar\"");
        });
    }
}
