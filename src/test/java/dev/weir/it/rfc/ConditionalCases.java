package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.brief;
import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.date;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.versioned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Conditions that clients set. */
final class ConditionalCases {

    private static final String RECEIVED = "RFC 9111 §4.3.2";
    private static final String IF_NONE_MATCH = "RFC 9110 §13.1.2";
    private static final String IF_MODIFIED_SINCE = "RFC 9110 §13.1.3";
    private static final String INM = "If-None-Match";
    private static final String IMS = "If-Modified-Since";

    private ConditionalCases() {}

    static void add(Cases cases) {
        tags(cases);
        dates(cases);
        misses(cases);
        origins(cases);
    }

    private static void tags(Cases cases) {
        for (String[] pair : List.of(
                new String[] {"\"abc\"", "\"abc\""},
                new String[] {"\"abc\"", "\"abc\", \"1\", \"2\""},
                new String[] {"\"abc\"", "\"1\", \"abc\", \"2\""},
                new String[] {"\"abc\"", "\"1\",\"2\",\"abc\""},
                new String[] {"\"abc\"", "*"},
                new String[] {"\"abc\"", "W/\"abc\""},
                new String[] {"W/\"abc\"", "\"abc\""},
                new String[] {"W/\"abc\"", "W/\"abc\""},
                new String[] {"\"a,b\"", "\"1\", \"a,b\""},
                new String[] {"\"\"", "\"\""})) {
            cases.of(IF_NONE_MATCH, pair[1] + " of the stored " + pair[0] + ": 304", probe -> {
                probe.answers(fresh("ETag", pair[0]));
                probe.asks().ok(1);
                probe.hit(INM, pair[1]).status(304).body("").has("ETag", pair[0]);
            });
        }
        for (String[] pair : List.of(
                new String[] {"\"abc\"", "\"abcd\""},
                new String[] {"\"abc\"", "\"ABC\""},
                new String[] {"\"abc\"", "\"1\", \"2\""},
                new String[] {"\"b\"", "\"a,b\""},
                new String[] {"\"abc\"", "\"*\""})) {
            cases.of(IF_NONE_MATCH, pair[1] + " of the stored " + pair[0] + ": 200", probe -> {
                probe.answers(fresh("ETag", pair[0]));
                probe.asks().ok(1);
                probe.hit(INM, pair[1]).ok(1);
            });
        }
        cases.of(IF_NONE_MATCH, "two lines of it are one list", probe -> {
            probe.answers(fresh("ETag", "\"abc\""));
            probe.asks().ok(1);
            probe.hit(INM, "\"1\"", INM, "\"abc\"").status(304);
        });
        cases.of(IF_NONE_MATCH, "the stored answer has no ETag: 200", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            probe.hit(INM, "\"abc\"").ok(1);
        });
        cases.of("RFC 9110 §15.4.5", "304 bears what a 200 would have told of the cache", probe -> {
            String expires = date(3600);
            String date = date(0);
            probe.answers(fresh("ETag", "\"abc\"", "Date", date, "Expires", expires, "Vary", "X-Foo")
                    .header("Content-Location", "/there"));
            probe.asks().ok(1);
            probe.hit(INM, "\"abc\"")
                    .status(304)
                    .has("ETag", "\"abc\"")
                    .has("Date", date)
                    .has("Expires", expires)
                    .has("Vary", "X-Foo")
                    .has("Cache-Control", "max-age=3600")
                    .has("Content-Location", "/there")
                    .without("Transfer-Encoding");
        });
    }

    private static void dates(Cases cases) {
        cases.of(IF_MODIFIED_SINCE, "the stored Last-Modified: 304", probe -> {
            String modified = date(-3000);
            probe.answers(fresh("Last-Modified", modified));
            probe.asks().ok(1);
            probe.hit(IMS, modified).status(304).body("");
        });
        cases.of(IF_MODIFIED_SINCE, "later than the stored Last-Modified: 304", probe -> {
            probe.answers(fresh("Last-Modified", date(-3000)));
            probe.asks().ok(1);
            probe.hit(IMS, date(-2000)).status(304);
        });
        cases.of(IF_MODIFIED_SINCE, "earlier than the stored Last-Modified: 200", probe -> {
            probe.answers(fresh("Last-Modified", date(-3000)));
            probe.asks().ok(1);
            probe.hit(IMS, date(-4000)).ok(1);
        });
        for (String invalid : List.of("0", "yesterday", "Thu, 99 Foo 2050 01:02:03 GMT")) {
            cases.of(IF_MODIFIED_SINCE, "'" + invalid + "' is no date and means nothing: 200", probe -> {
                probe.answers(fresh("Last-Modified", date(-3000)));
                probe.asks().ok(1);
                probe.hit(IMS, invalid).ok(1);
            });
        }
        cases.of("RFC 9110 §5.6.7", "If-Modified-Since in the form of RFC 850 is read", probe -> {
            Instant modified = Instant.now().minusSeconds(3000);
            probe.answers(fresh("Last-Modified", Answer.httpDate(modified)));
            probe.asks().ok(1);
            probe.hit(
                            IMS,
                            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss 'GMT'", Locale.US)
                                    .format(modified.atOffset(ZoneOffset.UTC)))
                    .status(304);
        });
        cases.of("RFC 9110 §13.2.2", "If-None-Match fits and If-Modified-Since does not: 304", probe -> {
            probe.answers(fresh("ETag", "\"abc\"", "Last-Modified", date(-3000)));
            probe.asks().ok(1);
            probe.hit(INM, "\"abc\"", IMS, date(-5000)).status(304);
        });
        cases.of("RFC 9110 §13.2.2", "If-None-Match does not fit and If-Modified-Since does: 200", probe -> {
            probe.answers(fresh("ETag", "\"abc\"", "Last-Modified", date(-3000)));
            probe.asks().ok(1);
            probe.hit(INM, "\"other\"", IMS, date(-1000)).ok(1);
        });
        cases.of(IF_NONE_MATCH, "a stored 404 is no 304, whatever the client has", probe -> {
            probe.answers(Answer.of(404, "Cache-Control", "max-age=3600", "ETag", "\"abc\""));
            probe.asks().status(404);
            probe.get(INM, "\"abc\"").status(404);
        });
    }

    private static void misses(Cases cases) {
        cases.of(
                RECEIVED,
                "a condition and nothing stored: the client's condition is met, and poisons nothing",
                probe -> {
                    probe.answers(versioned(() -> 1, "max-age=3600"));
                    probe.asks(INM, "\"v1\"").status(304).body("");
                    probe.get().status(200).body("version 1");
                    probe.hit().status(200).body("version 1");
                });
        cases.of(RECEIVED, "a condition that fails and nothing stored: 200, which is stored", probe -> {
            probe.answers(versioned(() -> 1, "max-age=3600"));
            probe.asks(INM, "\"v0\"").status(200).body("version 1");
            probe.hit().status(200).body("version 1");
        });
        cases.of(RECEIVED, "If-Modified-Since and nothing stored: met, and poisons nothing", probe -> {
            String modified = date(-3000);
            probe.answers(request -> request.header(IMS).equals(modified)
                    ? Answer.of(304, "Last-Modified", modified, "Cache-Control", "max-age=3600")
                    : fresh("Last-Modified", modified).body("whole"));
            probe.asks(IMS, modified).status(304);
            probe.get().status(200).body("whole");
            probe.hit().status(200).body("whole");
        });
        cases.of(RECEIVED, "304 of an origin for a client's condition is stored for nobody", probe -> {
            probe.answers(request -> request.header(INM).isEmpty()
                    ? fresh("ETag", "\"v1\"").body("whole")
                    : Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600"));
            probe.get(INM, "\"v1\"").status(304);
            probe.get(INM, "\"x\"", IMS, date(0));
            probe.get().status(200).body("whole");
        });
        cases.of(RECEIVED, "stale, and the client has the stored: 304 once the origin says so", probe -> {
            probe.answers(versioned(() -> 1, "max-age=1"));
            probe.asks().body("version 1");
            probe.untilStale();
            probe.asks(INM, "\"v1\"").status(304).has("ETag", "\"v1\"");
            assertThat(probe.seen(2).header(INM)).contains("\"v1\"");
        });
        cases.of(RECEIVED, "stale, and the client has something older: 200 once the origin says 304", probe -> {
            probe.answers(versioned(() -> 1, "max-age=1"));
            probe.asks().body("version 1");
            probe.untilStale();
            probe.asks(INM, "\"v0\"").status(200).body("version 1").has("ETag", "\"v1\"");
        });
        cases.of(
                RECEIVED,
                "stale, and the client has something newer: nobody gets one's body with the other's ETag",
                probe -> {
                    AtomicInteger version = new AtomicInteger(1);
                    probe.answers(versioned(version::get, "max-age=1"));
                    probe.asks().body("version 1");
                    probe.untilStale();
                    version.set(2);
                    Got got = probe.get(INM, "\"v2\"").status(304, 200).has("ETag", "\"v2\"");
                    if (got.status() == 200) {
                        got.body("version 2");
                    }
                    probe.get().status(200).body("version 2").has("ETag", "\"v2\"");
                });
        cases.of(RECEIVED, "stale by Last-Modified, and the client has the stored: 304", probe -> {
            String modified = date(-3000);
            probe.answers(request -> request.header(IMS).equals(modified)
                    ? Answer.of(304, "Last-Modified", modified, "Cache-Control", "max-age=3600")
                    : brief("Last-Modified", modified));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks(IMS, modified).status(304);
            probe.hit().status(200).body("body-1");
        });
        cases.of(RECEIVED, "an answer that may not be stored: the client's condition reaches the origin", probe -> {
            probe.answers(request -> request.header(INM).equals("\"v1\"")
                    ? Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "no-store")
                    : cc("no-store", "ETag", "\"v1\""));
            probe.asks().ok(1);
            probe.asks(INM, "\"v1\"").status(304).has("ETag", "\"v1\"");
        });
    }

    private static void origins(Cases cases) {
        for (String method : List.of("PUT", "DELETE", "PATCH", "POST")) {
            cases.of("RFC 9110 §13.1.1", method + " with If-Match: the origin decides", probe -> {
                probe.answers(request -> request.method().equals("GET")
                        ? fresh("ETag", "\"v1\"")
                        : Answer.of(request.header("If-Match").equals("\"v1\"") ? 204 : 412));
                probe.asks().ok(1);
                probe.send(method, "", "x", "If-Match", "\"v0\"").status(412);
                assertThat(probe.lastSeen().header("If-Match")).isEqualTo("\"v0\"");
                probe.hit().ok(1);
                probe.send(method, "", "x", "If-Match", "\"v1\"").status(204);
                probe.asks();
            });
        }
        cases.of("RFC 9110 §13.1.4", "PUT with If-Unmodified-Since: the origin decides", probe -> {
            String date = date(-100);
            probe.answers(
                    request -> Answer.of(request.header("If-Unmodified-Since").equals(date) ? 412 : 500));
            probe.send("PUT", "", "x", "If-Unmodified-Since", date).status(412);
        });
        cases.of("RFC 9110 §13.1.2", "PUT with If-None-Match: * reaches the origin, stored answer or not", probe -> {
            probe.answers(request -> request.method().equals("GET")
                    ? fresh("ETag", "\"v1\"")
                    : Answer.of(request.header(INM).equals("*") ? 412 : 500));
            probe.asks().ok(1);
            probe.send("PUT", "", "x", INM, "*").status(412);
        });
        cases.of(
                "RFC 9110 §13.1.1",
                "GET with If-Match and nothing stored: the origin's 412 is for that client alone",
                probe -> {
                    probe.answers(request -> request.header("If-Match").isEmpty() ? fresh() : Answer.of(412));
                    probe.asks("If-Match", "\"x\"").status(412);
                    probe.asks().ok(2);
                    probe.hit().ok(2);
                });
        cases.of(
                "RFC 9110 §13.1.4",
                "GET with If-Unmodified-Since and nothing stored: the 412 is for that client alone",
                probe -> {
                    probe.answers(
                            request -> request.header("If-Unmodified-Since").isEmpty() ? fresh() : Answer.of(412));
                    probe.asks("If-Unmodified-Since", date(-1000)).status(412);
                    probe.asks().ok(2);
                });
    }
}
