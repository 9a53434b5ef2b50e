package dev.weir.route;

import dev.weir.route.CachingRules.Judgement;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * Takes an answer in while its client is sent it. As long as it may still be kept, it is read as fast as it comes, so that
 * a slow client holds up nobody who waits for it; that is bounded by what the cache may keep. Once it is longer, it
 * streams on at the client's pace.
 */
final class Keeping {

    private final Load load;
    private final Visit visit;
    private final OriginClient.Call call;
    private final HttpClientResponse answer;
    private final MultiMap fields;
    private final Judgement judged;
    private final Buffer whole = Buffer.buffer();
    private boolean sending;
    private @Nullable Buffer held;

    Keeping(Load load, OriginClient.Call call, HttpClientResponse answer, MultiMap fields, Judgement judged) {
        this.load = load;
        this.visit = load.visit();
        this.call = call;
        this.answer = answer;
        this.fields = fields;
        this.judged = judged;
    }

    void run() {
        begin();
        call.read(this::take, this::ended, e -> load.broken(call, e));
    }

    private void begin() {
        if (load.isBackground() || visit.isGone()) {
            return;
        }
        int status = answer.statusCode();
        StoredResponse head = new StoredResponse(status, fields, Buffer.buffer());
        if (status == 200 && Preconditions.isNotModified(visit.request().headers(), head)) {
            // The client has it already; the cache goes on to get it.
            load.say(status, true);
            StoredAnswers.notModified(visit, head);
            return;
        }
        Relay.head(visit, status, fields);
        load.say(status, true);
        sending = true;
    }

    private void take(Buffer chunk) {
        if ((long) whole.length() + chunk.length() > load.maxBytes()) {
            overflow(chunk);
            return;
        }
        whole.appendBuffer(chunk);
        send(held);
        held = chunk;
    }

    private void send(@Nullable Buffer chunk) {
        if (sending && chunk != null && !visit.isGone()) {
            visit.response().write(chunk);
        }
    }

    /** Too long to be kept, and so nobody else's. */
    private void overflow(Buffer chunk) {
        load.overflown();
        if (!sending || visit.isGone()) {
            call.cancel();
            return;
        }
        send(held);
        held = null;
        send(chunk);
        Relay.body(visit, call);
    }

    private void ended() {
        StoredResponse response = load.kept(answer.statusCode(), fields, whole, judged);
        load.store(response, judged).onComplete(stored -> {
            load.finish(stored.result());
            finish();
        });
    }

    private void finish() {
        if (!sending || visit.isGone()) {
            return;
        }
        HttpServerResponse client = visit.response();
        Buffer last = held;
        Future<Void> written = last == null ? Future.succeededFuture() : client.write(last);
        written.onComplete(done -> client.end().onComplete(sent -> visit.finish()));
    }
}
