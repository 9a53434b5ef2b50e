package dev.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.auth.Access;
import dev.weir.auth.AuthConfig;
import dev.weir.auth.Role;
import dev.weir.auth.Tokens;
import dev.weir.store.Settled;
import dev.weir.store.StoreUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.NetClient;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The router by itself, behind a bare Vert.x server: requests are written byte by byte, so that no client tidies them. */
class ApiTest {

    private static final String TOKEN = "reader-0123456789";

    private static Vertx vertx;
    private static HttpServer server;
    private static NetClient client;

    private record Config(Map<String, Token> tokens, Optional<Path> tokensFile, Open open) implements AuthConfig {}

    private record Reader(String value, Role role) implements AuthConfig.Token {}

    @BeforeAll
    static void start() {
        Api api = new Api(new Access(Tokens.of(
                new Config(Map.of("r", new Reader(TOKEN, Role.READ)), Optional.empty(), AuthConfig.Open.FALSE))));
        api.on(HttpMethod.GET, "/v1/things", Role.READ, exchange -> say(exchange, "list"))
                .on(HttpMethod.DELETE, "/v1/things", Role.ADMIN, exchange -> say(exchange, "clear"))
                .on(
                        HttpMethod.GET,
                        "/v1/things/{thing}",
                        Role.READ,
                        exchange -> say(exchange, "thing " + exchange.name("thing", 0)))
                .on(
                        HttpMethod.GET,
                        "/v1/things/{thing}/parts",
                        Role.READ,
                        exchange -> say(exchange, "parts of " + exchange.name("thing", 0)))
                .on(
                        HttpMethod.GET,
                        "/v1/things/{thing}/parts/{part...}",
                        Role.READ,
                        exchange -> say(exchange, exchange.name("thing", 0) + " > " + exchange.key("part", 1)))
                .on(HttpMethod.PUT, "/v1/things/{thing}/parts/{part...}", Role.READ, exchange -> exchange.body(10)
                        .compose(body -> say(exchange, "got " + body)))
                .on(
                        HttpMethod.GET,
                        "/v1/things/{thing}/parts/{part...}/colour",
                        Role.READ,
                        exchange -> say(exchange, "colour of " + exchange.key("part", 1)))
                .on(HttpMethod.GET, "/v1/things/special", Role.READ, exchange -> say(exchange, "special"))
                .on(
                        HttpMethod.GET,
                        "/v1/query",
                        Role.READ,
                        exchange -> say(
                                exchange.allowQuery(Set.of("a", "n")),
                                exchange.queryAll("a") + " " + exchange.queryInt("n", 7, 1, 10)))
                .on(HttpMethod.GET, "/v1/away", Role.READ, e -> Future.failedFuture(StoreUnavailable.unreachable("x")))
                .on(
                        HttpMethod.GET,
                        "/v1/full",
                        Role.READ,
                        e -> Future.failedFuture(StoreUnavailable.refused("it is full")))
                .on(HttpMethod.GET, "/v1/throws", Role.READ, exchange -> {
                    throw new IllegalStateException("secret inner words");
                })
                .on(
                        HttpMethod.GET,
                        "/v1/fails",
                        Role.READ,
                        e -> Future.failedFuture(new IllegalStateException("secret inner words")));
        vertx = Vertx.vertx();
        server = Settled.value(vertx.createHttpServer()
                .requestHandler(request -> {
                    if (!api.handle(request)) {
                        request.response().setStatusCode(299).end("not mine");
                    }
                })
                .listen(0, "127.0.0.1"));
        client = vertx.createNetClient();
    }

    @AfterAll
    static void stop() {
        Settled.value(vertx.close());
    }

    private static Future<?> say(Exchange exchange, String text) {
        return exchange.response().end(text);
    }

    /** The raw answer to one request with the reader's token. */
    private static String ask(String method, String target) {
        return raw(method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + TOKEN
                + "\r\n\r\n");
    }

    private static String raw(String request) {
        Promise<String> answer = Promise.promise();
        Buffer whole = Buffer.buffer();
        client.connect(server.actualPort(), "127.0.0.1")
                .onFailure(answer::tryFail)
                .onSuccess(socket -> {
                    socket.handler(whole::appendBuffer);
                    socket.closeHandler(closed -> answer.tryComplete(whole.toString()));
                    socket.exceptionHandler(e -> {});
                    socket.write(request);
                });
        return Settled.value(answer.future());
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.substring(9, 12));
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/things, list",
        "/v1/things?, list",
        "/v1/things/x, thing x",
        "/v1/things/%78, thing x",
        "/v1/things/special, special",
        "/v1/things/x/parts, parts of x",
        "/v1/things/special/parts, ",
        "/v1/things/x/parts/a, x > a",
        "/v1/things/x/parts/a/b:c, x > a/b:c",
        "/v1/things/x/parts/a%2Fb, x > a/b",
        "/v1/things/x/parts/a%252Fb, x > a%2Fb",
        "/v1/things/x/parts//a//, x > /a//",
        "/v1/things/x/parts/../y, x > ../y",
        "/v1/things/x/parts/a;b=c, x > a;b=c",
        "/v1/things/x/parts/a+b, x > a+b",
        "/v1/things/x/parts/%E2%82%AC, x > €",
        "/v1/things/x/parts/a/colour, colour of a",
        "/v1/things/x/parts/a/b/colour, colour of a/b",
        "/v1/things/x/parts/colour, x > colour",
        "/v1/things/x/parts/a%2Fcolour, x > a/colour",
        "/v1/things/x/parts/colour/colour, colour of colour"
    })
    void aPathIsTakenAsItWasSent(String target, String text) {
        String answer = ask("GET", target);
        if (text == null) {
            assertThat(status(answer)).isEqualTo(404);
        } else {
            assertThat(status(answer)).isEqualTo(200);
            assertThat(body(answer)).isEqualTo(text);
        }
    }

    /** A method that the longer path does not have is one of the key that ends so. */
    @Test
    void whatStandsBehindAKeyIsToldFromItByTheMethod() {
        String answer =
                raw("PUT /v1/things/x/parts/a/colour HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                        + TOKEN + "\r\nContent-Length: 3\r\n\r\nred");
        assertThat(status(answer)).isEqualTo(200);
        assertThat(body(answer)).isEqualTo("got red");
        assertThat(ask("PATCH", "/v1/things/x/parts/a/colour"))
                .startsWith("HTTP/1.1 405")
                .contains("Allow: GET\r\n");
        assertThat(ask("PATCH", "/v1/things/x/parts/a")).contains("Allow: GET, PUT\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/",
                "/v1/nothing",
                "/v1//things",
                "/v1/things/x/nothing",
                "/v1/things/x/y/z",
                "/v1/%74hings",
                "/v1/Things"
            })
    void whatNoEndpointHasIsNotFound(String target) {
        String answer = ask("GET", target);
        assertThat(status(answer)).isEqualTo(404);
        assertThat(answer).contains("application/problem+json").contains("urn:weir:problem:not-found");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/things/a%20b, thing",
        "/v1/things/%ZZ, thing",
        "/v1/things/x/parts/, part",
        "/v1/things/x/parts/%, part",
        "/v1/things/x/parts/%00, part",
        "/v1/things/x/parts/%FF, part"
    })
    void aPartOfThePathThatIsNoNameOrKeyIsNamed(String target, String field) {
        String answer = ask("GET", target);
        assertThat(status(answer)).isEqualTo(400);
        assertThat(Json.parse(Buffer.buffer(body(answer))).path("field").asText())
                .isEqualTo(field);
    }

    @Test
    void aMethodThatIsNotThereIsRefusedWithThoseThatAre() {
        String answer = ask("POST", "/v1/things/x/parts/a");
        assertThat(status(answer)).isEqualTo(405);
        assertThat(answer).containsIgnoringCase("\r\nAllow: GET, PUT\r\n");
        assertThat(ask("BREW", "/v1/things"))
                .startsWith("HTTP/1.1 405")
                .containsIgnoringCase("\r\nAllow: DELETE, GET\r\n");
    }

    @Test
    void whatIsNotBelowTheApiIsLeftToOthers() {
        for (String target : new String[] {"/", "/v1", "/v2/things", "/q/health", "//v1/things"}) {
            assertThat(status(ask("GET", target))).as(target).isEqualTo(299);
        }
    }

    @Test
    void whoMayNotIsToldWhy() {
        String anonymous = raw("GET /v1/things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(status(anonymous)).isEqualTo(401);
        assertThat(anonymous).containsIgnoringCase("\r\nWWW-Authenticate: Bearer");
        String reader = ask("DELETE", "/v1/things");
        assertThat(status(reader)).isEqualTo(403);
        assertThat(reader).contains("admin").doesNotContain(TOKEN);
    }

    @Test
    void aFailureIsAProblemAndNeverTellsWhatIsInside() {
        assertThat(ask("GET", "/v1/away")).startsWith("HTTP/1.1 503").containsIgnoringCase("\r\nRetry-After: 1\r\n");
        assertThat(ask("GET", "/v1/full")).startsWith("HTTP/1.1 503").contains("it is full");
        for (String target : new String[] {"/v1/throws", "/v1/fails"}) {
            assertThat(ask("GET", target))
                    .startsWith("HTTP/1.1 500")
                    .contains("urn:weir:problem:internal")
                    .doesNotContain("secret", "Exception");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/query|[] 7",
                "/v1/query?a=1&a=2&n=3|[1, 2] 3",
                "/v1/query?a=b+c%2B%3D&|[b c+=] 7",
                "/v1/query?a|[] 7",
                "/v1/query?a=b=c|[b=c] 7"
            })
    void aQueryIsReadAsFormsWriteIt(String target, String text) {
        assertThat(body(ask("GET", target))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/query?x=1, x",
        "/v1/query?n=0, n",
        "/v1/query?n=11, n",
        "/v1/query?n=x, n",
        "/v1/query?n=, n",
        "/v1/query?n=1&n=2, n",
        "/v1/query?a=%Z, a"
    })
    void aQueryThatIsNotUnderstoodIsNamed(String target, String field) {
        String answer = ask("GET", target);
        assertThat(status(answer)).isEqualTo(400);
        assertThat(Json.parse(Buffer.buffer(body(answer))).path("field").asText())
                .isEqualTo(field);
    }

    private static String put(String headers, String body) {
        return raw("PUT /v1/things/x/parts/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + TOKEN
                + "\r\n" + headers + "\r\n" + body);
    }

    @Test
    void aBodyIsReadUpToItsLimitAndNoFurther() {
        assertThat(body(put("Content-Length: 10\r\n", "0123456789"))).isEqualTo("got 0123456789");
        assertThat(body(put("Transfer-Encoding: chunked\r\n", "5\r\nabcde\r\n0\r\n\r\n")))
                .isEqualTo("got abcde");
        assertThat(body(put("", ""))).isEqualTo("got ");
        assertThat(status(put("Content-Length: 11\r\n", "01234567890"))).isEqualTo(413);
        assertThat(status(put("Content-Length: 99999999999\r\n", ""))).isEqualTo(413);
        assertThat(status(put("Transfer-Encoding: chunked\r\n", "b\r\n01234567890\r\n0\r\n\r\n")))
                .isEqualTo(413);
        assertThat(status(put("Content-Encoding: gzip\r\nContent-Length: 1\r\n", "x")))
                .isEqualTo(415);
        assertThat(body(put("Content-Encoding: identity\r\nContent-Length: 1\r\n", "x")))
                .isEqualTo("got x");
    }

    @Test
    void anEndpointIsRegisteredOnceAndListed() {
        Api api = new Api(new Access(Tokens.of(new Config(Map.of(), Optional.empty(), AuthConfig.Open.TRUE))));
        api.on(HttpMethod.GET, "/v1/a/{b}", Role.READ, exchange -> Exchange.DONE);
        assertThat(api.operations()).containsExactly(new Api.Operation("GET", "/v1/a/{b}", Role.READ));
        assertThatThrownBy(() -> api.on(HttpMethod.GET, "/v1/a/{c}", Role.READ, exchange -> Exchange.DONE))
                .isInstanceOf(IllegalStateException.class);
    }
}
