package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.versioned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** HEAD: from the entry of the GET, and never in its place. */
final class HeadCases {

    private static final String HEAD = "RFC 9110 §9.3.2";
    private static final String FRESHENING = "RFC 9111 §4.3.5";

    private HeadCases() {}

    static void add(Cases cases) {
        cases.of("RFC 9111 §4", "HEAD is answered from what a GET stored, without a body", probe -> {
            probe.answers(fresh("ETag", "\"v1\"", "Content-Type", "text/x", "X-End", "1"));
            Got get = probe.asks().ok(1);
            Got head = probe.head().status(200).fromStore();
            assertThat(probe.seen()).isEqualTo(1);
            for (String name : List.of("ETag", "Content-Type", "X-End", "Content-Length", "Date", "Cache-Control")) {
                assertThat(head.header(name)).as(name).isEqualTo(get.header(name));
            }
            assertThat(head.answer().body()).isEmpty();
        });
        cases.of("RFC 9111 §4", "HEAD of a stored 404 is 404", probe -> {
            probe.answers(Answer.of(404, "Cache-Control", "max-age=3600"));
            probe.asks().status(404);
            probe.head().status(404);
            assertThat(probe.seen()).isEqualTo(1);
        });
        cases.of(HEAD, "HEAD with nothing stored: the origin's headers", probe -> {
            probe.answers(fresh("ETag", "\"v1\"", "X-End", "1"));
            probe.head().status(200).has("ETag", "\"v1\"").has("X-End", "1").has("Content-Length", "6");
            assertThat(probe.seen()).isEqualTo(1);
        });
        cases.of(HEAD, "the answer to a HEAD is none to a GET", probe -> {
            probe.answers(request -> fresh().body("whole body"));
            probe.head().status(200);
            probe.get().status(200).body("whole body");
            probe.hit().status(200).body("whole body");
        });
        cases.of(HEAD, "HEAD of what may not be stored reaches the origin each time", probe -> {
            probe.answers(Cases.cc("no-store"));
            probe.head().status(200);
            probe.head().status(200);
            assertThat(probe.seen()).isEqualTo(2);
        });
        cases.of("RFC 9111 §4.2", "HEAD of a stale answer: the origin is asked", probe -> {
            AtomicInteger version = new AtomicInteger(1);
            probe.answers(versioned(version::get, "max-age=1"));
            probe.asks();
            probe.untilStale();
            version.set(2);
            probe.head().status(200).has("ETag", "\"v2\"");
        });
        cases.of(FRESHENING, "HEAD that shows another ETag: the stored answer is not used any more", probe -> {
            AtomicInteger version = new AtomicInteger(1);
            probe.answers(versioned(version::get, "max-age=3600"));
            probe.asks().body("version 1");
            version.set(2);
            probe.head("Cache-Control", "no-cache").status(200).has("ETag", "\"v2\"");
            probe.get().status(200).body("version 2").has("ETag", "\"v2\"");
        });
        cases.of(FRESHENING, "HEAD that shows the same ETag: the stored body stays right", probe -> {
            probe.answers(request -> request.number() == 1
                    ? fresh("ETag", "\"v1\"", "X-New", "1").body("whole")
                    : fresh("ETag", "\"v1\"", "X-New", "2").body("whole"));
            probe.asks().body("whole");
            probe.head("Cache-Control", "no-cache").status(200);
            probe.get().status(200).body("whole").has("Content-Length", "5");
        });
        cases.of("RFC 9110 §13.1.2", "HEAD with If-None-Match of the stored ETag: 304", probe -> {
            probe.answers(fresh("ETag", "\"v1\""));
            probe.asks().ok(1);
            probe.head("If-None-Match", "\"v1\"").status(304).has("ETag", "\"v1\"");
            assertThat(probe.seen()).isEqualTo(1);
        });
        cases.of("RFC 9110 §14.2", "HEAD with Range: the range means nothing", probe -> {
            probe.answers(fresh("ETag", "\"v1\""));
            probe.asks().ok(1);
            probe.head("Range", "bytes=0-1").status(200).without("Content-Range");
        });
        cases.of("RFC 9111 §4.1", "HEAD heeds Vary", probe -> {
            probe.answers(request -> fresh("Vary", "X-Foo", "X-For", request.header("X-Foo")));
            probe.asks("X-Foo", "1").has("X-For", "1");
            probe.head("X-Foo", "2").status(200).has("X-For", "2");
            probe.head("X-Foo", "1").status(200).has("X-For", "1");
        });
        cases.of("RFC 9111 §5.2.1.7", "HEAD with only-if-cached and nothing stored: 504", probe -> {
            probe.answers(fresh());
            probe.head("Cache-Control", "only-if-cached").status(504);
            assertThat(probe.seen()).isZero();
        });
    }
}
