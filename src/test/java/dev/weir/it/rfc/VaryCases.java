package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.brief;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.util.List;

/** Vary: which of several answers of one path fits a request. */
final class VaryCases {

    private static final String VARY = "RFC 9111 §4.1";

    private VaryCases() {}

    static void add(Cases cases) {
        one(cases);
        several(cases);
        star(cases);
        stored(cases);
    }

    private static void one(Cases cases) {
        cases.of(VARY, "the same value: answered from the store", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            probe.asks("X-Foo", "1").ok(1);
            probe.hit("X-Foo", "1").ok(1).has("Vary", "X-Foo");
        });
        cases.of(VARY, "another value: the origin is asked", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            probe.asks("X-Foo", "1").ok(1);
            probe.asks("X-Foo", "2").ok(2);
        });
        cases.of(VARY, "each value has its own answer, and none drives out another", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            for (int i = 1; i <= 5; i++) {
                probe.asks("X-Foo", "value " + i).ok(i);
            }
            for (int i = 5; i >= 1; i--) {
                probe.hit("X-Foo", "value " + i).ok(i);
            }
        });
        cases.of(VARY, "absent after present: the origin is asked", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            probe.asks("X-Foo", "1").ok(1);
            probe.asks().ok(2);
        });
        cases.of(VARY, "present after absent: the origin is asked", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            probe.asks().ok(1);
            probe.asks("X-Foo", "1").ok(2);
        });
        cases.of(VARY, "absent both times: answered from the store", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            probe.asks().ok(1);
            probe.hit().ok(1);
        });
        cases.of(VARY, "names of headers in any case", probe -> {
            probe.answers(fresh("vary", "x-fOO"));
            probe.asks("X-Foo", "1").ok(1);
            probe.hit("x-foo", "1").ok(1);
            probe.asks("X-FOO", "2").ok(2);
        });
        cases.of(VARY, "values that differ in case are not the same", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            probe.asks("X-Foo", "a").ok(1);
            probe.asks("X-Foo", "A").ok(2);
        });
        cases.of(VARY, "headers that Vary does not name mean nothing", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            probe.asks("X-Foo", "1", "X-Other", "2", "User-Agent", "one").ok(1);
            probe.hit("X-Foo", "1", "X-Other", "3", "User-Agent", "two").ok(1);
        });
        cases.of(VARY, "Vary: Accept-Encoding keeps packed and plain apart", probe -> {
            probe.answers(request -> request.header("Accept-Encoding").contains("br")
                    ? fresh("Vary", "Accept-Encoding", "Content-Encoding", "br").body("packed")
                    : fresh("Vary", "Accept-Encoding").body("plain"));
            probe.asks("Accept-Encoding", "br").body("packed").has("Content-Encoding", "br");
            probe.asks("Accept-Encoding", "identity").body("plain").without("Content-Encoding");
            probe.hit("Accept-Encoding", "br").body("packed").has("Content-Encoding", "br");
            probe.hit("Accept-Encoding", "identity").body("plain").without("Content-Encoding");
        });
        cases.of(VARY, "Vary: Accept on a redirect", probe -> {
            probe.answers(request -> Answer.of(301, "Cache-Control", "max-age=3600", "Vary", "Accept")
                    .header("Location", "/as/" + request.header("Accept")));
            probe.asks("Accept", "text/html").has("Location", "/as/text/html");
            probe.asks("Accept", "text/plain").has("Location", "/as/text/plain");
            probe.hit("Accept", "text/html").has("Location", "/as/text/html");
        });
    }

    private static void several(Cases cases) {
        cases.of(VARY, "two headers, both the same: answered from the store", probe -> {
            probe.answers(fresh("Vary", "X-Foo, X-Bar"));
            probe.asks("X-Foo", "1", "X-Bar", "abc").ok(1);
            probe.hit("X-Bar", "abc", "X-Foo", "1").ok(1);
        });
        for (String[] other : List.of(
                new String[] {"X-Foo", "2", "X-Bar", "abc"},
                new String[] {"X-Foo", "1", "X-Bar", "abcde"},
                new String[] {"X-Foo", "1"},
                new String[] {"X-Bar", "abc"},
                new String[] {"X-Foo", "abc", "X-Bar", "1"},
                new String[] {})) {
            cases.of(VARY, "two headers, " + List.of(other) + " is not the same", probe -> {
                probe.answers(fresh("Vary", "X-Foo, X-Bar"));
                probe.asks("X-Foo", "1", "X-Bar", "abc").ok(1);
                probe.asks(other).ok(2);
            });
        }
        cases.of(VARY, "values cannot be shifted from one header to the next", probe -> {
            probe.answers(fresh("Vary", "X-Foo, X-Bar"));
            probe.asks("X-Foo", "1, X-Bar: 2", "X-Bar", "3").ok(1);
            probe.asks("X-Foo", "1", "X-Bar", "2, X-Bar: 3").ok(2);
            probe.asks("X-Foo", "1,2", "X-Bar", "3").ok(3);
            probe.asks("X-Foo", "1", "X-Bar", "2,3").ok(4);
        });
        cases.of(VARY, "three headers, one absent both times: answered from the store", probe -> {
            probe.answers(fresh("Vary", "X-Foo, X-Bar, X-Baz"));
            probe.asks("X-Foo", "1", "X-Baz", "789").ok(1);
            probe.hit("X-Foo", "1", "X-Baz", "789").ok(1);
            probe.asks("X-Foo", "1", "X-Bar", "789").ok(2);
        });
        cases.of(VARY, "Vary on two lines is one list", probe -> {
            probe.answers(fresh("Vary", "X-Foo", "Vary", "X-Bar"));
            probe.asks("X-Foo", "1", "X-Bar", "a").ok(1);
            probe.hit("X-Foo", "1", "X-Bar", "a").ok(1);
            probe.asks("X-Foo", "1", "X-Bar", "b").ok(2);
            probe.asks("X-Foo", "2", "X-Bar", "a").ok(3);
        });
        cases.of(VARY, "a header on two lines: all of its lines count", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            probe.asks("X-Foo", "1", "X-Foo", "2").ok(1);
            probe.hit("X-Foo", "1", "X-Foo", "2").ok(1);
            probe.asks("X-Foo", "1", "X-Foo", "3").ok(2);
            probe.asks("X-Foo", "1").ok(3);
        });
    }

    private static void star(Cases cases) {
        for (String written : List.of("*", "*, *", ", *", "*, X-Foo", "X-Foo, *", "X-Foo , * , X-Bar")) {
            cases.of(VARY, "Vary: " + written + " fits no request", probe -> {
                probe.answers(fresh("Vary", written));
                probe.asks("X-Foo", "1").ok(1);
                probe.asks("X-Foo", "1").ok(2);
            });
        }
        cases.of(VARY, "Vary: * on a second line fits no request", probe -> {
            probe.answers(fresh("Vary", "X-Foo", "Vary", "*"));
            probe.asks("X-Foo", "1").ok(1);
            probe.asks("X-Foo", "1").ok(2);
        });
        cases.of(
                VARY,
                "Vary: * where the origin says nothing else fits no request",
                probe -> probe.doesNotStore(ok("Vary", "*")));
    }

    private static void stored(Cases cases) {
        cases.of(VARY, "answers of one path may vary by different headers", probe -> {
            probe.answers(request ->
                    request.header("X-Foo").equals("1") ? fresh("Vary", "X-Foo") : fresh("Vary", "X-Foo, X-Bar"));
            probe.asks("X-Foo", "1").ok(1);
            probe.asks("X-Foo", "2", "X-Bar", "x").ok(2);
            probe.asks("X-Foo", "2", "X-Bar", "y").ok(3);
            assertThat(probe.get("X-Foo", "2", "X-Bar", "x").text())
                    .isNotEqualTo("body-1")
                    .isNotEqualTo("body-3");
            assertThat(probe.get("X-Foo", "2", "X-Bar", "y").text())
                    .isNotEqualTo("body-1")
                    .isNotEqualTo("body-2");
        });
        cases.of(VARY, "an answer that begins to vary is not given to those it does not fit", probe -> {
            probe.answers(brief(), fresh("Vary", "X-Foo"));
            probe.asks("X-Foo", "1").ok(1);
            probe.untilStale();
            probe.asks("X-Foo", "1").ok(2);
            probe.asks("X-Foo", "2").ok(3);
            probe.hit("X-Foo", "2").ok(3);
        });
        cases.of(
                "RFC 9111 §4.3.1",
                "a stale variant is validated by its own ETag, with the header that it varies by",
                probe -> {
                    probe.answers(request -> {
                        String tag = "\"" + request.header("X-Foo") + "\"";
                        return request.header("If-None-Match").equals(tag)
                                ? Answer.of(304, "ETag", tag, "Cache-Control", "max-age=1", "Vary", "X-Foo")
                                : brief("ETag", tag, "Vary", "X-Foo").body("for " + request.header("X-Foo"));
                    });
                    probe.asks("X-Foo", "a").body("for a");
                    probe.asks("X-Foo", "b").body("for b");
                    probe.untilStale();
                    probe.asks("X-Foo", "a").status(200).body("for a");
                    assertThat(probe.lastSeen().header("X-Foo")).isEqualTo("a");
                    probe.asks("X-Foo", "b").status(200).body("for b");
                    assertThat(probe.lastSeen().header("X-Foo")).isEqualTo("b");
                });
        cases.of(
                "RFC 9111 §4.3.1",
                "a request that no variant fits: a 304 for another variant's ETag gives that one",
                probe -> {
                    // The cache may offer the ETags of all its variants; it may as well offer none.
                    probe.answers(request -> request.header("If-None-Match").contains("\"shared\"")
                            ? Answer.of(304, "ETag", "\"shared\"", "Cache-Control", "max-age=3600", "Vary", "X-Foo")
                            : fresh("ETag", "\"shared\"", "Vary", "X-Foo").body("for all"));
                    probe.asks("X-Foo", "a").body("for all");
                    probe.asks("X-Foo", "b").status(200).body("for all");
                });
        cases.of("RFC 9111 §4.4", "a successful PUT ends all variants", probe -> {
            probe.answers(request -> request.method().equals("PUT") ? Answer.of(204) : fresh("Vary", "X-Foo"));
            probe.asks("X-Foo", "1").ok(1);
            probe.asks("X-Foo", "2").ok(2);
            probe.send("PUT", "", "new").status(204);
            probe.asks("X-Foo", "1").ok(4);
            probe.asks("X-Foo", "2").ok(5);
        });
    }
}
