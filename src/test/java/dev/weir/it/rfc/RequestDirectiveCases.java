package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.brief;
import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.date;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.versioned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What clients may ask of the cache. */
final class RequestDirectiveCases {

    private static final String CC = "Cache-Control";
    private static final String NO_CACHE = "RFC 9111 §5.2.1.4";
    private static final String MAX_AGE = "RFC 9111 §5.2.1.1";
    private static final String MAX_STALE = "RFC 9111 §5.2.1.2";
    private static final String MIN_FRESH = "RFC 9111 §5.2.1.3";
    private static final String ONLY_IF_CACHED = "RFC 9111 §5.2.1.7";

    private RequestDirectiveCases() {}

    static void add(Cases cases) {
        noCache(cases);
        ages(cases);
        stale(cases);
        onlyIfCached(cases);
    }

    private static void noCache(Cases cases) {
        for (String written : List.of("no-cache", "No-Cache", "foo, no-cache", "no-cache, max-age=3600")) {
            cases.of(NO_CACHE, written + ": the origin is asked although the answer is fresh", probe -> {
                probe.answers(fresh());
                probe.asks().ok(1);
                probe.asks(CC, written).ok(2);
            });
        }
        cases.of(NO_CACHE, "no-cache: what the origin said then takes the place of the old", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            probe.asks(CC, "no-cache").ok(2);
            probe.hit().ok(2);
        });
        cases.of(NO_CACHE, "no-cache on the first request: its answer is stored", probe -> {
            probe.answers(fresh());
            probe.asks(CC, "no-cache").ok(1);
            probe.hit().ok(1);
        });
        cases.of(NO_CACHE, "no-cache: the origin's 304 is enough (ETag)", probe -> {
            probe.answers(versioned(() -> 1, "max-age=3600"));
            probe.asks().body("version 1");
            probe.asks(CC, "no-cache").status(200).body("version 1");
            probe.hit().body("version 1");
        });
        cases.of(NO_CACHE, "no-cache: the origin's 304 is enough (Last-Modified)", probe -> {
            String modified = date(-10_000);
            probe.answers(request -> request.header("If-Modified-Since").equals(modified)
                    ? Answer.of(304, "Last-Modified", modified)
                    : fresh("Last-Modified", modified));
            probe.asks().ok(1);
            probe.asks(CC, "no-cache").status(200);
            probe.hit().status(200);
        });
        cases.of(NO_CACHE, "no-cache, and the new answer may not be stored: the old is not used as new", probe -> {
            AtomicInteger version = new AtomicInteger(1);
            probe.answers(request -> version.get() == 1 ? fresh() : cc("no-store"));
            probe.asks().ok(1);
            version.set(2);
            probe.asks(CC, "no-cache").ok(2);
        });
        cases.of("RFC 9111 §5.4", "Pragma: no-cache without Cache-Control: the origin is asked", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            probe.asks("Pragma", "no-cache").ok(2);
        });
        cases.of("RFC 9111 §5.4", "Pragma: no-cache beside Cache-Control means nothing", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            probe.hit("Pragma", "no-cache", CC, "max-age=3600").ok(1);
        });
        cases.of("RFC 9111 §5.2.1.5", "no-store: the answer to this request is not stored", probe -> {
            probe.answers(fresh());
            probe.asks(CC, "no-store").ok(1);
            probe.asks().ok(2);
        });
        cases.of("RFC 9111 §5.2.1.6", "no-transform: the body is the origin's", probe -> {
            String body = "weir ".repeat(4_000);
            probe.answers(fresh("Content-Type", "text/plain").body(body));
            probe.asks();
            probe.get(CC, "no-transform", "Accept-Encoding", "gzip").body(body).without("Content-Encoding");
        });
        cases.of("RFC 9111 §5.2.3", "unknown directives of a request mean nothing", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            probe.hit(CC, "foo, bar=\"no-cache, max-age=0\", xno-cache").ok(1);
        });
    }

    private static void ages(Cases cases) {
        cases.of(MAX_AGE, "max-age=0: the origin is asked", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            probe.asks(CC, "max-age=0").ok(2);
        });
        cases.of(MAX_AGE, "max-age below the answer's age: the origin is asked", probe -> {
            probe.answers(fresh("Age", "1800"), fresh());
            probe.asks().ok(1);
            probe.asks(CC, "max-age=600").ok(2);
        });
        cases.of(MAX_AGE, "max-age above the answer's age: answered from the store", probe -> {
            probe.answers(fresh("Age", "100"));
            probe.asks().ok(1);
            probe.hit(CC, "max-age=600").ok(1);
        });
        cases.of(MAX_AGE, "max-age of a request makes nothing fresh that is stale", probe -> {
            probe.answers(brief());
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks(CC, "max-age=3600").ok(2);
        });
        cases.of(MIN_FRESH, "min-fresh beyond the rest of its life: the origin is asked", probe -> {
            probe.answers(cc("max-age=1500"));
            probe.asks().ok(1);
            probe.asks(CC, "min-fresh=2000").ok(2);
        });
        cases.of(MIN_FRESH, "min-fresh beyond the rest that Age leaves: the origin is asked", probe -> {
            probe.answers(cc("max-age=1500", "Age", "1000"));
            probe.asks().ok(1);
            probe.asks(CC, "min-fresh=1000").ok(2);
        });
        cases.of(MIN_FRESH, "min-fresh within the rest of its life: answered from the store", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            probe.hit(CC, "min-fresh=1000").ok(1);
        });
    }

    private static void stale(Cases cases) {
        for (String written : List.of("max-stale=1000", "max-stale")) {
            cases.of(MAX_STALE, written + ": a stale answer is good enough", probe -> {
                probe.answers(brief("ETag", "\"v1\""));
                probe.asks().ok(1);
                probe.untilStale();
                Got got = probe.get(CC, written).ok(1);
                assertThat(probe.seen()).as("requests that the origin saw").isEqualTo(1);
                assertThat(got.age()).isPositive();
                assertThat(got.value("X-Cache")).isIn("STALE", "HIT");
            });
        }
        cases.of(MAX_STALE, "max-stale: nothing is used that is staler", probe -> {
            probe.answers(cc("max-age=10", "Age", "100", "ETag", "\"v1\""), fresh());
            probe.asks().ok(1);
            probe.asks(CC, "max-stale=50").ok(2);
        });
        cases.of(MAX_STALE, "max-stale: must-revalidate is stronger", probe -> {
            probe.answers(cc("max-age=1, must-revalidate"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks(CC, "max-stale=1000").ok(2);
        });
        cases.of(MAX_STALE, "max-stale: s-maxage is stronger", probe -> {
            probe.answers(cc("s-maxage=1"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks(CC, "max-stale=1000").ok(2);
        });
        cases.of(MAX_STALE, "max-stale: no-cache of the answer is stronger", probe -> {
            probe.answers(cc("no-cache, max-age=3600"));
            probe.asks().ok(1);
            probe.asks(CC, "max-stale=1000").ok(2);
        });
    }

    private static void onlyIfCached(Cases cases) {
        cases.of(ONLY_IF_CACHED, "only-if-cached and nothing stored: 504, and the origin is not asked", probe -> {
            probe.answers(fresh());
            probe.get(CC, "only-if-cached").status(504);
            assertThat(probe.seen()).isZero();
        });
        cases.of(ONLY_IF_CACHED, "only-if-cached and a fresh answer stored: that one", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            probe.hit(CC, "only-if-cached").ok(1);
        });
        cases.of(
                ONLY_IF_CACHED, "only-if-cached and a stale answer stored: 504, and the origin is not asked", probe -> {
                    probe.answers(cc("max-age=1, must-revalidate"));
                    probe.asks().ok(1);
                    probe.untilStale();
                    probe.get(CC, "only-if-cached").status(504);
                    assertThat(probe.seen()).isEqualTo(1);
                });
        cases.of(ONLY_IF_CACHED, "the 504 of only-if-cached is for that client alone", probe -> {
            probe.answers(fresh());
            probe.get(CC, "only-if-cached").status(504);
            probe.asks().ok(1);
        });
    }
}
