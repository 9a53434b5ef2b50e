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

/** How Weir asks the origin whether what it has still holds, and what it makes of the answer. */
final class ValidationCases {

    private static final String SENDING = "RFC 9111 §4.3.1";
    private static final String HANDLING = "RFC 9111 §4.3.3";
    private static final String FRESHENING = "RFC 9111 §4.3.4";
    private static final String UPDATING = "RFC 9111 §3.2";

    private ValidationCases() {}

    static void add(Cases cases) {
        sending(cases);
        handling(cases);
        updating(cases);
    }

    private static void sending(Cases cases) {
        for (String tag : List.of("\"v1\"", "W/\"v1\"", "\"\"", "\"a,b c\"", "\"!#%&'()*+-./:<=>?@[]^_`{|}~\"")) {
            cases.of(SENDING, "a stale answer is validated by its ETag " + tag + ", to the letter", probe -> {
                probe.answers(brief("ETag", tag), Answer.of(304, "ETag", tag, "Cache-Control", "max-age=3600"));
                probe.asks().ok(1);
                probe.untilStale();
                probe.asks().ok(1).has("ETag", tag);
                assertThat(probe.seen(2).header("If-None-Match")).isEqualTo(tag);
            });
        }
        cases.of(SENDING, "a stale answer is validated by its Last-Modified", probe -> {
            String modified = date(-10_000);
            probe.answers(brief("Last-Modified", modified), Answer.of(304, "Cache-Control", "max-age=3600"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1).has("Last-Modified", modified);
            assertThat(probe.seen(2).header("If-Modified-Since")).isEqualTo(modified);
        });
        cases.of(SENDING, "with both, the ETag is sent", probe -> {
            probe.answers(brief("ETag", "\"v1\"", "Last-Modified", date(-10_000)), Answer.of(304, "ETag", "\"v1\""));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1);
            assertThat(probe.seen(2).header("If-None-Match")).isEqualTo("\"v1\"");
        });
        cases.of(SENDING, "without either, no condition is sent", probe -> {
            probe.answers(brief());
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
            assertThat(probe.seen(2).fields().has("If-None-Match")).isFalse();
            assertThat(probe.seen(2).fields().has("If-Modified-Since")).isFalse();
        });
        cases.of(SENDING, "the first request has no condition", probe -> {
            probe.answers(fresh("ETag", "\"v1\""));
            probe.asks().ok(1);
            assertThat(probe.seen(1).fields().has("If-None-Match")).isFalse();
            assertThat(probe.seen(1).fields().has("If-Modified-Since")).isFalse();
        });
        cases.of(SENDING, "the validation bears the end-to-end headers of the client's request", probe -> {
            probe.answers(versioned(() -> 1, "max-age=1"));
            probe.asks();
            probe.untilStale();
            probe.asks("X-Trace", "abc", "Accept-Language", "de").status(200);
            assertThat(probe.seen(2).header("X-Trace")).isEqualTo("abc");
            assertThat(probe.seen(2).header("Accept-Language")).isEqualTo("de");
        });
    }

    private static void handling(Cases cases) {
        cases.of(HANDLING, "304: the client that set no condition gets 200 and the stored body", probe -> {
            probe.answers(
                    brief("ETag", "\"v1\"", "Content-Type", "text/x", "X-Kept", "1"), Answer.of(304, "ETag", "\"v1\""));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1).has("Content-Type", "text/x").has("X-Kept", "1").has("Content-Length", "6");
        });
        cases.of(HANDLING, "304 without any header: the client gets the stored answer", probe -> {
            probe.answers(brief("ETag", "\"v1\""), Answer.of(304).withoutDate());
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1).has("ETag", "\"v1\"");
        });
        cases.of(HANDLING, "200: it takes the place of the old", probe -> {
            AtomicInteger version = new AtomicInteger(1);
            probe.answers(versioned(version::get, "max-age=1"));
            probe.asks().body("version 1").has("ETag", "\"v1\"");
            probe.untilStale();
            version.set(2);
            probe.answers(versioned(version::get, "max-age=3600"));
            probe.asks().status(200).body("version 2").has("ETag", "\"v2\"");
            probe.hit().body("version 2").has("ETag", "\"v2\"");
        });
        cases.of(HANDLING, "200 without the old headers: they are gone", probe -> {
            probe.answers(brief("ETag", "\"v1\"", "X-Old", "1"), fresh("ETag", "\"v2\""));
            probe.asks().has("X-Old", "1");
            probe.untilStale();
            probe.asks().ok(2).without("X-Old");
            probe.hit().ok(2).without("X-Old");
        });
        cases.of(HANDLING, "200 that may not be stored: passed on, and the next asks again", probe -> {
            probe.answers(brief("ETag", "\"v1\""), cc("no-store"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
            probe.asks().ok(3);
        });
        for (int status : List.of(404, 410, 301)) {
            cases.of(HANDLING, status + " with max-age: it takes the place of the old", probe -> {
                probe.answers(
                        brief("ETag", "\"v1\""),
                        Answer.of(status, "Cache-Control", "max-age=3600", "Location", "/elsewhere"));
                probe.asks().ok(1);
                probe.untilStale();
                probe.asks().status(status).body("body-2");
                probe.hit().status(status).body("body-2");
            });
        }
        for (int status : List.of(403, 404)) {
            cases.of(HANDLING, status + " that may not be stored: passed on, and no stale answer after it", probe -> {
                probe.answers(brief("ETag", "\"v1\""), Answer.of(status, "Cache-Control", "no-store"));
                probe.asks().ok(1);
                probe.untilStale();
                probe.asks().status(status);
                probe.asks().status(status);
            });
        }
        for (int status : List.of(500, 502, 503, 504)) {
            cases.of(HANDLING, status + " where nothing allows stale answers: passed on", probe -> {
                probe.answers(brief("ETag", "\"v1\""), Answer.of(status));
                probe.asks().ok(1);
                probe.untilStale();
                probe.asks().status(status).body("body-2");
            });
        }
        cases.of(HANDLING, "503, then the origin is well again: its 304 or 200 gives the answer", probe -> {
            probe.answers(request -> request.number() == 2
                    ? Answer.of(503)
                    : versioned(() -> 1, "max-age=1").apply(request));
            probe.asks().body("version 1");
            probe.untilStale();
            probe.asks().status(503);
            probe.asks().status(200).body("version 1");
        });
    }

    private static void updating(Cases cases) {
        cases.of(FRESHENING, "304 with a new max-age: fresh again", probe -> {
            probe.answers(brief("ETag", "\"v1\""), Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1).has("Cache-Control", "max-age=3600");
            probe.untilStale();
            probe.hit().ok(1).has("Cache-Control", "max-age=3600");
        });
        cases.of(FRESHENING, "304 without a lifetime: the old one begins anew", probe -> {
            probe.answers(cc("max-age=100", "Age", "99", "ETag", "\"v1\""), Answer.of(304, "ETag", "\"v1\""));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1);
            probe.hit().ok(1);
        });
        cases.of(FRESHENING, "304 with a new Expires: fresh again", probe -> {
            probe.answers(request -> request.number() == 1
                    ? Cases.ok("Expires", date(1), "ETag", "\"v1\"")
                    : Answer.of(304, "ETag", "\"v1\"", "Expires", date(3600)));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1);
            probe.hit().ok(1);
        });
        for (String name : List.of(
                "X-Test", "Content-Security-Policy", "Content-Location", "Set-Cookie", "Link", "X-Frame-Options")) {
            cases.of(UPDATING, "304 with a new " + name + ": it is sent, and kept", probe -> {
                String lifetime = "public, max-age=";
                probe.answers(
                        cc(lifetime + 1, "ETag", "\"v1\"", name, "a=old"),
                        Answer.of(304, "ETag", "\"v1\"", "Cache-Control", lifetime + 3600, name, "a=new"));
                probe.asks().has(name, "a=old");
                probe.untilStale();
                probe.asks().ok(1).has(name, "a=new");
                probe.hit().ok(1).has(name, "a=new");
            });
        }
        cases.of(UPDATING, "304 with a header that was not there before: it is added", probe -> {
            probe.answers(
                    brief("ETag", "\"v1\"", "X-Old", "1"),
                    Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600", "X-New", "2"));
            probe.asks();
            probe.untilStale();
            probe.asks().ok(1).has("X-Old", "1").has("X-New", "2");
            probe.hit().ok(1).has("X-Old", "1").has("X-New", "2");
        });
        cases.of(UPDATING, "304 with a header of several lines: they take the place of all old lines", probe -> {
            probe.answers(
                    brief("ETag", "\"v1\"", "X-Many", "a", "X-Many", "b", "X-Many", "c"),
                    Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600", "X-Many", "d", "X-Many", "e"));
            probe.asks().has("X-Many", "a, b, c");
            probe.untilStale();
            probe.asks().has("X-Many", "d, e");
            probe.hit().has("X-Many", "d, e");
        });
        for (String length : List.of("0", "5", "1000")) {
            cases.of(UPDATING, "304 with Content-Length: " + length + " shortens and lengthens no body", probe -> {
                probe.answers(
                        brief("ETag", "\"v1\""),
                        Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600", "Content-Length", length));
                probe.asks().ok(1);
                probe.untilStale();
                probe.asks().ok(1).has("Content-Length", "6");
                probe.hit().ok(1).has("Content-Length", "6");
            });
        }
        cases.of(UPDATING, "304 with hop-by-hop fields: none is sent or kept", probe -> {
            probe.answers(
                    brief("ETag", "\"v1\""),
                    Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600")
                            .header("Connection", "X-Hop")
                            .header("X-Hop", "1")
                            .header("Keep-Alive", "timeout=7")
                            .header("X-End", "2"));
            probe.asks();
            probe.untilStale();
            probe.asks().ok(1).without("X-Hop", "Keep-Alive").has("X-End", "2");
            probe.hit().ok(1).without("X-Hop", "Keep-Alive").has("X-End", "2");
        });
        cases.of(UPDATING, "304 with Date: the answer bears it from then on", probe -> {
            probe.answers(request -> request.number() == 1
                    ? brief("ETag", "\"v1\"", "Date", date(0))
                    : Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600", "Date", date(-7)));
            probe.asks();
            probe.untilStale();
            String date = probe.asks().ok(1).value("Date");
            probe.hit().has("Date", date);
            assertThat(probe.hit().age()).isBetween(7L, 13L);
        });
        cases.of(UPDATING, "304 that says no-store: the next asks again", probe -> {
            probe.answers(
                    brief("ETag", "\"v1\""), Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "no-store"), fresh());
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1);
            probe.asks().ok(3);
        });
        cases.of(UPDATING, "304 that says private: the next asks again", probe -> {
            probe.answers(
                    brief("ETag", "\"v1\""),
                    Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "private, max-age=3600"),
                    fresh());
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1);
            probe.asks().ok(3);
        });
        cases.of(FRESHENING, "304 that names another ETag: the old body is never given under it", probe -> {
            probe.answers(
                    brief("ETag", "\"v1\""),
                    Answer.of(304, "ETag", "\"v2\"", "Cache-Control", "max-age=3600"),
                    fresh("ETag", "\"v2\""));
            probe.asks().ok(1).has("ETag", "\"v1\"");
            probe.untilStale();
            for (int i = 0; i < 3; i++) {
                Got got = probe.get();
                if (got.status() == 200 && got.text().equals("body-1")) {
                    got.has("ETag", "\"v1\"");
                }
            }
        });
        cases.of(FRESHENING, "a weak ETag is enough for a 304", probe -> {
            probe.answers(
                    brief("ETag", "W/\"v1\""), Answer.of(304, "ETag", "W/\"v1\"", "Cache-Control", "max-age=3600"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(1);
            probe.hit().ok(1);
        });
        cases.of(FRESHENING, "a validated answer can be validated again", probe -> {
            probe.answers(brief("ETag", "\"v1\""), Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=1"));
            probe.asks().ok(1);
            for (int i = 2; i <= 3; i++) {
                probe.untilStale();
                probe.asks().ok(1);
                assertThat(probe.seen(i).header("If-None-Match")).isEqualTo("\"v1\"");
            }
        });
    }
}
