package dev.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.store.Settled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.ContextInternal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose id is found where, while several requests are under way at once. */
class CorrelationTest {

    private final Vertx vertx = Vertx.vertx();
    private final List<String> found = new CopyOnWriteArrayList<>();
    private final Promise<Void> held = Promise.promise();
    private HttpServer server;

    @BeforeEach
    void start() {
        server = Settled.value(vertx.createHttpServer()
                .requestHandler(request -> Correlation.during(request, () -> answer(request)))
                .listen(0, "127.0.0.1"));
    }

    @AfterEach
    void stop() {
        Settled.value(vertx.close());
    }

    private void note(String where) {
        Correlation current = Correlation.current();
        found.add(where + " " + (current == null ? "none" : current.requestId()));
    }

    private void answer(HttpServerRequest request) {
        note("at once");
        switch (request.path()) {
            case "/waits" ->
                held.future().onComplete(done -> {
                    // On the context of whoever has ended the wait.
                    Correlation.speakingOf(request, () -> {
                        note("spoken");
                        return request;
                    });
                    request.response().end();
                });
            case "/wakes" -> {
                held.complete();
                note("afterwards");
                request.response().end();
            }
            case "/stays" -> {
                Promise<Void> promise = ((ContextInternal) vertx.getOrCreateContext()).promise();
                promise.future().onComplete(done -> {
                    note("on its context");
                    request.response().end();
                });
                vertx.setTimer(1, id -> promise.complete());
            }
            default -> request.response().end();
        }
    }

    private Future<String> call(String path, String id) {
        return vertx.createHttpClient()
                .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", path)
                .compose(request -> request.putHeader("X-Request-Id", id).send())
                .map(response -> response.getHeader("X-Request-Id"));
    }

    @Test
    void whatIsAnsweredAtOnceIsFoundWithItsThread() {
        assertThat(Settled.value(call("/", "a"))).isEqualTo("a");
        assertThat(Settled.value(call("/", "b"))).isEqualTo("b");
        assertThat(found).containsExactly("at once a", "at once b");
        assertThat(Correlation.current()).isNull();
    }

    @Test
    void whatGoesOnLaterIsFoundOnTheContextOfTheRequest() {
        assertThat(Settled.value(call("/stays", "a"))).isEqualTo("a");
        assertThat(found).containsExactly("at once a", "on its context a");
    }

    @Test
    void whoIsWokenByAnotherSpeaksForItself() throws Exception {
        Future<String> waits = call("/waits", "a");
        await().until(() -> !found.isEmpty());
        assertThat(Settled.value(call("/wakes", "b"))).isEqualTo("b");
        assertThat(Settled.value(waits)).isEqualTo("a");
        assertThat(found).containsExactly("at once a", "at once b", "spoken a", "afterwards b");
    }
}
