package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Answer;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What the settings of a route change about all that. */
final class SettingsCases {

    private static final String SECTION = "Routes:";

    private SettingsCases() {}

    static void add(Cases cases) {
        override(cases);
        keys(cases);
        others(cases);
    }

    private static void override(Cases cases) {
        for (String written :
                List.of("no-store", "max-age=0", "no-cache", "max-age=0, must-revalidate", "s-maxage=0")) {
            cases.of(SECTION, "override-ttl sets " + written + " aside", probe -> probe.on("aside")
                    .stores(cc(written)));
        }
        cases.of(SECTION, "override-ttl sets Expires in the past aside", probe -> probe.on("aside")
                .stores(ok("Expires", "0")));
        cases.of(SECTION, "override-ttl: the ttl that Cache-Status tells is that of the route", probe -> {
            Probe aside = probe.on("aside");
            aside.answers(cc("max-age=86400"));
            aside.asks();
            assertThat(String.join(";", aside.hit().cacheStatus())).matches(".*ttl=(300|29\\d).*");
        });
        cases.of(SECTION, "override-ttl stores no error of the origin", probe -> probe.on("aside")
                .doesNotStore(Answer.of(500)));
        cases.of(SECTION, "override-ttl heeds Vary all the same", probe -> {
            Probe aside = probe.on("aside");
            aside.answers(cc("no-store", "Vary", "X-Foo"));
            aside.asks("X-Foo", "1").ok(1);
            aside.asks("X-Foo", "2").ok(2);
            aside.hit("X-Foo", "1").ok(1);
        });
        cases.of(SECTION, "override-ttl: a PUT ends what is stored all the same", probe -> {
            Probe aside = probe.on("aside");
            aside.answers(request -> request.method().equals("PUT") ? Answer.of(204) : cc("no-store"));
            aside.asks().ok(1);
            aside.send("PUT", "", "x").status(204);
            aside.asks().ok(3);
        });
    }

    private static void keys(Cases cases) {
        cases.of(SECTION, "key of headers: to each user their own", probe -> {
            Probe user = probe.on("by-user");
            user.answers(request -> fresh().body("for " + request.header("X-User")));
            user.asks("X-Role", "r", "X-User", "alice").body("for alice");
            user.asks("X-Role", "r", "X-User", "bob").body("for bob");
            user.hit("X-Role", "r", "X-User", "alice").body("for alice");
            user.hit("X-Role", "r", "X-User", "bob").body("for bob");
            user.asks().body("for ");
        });
        cases.of(SECTION, "key of headers: no value can pose as two", probe -> {
            Probe user = probe.on("by-user");
            user.answers(request -> fresh().body("for " + request.header("X-User")));
            user.asks("X-Role", "a:b", "X-User", "c").body("for c");
            user.asks("X-Role", "a", "X-User", "b:c").body("for b:c");
        });
        cases.of(SECTION, "key of one query parameter: the others mean nothing", probe -> {
            Probe query = probe.on("by-query");
            query.answers(fresh());
            query.getWith("?id=1&utm=x").ok(1);
            query.getWith("?utm=y&id=1").ok(1).fromStore();
            query.getWith("?id=2&utm=x").ok(2);
            query.get().ok(3);
        });
        cases.of(SECTION, "key of a cookie: the other cookies mean nothing", probe -> {
            Probe cookie = probe.on("by-cookie");
            cookie.answers(fresh());
            cookie.asks("Cookie", "a=1; session=x").ok(1);
            cookie.hit("Cookie", "session=x; a=2").ok(1);
            cookie.asks("Cookie", "session=y").ok(2);
            cookie.asks("Cookie", "xsession=x").ok(3);
        });
        cases.of(SECTION, "key of the client's address: X-Forwarded-For of whom nobody trusts means nothing", probe -> {
            Probe client = probe.on("by-ip");
            client.answers(fresh());
            client.asks("X-Forwarded-For", "192.0.2.1").ok(1);
            client.hit("X-Forwarded-For", "192.0.2.2").ok(1);
            client.hit("Forwarded", "for=192.0.2.3").ok(1);
        });
        cases.of(SECTION, "a key of our own still heeds Vary", probe -> {
            Probe user = probe.on("by-user");
            user.answers(fresh("Vary", "X-Foo"));
            user.asks("X-User", "alice", "X-Foo", "1").ok(1);
            user.asks("X-User", "alice", "X-Foo", "2").ok(2);
        });
    }

    private static void others(Cases cases) {
        cases.of(SECTION, "invalidates: a successful POST ends all that it names", probe -> {
            Probe list = probe.on("inv").at("/list");
            Probe one = probe.on("inv").at("/one");
            Probe action = probe.on("inv").at("/action");
            for (Probe each : List.of(list, one)) {
                each.answers(fresh());
                // Another case of this route may end it at any moment.
                each.get().status(200);
            }
            action.answers(Answer.of(201));
            int before = list.seen() + one.seen();
            action.send("POST", "", "abc").status(201);
            list.get().status(200);
            one.get().status(200);
            assertThat(list.seen() + one.seen()).isGreaterThanOrEqualTo(before + 2);
        });
        for (String odd :
                List.of("id=", "tag=", "id=" + "x".repeat(600), "tag=" + "x".repeat(600), "id=&tag=", "prefix=")) {
            String shown = odd.substring(0, Math.min(10, odd.length()));
            cases.of(SECTION, "invalidates: what no entry can be called ends none: " + shown, probe -> {
                Probe one = probe.on("ends").at("/one");
                Probe action = probe.on("ends").at("/action");
                one.answers(fresh());
                action.answers(Answer.of(201));
                one.asks().ok(1);
                action.send("POST", "?" + odd, "abc").status(201);
                one.hit().ok(1);
                action.send("POST", "?" + odd + "&also=" + one.path(), "abc").status(201);
                one.asks().ok(2);
            });
        }
        cases.of(SECTION, "timeout: 504, and the origin's late answer is for nobody", probe -> {
            CountDownLatch hold = new CountDownLatch(1);
            Probe slow = probe.on("slow");
            slow.answers(fresh().heldBy(hold), fresh());
            try {
                slow.get().problem(504, "origin-timeout");
            } finally {
                hold.countDown();
            }
            assertThat(slow.get().status(200).text()).isNotEqualTo("body-1");
        });
        cases.of(SECTION, "a route without a cache stores nothing and asks each time", probe -> {
            Probe plain = probe.on("plain");
            plain.answers(fresh("ETag", "\"v1\"", "X-End", "1"));
            plain.asks().ok(1).has("X-End", "1").has("ETag", "\"v1\"");
            plain.asks().ok(2);
            plain.send("POST", "?x=1", "abc").ok(3);
            assertThat(plain.lastSeen().text()).isEqualTo("abc");
        });
        cases.of(SECTION, "a route without a cache passes conditions and 304 on", probe -> {
            Probe plain = probe.on("plain");
            plain.answers(Cases.versioned(() -> 1, "max-age=3600"));
            plain.asks("If-None-Match", "\"v1\"").status(304).has("ETag", "\"v1\"");
            plain.asks("If-None-Match", "\"v0\"").status(200).body("version 1");
        });
        cases.of(SECTION, "a route without a cache passes ranges on", probe -> {
            Probe plain = probe.on("plain");
            plain.answers(Cases.ranged("abcdefghij", "\"v1\""));
            plain.asks("Range", "bytes=2-4").status(206).body("cde").has("Content-Range", "bytes 2-4/10");
        });
    }
}
