package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.brief;
import static dev.weir.it.rfc.Cases.date;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.ranged;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.util.List;

/** Parts of answers. Where Weir may send the part or the whole, both are right, and nothing else is. */
final class RangeCases {

    private static final String RANGE = "RFC 9110 §14.2";
    private static final String IF_RANGE = "RFC 9110 §13.1.5";
    private static final String COMBINING = "RFC 9111 §3.4";
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

    private RangeCases() {}

    static void add(Cases cases) {
        stored(cases);
        ifRange(cases);
        notStored(cases);
    }

    /** The part with what belongs to it, or the whole. */
    private static void partOrWhole(Got got, String whole, int from, int to) {
        got.status(206, 200);
        if (got.status() == 206) {
            got.body(whole.substring(from, to + 1))
                    .has("Content-Range", "bytes " + from + "-" + to + "/" + whole.length())
                    .has("Content-Length", Integer.toString(to + 1 - from));
        } else {
            got.body(whole).without("Content-Range");
        }
    }

    private static void whole(Got got, String whole) {
        got.status(200).body(whole).without("Content-Range");
    }

    private static void stored(Cases cases) {
        record Part(String range, int from, int to) {}
        for (Part part : List.of(
                new Part("bytes=0-1", 0, 1),
                new Part("bytes=1-", 1, 25),
                new Part("bytes=-1", 25, 25),
                new Part("bytes=-100", 0, 25),
                new Part("bytes=5-999", 5, 25),
                new Part("bytes=25-25", 25, 25),
                new Part("bytes=0-", 0, 25))) {
            cases.of(RANGE, part.range() + " of a stored answer: that part, or the whole", probe -> {
                probe.answers(fresh("ETag", "\"v1\"").body(LETTERS));
                probe.asks().body(LETTERS);
                partOrWhole(probe.hit("Range", part.range()), LETTERS, part.from(), part.to());
            });
        }
        cases.of(RANGE, "a range of a long stored text: that part, or the whole", probe -> {
            // Long enough to be packed in the store.
            String text = LETTERS.repeat(1_000);
            probe.answers(fresh("ETag", "\"v1\"", "Content-Type", "text/plain").body(text));
            probe.asks().body(text);
            partOrWhole(probe.hit("Range", "bytes=20000-20099"), text, 20_000, 20_099);
            partOrWhole(probe.hit("Range", "bytes=20000-20099", "Accept-Encoding", "identity"), text, 20_000, 20_099);
        });
        cases.of(
                "RFC 9110 §15.5.17",
                "a range behind the end of a stored answer: 416 with its length, or the whole",
                probe -> {
                    probe.answers(fresh("ETag", "\"v1\"").body(LETTERS));
                    probe.asks();
                    Got got = probe.get("Range", "bytes=26-30").status(416, 200);
                    if (got.status() == 416) {
                        got.has("Content-Range", "bytes */26");
                    } else {
                        whole(got, LETTERS);
                    }
                    probe.hit().status(200).body(LETTERS);
                });
        for (String odd : List.of("bytes=5-2", "bytes=a-b", "lines=0-1", "bytes", "bytes=", "0-1", "bytes=0-1-2")) {
            cases.of(RANGE, "'" + odd + "' is no range that can be met: the whole, or 416", probe -> {
                probe.answers(fresh("ETag", "\"v1\"").body(LETTERS));
                probe.asks();
                Got got = probe.get("Range", odd).status(200, 416);
                if (got.status() == 200) {
                    whole(got, LETTERS);
                }
                probe.hit().body(LETTERS);
            });
        }
        cases.of("RFC 9110 §14.6", "several ranges of a stored answer: all the parts, or the whole", probe -> {
            probe.answers(fresh("ETag", "\"v1\"").body(LETTERS));
            probe.asks();
            Got got = probe.hit("Range", "bytes=0-1,24-25").status(206, 200);
            if (got.status() == 206) {
                assertThat(got.value("Content-Type")).startsWith("multipart/byteranges");
                assertThat(got.text()).contains("bytes 0-1/26", "ab", "bytes 24-25/26", "yz");
            } else {
                whole(got, LETTERS);
            }
        });
        cases.of(RANGE, "a range changes nothing about If-None-Match: 304", probe -> {
            probe.answers(fresh("ETag", "\"v1\"").body(LETTERS));
            probe.asks();
            probe.hit("Range", "bytes=0-1", "If-None-Match", "\"v1\"").status(304);
        });
        cases.of(RANGE, "a range of a stored 404 is the 404", probe -> {
            probe.answers(Answer.of(404, "Cache-Control", "max-age=3600").body(LETTERS));
            probe.asks().status(404);
            probe.get("Range", "bytes=0-1").status(404).body(LETTERS).without("Content-Range");
        });
        cases.of(
                RANGE,
                "a range of a stale answer that is validated: that part, or the whole, of the valid one",
                probe -> {
                    probe.answers(request -> request.header("If-None-Match").equals("\"v1\"")
                            ? Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600")
                            : brief("ETag", "\"v1\"").body(LETTERS));
                    probe.asks().body(LETTERS);
                    probe.untilStale();
                    partOrWhole(probe.asks("Range", "bytes=0-1"), LETTERS, 0, 1);
                });
    }

    private static void ifRange(Cases cases) {
        cases.of(IF_RANGE, "the stored strong ETag: the part, or the whole", probe -> {
            probe.answers(fresh("ETag", "\"v1\"").body(LETTERS));
            probe.asks();
            partOrWhole(probe.hit("Range", "bytes=3-5", "If-Range", "\"v1\""), LETTERS, 3, 5);
        });
        cases.of(IF_RANGE, "another ETag: the whole", probe -> {
            probe.answers(fresh("ETag", "\"v1\"").body(LETTERS));
            probe.asks();
            whole(probe.hit("Range", "bytes=3-5", "If-Range", "\"v0\""), LETTERS);
        });
        cases.of(IF_RANGE, "a weak ETag never fits: the whole", probe -> {
            probe.answers(fresh("ETag", "W/\"v1\"").body(LETTERS));
            probe.asks();
            whole(probe.get("Range", "bytes=3-5", "If-Range", "W/\"v1\""), LETTERS);
        });
        cases.of(IF_RANGE, "the strong form of a weak ETag does not fit: the whole", probe -> {
            probe.answers(fresh("ETag", "W/\"v1\"").body(LETTERS));
            probe.asks();
            whole(probe.get("Range", "bytes=3-5", "If-Range", "\"v1\""), LETTERS);
        });
        cases.of(IF_RANGE, "the stored Last-Modified: the part, or the whole", probe -> {
            String modified = date(-10_000);
            probe.answers(fresh("Last-Modified", modified).body(LETTERS));
            probe.asks();
            partOrWhole(probe.hit("Range", "bytes=3-5", "If-Range", modified), LETTERS, 3, 5);
        });
        for (long other : List.of(-20_000L, -5_000L)) {
            cases.of(IF_RANGE, "another date (" + other + " s) than the stored Last-Modified: the whole", probe -> {
                probe.answers(fresh("Last-Modified", date(-10_000)).body(LETTERS));
                probe.asks();
                whole(probe.get("Range", "bytes=3-5", "If-Range", date(other)), LETTERS);
            });
        }
    }

    private static void notStored(Cases cases) {
        cases.of(
                COMBINING,
                "a range with nothing stored: the part, or the whole, and no GET is given the part",
                probe -> {
                    probe.answers(ranged(LETTERS, "\"v1\""));
                    partOrWhole(probe.asks("Range", "bytes=3-5"), LETTERS, 3, 5);
                    whole(probe.get(), LETTERS);
                    whole(probe.hit(), LETTERS);
                });
        cases.of(COMBINING, "another range with nothing stored is given its own part", probe -> {
            probe.answers(ranged(LETTERS, "\"v1\""));
            partOrWhole(probe.asks("Range", "bytes=3-5"), LETTERS, 3, 5);
            partOrWhole(probe.get("Range", "bytes=10-12"), LETTERS, 10, 12);
            partOrWhole(probe.get("Range", "bytes=3-5"), LETTERS, 3, 5);
        });
        cases.of(COMBINING, "If-Range that fails with nothing stored: the whole", probe -> {
            probe.answers(ranged(LETTERS, "\"v1\""));
            whole(probe.asks("Range", "bytes=3-5", "If-Range", "\"v0\""), LETTERS);
        });
        cases.of("RFC 9110 §15.3.7", "206 to a request without Range is no whole answer for the next", probe -> {
            probe.answers(
                    Answer.of(206, "Cache-Control", "max-age=3600", "Content-Range", "bytes 3-5/26")
                            .body("def"),
                    fresh().body(LETTERS));
            probe.get().status(206, 502);
            whole(probe.get(), LETTERS);
        });
        cases.of("RFC 9110 §15.5.17", "416 of the origin is for that range alone", probe -> {
            probe.answers(request -> request.header("Range").isEmpty()
                    ? fresh().body(LETTERS)
                    : Answer.of(416, "Content-Range", "bytes */26"));
            Got got = probe.get("Range", "bytes=100-").status(416, 200);
            if (got.status() == 416) {
                got.has("Content-Range", "bytes */26");
            }
            whole(probe.get(), LETTERS);
        });
        cases.of("RFC 9110 §14.5", "a PUT of a part reaches the origin, and ends what is stored", probe -> {
            probe.answers(request -> request.method().equals("PUT") ? Answer.of(204) : fresh().body(LETTERS));
            probe.asks();
            probe.send("PUT", "", "x", "Content-Range", "bytes 0-0/26").status(204);
            assertThat(probe.lastSeen().header("Content-Range")).isEqualTo("bytes 0-0/26");
            whole(probe.asks(), LETTERS);
        });
    }
}
