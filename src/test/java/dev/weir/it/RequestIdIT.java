package dev.weir.it;

import static dev.weir.it.Seen.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.testkit.Answer;
import dev.weir.testkit.Http;
import dev.weir.testkit.RawHttp;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each answer names its request, the origin hears the same name, and a trace is not broken. */
class RequestIdIT {

    private static final String OWN_FORM = "[0-9a-z]{12}-[0-9a-z]+";
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String STATE = "vendor=opaque,other=1";

    private static ScriptedOrigin origin;
    private static WeirProcess weir;

    @BeforeAll
    static void start() {
        origin = ScriptedOrigin.open();
        weir = WeirProcess.builder()
                .property("weir.caches.loaded.ttl", "1h")
                .property("weir.caches.loaded.origin.url", origin.url() + "/loaded/{key}")
                .property("weir.caches.brief.ttl", "50ms")
                .property("weir.caches.brief.stale-while-revalidate", "1h")
                .property("weir.caches.brief.origin.url", origin.url() + "/brief/{key}")
                .property("weir.caches.written.origin.url", origin.url() + "/written/{key}")
                .property("weir.caches.written.origin.write-through", "true")
                .property("weir.caches.pages.ttl", "1h")
                .property("weir.routes.pages.path", "/pages/*")
                .property("weir.routes.pages.origin", origin.url())
                .property("weir.routes.pages.cache", "pages")
                .property("weir.routes.plain.path", "/plain/*")
                .property("weir.routes.plain.origin", origin.url())
                .property("weir.routes.gone.path", "/gone/*")
                .property("weir.routes.gone.origin", "http://127.0.0.1:1")
                .property("weir.warmers.told.cache", "loaded")
                .property("weir.warmers.told.keys-from", origin.url() + "/keys")
                .property("weir.warmers.told.keys-pointer", "/*")
                .property("weir.log.requests", "true")
                .start();
    }

    @AfterAll
    static void stop() {
        weir.close();
        origin.close();
    }

    private static String idOf(HttpResponse<?> answer) {
        assertThat(answer.headers().allValues("X-Request-Id")).hasSize(1);
        return answer.headers().allValues("X-Request-Id").getFirst();
    }

    private static List<String> calls(String path, String field) {
        return origin.requests(path).stream()
                .map(request -> String.valueOf(request.fields().get(field)))
                .toList();
    }

    @Test
    void everyAnswerBearsOneOfItsOwn() {
        origin.answers("/plain/a", Answer.of(200).body("a"));
        List<String> ids = new ArrayList<>();
        for (HttpResponse<?> answer : List.of(
                Http.put(weir.url("/v1/caches/default/entries/a"), "a", "text/plain"),
                Http.get(weir.url("/v1/caches/default/entries/a")),
                Http.head(weir.url("/v1/caches/default/entries/a")),
                Http.get(weir.url("/v1/caches/default/entries/none")),
                Http.delete(weir.url("/v1/caches/default/entries/a")),
                Http.patch(weir.url("/v1/caches/default/entries/a"), "{}", "application/json"),
                Http.post(weir.url("/v1/locks/x"), "no JSON", "application/json"),
                Http.get(weir.url("/plain/a")),
                Http.get(weir.url("/gone/a")),
                Http.get(weir.url("/nothing/here")),
                Http.get(weir.url("/v1/nothing")),
                Http.get(weir.url("/q/health/ready")),
                Http.get(weir.url("/q/metrics")),
                Http.get(weir.url("/q/openapi")),
                Http.get(weir.url("/q/nothing")))) {
            ids.add(idOf(answer));
        }
        assertThat(new HashSet<>(ids)).hasSameSizeAs(ids).allMatch(id -> id.matches(OWN_FORM));
    }

    @Test
    void aProblemNamesItInItsBodyToo() {
        for (String path : List.of("/v1/caches/default/entries/none", "/nothing/here", "/gone/a", "/q/nothing")) {
            HttpResponse<byte[]> answer = Http.get(weir.url(path), "X-Request-Id", "mine-7");
            assertThat(answer.statusCode()).as(path).isGreaterThanOrEqualTo(400);
            assertThat(idOf(answer)).as(path).isEqualTo("mine-7");
            assertThat(Http.json(answer).path("requestId").asText()).as(path).isEqualTo("mine-7");
        }
    }

    @Test
    void aClientsOwnIsKeptIfItIsSane() {
        String url = weir.url("/v1/caches/default/entries/none");
        assertThat(idOf(Http.get(url, "X-Request-Id", "Root=1-67/a.b_c:d+e"))).isEqualTo("Root=1-67/a.b_c:d+e");
        for (String bad : List.of("two words", "\"quoted\"", "{json}", "x".repeat(129), "a,b")) {
            assertThat(idOf(Http.get(url, "X-Request-Id", bad))).as(bad).matches(OWN_FORM);
        }
        byte[] answer = RawHttp.exchange(
                weir.port(),
                "GET /q/health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\tb\r\nConnection: close\r\n\r\n");
        assertThat(RawHttp.text(answer)).containsPattern("X-Request-Id: " + OWN_FORM + "\r\n");
    }

    @Test
    void aLoadTellsTheOriginOfTheRequestThatBeganIt() {
        origin.answers("/loaded/one", Answer.of(200).body("1"));
        HttpResponse<byte[]> answer = Http.get(
                weir.url("/v1/caches/loaded/entries/one"),
                "X-Request-Id",
                "load-1",
                "traceparent",
                TRACE,
                "tracestate",
                STATE,
                "X-Other",
                "not to be told");
        assertThat(text(answer, 200)).isEqualTo("1");
        assertThat(calls("/loaded/one", "X-Request-Id")).containsExactly("load-1");
        assertThat(calls("/loaded/one", "traceparent")).containsExactly(TRACE);
        assertThat(calls("/loaded/one", "tracestate")).containsExactly(STATE);
        assertThat(calls("/loaded/one", "X-Other")).containsExactly("null");
    }

    @Test
    void aTraceThatIsNoneIsNotTold() {
        origin.answers("/loaded/two", Answer.of(200).body("2"));
        text(
                Http.get(
                        weir.url("/v1/caches/loaded/entries/two"),
                        "traceparent",
                        TRACE.replace("00-0af", "ff-0af"),
                        "tracestate",
                        STATE),
                200);
        assertThat(calls("/loaded/two", "traceparent")).containsExactly("null");
        assertThat(calls("/loaded/two", "tracestate")).containsExactly("null");
        assertThat(calls("/loaded/two", "X-Request-Id").getFirst()).matches(OWN_FORM);
    }

    @Test
    void aRefreshInTheBackgroundHasOneOfItsOwn() {
        origin.answers("/brief/k", Answer.of(200).body("x"));
        String url = weir.url("/v1/caches/brief/entries/k");
        text(Http.get(url, "X-Request-Id", "first"), 200);
        await().until(() -> {
            Http.get(url, "X-Request-Id", "later", "traceparent", TRACE);
            return calls("/brief/k", "X-Request-Id").size() >= 2;
        });
        List<String> told = calls("/brief/k", "X-Request-Id");
        assertThat(told.getFirst()).isEqualTo("first");
        assertThat(told.subList(1, told.size())).allMatch(id -> id.matches(OWN_FORM));
        assertThat(calls("/brief/k", "traceparent")).containsOnly("null");
    }

    @Test
    void aWriteThroughTellsItsOwn() {
        origin.answers("/written/k", Answer.of(204));
        HttpResponse<byte[]> answer = Http.put(
                weir.url("/v1/caches/written/entries/k"),
                "x",
                "text/plain",
                "X-Request-Id",
                "write-1",
                "traceparent",
                TRACE);
        text(answer, 201);
        assertThat(calls("/written/k", "X-Request-Id")).containsExactly("write-1");
        assertThat(calls("/written/k", "traceparent")).containsExactly(TRACE);
    }

    @Test
    void aRouteTellsTheIdAndPassesTheTraceOnAsItCame() {
        origin.answers(
                "/plain/p", Answer.of(200, "X-Request-Id", "the origin's").body("p"));
        HttpResponse<byte[]> first =
                Http.get(weir.url("/plain/p"), "X-Request-Id", "bad id", "traceparent", TRACE, "tracestate", STATE);
        assertThat(calls("/plain/p", "X-Request-Id")).containsExactly(idOf(first));
        assertThat(calls("/plain/p", "traceparent")).containsExactly(TRACE);
        assertThat(calls("/plain/p", "tracestate")).containsExactly(STATE);
        assertThat(idOf(Http.get(weir.url("/plain/p"), "X-Request-Id", "good"))).isEqualTo("good");
        assertThat(calls("/plain/p", "X-Request-Id").getLast()).isEqualTo("good");
    }

    @Test
    void anAnswerThatIsKeptHasThatOfEachReader() {
        origin.answers(
                "/pages/p",
                Answer.of(200, "Cache-Control", "max-age=600", "X-Request-Id", "the origin's")
                        .body("p"));
        assertThat(idOf(Http.get(weir.url("/pages/p"), "X-Request-Id", "r-1"))).isEqualTo("r-1");
        HttpResponse<byte[]> hit = Http.get(weir.url("/pages/p"), "X-Request-Id", "r-2");
        assertThat(Seen.xCache(hit)).isEqualTo("HIT");
        assertThat(idOf(hit)).isEqualTo("r-2");
        assertThat(calls("/pages/p", "X-Request-Id")).containsExactly("r-1");
    }

    @Test
    void aWarmerNamesItsCalls() {
        origin.answers(
                "/keys", Answer.of(200, "Content-Type", "application/json").body("[\"warm\"]"));
        origin.answers("/loaded/warm", Answer.of(200).body("w"));
        WarmerRuns.whole(weir, "told");
        assertThat(calls("/keys", "X-Request-Id")).singleElement().asString().matches(OWN_FORM);
        assertThat(calls("/loaded/warm", "X-Request-Id"))
                .singleElement()
                .asString()
                .matches(OWN_FORM);
    }

    @Test
    void theLogOfRequestsNamesEndpointsAndRoutesOnly() {
        origin.answers("/plain/logged", Answer.of(200).body("four"));
        Http.get(weir.url("/plain/logged?q=hidden"), "X-Request-Id", "log-1");
        Http.get(weir.url("/v1/caches/default/entries/hidden?"), "X-Request-Id", "log-2");
        Http.get(weir.url("/hidden"), "X-Request-Id", "log-3");
        Http.get(weir.url("/q/hidden"), "X-Request-Id", "log-4");
        Http.delete(weir.url("/v1/caches/default/entries/hidden"), "X-Request-Id", "log-5");
        for (String line : List.of(
                "log-1 GET route plain 200 4 bytes \\d+\\.\\d{3} ms",
                "log-2 GET /v1/caches/\\{cache}/entries/\\{key\\.\\.\\.} 404 \\d+ bytes \\d+\\.\\d{3} ms",
                "log-3 GET - 404 \\d+ bytes \\d+\\.\\d{3} ms",
                "log-4 GET /q/ 404 \\d+ bytes \\d+\\.\\d{3} ms",
                "log-5 DELETE /v1/caches/\\{cache}/entries/\\{key\\.\\.\\.} 204 0 bytes \\d+\\.\\d{3} ms")) {
            await().untilAsserted(() ->
                    assertThat(weir.logLinesMatching(line)).as(line).hasSize(1));
        }
        assertThat(weir.log()).doesNotContain("hidden", "127.0.0.1 ");
    }
}
