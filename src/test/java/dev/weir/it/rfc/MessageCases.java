package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.fresh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Messages as such: interim answers, broken ones, bodies in all shapes, old clients. */
final class MessageCases {

    private static final String INCOMPLETE = "RFC 9111 §3.3";
    private static final String BODY = "0123456789".repeat(20);

    private MessageCases() {}

    static void add(Cases cases) {
        interim(cases);
        broken(cases);
        bodies(cases);
        requests(cases);
    }

    private static void interim(Cases cases) {
        for (int status : List.of(100, 102, 103)) {
            cases.of("RFC 9110 §15.2", status + " before the answer is no answer, and the answer is stored", probe -> {
                probe.answers(fresh("X-End", "1").interim(status, "Link: </style.css>; rel=preload", "X-Early: 1"));
                probe.asks().ok(1).has("X-End", "1").without("X-Early");
                probe.hit().ok(1).has("X-End", "1").without("X-Early");
            });
        }
        cases.of("RFC 9110 §15.2", "several interim answers before the answer", probe -> {
            probe.answers(fresh().interim(102).interim(103, "X-Early: 1").interim(103, "X-Early: 2"));
            probe.asks().ok(1);
            probe.hit().ok(1);
        });
    }

    private static void broken(Cases cases) {
        cases.of(INCOMPLETE, "fewer bytes than Content-Length: neither given out as whole nor stored", probe -> {
            probe.answers(fresh().body(BODY).brokenOffAfter(50), fresh().body("whole"));
            noWholeAnswer(probe.get());
            await200(probe);
        });
        cases.of(INCOMPLETE, "chunks that break off: neither given out as whole nor stored", probe -> {
            probe.answers(fresh().body(BODY).chunked().brokenOffAfter(50), fresh().body("whole"));
            noWholeAnswer(probe.get());
            await200(probe);
        });
        cases.of(INCOMPLETE, "no byte of the body: neither given out as whole nor stored", probe -> {
            probe.answers(fresh().body(BODY).brokenOffAfter(0), fresh().body("whole"));
            noWholeAnswer(probe.get());
            await200(probe);
        });
        cases.of(INCOMPLETE, "an answer that is not stored and breaks off is not given out as whole", probe -> {
            probe.answers(cc("no-store").body(BODY).brokenOffAfter(50));
            noWholeAnswer(probe.get());
        });
        cases.of(INCOMPLETE, "a long answer that breaks off is not given out as whole", probe -> {
            probe.answers(fresh().body("x".repeat(3_000_000)).brokenOffAfter(2_000_000), fresh().body("whole"));
            noWholeAnswer(probe.get());
            await200(probe);
        });
        cases.of("Routes:", "the origin closes without an answer: 502", probe -> {
            probe.answers(Answer.disconnect());
            probe.get().problem(502, "origin-failed");
        });
        cases.of("Routes:", "nobody listens at the origin's port: 502", probe -> {
            probe.on("dead").get().problem(502, "origin-failed");
        });
        cases.of(
                "Routes:",
                "a POST to an origin that closes without an answer: 502, and it is not sent twice",
                probe -> {
                    probe.answers(Answer.disconnect());
                    // First a connection that is kept, for that is the one which a client might think just lost.
                    Probe before = probe.at("/before");
                    before.answers(Answer.of(204));
                    before.get().status(204);
                    probe.send("POST", "", "abc").problem(502, "origin-failed");
                    assertThat(probe.seen()).isEqualTo(1);
                });
        cases.of("Routes:", "the 502 is stored for nobody", probe -> {
            probe.answers(request ->
                    request.number() <= 3 && !request.header("X-Break").isEmpty() ? Answer.disconnect() : fresh());
            probe.get("X-Break", "1").problem(502, "origin-failed");
            probe.asks().status(200);
        });
    }

    private static void noWholeAnswer(Got got) {
        if (got.answer().complete()) {
            got.problem(502, "origin-failed");
        }
    }

    /** What broke off was not stored: the next is whole, though a repetition by Weir itself may have taken a turn. */
    private static void await200(Probe probe) {
        probe.get().status(200).body("whole");
        probe.hit().status(200).body("whole");
    }

    private static void bodies(Cases cases) {
        cases.of("RFC 9112 §7.1", "an answer in chunks is stored whole", probe -> {
            probe.answers(fresh().body(BODY).chunked());
            probe.asks().status(200).body(BODY);
            probe.hit().status(200).body(BODY);
        });
        cases.of("RFC 9110 §6.5.1", "trailer fields do not become header fields", probe -> {
            probe.answers(fresh("Trailer", "X-Late").body(BODY).chunked("X-Late: 1", "Cache-Control: no-store"));
            probe.asks().body(BODY).without("X-Late");
            probe.hit().body(BODY).without("X-Late").has("Cache-Control", "max-age=3600");
        });
        cases.of("RFC 9112 §6.3", "an answer that ends with its connection is passed whole", probe -> {
            probe.answers(fresh().body(BODY).untilClose());
            probe.get().status(200).body(BODY);
            probe.get().status(200).body(BODY);
        });
        cases.of("RFC 9110 §8.6", "an empty answer is stored", probe -> {
            probe.answers(fresh().body(""));
            probe.asks().status(200).body("");
            probe.hit().status(200).body("").has("Content-Length", "0");
        });
        cases.of("RFC 9110 §8.6", "the length of a stored answer is right", probe -> {
            probe.answers(fresh().body(BODY));
            probe.asks().has("Content-Length", "200");
            probe.hit().has("Content-Length", "200");
        });
        cases.of("RFC 9110 §7.7", "every byte of a body stays as it is", probe -> {
            byte[] bytes = new byte[5_000];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i * 31 + i / 256);
            }
            probe.answers(fresh("Content-Type", "application/octet-stream").body(bytes));
            assertThat(probe.asks().answer().body()).isEqualTo(bytes);
            assertThat(probe.hit().answer().body()).isEqualTo(bytes);
            assertThat(probe.hit("Accept-Encoding", "identity").answer().body()).isEqualTo(bytes);
        });
        cases.of("RFC 9110 §8.4", "a body that the origin packed stays packed, to the byte", probe -> {
            byte[] packed = gzip(BODY.repeat(50));
            probe.answers(fresh("Content-Encoding", "gzip", "Vary", "Accept-Encoding", "ETag", "\"p\"")
                    .body(packed));
            for (int i = 0; i < 2; i++) {
                Got got = probe.get("Accept-Encoding", "gzip")
                        .has("Content-Encoding", "gzip")
                        .has("ETag", "\"p\"");
                assertThat(got.answer().body()).isEqualTo(packed);
            }
            assertThat(probe.seen()).isEqualTo(1);
        });
        cases.of("RFC 9110 §8.4", "an unknown encoding stays as it is", probe -> {
            probe.answers(fresh("Content-Encoding", "x-own").body(BODY));
            probe.asks("Accept-Encoding", "gzip").body(BODY).has("Content-Encoding", "x-own");
            probe.hit("Accept-Encoding", "gzip").body(BODY).has("Content-Encoding", "x-own");
        });
        for (boolean chunked : List.of(false, true)) {
            cases.of(
                    "Routes:",
                    "an answer above max-entry-size passes whole, unstored" + (chunked ? " (chunks)" : ""),
                    probe -> {
                        Probe small = probe.on("small");
                        String large = "0123456789".repeat(30_000);
                        small.answers(request -> chunked ? fresh().body(large).chunked() : fresh().body(large));
                        small.asks().status(200).body(large);
                        small.asks().status(200).body(large);
                    });
        }
        cases.of("Routes:", "an answer below max-entry-size is stored", probe -> probe.on("small")
                .stores(fresh().body("x".repeat(500))));
        cases.of("Routes:", "an answer above max-entry-size drives out the one that was stored", probe -> {
            Probe small = probe.on("small");
            small.answers(Cases.brief().body("short"), fresh().body("x".repeat(5_000)));
            small.asks().body("short");
            small.untilStale();
            small.asks().body("x".repeat(5_000));
            small.asks().body("x".repeat(5_000));
        });
    }

    private static void requests(Cases cases) {
        cases.of("RFC 9112 §7.1", "a request in chunks reaches the origin whole", probe -> {
            probe.answers(Answer.of(201));
            probe.raw(
                            "POST",
                            "POST " + probe.path() + " HTTP/1.1\r\nHost: " + probe.authority()
                                    + "\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n")
                    .status(201);
            assertThat(probe.lastSeen().text()).isEqualTo("hello world");
        });
        cases.of("RFC 9112 §6.1", "an HTTP/1.0 client gets no chunks", probe -> {
            probe.answers(fresh().body(BODY).chunked());
            String request = "GET " + probe.path() + " HTTP/1.0\r\nHost: " + probe.authority() + "\r\n\r\n";
            probe.raw("GET", request).status(200).body(BODY).without("Transfer-Encoding");
            probe.raw("GET", request).status(200).body(BODY).without("Transfer-Encoding");
        });
        cases.of("RFC 9110 §10.1.1", "a client that expects 100 gets its answer", probe -> {
            probe.answers(Answer.of(201));
            probe.send("POST", "", "hello", "Expect", "100-continue").status(201);
            assertThat(probe.lastSeen().text()).isEqualTo("hello");
        });
        cases.of("RFC 9110 §9.3.5", "a DELETE without a body has none at the origin", probe -> {
            probe.answers(Answer.of(204));
            probe.send("DELETE", "", null).status(204);
            assertThat(probe.lastSeen().body()).isEmpty();
        });
        cases.of("RFC 9110 §8.6", "a POST with an empty body has a length of 0", probe -> {
            probe.answers(Answer.of(204));
            probe.send("POST", "", "").status(204);
            assertThat(probe.lastSeen().body()).isEmpty();
        });
        cases.of("Routes:", "a long body reaches the origin whole", probe -> {
            String body = "0123456789".repeat(50_000);
            probe.answers(Answer.of(204));
            probe.send("PUT", "", body).status(204);
            assertThat(probe.lastSeen().text()).isEqualTo(body);
        });
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }
}
