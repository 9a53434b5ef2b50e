package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.date;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.ok;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Authorization, Cookie and Set-Cookie: what one client is told is not told to another. */
final class CredentialCases {

    private static final String AUTHORIZATION = "RFC 9111 §3.5";
    private static final String COOKIE = "RFC 9111 §7.3";
    private static final String ALICE = "Basic YWxpY2U6YQ==";
    private static final String BOB = "Basic Ym9iOmI=";

    private CredentialCases() {}

    static void add(Cases cases) {
        for (String written : List.of("max-age=3600", "max-age=3600, proxy-revalidate", "max-age=3600, immutable")) {
            cases.of(AUTHORIZATION, written + " in answer to Authorization: not stored", probe -> {
                probe.answers(cc(written));
                probe.asks("Authorization", ALICE).ok(1);
                probe.asks("Authorization", ALICE).ok(2);
                probe.asks("Authorization", BOB).ok(3);
                probe.asks().ok(4);
            });
        }
        cases.of(AUTHORIZATION, "Expires alone in answer to Authorization: not stored", probe -> {
            probe.answers(ok("Expires", date(3600)));
            probe.asks("Authorization", ALICE).ok(1);
            probe.asks("Authorization", BOB).ok(2);
        });
        cases.of(AUTHORIZATION, "an answer to Authorization of which the origin says nothing: not stored", probe -> {
            probe.answers(ok());
            probe.asks("Authorization", ALICE).ok(1);
            probe.asks("Authorization", BOB).ok(2);
            probe.asks().ok(3);
        });
        for (String written : List.of("public, max-age=3600", "s-maxage=3600", "must-revalidate, max-age=3600")) {
            cases.of(AUTHORIZATION, written + " in answer to Authorization: stored", probe -> {
                probe.answers(cc(written));
                probe.asks("Authorization", ALICE).ok(1);
                probe.hit("Authorization", ALICE).ok(1);
                probe.hit("Authorization", BOB).ok(1);
            });
        }
        cases.of(AUTHORIZATION, "public and Vary: Authorization: to each their own", probe -> {
            probe.answers(cc("public, max-age=3600", "Vary", "Authorization"));
            probe.asks("Authorization", ALICE).ok(1);
            probe.asks("Authorization", BOB).ok(2);
            probe.hit("Authorization", ALICE).ok(1);
            probe.hit("Authorization", BOB).ok(2);
            probe.asks().ok(3);
        });
        cases.of("RFC 9110 §11.6.2", "Authorization reaches the origin as it is", probe -> {
            probe.answers(cc("no-store"));
            probe.asks("Authorization", ALICE);
            assertThat(probe.lastSeen().header("Authorization")).isEqualTo(ALICE);
        });
        cases.of(COOKIE, "Set-Cookie with max-age: not stored", probe -> {
            probe.answers(fresh("Set-Cookie", "session=1; Path=/"));
            probe.asks().ok(1).has("Set-Cookie", "session=1; Path=/");
            probe.asks().ok(2);
        });
        cases.of(
                COOKIE,
                "Set-Cookie of which the origin says nothing else: not stored",
                probe -> probe.doesNotStore(ok("Set-Cookie", "session=1")));
        cases.of(
                COOKIE,
                "Set-Cookie with an Expires to come: not stored",
                probe -> probe.doesNotStore(ok("Expires", date(3600), "Set-Cookie", "session=1")));
        for (String written : List.of("public, max-age=3600", "s-maxage=3600")) {
            cases.of(
                    COOKIE,
                    "Set-Cookie with " + written + ": stored",
                    probe -> probe.stores(cc(written, "Set-Cookie", "theme=dark")));
        }
        cases.of(COOKIE, "no-cache=\"set-cookie\": the cookie is sent to one client only", probe -> {
            probe.answers(cc("public, max-age=3600, no-cache=\"Set-Cookie\"", "Set-Cookie", "session=1"));
            probe.asks().has("Set-Cookie", "session=1");
            Got second = probe.get();
            if (probe.seen() == 1) {
                second.without("Set-Cookie");
            }
        });
        cases.of(COOKIE, "a Cookie of the request changes nothing where Vary does not name it", probe -> {
            probe.answers(fresh());
            probe.asks("Cookie", "a=1").ok(1);
            probe.hit("Cookie", "a=2").ok(1);
            probe.hit().ok(1);
        });
        cases.of(COOKIE, "Vary: Cookie: to each their own", probe -> {
            probe.answers(fresh("Vary", "Cookie"));
            probe.asks("Cookie", "a=1").ok(1);
            probe.asks("Cookie", "a=2").ok(2);
            probe.hit("Cookie", "a=1").ok(1);
            probe.asks().ok(3);
        });
        cases.of("RFC 6265 §3", "several Set-Cookie lines stay several", probe -> {
            probe.answers(
                    cc("no-store", "Set-Cookie", "a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT", "Set-Cookie", "b=2"));
            assertThat(probe.asks().answer().fields().all("Set-Cookie"))
                    .containsExactly("a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT", "b=2");
        });
        cases.of("RFC 6265 §3", "several Set-Cookie lines stay several in the store", probe -> {
            probe.answers(cc("public, max-age=3600", "Set-Cookie", "a=1", "Set-Cookie", "b=2"));
            probe.asks();
            assertThat(probe.hit().answer().fields().all("Set-Cookie")).containsExactly("a=1", "b=2");
        });
    }
}
