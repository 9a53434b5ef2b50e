package dev.weir.warm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.http.Problem;
import dev.weir.store.Settled;
import dev.weir.testkit.StreamingOrigin;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Keys of an origin that takes its time. */
class HttpKeysTest {

    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";

    private static Vertx vertx;
    private static StreamingOrigin origin;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        origin = StreamingOrigin.open();
    }

    @AfterAll
    static void stop() {
        origin.close();
        Settled.value(vertx.close());
    }

    private static HttpKeys keys(String path, Duration timeout) {
        return new HttpKeys(vertx, origin.url() + path, Map.of(), Optional.empty(), JsonPaths.parse("/*"), timeout);
    }

    private static void assertGivenUp(String path, Promise<Void> ended) {
        assertThat(Settled.failure(keys(path, Duration.ofMillis(300)).keys()))
                .isInstanceOf(Problem.class)
                .hasMessageContaining("within 300 ms");
        Settled.value(ended.future());
    }

    @Test
    void whatComesInTimeIsRead() {
        origin.on("/good", call -> call.answer(200, "[\"a\", 2]"));
        assertThat(Settled.value(keys("/good", Duration.ofSeconds(9)).keys())).isEqualTo(List.of("a", "2"));
    }

    @Test
    void anOriginThatDoesNotAnswerIsGivenUp() {
        Promise<Void> ended = Promise.promise();
        origin.on("/mute", call -> {
            call.awaitEnd();
            ended.complete();
        });
        assertGivenUp("/mute", ended);
    }

    @Test
    void anAnswerThatStopsBehindItsHeadIsGivenUp() {
        Promise<Void> ended = Promise.promise();
        origin.on("/stuck", call -> {
            call.send(HEAD);
            call.awaitEnd();
            ended.complete();
        });
        assertGivenUp("/stuck", ended);
    }

    @Test
    void anAnswerThatDripsIsGivenUp() {
        Promise<Void> ended = Promise.promise();
        origin.on("/drip", call -> {
            call.send(HEAD);
            try {
                while (!ended.future().isComplete()) {
                    call.send(" ");
                }
            } catch (IOException reset) {
                ended.complete();
            }
        });
        assertGivenUp("/drip", ended);
    }
}
