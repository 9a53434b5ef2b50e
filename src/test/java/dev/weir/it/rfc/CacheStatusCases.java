package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.brief;
import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.fresh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.util.List;

/** Cache-Status and X-Cache. */
final class CacheStatusCases {

    private static final String HIT = "RFC 9211 §2.1";
    private static final String FWD = "RFC 9211 §2.2";
    private static final String FWD_STATUS = "RFC 9211 §2.3";
    private static final String TTL = "RFC 9211 §2.4";
    private static final String STORED = "RFC 9211 §2.5";

    private CacheStatusCases() {}

    static void add(Cases cases) {
        cases.of(HIT, "a hit: hit, how long it is fresh, and where it was", probe -> {
            probe.answers(fresh());
            probe.asks();
            List<String> status = probe.hit().cacheStatus();
            assertThat(status).contains("hit").noneMatch(part -> part.startsWith("fwd"));
            assertThat(status).anyMatch(part -> part.matches("detail=(near|shared|memory)"));
            assertThat(ttl(status)).isBetween(3590L, 3600L);
        });
        cases.of(TTL, "ttl counts from the age that the answer had", probe -> {
            probe.answers(fresh("Age", "600"));
            probe.asks();
            assertThat(ttl(probe.hit().cacheStatus())).isBetween(2990L, 3000L);
        });
        cases.of(TTL, "ttl of a stale answer is negative", probe -> {
            probe.answers(cc("max-age=1, stale-while-revalidate=60"), Answer.of(503));
            probe.asks();
            probe.untilStale();
            Got got = probe.get().stale();
            assertThat(got.cacheStatus()).contains("hit");
            assertThat(ttl(got.cacheStatus())).isNotPositive();
        });
        cases.of(FWD, "a miss: uri-miss, the origin's status, stored, and no hit", probe -> {
            probe.answers(fresh());
            Got got = probe.asks();
            assertThat(got.cacheStatus()).contains("fwd=uri-miss", "stored").doesNotContain("hit");
            assertThat(got.header("X-Cache")).isEqualTo("MISS");
        });
        cases.of(FWD, "no variant fits: vary-miss", probe -> {
            probe.answers(fresh("Vary", "X-Foo"));
            probe.asks("X-Foo", "1");
            Got got = probe.asks("X-Foo", "2");
            assertThat(got.cacheStatus()).contains("fwd=vary-miss", "stored");
            assertThat(got.header("X-Cache")).isEqualTo("MISS");
        });
        cases.of(FWD, "stale and replaced: stale, with the origin's 200", probe -> {
            probe.answers(brief("ETag", "\"v1\""), fresh());
            probe.asks();
            probe.untilStale();
            Got got = probe.asks();
            assertThat(got.cacheStatus()).contains("fwd=stale", "fwd-status=200", "stored");
            assertThat(got.header("X-Cache")).isEqualTo("MISS");
        });
        cases.of(FWD_STATUS, "stale and validated: stale, with the origin's 304", probe -> {
            probe.answers(brief("ETag", "\"v1\""), Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600"));
            probe.asks();
            probe.untilStale();
            assertThat(probe.asks().ok(1).cacheStatus()).contains("fwd=stale", "fwd-status=304", "stored");
        });
        cases.of(FWD, "the client wants it anew: request", probe -> {
            probe.answers(fresh());
            probe.asks();
            assertThat(probe.asks("Cache-Control", "no-cache").cacheStatus()).contains("fwd=request");
        });
        for (String method : List.of("POST", "PUT", "DELETE")) {
            cases.of(FWD, method + ": method, and not stored", probe -> {
                probe.answers(fresh());
                assertThat(probe.send(method, "", "abc").cacheStatus())
                        .contains("fwd=method")
                        .doesNotContain("stored", "hit");
            });
        }
        for (String written : List.of("no-store", "private, max-age=3600")) {
            cases.of(STORED, written + ": not stored, and not said to be", probe -> {
                probe.answers(cc(written));
                Got got = probe.asks();
                assertThat(got.cacheStatus()).contains("fwd=uri-miss").doesNotContain("stored", "hit");
                assertThat(got.header("X-Cache")).isEqualTo("MISS");
            });
        }
        cases.of(STORED, "above max-entry-size: not stored, and not said to be", probe -> {
            Probe small = probe.on("small");
            small.answers(fresh().body("x".repeat(5_000)));
            assertThat(small.asks().cacheStatus()).doesNotContain("stored", "hit");
        });
        cases.of(FWD, "a route without a cache: bypass, and nothing stored", probe -> {
            Probe plain = probe.on("plain");
            plain.answers(fresh());
            plain.asks().ok(1);
            Got got = plain.asks().ok(2);
            if (got.header("Cache-Status") != null) {
                assertThat(got.cacheStatus()).contains("fwd=bypass").doesNotContain("stored", "hit");
            }
        });
        cases.of("RFC 9211 §2", "the caches behind come first, Weir last", probe -> {
            probe.answers(cc("no-store", "Cache-Status", "behind; hit; ttl=7"));
            Got got = probe.asks();
            assertThat(got.value("Cache-Status")).startsWith("behind; hit; ttl=7, weir;");
        });
        cases.of(HIT, "a 304 to the client's own condition is a hit", probe -> {
            probe.answers(fresh("ETag", "\"v1\""));
            probe.asks();
            assertThat(probe.hit("If-None-Match", "\"v1\"").status(304).cacheStatus())
                    .contains("hit");
        });
        cases.of(HIT, "X-Cache and Age of a cache behind are not taken for Weir's own", probe -> {
            probe.answers(fresh("X-Cache", "HIT from behind", "Cache-Status", "behind; hit"));
            assertThat(probe.asks().header("X-Cache")).isEqualTo("MISS");
            probe.hit();
        });
    }

    private static long ttl(List<String> status) {
        return status.stream()
                .filter(part -> part.startsWith("ttl="))
                .mapToLong(part -> Long.parseLong(part.substring(4)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no ttl in " + status));
    }
}
