package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.ok;

import dev.weir.testkit.Answer;
import java.util.List;

/** Which statuses are stored: with a lifetime of their own, and where the origin says nothing. */
final class StatusCases {

    private static final String STORING = "RFC 9111 §3";
    private static final String HEURISTIC = "RFC 9111 §4.2.2";

    private StatusCases() {}

    static void add(Cases cases) {
        for (int status : List.of(
                200, 201, 203, 204, 299, 300, 301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 414, 418, 451, 499, 500,
                501, 502, 503, 504, 599)) {
            cases.of(
                    STORING,
                    status + " with max-age: stored",
                    probe -> probe.stores(withLocation(status).header("Cache-Control", "max-age=3600")));
        }
        for (int status : List.of(204, 301, 302, 307, 308, 404, 410, 503)) {
            cases.of(
                    STORING,
                    status + " with max-age=0: not used again",
                    probe -> probe.doesNotStore(withLocation(status).header("Cache-Control", "max-age=0")));
            cases.of(
                    STORING,
                    status + " with no-store: not stored",
                    probe -> probe.doesNotStore(withLocation(status).header("Cache-Control", "no-store")));
        }
        for (int status : List.of(200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501)) {
            cases.of(HEURISTIC, status + " of which the origin says nothing: stored by the cache's own ttl", probe -> {
                probe.stores(withLocation(status));
            });
        }
        for (int status : List.of(201, 202, 302, 303, 307, 400, 401, 403, 412, 422, 429, 500, 502, 503, 504, 599)) {
            cases.of(
                    HEURISTIC,
                    status + " of which the origin says nothing: not stored",
                    probe -> probe.doesNotStore(withLocation(status)));
        }
        cases.of(HEURISTIC, "the cache's ttl takes the place of heuristics, and runs out", probe -> {
            // Ten percent of its age would be a day.
            Probe brief = probe.on("brief");
            brief.answers(ok("Last-Modified", Cases.date(-864_000)));
            brief.asks().ok(1);
            brief.untilStale();
            brief.asks().status(200).body("body-2");
        });
        cases.of(
                HEURISTIC,
                "the cache's ttl takes the place of heuristics, also where Last-Modified is young",
                probe -> {
                    // Ten percent of its age would be nothing.
                    probe.stores(ok("Last-Modified", Cases.date(-5)));
                });
        cases.of(HEURISTIC, "the cache's ttl does not lengthen a max-age", probe -> {
            probe.answers(Cases.brief());
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
        });
        cases.of(HEURISTIC, "the cache's ttl does not shorten a max-age", probe -> {
            Probe brief = probe.on("brief");
            brief.answers(Cases.fresh());
            brief.asks().ok(1);
            brief.untilStale();
            brief.hit().ok(1);
        });
        cases.of(
                HEURISTIC,
                "the cache's ttl does not lengthen an Expires",
                probe -> probe.doesNotStore(ok("Expires", Cases.date(-1))));
        cases.of(
                "RFC 9111 §5.2.2.3",
                "must-understand on an unknown status: not stored",
                probe -> probe.doesNotStore(Answer.of(599, "Cache-Control", "max-age=3600, must-understand")));
        cases.of("RFC 9111 §5.2.2.3", "must-understand and no-store on an unknown status: not stored", probe -> {
            probe.doesNotStore(Answer.of(499, "Cache-Control", "must-understand, no-store, max-age=3600"));
        });
        cases.of(
                "RFC 9111 §5.2.2.3",
                "must-understand on 200: stored",
                probe -> probe.stores(ok("Cache-Control", "must-understand, max-age=3600")));
        cases.of("RFC 9110 §15.3.5", "204 has neither body nor length, stored or not", probe -> {
            probe.answers(Answer.of(204, "Cache-Control", "max-age=3600"));
            probe.asks().status(204).body("").without("Content-Length", "Transfer-Encoding");
            probe.hit().status(204).body("").without("Content-Length", "Transfer-Encoding");
        });
        cases.of("RFC 9110 §15.4", "a redirect is not followed, and keeps its Location", probe -> {
            probe.answers(Answer.of(301, "Location", "/elsewhere?x=%20", "Cache-Control", "max-age=3600"));
            probe.asks().status(301).has("Location", "/elsewhere?x=%20");
            probe.hit().status(301).has("Location", "/elsewhere?x=%20");
        });
        cases.of("RFC 9110 §15.5.2", "401 keeps its WWW-Authenticate, and is passed on", probe -> {
            probe.answers(Answer.of(401, "WWW-Authenticate", "Basic realm=\"x\""));
            probe.asks().status(401).has("WWW-Authenticate", "Basic realm=\"x\"");
        });
        cases.of(STORING, "an answer of the origin with status 500 is passed on as it is", probe -> {
            probe.answers(Answer.of(500, "Content-Type", "text/plain", "X-Reason", "own"));
            probe.asks()
                    .status(500)
                    .body("body-1")
                    .has("Content-Type", "text/plain")
                    .has("X-Reason", "own");
        });
    }

    private static Answer withLocation(int status) {
        Answer answer = Answer.of(status);
        return status / 100 == 3 ? answer.header("Location", "/elsewhere") : answer;
    }
}
