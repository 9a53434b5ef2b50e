package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.brief;
import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.date;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Answer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** When a stale answer may be given: while it is refreshed, and when the origin fails. */
final class StaleCases {

    private static final String WHILE_REVALIDATE = "RFC 5861 §3";
    private static final String IF_ERROR = "RFC 5861 §4";
    private static final String STALE = "RFC 9111 §4.2.4";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private StaleCases() {}

    static void add(Cases cases) {
        whileRevalidate(cases);
        ifError(cases);
        configured(cases);
        unasked(cases);
    }

    /** The stale answer comes while the origin still thinks, one request is under way, and its answer is used then. */
    private static void servedWhileOneRefreshes(Probe probe, Answer first) {
        CountDownLatch hold = new CountDownLatch(1);
        probe.answers(first, fresh().heldBy(hold));
        probe.asks().ok(1);
        probe.untilStale();
        try {
            for (int i = 0; i < 5; i++) {
                assertThat(probe.get().ok(1).stale().age()).isPositive();
            }
            probe.awaitSeen(2);
            probe.get().ok(1).stale();
            probe.staysSeen(2);
        } finally {
            hold.countDown();
        }
        await().atMost(PATIENCE).until(() -> probe.get().text().equals("body-2"));
        probe.hit().ok(2);
        assertThat(probe.seen()).isEqualTo(2);
    }

    private static void whileRevalidate(Cases cases) {
        for (String written : List.of(
                "max-age=1, stale-while-revalidate=60",
                "stale-while-revalidate=60,max-age=1",
                "max-age=1, STALE-While-Revalidate=60",
                "max-age=1, stale-while-revalidate=\"60\"")) {
            cases.of(WHILE_REVALIDATE, written + ": the stale answer while one request refreshes it", probe -> {
                servedWhileOneRefreshes(probe, cc(written));
            });
        }
        cases.of(
                WHILE_REVALIDATE,
                "stale-while-revalidate with Expires",
                probe -> servedWhileOneRefreshes(
                        probe, ok("Date", date(0), "Expires", date(1), "Cache-Control", "stale-while-revalidate=60")));
        cases.of(WHILE_REVALIDATE, "the refresh in the background is a validation, and its 304 is enough", probe -> {
            probe.answers(
                    cc("max-age=1, stale-while-revalidate=60", "ETag", "\"v1\""),
                    Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.get().ok(1).stale();
            probe.awaitSeen(2);
            assertThat(probe.seen(2).header("If-None-Match")).isEqualTo("\"v1\"");
            await().atMost(PATIENCE).until(() -> "HIT".equals(probe.get().header("X-Cache")));
            probe.hit().ok(1);
            assertThat(probe.seen()).isEqualTo(2);
        });
        cases.of(WHILE_REVALIDATE, "beyond its time the client waits for the origin", probe -> {
            probe.answers(cc("max-age=10, stale-while-revalidate=5", "Age", "100"), fresh());
            probe.asks().ok(1);
            probe.asks().ok(2);
        });
        cases.of(WHILE_REVALIDATE, "its time runs out", probe -> {
            probe.answers(cc("max-age=10, stale-while-revalidate=1", "Age", "10"), fresh());
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
        });
        cases.of(WHILE_REVALIDATE, "stale-while-revalidate=0: the client waits for the origin", probe -> {
            probe.answers(cc("max-age=1, stale-while-revalidate=0"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
        });
        for (String strict : List.of("must-revalidate", "proxy-revalidate", "no-cache")) {
            cases.of(STALE, strict + " is stronger than stale-while-revalidate", probe -> {
                probe.answers(cc("max-age=1, stale-while-revalidate=60, " + strict));
                probe.asks().ok(1);
                probe.untilStale();
                probe.asks().ok(2);
            });
            cases.of(STALE, strict + " is stronger than stale-if-error", probe -> {
                probe.answers(cc("max-age=1, stale-if-error=60, " + strict), Answer.of(503));
                probe.asks().ok(1);
                probe.untilStale();
                assertThat(probe.get().status()).isIn(503, 502, 504);
            });
        }
        cases.of(WHILE_REVALIDATE, "max-age=0 of the request: the client waits for the origin", probe -> {
            probe.answers(cc("max-age=1, stale-while-revalidate=60"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks("Cache-Control", "max-age=0").ok(2);
        });
        cases.of(WHILE_REVALIDATE, "another variant is none to be served stale", probe -> {
            probe.answers(cc("max-age=1, stale-while-revalidate=60", "Vary", "X-Foo"));
            probe.asks("X-Foo", "1").ok(1);
            probe.untilStale();
            probe.asks("X-Foo", "2").ok(2);
        });
        cases.of(WHILE_REVALIDATE, "a refresh in the background that fails harms nobody", probe -> {
            probe.answers(cc("max-age=1, stale-while-revalidate=60"), Answer.of(500));
            probe.asks().ok(1);
            probe.untilStale();
            probe.get().ok(1).stale();
            probe.awaitSeen(2);
            probe.get().ok(1).stale();
        });
        cases.of(STALE, "a PUT ends what could have been served stale", probe -> {
            probe.answers(request -> request.method().equals("PUT")
                    ? Answer.of(204)
                    : cc("max-age=1, stale-while-revalidate=60, stale-if-error=60"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.send("PUT", "", "x").status(204);
            probe.asks().ok(3);
        });
    }

    private static void ifError(Cases cases) {
        for (int status : List.of(500, 502, 503, 504)) {
            cases.of(IF_ERROR, "the origin answers " + status + ": the stale answer", probe -> {
                probe.answers(cc("max-age=1, stale-if-error=60"), Answer.of(status));
                probe.asks().ok(1);
                probe.untilStale();
                assertThat(probe.get().ok(1).stale().age()).isPositive();
                assertThat(probe.seen()).as("the origin was asked first").isGreaterThan(1);
            });
        }
        cases.of(IF_ERROR, "the origin breaks the connection: the stale answer", probe -> {
            probe.answers(cc("max-age=1, stale-if-error=60"), Answer.disconnect());
            probe.asks().ok(1);
            probe.untilStale();
            probe.get().ok(1).stale();
        });
        cases.of(
                IF_ERROR,
                "the origin breaks off within the answer: the stale answer, or a broken one, but no wrong one",
                probe -> {
                    probe.answers(
                            cc("max-age=1, stale-if-error=60"),
                            fresh().body("0123456789").brokenOffAfter(4));
                    probe.asks().ok(1);
                    probe.untilStale();
                    Got got = probe.get();
                    if (got.answer().complete()) {
                        assertThat(got.status()).isIn(200, 502);
                        assertThat(got.answer().text()).doesNotStartWith("0123");
                    }
                });
        cases.of(IF_ERROR, "the origin does not answer in time: the stale answer", probe -> {
            CountDownLatch hold = new CountDownLatch(1);
            Probe slow = probe.on("slow");
            slow.answers(cc("max-age=1, stale-if-error=60"), fresh().heldBy(hold));
            slow.asks().ok(1);
            slow.untilStale();
            try {
                slow.get().ok(1).stale();
            } finally {
                hold.countDown();
            }
        });
        for (int status : List.of(400, 403, 404, 410)) {
            cases.of(IF_ERROR, "the origin answers " + status + ", which is no error of its own: passed on", probe -> {
                probe.answers(cc("max-age=1, stale-if-error=60"), Answer.of(status, "Cache-Control", "no-store"));
                probe.asks().ok(1);
                probe.untilStale();
                probe.asks().status(status);
            });
        }
        cases.of(IF_ERROR, "beyond its time the error is passed on", probe -> {
            probe.answers(cc("max-age=10, stale-if-error=5", "Age", "100", "ETag", "\"v1\""), Answer.of(503));
            probe.asks().ok(1);
            probe.asks().status(503);
        });
        cases.of(IF_ERROR, "the origin is well again: its answer", probe -> {
            probe.answers(cc("max-age=1, stale-if-error=60"), Answer.of(503), fresh());
            probe.asks().ok(1);
            probe.untilStale();
            probe.get().ok(1).stale();
            await().atMost(PATIENCE).until(() -> !"STALE".equals(probe.get().header("X-Cache")));
            assertThat(probe.hit().text()).isNotEqualTo("body-1");
        });
        cases.of(IF_ERROR, "an answer that is fresh needs no origin, whatever its state", probe -> {
            probe.answers(cc("max-age=3600, stale-if-error=60"), Answer.of(503));
            probe.asks().ok(1);
            probe.hit().ok(1);
        });
    }

    private static void configured(Cases cases) {
        cases.of(
                WHILE_REVALIDATE,
                "the cache's own, where the answer names none",
                probe -> servedWhileOneRefreshes(probe.on("lenient"), brief()));
        cases.of(WHILE_REVALIDATE, "the cache's own is set aside by stale-while-revalidate=0", probe -> {
            Probe lenient = probe.on("lenient");
            lenient.answers(cc("max-age=1, stale-while-revalidate=0"));
            lenient.asks().ok(1);
            lenient.untilStale();
            lenient.asks().ok(2);
        });
        cases.of(IF_ERROR, "the cache's own, where the answer names none", probe -> {
            Probe lenient = probe.on("lenient");
            lenient.answers(cc("max-age=1, stale-while-revalidate=0"), Answer.of(503));
            lenient.asks().ok(1);
            lenient.untilStale();
            lenient.get().ok(1).stale();
        });
        cases.of(IF_ERROR, "the cache's own is set aside by stale-if-error=0", probe -> {
            Probe lenient = probe.on("lenient");
            lenient.answers(cc("max-age=1, stale-while-revalidate=0, stale-if-error=0"), Answer.of(503));
            lenient.asks().ok(1);
            lenient.untilStale();
            lenient.asks().status(503);
        });
    }

    private static void unasked(Cases cases) {
        cases.of(STALE, "nothing allows stale answers, and the origin is gone: 502", probe -> {
            probe.answers(brief("ETag", "\"v1\""), Answer.disconnect());
            probe.asks().ok(1);
            probe.untilStale();
            probe.get().problem(502, "origin-failed");
        });
        cases.of(STALE, "nothing allows stale answers, and the origin is well: its answer", probe -> {
            probe.answers(brief());
            probe.asks().ok(1);
            probe.untilStale();
            Got got = probe.asks().ok(2);
            assertThat(got.header("X-Cache")).isEqualTo("MISS");
        });
    }
}
