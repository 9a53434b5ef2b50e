package dev.weir.it.rfc;

import static dev.weir.it.rfc.Cases.brief;
import static dev.weir.it.rfc.Cases.cc;
import static dev.weir.it.rfc.Cases.date;
import static dev.weir.it.rfc.Cases.fresh;
import static dev.weir.it.rfc.Cases.ok;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** How long an answer is fresh: max-age, s-maxage, Expires, and how they are read. */
final class FreshnessCases {

    private static final String LIFETIME = "RFC 9111 §4.2.1";
    private static final String CACHE_CONTROL = "RFC 9111 §5.2";
    private static final String MAX_AGE = "RFC 9111 §5.2.2.1";
    private static final String S_MAXAGE = "RFC 9111 §5.2.2.10";
    private static final String EXPIRES = "RFC 9111 §5.3";

    private FreshnessCases() {}

    static void add(Cases cases) {
        lifetimes(cases);
        expires(cases);
        values(cases);
        syntax(cases);
    }

    private static void lifetimes(Cases cases) {
        cases.of(MAX_AGE, "max-age: answered from the store", probe -> probe.stores(fresh()));
        cases.of(MAX_AGE, "max-age=0: the origin is asked each time", probe -> probe.doesNotStore(cc("max-age=0")));
        cases.of(MAX_AGE, "max-age has run out: the origin is asked", probe -> {
            probe.answers(brief());
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
        });
        cases.of(
                EXPIRES,
                "max-age counts, and not an Expires in the past",
                probe -> probe.stores(fresh("Expires", date(-3600))));
        cases.of(
                EXPIRES,
                "max-age=0 counts, and not an Expires to come",
                probe -> probe.doesNotStore(cc("max-age=0", "Expires", date(3600))));
        cases.of(S_MAXAGE, "s-maxage counts, and not max-age=0", probe -> probe.stores(cc("max-age=0, s-maxage=3600")));
        cases.of(
                S_MAXAGE,
                "s-maxage=0 counts, and not max-age",
                probe -> probe.doesNotStore(cc("s-maxage=0, max-age=3600")));
        cases.of(
                S_MAXAGE,
                "s-maxage counts, and not an Expires in the past",
                probe -> probe.stores(cc("s-maxage=3600", "Expires", date(-3600))));
        cases.of(
                S_MAXAGE,
                "s-maxage=0 counts, and not an Expires to come",
                probe -> probe.doesNotStore(cc("s-maxage=0", "Expires", date(3600))));
        cases.of(S_MAXAGE, "s-maxage has run out although max-age has not: the origin is asked", probe -> {
            probe.answers(cc("s-maxage=1, max-age=3600"));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
        });
    }

    private static void expires(Cases cases) {
        cases.of(EXPIRES, "Expires to come: answered from the store", probe -> probe.stores(ok("Expires", date(3600))));
        cases.of(
                EXPIRES,
                "Expires in the past: the origin is asked",
                probe -> probe.doesNotStore(ok("Expires", date(-3600))));
        cases.of(EXPIRES, "Expires now: the origin is asked", probe -> {
            String now = date(0);
            probe.doesNotStore(ok("Date", now, "Expires", now));
        });
        cases.of(EXPIRES, "Expires has come: the origin is asked", probe -> {
            probe.answers(request -> ok("Date", date(0), "Expires", date(1)));
            probe.asks().ok(1);
            probe.untilStale();
            probe.asks().ok(2);
        });
        for (String invalid : List.of(
                "0", "-1", "", "never", "Thu, 99 Foo 2050 01:02:03 GMT", "2050-01-01T00:00:00Z", "4102444800")) {
            cases.of(
                    EXPIRES,
                    "Expires '" + invalid + "' is no date and so in the past",
                    probe -> probe.doesNotStore(ok("Expires", invalid)));
        }
        cases.of(LIFETIME, "Expires is measured from Date: a fast clock of the origin makes nothing fresh", probe -> {
            probe.doesNotStore(ok("Date", date(3600), "Expires", date(1800)));
        });
        cases.of(LIFETIME, "Expires is measured from Date: a slow clock of the origin leaves it fresh", probe -> {
            // 7200 s of life less the apparent age of 3600 s.
            probe.stores(ok("Date", date(-3600), "Expires", date(3600)));
        });
        cases.of(
                LIFETIME,
                "two Expires, the first in the past: the first or none counts",
                probe -> probe.doesNotStore(ok("Expires", date(-3600), "Expires", date(3600))));
        cases.of(
                "RFC 9110 §5.6.7",
                "Expires in the form of RFC 850 is read",
                probe -> probe.stores(ok("Expires", obsolete("EEEE, dd-MMM-yy HH:mm:ss 'GMT'"))));
        cases.of(
                "RFC 9110 §5.6.7",
                "Expires in the form of asctime() is read",
                probe -> probe.stores(ok("Expires", obsolete("EEE MMM ppd HH:mm:ss yyyy"))));
    }

    private static String obsolete(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.US)
                .format(Instant.now().plusSeconds(3600).atOffset(ZoneOffset.UTC));
    }

    private static void values(Cases cases) {
        for (String large : List.of("2147483647", "2147483648", "4294967297", "99999999999999999999")) {
            cases.of(
                    "RFC 9111 §1.2.2",
                    "max-age=" + large + " is very long, and no overflow",
                    probe -> probe.stores(cc("max-age=" + large)));
        }
        cases.of(MAX_AGE, "max-age=003600: leading zeros mean nothing", probe -> probe.stores(cc("max-age=003600")));
        cases.of(
                CACHE_CONTROL,
                "max-age=\"3600\": the quoted form is read too",
                probe -> probe.stores(cc("max-age=\"3600\"")));
        cases.of(
                CACHE_CONTROL,
                "s-maxage=\"0\": the quoted form is read too",
                probe -> probe.doesNotStore(cc("s-maxage=\"0\", max-age=3600")));
        for (String invalid : List.of("-1", "-3600", "3600.5", "a3600", "3600a", "'3600'", "", "1e4", "0x10")) {
            cases.of(
                    LIFETIME,
                    "max-age=" + invalid + " is no number of seconds: stale",
                    probe -> probe.doesNotStore(cc("max-age=" + invalid)));
        }
        cases.of(LIFETIME, "max-age without a value: stale", probe -> probe.doesNotStore(cc("max-age")));
        cases.of(
                LIFETIME,
                "max-age=0, max-age=3600: the first or none counts",
                probe -> probe.doesNotStore(cc("max-age=0, max-age=3600")));
        cases.of(LIFETIME, "max-age=0 and max-age=3600 on two lines: the first or none counts", probe -> {
            probe.doesNotStore(cc("max-age=0", "Cache-Control", "max-age=3600"));
        });
    }

    private static void syntax(Cases cases) {
        for (String written : List.of("MAX-AGE=3600", "Max-Age=3600", "public, mAx-aGe=3600")) {
            cases.of(CACHE_CONTROL, written + ": names of directives in any case", probe -> probe.stores(cc(written)));
        }
        cases.of(
                CACHE_CONTROL,
                "cAcHe-CoNtRoL: the field's name in any case",
                probe -> probe.stores(ok("cAcHe-CoNtRoL", "max-age=3600")));
        cases.of(
                "RFC 9110 §5.3",
                "directives on two lines are one list (fresh)",
                probe -> probe.stores(ok("Cache-Control", "public", "Cache-Control", "max-age=3600")));
        cases.of(
                "RFC 9110 §5.3",
                "directives on two lines are one list (no-store)",
                probe -> probe.doesNotStore(ok("Cache-Control", "max-age=3600", "Cache-Control", "no-store")));
        cases.of(
                "RFC 9110 §5.6.1",
                "empty elements and spaces in the list mean nothing",
                probe -> probe.stores(cc(" , ,public,,\t max-age=3600 , ,")));
        for (String written : List.of(
                "foo, bar=baz, max-age=3600, qux=\"a b\"",
                "ext=\"no-store\", max-age=3600",
                "ext=\"a, no-store, b\", max-age=3600",
                "ext=\"a\\\", no-store, \\\"b\", max-age=3600",
                "max-age=3600, no-store-ish",
                "max-age=3600, xno-store",
                "max-age=3600, x-max-age=0")) {
            cases.of(
                    "RFC 9111 §5.2.3",
                    written + ": unknown directives mean nothing",
                    probe -> probe.stores(cc(written)));
        }
        for (String written : List.of(
                "ext=\"max-age=3600\", max-age=0",
                "max-age=0, ext=\"max-age=3600\"",
                "ext=\"a\\\", max-age=3600, \\\"\", max-age=0",
                "xmax-age=3600, max-age=0",
                "smaxage=3600, max-age=0")) {
            cases.of("RFC 9111 §5.2.3", written + ": what is within another directive is none", probe -> {
                probe.doesNotStore(cc(written));
            });
        }
    }
}
