package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.weir.testkit.Chromium;
import dev.weir.testkit.Chromium.Tab;
import dev.weir.testkit.WeirProcess;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard's modules one by one, in the browser that they are for. */
class DashboardScriptsIT {

    /** Instances that have answered so many reads from near and so many requests. */
    private static final String STATS = """
            const instance = (id, near, requests, state = 'live') => ({ id, state,
                cache: { near, shared: 0, memory: 0, stale: 0, misses: 0 }, requests: { total: requests, errors: 0 } });
            const stats = (...instances) => ({ instances, requests: { p50Ms: 1, p95Ms: 2, p99Ms: 3 } });
            """;

    private static WeirProcess weir;
    private static Chromium chromium;
    private static Tab tab;

    @BeforeAll
    static void start() {
        weir = WeirProcess.builder().launch();
        chromium = Chromium.start();
        weir.awaitReady();
        tab = chromium.open(weir.url("/q/dashboard/"));
    }

    @AfterAll
    static void stop() {
        chromium.close();
        weir.close();
    }

    private static Object run(String module, String body, Object argument) {
        Page page = tab.page();
        return page.evaluate(
                "async argument => { const module = await import('/q/dashboard/" + module + "'); " + body + " }",
                argument);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void eventsAreUnderstoodHoweverTheyArrive(int piece) {
        String text = """
                : connected

                event: stats
                data: {"a":1,
                data:"b":2}

                id: 7
                event: odd

                event: stats\r
                data:  x\r
                \r
                data\r\rdata: last

                data: not yet whole
                """;

        Object events = run("stream.js", """
                const events = [];
                const parse = module.parser((name, data) => events.push(name + '|' + data));
                const [text, piece] = argument;
                for (let i = 0; i < text.length; i += piece) {
                    parse(text.slice(i, i + piece));
                }
                return events;
                """, List.of(text, piece));

        assertThat(events).isEqualTo(List.of("stats|{\"a\":1,\n\"b\":2}", "stats| x", "message|", "message|last"));
    }

    @Test
    void fiveMinutesAreKept() {
        Object kept = run("history.js", STATS + """
                        const history = new module.History();
                        for (let i = 0; i < 2000; i++) {
                            history.push(stats(instance('a', i, 10 * i)), 1e9 + 1000 * i);
                        }
                        const span = history.samples.at(-1).at - history.samples[0].at;
                        for (let i = 0; i < 2000; i++) {
                            history.push(stats(instance('a', i, i)), 4e9 + i);
                        }
                        return [span, history.samples.length <= 400];
                        """, null);

        assertThat(kept).isEqualTo(List.of(300_000, true));
    }

    @Test
    void ratesAreThoseOfTheLastSeconds() {
        Object rates = run("history.js", STATS + """
                        const history = new module.History();
                        for (let i = 0; i < 10; i++) {
                            history.push(stats(instance('a', 4 * i, 10 * i), instance('b', 2 * i, 5 * i)), 1e9 + 1000 * i);
                        }
                        return [history.rate('requests'), history.shares('near').at(-1).y];
                        """, null);

        assertThat(rates).isEqualTo(List.of(15, 100));
    }

    /** What neither the requests nor the reads of a second are. */
    @ParameterizedTest
    @CsvSource({
        "an instance that comes,    'a 100, b 5000'",
        "an instance that goes,     'b 100'",
        "a reset,                   'a 0'",
    })
    void noTrafficIsMadeUp(String event, String after) {
        Object seen = run("history.js", STATS + """
                        const parsed = text => stats(...text.split(', ').map(each => each.split(' '))
                            .map(([id, number]) => instance(id, Number(number), Number(number))));
                        const history = new module.History();
                        history.push(parsed('a 100'), 1e9);
                        history.push(parsed('a 100'), 1e9 + 1000);
                        history.push(parsed(argument), 1e9 + 2000);
                        history.push(parsed(argument), 1e9 + 3000);
                        return history.samples.map(sample => sample.requests + sample.near);
                        """, after);

        assertThat(seen).as(event).isEqualTo(List.of(0, 0, 0, 0));
    }

    /** Which of the two is listed first is not said. */
    @Test
    void twoOfOneNameAreNotTakenForOne() {
        Object seen = run("history.js", STATS + """
                        const one = { ...instance('a', 100, 100), startedAt: '2026-01-01T00:00:00Z' };
                        const twin = { ...instance('a', 5000, 5000), startedAt: '2026-01-01T00:00:01Z' };
                        const history = new module.History();
                        history.push(stats(one, twin), 1e9);
                        history.push(stats(twin, one), 1e9 + 1000);
                        history.push(stats(one, twin), 1e9 + 2000);
                        return history.samples.map(sample => sample.requests + sample.near);
                        """, null);

        assertThat(seen).isEqualTo(List.of(0, 0, 0));
    }

    @Test
    void itemsHaveAChildEachThatIsKeptAndNoneMore() {
        Object seen = run("dom.js", """
                const parent = document.createElement('ul');
                const show = text => {
                    module.reconcile(parent, [...text], item => item, () => document.createElement('li'), module.write);
                    return [...parent.children];
                };
                const first = show('aba');
                const second = show('baa');
                return [
                    second.map(child => child.textContent).join(''),
                    second.every(child => first.includes(child)),
                    show('baa').length,
                    show('ab').map(child => child.textContent).join(''),
                    show('').length,
                ];
                """, null);

        assertThat(seen).isEqualTo(List.of("baa", true, 3, "ab", 0));
    }

    @Test
    void sharesAndPercentilesAreOfTheLastMinutes() {
        Object seen = run("overview.js", STATS + """
                        const { History } = await import('/q/dashboard/history.js');
                        const figures = (hits, misses, errors, ms) => ({
                            cache: { near: hits, misses, operations: hits + misses, hitRate: hits / (hits + misses) },
                            requests: { total: 1000, errors, errorRate: errors / 1000, p50Ms: ms, p95Ms: ms, p99Ms: ms },
                        });
                        const now = { ...stats(), ...figures(90, 10, 5, 2), recent: figures(1, 3, 250, 800), redis: {} };
                        const history = new History();
                        history.push(now, 1e9);
                        module.overview(now, history);
                        return [
                            ...[...document.querySelectorAll('#tiles > div')]
                                .map(tile => tile.textContent.replaceAll('\u00a0', ' '))
                                .filter(text => text.includes('5 min')),
                            history.percentile('p99Ms').at(-1).y,
                        ];
                        """, null);

        assertThat(seen)
                .isEqualTo(List.of(
                        "Hit rate, 5 min25.0%near 25 %",
                        "Latency p99, 5 min800msp50 800 ms · p95 800 ms",
                        "Errors, 5 min25.0%250 of 1,000 requests",
                        800));
    }

    @Test
    void aSilenceIsAGapAndNoPeak() {
        Object seen = run("history.js", STATS + """
                        const history = new module.History();
                        history.push(stats(instance('a', 0, 0)), 1e9);
                        history.push(stats(instance('a', 0, 10)), 1e9 + 1000);
                        history.push(stats(instance('a', 0, 5000)), 1e9 + 60000);
                        history.push(stats(instance('a', 0, 5010)), 1e9 + 61000);
                        return history.line(3, ['requests'], sums => sums.requests / sums.seconds).map(point => String(point.y));
                        """, null);

        assertThat(seen).isEqualTo(List.of("null", "10", "null", "null", "10"));
    }

    /** On a clock that only the answers move, away from the page, which would ask along. */
    @ParameterizedTest
    @CsvSource({
        "true,      100,  3000",
        "true,      500, 10000",
        "true,     9000, 30000",
        "false,   15000,  3000",
    })
    void whatTakesLongIsAskedForLessOftenUpToABound(boolean answers, int tookMs, int pauseMs) {
        try (Tab blank = chromium.open(weir.url("/q/health"))) {
            Object pause = blank.page().evaluate("""
                    async ([answers, tookMs]) => {
                        const { poll } = await import('/q/dashboard/poll.js');
                        let clock = 0;
                        performance.now = () => clock;
                        window.fetch = async () => {
                            clock += tookMs;
                            return answers ? Response.json({}) : Promise.reject(new DOMException('', 'TimeoutError'));
                        };
                        return await new Promise(done => {
                            window.setTimeout = (again, ms) => done(ms);
                            poll('/v1/locks', 3000, () => 0).start();
                        });
                    }
                    """, List.of(answers, tookMs));

            assertThat(pause).isEqualTo(pauseMs);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, took 0 ms", "412, took 412 ms", "1600, took 2 s", "60000, took 1 min"})
    void whatAWarmersRunTookIsToldHoweverShortItWas(int took, String text) {
        Object written = run("panels.js", """
                module.warmers(() => {})([{ name: 'filler', cache: 'filled',
                    lastRun: { state: 'done', warmed: 4, failed: 0, total: 4, started: '2026-01-01T00:00:00Z', tookMs: argument } }]);
                return document.querySelector('#warmers li > p').textContent;
                """, took);

        assertThat(String.valueOf(written).replace('\u00a0', ' ')).endsWith(text);
    }

    @ParameterizedTest
    @CsvSource({
        "count, 0, 0",
        "count, 1234567, 1.23M",
        "count, 999999, '999,999'",
        "percent, 0.99999, 99.9 %",
        "percent, 1, 100 %",
        "percent, 0.0004, 0.04 %",
        "percent, 0.00001, <0.01 %",
        "millis, 0.413, 0.41 ms",
        "millis, 1500, 1.50 s",
        "bytes, 1536, 1.5 KiB",
        "span, 93784000, 1 d 2 h",
        "span, 59600, 1 min",
        "perSecond, 0.25, 0.3",
    })
    void figuresAreWrittenForPeople(String function, String value, String text) {
        Object written = run("format.js", "return module[argument[0]](Number(argument[1]))", List.of(function, value));

        assertThat(String.valueOf(written).replace('\u00a0', ' ')).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"count", "percent", "millis", "bytes", "span", "perSecond"})
    void whatIsNotKnownIsADash(String function) {
        assertThat(run("format.js", "return [null, undefined, NaN].map(module[argument])", function))
                .isEqualTo(List.of("–", "–", "–"));
    }
}
