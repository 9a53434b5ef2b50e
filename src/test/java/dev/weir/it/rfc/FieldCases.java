package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.fresh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import dev.weir.testkit.ScriptedOrigin.Request;
import java.util.List;

/** Header fields on their way through Weir: which pass, which end here, which are added. */
final class FieldCases {

    private static final String CONNECTION = "RFC 9110 §7.6.1";
    private static final String VIA = "RFC 9110 §7.6.3";
    private static final String STORING = "RFC 9111 §3.1";

    private FieldCases() {}

    static void add(Cases cases) {
        requests(cases);
        answers(cases);
        added(cases);
        targets(cases);
    }

    private static void requests(Cases cases) {
        cases.of(CONNECTION, "fields that Connection names do not reach the origin", probe -> {
            probe.answers(fresh());
            probe.asks("Connection", "close, X-Hop,x-other", "X-Hop", "1", "X-Other", "2", "X-End", "3")
                    .ok(1);
            Request request = probe.lastSeen();
            assertThat(request.fields().has("X-Hop")).isFalse();
            assertThat(request.fields().has("X-Other")).isFalse();
            assertThat(request.header("X-End")).isEqualTo("3");
            assertThat(request.header("Connection")).doesNotContainIgnoringCase("x-hop");
        });
        for (String[] field : List.of(
                new String[] {"Keep-Alive", "timeout=5"},
                new String[] {"Proxy-Connection", "keep-alive"},
                new String[] {"Proxy-Authorization", "Basic eDp5"},
                new String[] {"TE", "trailers"},
                new String[] {"Upgrade", "foo/2"})) {
            cases.of(CONNECTION, field[0] + " of the client does not reach the origin", probe -> {
                probe.answers(fresh());
                probe.asks("Connection", "close, " + field[0], field[0], field[1], "X-End", "3")
                        .ok(1);
                assertThat(probe.lastSeen().fields().has(field[0])).isFalse();
                assertThat(probe.lastSeen().header("X-End")).isEqualTo("3");
            });
        }
        for (String name : List.of("Keep-Alive", "Proxy-Connection", "TE")) {
            cases.of(CONNECTION, name + " does not reach the origin where Connection forgets it", probe -> {
                probe.answers(fresh());
                probe.asks(name, "trailers").ok(1);
                assertThat(probe.lastSeen().fields().has(name)).isFalse();
            });
        }
        cases.of("RFC 9110 §7.6", "what is for the origin reaches it as it is", probe -> {
            probe.answers(fresh());
            probe.asks(
                            "User-Agent",
                            "probe/1 (x; y)",
                            "Accept",
                            "a/b;q=0.5, */*;q=0",
                            "Cookie",
                            "a=1; b=\"2\"",
                            "Referer",
                            "http://a.example/?x=%20",
                            "Accept-Encoding",
                            "br;q=1",
                            "X-Empty",
                            "",
                            "Origin",
                            "http://a.example",
                            "Accept-Language",
                            "de, en;q=0.5")
                    .ok(1);
            Request request = probe.lastSeen();
            assertThat(request.header("User-Agent")).isEqualTo("probe/1 (x; y)");
            assertThat(request.header("Accept")).isEqualTo("a/b;q=0.5, */*;q=0");
            assertThat(request.header("Cookie")).isEqualTo("a=1; b=\"2\"");
            assertThat(request.header("Referer")).isEqualTo("http://a.example/?x=%20");
            assertThat(request.header("Accept-Encoding")).isEqualTo("br;q=1");
            assertThat(request.header("Origin")).isEqualTo("http://a.example");
            assertThat(request.header("Accept-Language")).isEqualTo("de, en;q=0.5");
            assertThat(request.fields().all("X-Empty")).containsExactly("");
        });
        cases.of("RFC 9110 §12.5.3", "Weir asks for no encoding that the client did not ask for", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            assertThat(probe.lastSeen().header("Accept-Encoding")).isIn("", "identity");
        });
        cases.of("RFC 9110 §5.3", "lines of one name stay in order", probe -> {
            probe.answers(fresh());
            probe.asks("X-Many", "a", "X-Many", "b, c", "X-Many", "d").ok(1);
            assertThat(probe.lastSeen().header("X-Many")).isEqualTo("a, b, c, d");
        });
    }

    private static void answers(Cases cases) {
        cases.of(CONNECTION, "fields that the origin's Connection names end here, stored or not", probe -> {
            probe.answers(fresh("Connection", "X-Hop, x-other", "X-Hop", "1", "X-Other", "2", "X-End", "3"));
            probe.asks().ok(1).without("X-Hop", "X-Other").has("X-End", "3");
            probe.hit().ok(1).without("X-Hop", "X-Other").has("X-End", "3");
        });
        for (String[] field : List.of(
                new String[] {"Keep-Alive", "timeout=7, max=99"},
                new String[] {"Proxy-Connection", "keep-alive"},
                new String[] {"Upgrade", "foo/2"},
                new String[] {"TE", "x"},
                new String[] {"Proxy-Authenticate", "Basic realm=\"x\""},
                new String[] {"Proxy-Authentication-Info", "x=\"y\""})) {
            cases.of(STORING, field[0] + " of the origin is not stored", probe -> {
                probe.answers(fresh(field[0], field[1], "X-End", "3"));
                probe.asks().ok(1);
                probe.hit().ok(1).without(field[0]).has("X-End", "3");
            });
        }
        cases.of(CONNECTION, "hop-by-hop fields of an answer that is not stored end here as well", probe -> {
            probe.answers(cc("no-store", "Connection", "X-Hop", "X-Hop", "1", "Keep-Alive", "timeout=7", "X-End", "3"));
            probe.asks().ok(1).without("X-Hop", "Keep-Alive").has("X-End", "3");
        });
        for (String[] field : List.of(
                new String[] {"X-Test", "1"},
                new String[] {"Content-Type", "text/x; charset=\"utf-8\""},
                new String[] {"Content-Language", "de, en"},
                new String[] {"Content-Location", "/there?x=1"},
                new String[] {"Content-Disposition", "attachment; filename=\"a b.txt\""},
                new String[] {"Content-Security-Policy", "default-src 'self'"},
                new String[] {"Content-Encoding", "br"},
                new String[] {"ETag", "W/\"a,b\""},
                new String[] {"Last-Modified", "Tue, 15 Nov 1994 12:45:26 GMT"},
                new String[] {"Link", "</a>; rel=\"next\", </b>; rel=prev"},
                new String[] {"Strict-Transport-Security", "max-age=1"},
                new String[] {"Access-Control-Allow-Origin", "*"},
                new String[] {"Allow", "GET"},
                new String[] {"Retry-After", "7"},
                new String[] {"Server", "origin/1"},
                new String[] {"Clear-Site-Data", "\"cache\""},
                new String[] {"X-Odd", "a;b=\"c,d\", (e) <f> \u00e4"},
                new String[] {"X-Empty", ""})) {
            cases.of(STORING, field[0] + " passes, and is stored", probe -> {
                probe.answers(fresh(field));
                assertThat(probe.asks().ok(1).answer().fields().all(field[0])).containsExactly(field[1]);
                assertThat(probe.hit().ok(1).answer().fields().all(field[0])).containsExactly(field[1]);
            });
        }
        cases.of("RFC 9110 §5.3", "lines of one name stay in order, stored or not", probe -> {
            probe.answers(fresh("X-Many", "a", "X-Many", "b, c", "X-Many", "d"));
            probe.asks().ok(1).has("X-Many", "a, b, c, d");
            probe.hit().ok(1).has("X-Many", "a, b, c, d");
        });
        cases.of("RFC 9110 §5.3", "two challenges stay two lines or one list, and in order", probe -> {
            probe.answers(Answer.of(401, "WWW-Authenticate", "Basic realm=\"a\"", "WWW-Authenticate", "Bearer"));
            probe.asks().status(401).has("WWW-Authenticate", "Basic realm=\"a\", Bearer");
        });
        cases.of("RFC 9110 §6.6.1", "there is one Date, one Content-Length, one Age and one ETag", probe -> {
            probe.answers(fresh("ETag", "\"v1\"", "Age", "1"));
            probe.asks();
            Got hit = probe.hit();
            for (String name : List.of("Date", "Content-Length", "Age", "ETag", "Cache-Control", "X-Cache")) {
                assertThat(hit.answer().fields().all(name)).as(name).hasSize(1);
            }
        });
    }

    private static void added(Cases cases) {
        cases.of(VIA, "Via names Weir to the origin", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            assertThat(probe.lastSeen().header("Via")).matches("(HTTP/)?1\\.1 \\S+.*");
        });
        cases.of(VIA, "Via of those before stays, and Weir comes last", probe -> {
            probe.answers(fresh());
            probe.asks("Via", "1.0 fred, 1.1 p.example").ok(1);
            assertThat(probe.lastSeen().header("Via")).matches("1\\.0 fred, 1\\.1 p\\.example, (HTTP/)?1\\.1 \\S+.*");
        });
        cases.of(VIA, "Via of those behind stays on the answer", probe -> {
            probe.answers(fresh("Via", "1.1 behind"));
            assertThat(probe.asks().value("Via")).startsWith("1.1 behind");
            assertThat(probe.hit().value("Via")).startsWith("1.1 behind");
        });
        cases.of("Routes:", "X-Forwarded-For ends with the client's address", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            assertThat(probe.lastSeen().header("X-Forwarded-For")).isEqualTo("127.0.0.1");
        });
        cases.of("Routes:", "X-Forwarded-For of a client that nobody trusts does not come last", probe -> {
            probe.answers(fresh());
            probe.asks("X-Forwarded-For", "192.0.2.1").ok(1);
            assertThat(probe.lastSeen().header("X-Forwarded-For")).endsWith("127.0.0.1");
        });
        cases.of("Routes:", "X-Forwarded-Proto and X-Forwarded-Host say how the client asked", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            assertThat(probe.lastSeen().header("X-Forwarded-Proto")).isEqualTo("http");
            assertThat(probe.lastSeen().header("X-Forwarded-Host")).isEqualTo(probe.authority());
        });
        cases.of("RFC 7239 §4", "Forwarded says for whom, by what and to which host", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            assertThat(probe.lastSeen().header("Forwarded"))
                    .containsIgnoringCase("for=127.0.0.1")
                    .containsIgnoringCase("proto=http")
                    .containsIgnoringCase("host=");
        });
        cases.of("RFC 9110 §7.2", "the origin gets exactly one Host", probe -> {
            probe.answers(fresh());
            probe.asks().ok(1);
            assertThat(probe.lastSeen().fields().all("Host")).hasSize(1);
        });
    }

    private static void targets(Cases cases) {
        for (String rest : List.of(
                "?a=1",
                "?b=2&a=1&a=3",
                "?",
                "?x",
                "?q=a+b%20c&e=%C3%A9",
                "?u=http://a.example/?b=c",
                "?a=%2F%3F%26;b")) {
            cases.of("Routes:", "the query " + rest + " reaches the origin as it is", probe -> {
                probe.answers(fresh());
                probe.getWith(rest).ok(1);
                String target = probe.lastSeen().target();
                assertThat(target).isIn(probe.path() + rest, rest.equals("?") ? probe.path() : probe.path() + rest);
            });
        }
        for (String rest :
                List.of("/a%20b", "/%7Euser", "/a%2Fb", "/a;p=1", "/a//b/", "/%C3%A9", "/a+b", "/!$&'()*,=:@")) {
            cases.of("Routes:", "the path " + rest + " reaches the origin as it is", probe -> {
                Probe there = probe.at(rest);
                there.answers(fresh());
                there.get().ok(1);
                assertThat(there.lastSeen().target()).isEqualTo(there.path());
            });
        }
        cases.of("RFC 9111 §2", "another query is another resource", probe -> {
            probe.answers(fresh());
            probe.getWith("?a=1").ok(1);
            probe.getWith("?a=2").ok(2);
            probe.getWith("?a=1").ok(1);
            probe.getWith("?A=1").ok(3);
            probe.get().ok(4);
        });
        cases.of("Routes:", "the same parameters in another order are the same resource", probe -> {
            probe.answers(fresh());
            probe.getWith("?a=1&b=2").ok(1);
            probe.getWith("?b=2&a=1").ok(1).fromStore();
        });
        cases.of("Routes:", "the values of one parameter keep their order", probe -> {
            probe.answers(fresh());
            probe.getWith("?a=1&a=2").ok(1);
            probe.getWith("?a=2&a=1").ok(2);
        });
        cases.of("RFC 9111 §2", "another path is another resource", probe -> {
            for (String rest : List.of("/a", "/A", "/a/", "/a%2Fb", "/a/b")) {
                Probe there = probe.at(rest);
                there.answers(fresh().body("this is " + rest));
                there.asks().body("this is " + rest);
            }
            for (String rest : List.of("/a", "/A", "/a/", "/a%2Fb", "/a/b")) {
                probe.at(rest).hit().body("this is " + rest);
            }
        });
    }
}
