package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.fresh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import dev.weir.testkit.ScriptedOrigin.Request;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/** Unsafe methods: what they end in the store, and that they pass. */
final class InvalidationCases {

    private static final String INVALIDATION = "RFC 9111 §4.4";
    private static final List<String> UNSAFE = List.of("POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "FOO");

    private InvalidationCases() {}

    static void add(Cases cases) {
        targets(cases);
        locations(cases);
        passing(cases);
        races(cases);
    }

    /** GETs are fresh; other methods get this answer. */
    private static Function<Request, Answer> unsafe(Answer answer) {
        return request -> request.method().equals("GET") ? fresh() : answer;
    }

    private static void targets(Cases cases) {
        for (String method : UNSAFE) {
            cases.of(INVALIDATION, method + " with success ends the stored answer of its target", probe -> {
                probe.answers(unsafe(Answer.of(204)));
                probe.asks().ok(1);
                probe.send(method, "", "abc").status(204);
                probe.asks().ok(3);
                probe.hit().ok(3);
            });
            cases.of(INVALIDATION, method + " with an error leaves the stored answer", probe -> {
                probe.answers(unsafe(Answer.of(500)));
                probe.asks().ok(1);
                probe.send(method, "", "abc").status(500);
                probe.hit().ok(1);
            });
        }
        for (int status : List.of(200, 201, 202, 204, 301, 302, 303, 307)) {
            cases.of(INVALIDATION, "POST with " + status + " ends the stored answer of its target", probe -> {
                probe.answers(unsafe(Answer.of(status, "Location", "/elsewhere")));
                probe.asks().ok(1);
                probe.send("POST", "", "abc").status(status);
                probe.asks().ok(3);
            });
        }
        for (int status : List.of(400, 403, 404, 409, 422, 502, 503)) {
            cases.of(INVALIDATION, "POST with " + status + " leaves the stored answer", probe -> {
                probe.answers(unsafe(Answer.of(status)));
                probe.asks().ok(1);
                probe.send("POST", "", "abc").status(status);
                probe.hit().ok(1);
            });
        }
        for (String method : List.of("OPTIONS", "HEAD")) {
            cases.of("RFC 9110 §9.2.1", method + " is safe and leaves the stored answer", probe -> {
                probe.answers(request -> fresh());
                probe.asks().ok(1);
                probe.send(method, "", null).status(200);
                probe.hit().ok(1);
            });
        }
        cases.of(INVALIDATION, "the target is path and query", probe -> {
            probe.answers(unsafe(Answer.of(204)));
            probe.getWith("?a=1").ok(1);
            probe.send("POST", "?a=1", "abc").status(204);
            probe.getWith("?a=1").ok(3);
        });
        cases.of(INVALIDATION, "other paths are left", probe -> {
            Probe other = probe.at("/other");
            other.answers(fresh());
            other.asks().ok(1);
            probe.answers(Answer.of(204));
            probe.send("POST", "", "abc").status(204);
            other.hit().ok(1);
        });
        cases.of(INVALIDATION, "HEAD after a PUT gives nothing of the old", probe -> {
            probe.answers(
                    request -> request.method().equals("PUT") ? Answer.of(204) : fresh("X-No", "" + request.number()));
            probe.asks().has("X-No", "1");
            probe.send("PUT", "", "abc").status(204);
            assertThat(probe.head().status(200).value("X-No")).isEqualTo("3");
        });
    }

    private static void locations(Cases cases) {
        for (String field : List.of("Location", "Content-Location")) {
            cases.of(INVALIDATION, field + " of a successful POST: the stored answer there ends", probe -> {
                Probe there = probe.at("/there");
                there.answers(fresh());
                there.asks().ok(1);
                probe.answers(Answer.of(201, field, there.path()));
                probe.send("POST", "", "abc").status(201);
                there.asks().ok(2);
            });
            cases.of(INVALIDATION, field + " of a failed POST: the stored answer there is left", probe -> {
                Probe there = probe.at("/there");
                there.answers(fresh());
                there.asks().ok(1);
                probe.answers(Answer.of(409, field, there.path()));
                probe.send("POST", "", "abc").status(409);
                there.hit().ok(1);
            });
            cases.of(INVALIDATION, field + " on another host: nothing here ends", probe -> {
                Probe there = probe.at("/there");
                there.answers(fresh());
                there.asks().ok(1);
                probe.answers(Answer.of(201, field, "http://elsewhere.example" + there.path()));
                probe.send("POST", "", "abc").status(201);
                there.hit().ok(1);
            });
            cases.of(
                    INVALIDATION,
                    field + " as a full URL of the client's own host: the stored answer there ends",
                    probe -> {
                        Probe there = probe.at("/there");
                        there.answers(fresh());
                        there.asks().ok(1);
                        probe.answers(Answer.of(201, field, "http://" + probe.authority() + there.path()));
                        probe.send("POST", "", "abc").status(201);
                        there.asks().ok(2);
                    });
            cases.of(INVALIDATION, field + " of a GET: nothing ends", probe -> {
                Probe there = probe.at("/there");
                there.answers(fresh());
                there.asks().ok(1);
                probe.answers(fresh(field, there.path()));
                probe.asks().ok(1);
                there.hit().ok(1);
            });
        }
    }

    private static void passing(Cases cases) {
        for (String method : UNSAFE) {
            cases.of("RFC 9111 §4", method + " reaches the origin each time, with its body and type", probe -> {
                probe.answers(cc("max-age=3600", "X-Own", "1"));
                for (int i = 1; i <= 2; i++) {
                    probe.send(method, "?q=1", "content " + i, "Content-Type", "text/x")
                            .ok(i)
                            .has("X-Own", "1");
                    assertThat(probe.seen()).isEqualTo(i);
                    Request request = probe.lastSeen();
                    assertThat(request.method()).isEqualTo(method);
                    assertThat(request.target()).endsWith("?q=1");
                    assertThat(request.text()).isEqualTo("content " + i);
                    assertThat(request.header("Content-Type")).isEqualTo("text/x");
                }
            });
        }
        cases.of("RFC 9110 §9.3.3", "the answer to a POST is none to a GET, for all its max-age", probe -> {
            probe.answers(fresh());
            probe.send("POST", "", "abc").ok(1);
            probe.asks().ok(2);
        });
        cases.of("RFC 9110 §9.3.4", "the answer to a PUT is none to a GET, for all its max-age", probe -> {
            probe.answers(fresh());
            probe.send("PUT", "", "abc").ok(1);
            probe.asks().ok(2);
        });
        cases.of("RFC 9110 §9.3.7", "OPTIONS is passed on, and never stored", probe -> {
            probe.answers(fresh("Allow", "GET, PUT"));
            probe.send("OPTIONS", "", null).status(200).has("Allow", "GET, PUT");
            assertThat(probe.lastSeen().method()).isEqualTo("OPTIONS");
            probe.send("OPTIONS", "", null).ok(2);
        });
        cases.of("RFC 9110 §9.3.1", "a GET with a body is answered, and harms no later one", probe -> {
            probe.answers(fresh());
            probe.send("GET", "", "{\"a\":1}", "Content-Type", "application/json")
                    .status(200);
            probe.get().status(200);
        });
    }

    private static void races(Cases cases) {
        cases.of(INVALIDATION, "an answer that was on its way when a PUT succeeded is not used after it", probe -> {
            CountDownLatch hold = new CountDownLatch(1);
            probe.answers(fresh().heldBy(hold), Answer.of(204), fresh());
            CompletableFuture<Got> early = probe.later(probe::get);
            probe.awaitSeen(1);
            probe.send("PUT", "", "abc").status(204);
            hold.countDown();
            early.join().ok(1);
            probe.asks().ok(3);
        });
        cases.of(INVALIDATION, "a validation that was on its way when a PUT succeeded refreshes nothing", probe -> {
            CountDownLatch hold = new CountDownLatch(1);
            probe.answers(
                    Cases.brief("ETag", "\"v1\""),
                    Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600")
                            .heldBy(hold),
                    Answer.of(204),
                    fresh("ETag", "\"v2\""));
            probe.asks().ok(1);
            probe.untilStale();
            CompletableFuture<Got> early = probe.later(probe::get);
            probe.awaitSeen(2);
            probe.send("PUT", "", "abc").status(204);
            hold.countDown();
            early.join().status(200);
            probe.asks().ok(4);
        });
        cases.of(INVALIDATION, "a GET that begins after a PUT was answered does not join one from before", probe -> {
            CountDownLatch hold = new CountDownLatch(1);
            probe.answers(fresh().heldBy(hold), Answer.of(204), fresh());
            CompletableFuture<Got> early = probe.later(probe::get);
            probe.awaitSeen(1);
            probe.send("PUT", "", "abc").status(204);
            probe.asks().ok(3);
            hold.countDown();
            early.join().ok(1);
            assertThat(probe.hit().text()).isEqualTo("body-3");
        });
    }
}
