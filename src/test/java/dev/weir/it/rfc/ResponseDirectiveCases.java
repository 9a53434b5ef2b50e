package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.date;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.versioned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What the origin's Cache-Control and Pragma demand besides a lifetime. */
final class ResponseDirectiveCases {

    private static final String NO_STORE = "RFC 9111 §5.2.2.5";
    private static final String NO_CACHE = "RFC 9111 §5.2.2.4";
    private static final String PRIVATE = "RFC 9111 §5.2.2.7";
    private static final String MUST_REVALIDATE = "RFC 9111 §5.2.2.2";

    private ResponseDirectiveCases() {}

    static void add(Cases cases) {
        for (String written : List.of(
                "no-store",
                "No-StOrE",
                "no-store, max-age=3600",
                "max-age=3600,no-store",
                "public, no-store, s-maxage=9")) {
            cases.of(NO_STORE, written + ": not stored", probe -> probe.doesNotStore(cc(written)));
        }
        cases.of(
                NO_STORE,
                "no-store with an Expires to come: not stored",
                probe -> probe.doesNotStore(cc("no-store", "Expires", date(3600))));
        cases.of(NO_STORE, "no-store with an ETag: nothing is kept to be validated", probe -> {
            probe.answers(cc("no-store, max-age=3600", "ETag", "\"v1\""));
            probe.asks().ok(1);
            probe.asks().ok(2);
            assertThat(probe.seen(2).header("If-None-Match")).isEmpty();
        });
        for (String written :
                List.of("no-cache", "No-CaChE", "no-cache, max-age=3600", "max-age=3600, public, no-cache")) {
            cases.of(NO_CACHE, written + ": not used without validation", probe -> {
                probe.answers(cc(written, "Expires", date(3600)));
                probe.asks().ok(1);
                probe.asks().ok(2);
            });
        }
        cases.of(NO_CACHE, "no-cache with an ETag: stored, and validated on each use", probe -> {
            probe.answers(versioned(() -> 1, "no-cache, max-age=3600"));
            probe.asks().status(200).body("version 1");
            probe.asks().status(200).body("version 1");
            assertThat(probe.seen(2).header("If-None-Match")).isEqualTo("\"v1\"");
            probe.asks().status(200).body("version 1");
        });
        cases.of(NO_CACHE, "no-cache, and the origin has something new: the new is used", probe -> {
            AtomicInteger version = new AtomicInteger(1);
            probe.answers(versioned(version::get, "no-cache"));
            probe.asks().body("version 1");
            version.set(2);
            probe.asks().body("version 2");
        });
        cases.of(NO_CACHE, "no-cache and no origin to validate with: not used", probe -> {
            probe.answers(cc("no-cache, max-age=3600", "ETag", "\"v1\""), Answer.disconnect());
            probe.asks().ok(1);
            assertThat(probe.get().status()).isIn(502, 504);
        });
        cases.of(NO_CACHE, "no-cache=\"field\": the field is not sent again without validation", probe -> {
            probe.answers(cc("max-age=3600, no-cache=\"x-secret\"", "X-Secret", "1", "X-Open", "2"));
            probe.asks().has("X-Secret", "1").has("X-Open", "2");
            Got second = probe.get();
            second.has("X-Open", "2");
            if (probe.seen() == 1) {
                second.without("X-Secret");
            }
        });
        for (String written : List.of(
                "private",
                "PRIVATE",
                "private, max-age=3600",
                "max-age=3600, private",
                "public, private, max-age=3600")) {
            cases.of(PRIVATE, written + ": not stored", probe -> probe.doesNotStore(cc(written)));
        }
        cases.of(
                PRIVATE,
                "private, s-maxage=3600: not stored",
                probe -> probe.doesNotStore(cc("private, s-maxage=3600")));
        cases.of(PRIVATE, "private=\"a, b\": those fields are for one client only", probe -> {
            probe.answers(cc("max-age=3600, private=\"x-a, X-B\"", "X-A", "1", "X-B", "2", "X-C", "3"));
            probe.asks().has("X-A", "1").has("X-B", "2").has("X-C", "3");
            Got second = probe.get();
            second.has("X-C", "3");
            if (probe.seen() == 1) {
                second.without("X-A", "X-B");
            }
        });
        for (String strict : List.of("must-revalidate", "proxy-revalidate", "MUST-Revalidate")) {
            cases.of(
                    MUST_REVALIDATE,
                    strict + " while it is fresh: answered from the store",
                    probe -> probe.stores(cc("max-age=3600, " + strict)));
            cases.of(MUST_REVALIDATE, strict + " and stale: validated", probe -> {
                probe.answers(versioned(() -> 1, "max-age=1, " + strict));
                probe.asks().body("version 1");
                probe.untilStale();
                probe.asks().status(200).body("version 1");
            });
            cases.of(MUST_REVALIDATE, strict + " and stale, and the origin is gone: an error", probe -> {
                probe.answers(cc("max-age=1, " + strict, "ETag", "\"v1\""), Answer.disconnect());
                probe.asks().ok(1);
                probe.untilStale();
                assertThat(probe.get().status()).isIn(502, 504);
            });
            cases.of(MUST_REVALIDATE, strict + " is stronger than the cache's own stale-if-error", probe -> {
                Probe lenient = probe.on("lenient");
                lenient.answers(cc("max-age=1, " + strict, "ETag", "\"v1\""), Answer.of(503));
                lenient.asks().ok(1);
                lenient.untilStale();
                assertThat(lenient.get().status()).isIn(503, 502, 504);
            });
            cases.of(MUST_REVALIDATE, strict + " is stronger than the cache's own stale-while-revalidate", probe -> {
                Probe lenient = probe.on("lenient");
                lenient.answers(cc("max-age=1, " + strict));
                lenient.asks().ok(1);
                lenient.untilStale();
                lenient.asks().ok(2);
            });
        }
        cases.of("RFC 9111 §5.2.2.10", "s-maxage and stale, and the origin is gone: an error", probe -> {
            probe.answers(cc("s-maxage=1", "ETag", "\"v1\""), Answer.disconnect());
            probe.asks().ok(1);
            probe.untilStale();
            assertThat(probe.get().status()).isIn(502, 504);
        });
        cases.of("RFC 9111 §4.2.4", "no-cache is stronger than the cache's own stale-while-revalidate", probe -> {
            AtomicInteger version = new AtomicInteger(1);
            Probe lenient = probe.on("lenient");
            lenient.answers(versioned(version::get, "no-cache"));
            lenient.asks().body("version 1");
            version.set(2);
            lenient.asks().body("version 2");
        });
        cases.of("RFC 9111 §4.2.4", "no-cache is stronger than the cache's own stale-if-error", probe -> {
            Probe lenient = probe.on("lenient");
            lenient.answers(cc("no-cache", "ETag", "\"v1\""), Answer.of(503));
            lenient.asks().ok(1);
            assertThat(lenient.get().status()).isIn(503, 502, 504);
        });
        cases.of("RFC 9111 §5.4", "Pragma: no-cache on an answer means nothing beside Cache-Control", probe -> {
            probe.stores(fresh("Pragma", "no-cache"));
        });
        cases.of(
                "RFC 8246 §2",
                "immutable while it is fresh: answered from the store",
                probe -> probe.stores(cc("max-age=3600, immutable", "ETag", "\"v1\"")));
        cases.of("RFC 8246 §2", "immutable and stale: validated", probe -> {
            probe.answers(versioned(() -> 1, "max-age=1, immutable"));
            probe.asks().body("version 1");
            probe.untilStale();
            probe.asks().status(200).body("version 1");
        });
        cases.of(
                "RFC 9111 §5.2.2.6",
                "no-transform: the body stays as it is, however long, for whoever accepts what",
                probe -> {
                    String body = "weir ".repeat(4_000);
                    probe.answers(cc("max-age=3600, no-transform", "Content-Type", "text/plain", "ETag", "\"v1\"")
                            .body(body));
                    probe.asks("Accept-Encoding", "gzip").body(body).without("Content-Encoding");
                    probe.hit("Accept-Encoding", "gzip")
                            .body(body)
                            .without("Content-Encoding")
                            .has("ETag", "\"v1\"");
                    probe.hit().body(body).without("Content-Encoding").has("ETag", "\"v1\"");
                });
        cases.of("RFC 9110 §8.8.1", "what Weir packs for a client is told apart from the origin's own", probe -> {
            String body = "weir ".repeat(4_000);
            probe.answers(fresh("Content-Type", "text/plain", "ETag", "\"v1\"").body(body));
            probe.asks().body(body).without("Content-Encoding");
            Got packed = probe.hit("Accept-Encoding", "gzip");
            if (packed.header("Content-Encoding") == null) {
                packed.body(body).has("ETag", "\"v1\"");
            } else {
                assertThat(packed.value("ETag"))
                        .as("a strong ETag names one sequence of bytes")
                        .isNotEqualTo("\"v1\"");
                assertThat(packed.value("Vary")).containsIgnoringCase("Accept-Encoding");
            }
            probe.hit().body(body).without("Content-Encoding").has("ETag", "\"v1\"");
        });
    }
}
