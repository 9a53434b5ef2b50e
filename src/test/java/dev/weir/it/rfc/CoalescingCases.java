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
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Many who ask at once: one request where one answer serves all, and never another's answer where it does not. */
final class CoalescingCases {

    private static final String COLLAPSING = "RFC 9111 §4";
    private static final int MANY = 10;

    private CoalescingCases() {}

    /** All ask while the origin holds its answers back; then it lets them go. */
    private static List<Got> atOnce(Probe probe, Function<Request, Answer> answer, IntFunction<Got> ask) {
        CountDownLatch hold = new CountDownLatch(1);
        probe.answers(request -> answer.apply(request).heldBy(hold));
        List<CompletableFuture<Got>> all = IntStream.range(0, MANY)
                .mapToObj(i -> probe.later(() -> ask.apply(i)))
                .toList();
        probe.awaitSeen(1);
        // A moment for those that are still on their way to Weir; whoever comes later is right as well.
        int seen;
        do {
            seen = probe.seen();
            probe.pause();
        } while (probe.seen() > seen);
        hold.countDown();
        return all.stream().map(CompletableFuture::join).toList();
    }

    static void add(Cases cases) {
        cases.of(COLLAPSING, "many who miss at once: one request, and its answer for all", probe -> {
            List<Got> all = atOnce(probe, request -> fresh(), i -> probe.get());
            assertThat(all).allSatisfy(got -> got.ok(1));
            assertThat(probe.seen()).isEqualTo(1);
            probe.hit().ok(1);
        });
        cases.of("RFC 9211 §2.7", "those who waited for another's request say so", probe -> {
            List<Got> all = atOnce(probe, request -> fresh(), i -> probe.get());
            assertThat(all)
                    .filteredOn(got -> got.cacheStatus().contains("collapsed"))
                    .isNotEmpty();
            assertThat(all)
                    .filteredOn(got -> got.cacheStatus().contains("fwd=uri-miss")
                            && !got.cacheStatus().contains("collapsed"))
                    .hasSize(1);
        });
        cases.of(COLLAPSING, "many who find it stale at once: one validation, and its answer for all", probe -> {
            probe.answers(Cases.brief("ETag", "\"v1\""));
            probe.asks().ok(1);
            probe.untilStale();
            List<Got> all = atOnce(
                    probe,
                    request -> Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600"),
                    i -> probe.get());
            assertThat(all).allSatisfy(got -> got.ok(1));
            // The script began anew, and so did its count.
            assertThat(probe.seen()).isEqualTo(1);
        });
        for (String written : List.of("private, max-age=3600", "no-store")) {
            cases.of(
                    COLLAPSING,
                    "many who miss at once, and the answer is " + written + ": to each their own",
                    probe -> {
                        List<Got> all = atOnce(probe, request -> cc(written), i -> probe.get());
                        assertThat(all.stream().map(Got::text)).doesNotHaveDuplicates();
                        assertThat(probe.seen()).isEqualTo(MANY);
                    });
        }
        cases.of(COLLAPSING, "many who miss at once, and the answer sets a cookie: to each their own", probe -> {
            List<Got> all =
                    atOnce(probe, request -> fresh("Set-Cookie", "session=" + request.number()), i -> probe.get());
            assertThat(all.stream().map(got -> got.value("Set-Cookie"))).doesNotHaveDuplicates();
            assertThat(probe.seen()).isEqualTo(MANY);
        });
        cases.of(COLLAPSING, "many with credentials of their own at once: to each their own", probe -> {
            List<Got> all = atOnce(
                    probe,
                    request -> fresh().body("for " + request.header("Authorization")),
                    i -> probe.get("Authorization", "Basic " + i));
            for (int i = 0; i < MANY; i++) {
                all.get(i).status(200).body("for Basic " + i);
            }
        });
        cases.of("RFC 9111 §4.1", "many who want different variants at once: to each their own", probe -> {
            List<Got> all = atOnce(
                    probe,
                    request -> fresh("Vary", "X-Foo").body("for " + request.header("X-Foo")),
                    i -> probe.get("X-Foo", "" + i % 3));
            for (int i = 0; i < MANY; i++) {
                all.get(i).status(200).body("for " + i % 3);
            }
            for (int i = 0; i < 3; i++) {
                probe.hit("X-Foo", "" + i).body("for " + i);
            }
        });
        cases.of("RFC 9111 §4.1", "many at once, and the answer varies by *: to each their own", probe -> {
            List<Got> all = atOnce(probe, request -> fresh("Vary", "*"), i -> probe.get());
            assertThat(all.stream().map(Got::text)).doesNotHaveDuplicates();
        });
        cases.of(COLLAPSING, "many who POST at once: each reaches the origin", probe -> {
            // By connections of a route whose origin closes none of them: a POST that meets a closing one is not
            // repeated.
            Probe posts = probe.on("inv");
            List<Got> all = atOnce(posts, request -> fresh(), i -> posts.send("POST", "", "abc"));
            assertThat(all.stream().map(Got::text)).doesNotHaveDuplicates();
            assertThat(posts.seen()).isEqualTo(MANY);
        });
        cases.of(COLLAPSING, "many with different queries at once: to each their own", probe -> {
            List<Got> all = atOnce(
                    probe,
                    request -> fresh().body(
                                    request.target().substring(request.target().indexOf('?'))),
                    i -> probe.getWith("?i=" + i));
            for (int i = 0; i < MANY; i++) {
                all.get(i).status(200).body("?i=" + i);
            }
        });
        cases.of("RFC 9110 §13.1.2", "many at once with conditions of their own: each is met", probe -> {
            List<Got> all = atOnce(
                    probe,
                    request -> request.header("If-None-Match").equals("\"v1\"")
                            ? Answer.of(304, "ETag", "\"v1\"", "Cache-Control", "max-age=3600")
                            : fresh("ETag", "\"v1\"").body("whole"),
                    i -> i % 2 == 0 ? probe.get() : probe.get("If-None-Match", "\"v1\""));
            for (int i = 0; i < MANY; i++) {
                if (i % 2 == 0) {
                    all.get(i).status(200).body("whole");
                } else {
                    all.get(i).status(304);
                }
            }
        });
        cases.of("RFC 9110 §9.3.2", "many at once with GET and HEAD: each is met", probe -> {
            List<Got> all =
                    atOnce(probe, request -> fresh().body("whole"), i -> i % 2 == 0 ? probe.get() : probe.head());
            for (int i = 0; i < MANY; i++) {
                all.get(i).status(200).has("Content-Length", "5");
                if (i % 2 == 0) {
                    all.get(i).body("whole");
                }
            }
        });
        cases.of(
                "RFC 9111 §5.2.1.7",
                "only-if-cached while another's request is under way: 504 at once, or its answer",
                probe -> {
                    CountDownLatch hold = new CountDownLatch(1);
                    probe.answers(fresh().heldBy(hold));
                    CompletableFuture<Got> first = probe.later(probe::get);
                    probe.awaitSeen(1);
                    CompletableFuture<Got> second = probe.later(() -> probe.get("Cache-Control", "only-if-cached"));
                    probe.staysSeen(1);
                    hold.countDown();
                    first.join().ok(1);
                    second.join().status(504, 200);
                });
        cases.of(COLLAPSING, "the first of many goes away: the others are answered", probe -> {
            CountDownLatch hold = new CountDownLatch(1);
            probe.answers(request -> fresh().heldBy(hold));
            probe.sendAndGoAway();
            probe.awaitSeen(1);
            List<CompletableFuture<Got>> others =
                    IntStream.range(0, 3).mapToObj(i -> probe.later(probe::get)).toList();
            probe.pause();
            hold.countDown();
            others.forEach(other -> other.join().status(200));
        });
        cases.of(COLLAPSING, "the origin fails while many wait: all are told, and the next asks again", probe -> {
            List<Got> all = atOnce(
                    probe,
                    request -> request.header("X-Fail").isEmpty() ? fresh() : Answer.of(503),
                    i -> probe.get("X-Fail", "1"));
            assertThat(all).allSatisfy(got -> got.status(503));
            probe.asks().status(200);
        });
    }
}
