package dev.weir.route;

import dev.weir.cache.CacheAccess;
import dev.weir.cache.CacheAccess.Content;
import dev.weir.cache.CacheAccess.Found;
import dev.weir.http.Correlation;
import dev.weir.http.Problem;
import dev.weir.route.CachingRules.Judgement;
import dev.weir.route.Flights.Flight;
import dev.weir.route.Flights.Landing;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One call of the origin for an answer that is to be kept if it may be. Its client is sent the answer as it comes, but the
 * last of it only when it is kept: who has seen the whole answer finds it kept.
 */
final class Load {

    private static final Set<Integer> ORIGIN_ERRORS = Set.of(500, 502, 503, 504);
    private static final long VARIANTS_LIVE_MS = 86_400_000;

    private final SharedCache shared;
    private final Visit visit;
    private final Slot slot;
    private final @Nullable StoredResponse stale;
    private final String reason;
    private final boolean background;
    private final Promise<Boolean> done = Promise.promise();
    private @Nullable Flight flight;
    private CacheAccess.@Nullable Lease lease;
    private OriginClient.@Nullable Call call;
    private long requestedAt;
    private long receivedAt;

    /**
     * @param stale the answer that is kept, if there is one: the origin is asked whether it is still good
     * @param reason why the origin is asked, in the words of RFC 9211
     */
    Load(SharedCache shared, Visit visit, Slot slot, @Nullable StoredResponse stale, String reason) {
        this(shared, visit, slot, stale, reason, false);
    }

    private Load(
            SharedCache shared,
            Visit visit,
            Slot slot,
            @Nullable StoredResponse stale,
            String reason,
            boolean background) {
        this.shared = shared;
        this.visit = visit;
        this.slot = slot;
        this.stale = stale;
        this.reason = reason;
        this.background = background;
    }

    /** The same, not begun, for which no client waits. */
    Load inBackground() {
        return new Load(shared, visit, slot, stale, reason, true);
    }

    /** The same, not begun, where something else has been found meanwhile. */
    Load having(Found found, @Nullable StoredResponse response) {
        return new Load(shared, visit, slot.with(found, found.scope()), response, reason, background);
    }

    Visit visit() {
        return visit;
    }

    Slot slot() {
        return slot;
    }

    String reason() {
        return reason;
    }

    /** Begins; the future tells, and never fails, whether the origin answered as it should. */
    Future<Boolean> start(Flight on, CacheAccess.@Nullable Lease under) {
        flight = on;
        lease = under;
        on.whenDeserted(this::abandon);
        if (under != null) {
            long timer = shared.vertx.setPeriodic(
                    SharedCache.LEASE.toMillis() / 3, id -> shared.cache.extend(under, SharedCache.LEASE));
            done.future().onComplete(over -> shared.vertx.cancelTimer(timer));
        }
        ask(stale);
        return done.future();
    }

    private void ask(@Nullable StoredResponse known) {
        String id = background ? Correlation.own().requestId() : visit.requestId();
        MultiMap fields = Fields.forOrigin(visit.request(), visit.target(), shared.proxies, id);
        // The whole answer is wanted, whatever the client knows already: it is kept for others, too.
        for (CharSequence name :
                List.of(HttpHeaders.IF_NONE_MATCH, HttpHeaders.IF_MODIFIED_SINCE, Fields.IF_RANGE, Fields.RANGE)) {
            fields.remove(name);
        }
        if (known != null && known.etag() != null) {
            fields.set(HttpHeaders.IF_NONE_MATCH, known.etag());
        }
        if (known != null && known.lastModified() != null) {
            fields.set(HttpHeaders.IF_MODIFIED_SINCE, known.lastModified());
        }
        requestedAt = System.currentTimeMillis();
        OriginClient.Call begun = shared.origin.call(HttpMethod.GET, visit.target(), fields, null);
        call = begun;
        begun.answer().onComplete(answered -> {
            shared.cache.countLoad(
                    answered.succeeded()
                            && !ORIGIN_ERRORS.contains(answered.result().statusCode()),
                    visit.nanos());
            if (answered.succeeded()) {
                receivedAt = System.currentTimeMillis();
                heard(begun, answered.result(), known);
            } else {
                failed(answered.cause());
            }
        });
    }

    /** Nobody wants the answer any more. */
    private void abandon() {
        OriginClient.Call open = call;
        if (open != null && !done.future().isComplete()) {
            // First: a call that is given up lands as one that failed.
            land(new Landing.Unshared(), false);
            open.cancel();
        }
    }

    private void land(Landing landing, boolean good) {
        CacheAccess.Lease held = lease;
        lease = null;
        if (held != null) {
            shared.cache.giveBack(held);
        }
        if (flight != null) {
            flight.land(landing);
        }
        done.tryComplete(good);
    }

    private void failed(Throwable cause) {
        land(new Landing.Failed(cause), false);
        if (!background && !visit.isGone()) {
            standInOrFail(cause, -1);
        }
    }

    /** Answers with what is kept if it may stand in for an error, else with the error. */
    void standInOrFail(Throwable cause, int status) {
        Found found = slot.found();
        if (found != null && stale != null && mayStandIn(found, stale)) {
            shared.figures.count(RouteFigures.Result.STALE);
            shared.cache.countHit(found, true, visit.nanos());
            StoredAnswers.write(
                    visit,
                    stale,
                    SharedCache.ageOf(found, stale),
                    "STALE",
                    "weir; fwd=" + reason + (status < 0 ? "" : "; fwd-status=" + status) + "; detail=stale-if-error");
            return;
        }
        shared.figures.count(RouteFigures.Result.ERROR);
        Throwable told = stale != null && stale.cacheControl().has("must-revalidate") ? unvalidated(cause) : cause;
        visit.say("MISS", "weir; fwd=" + reason);
        visit.fail(told);
    }

    /** RFC 9111, section 5.2.2.2: who must validate and cannot answers 504. */
    private static Throwable unvalidated(Throwable cause) {
        return new Problem(
                Problem.Kind.ORIGIN_TIMEOUT,
                "what is kept must be validated, and the origin cannot be asked: " + cause.getMessage());
    }

    private boolean mayStandIn(Found found, StoredResponse response) {
        long since = found.nowMs() + visit.nanos() / 1_000_000 - found.freshUntilMs();
        return since < shared.rules.staleIfErrorMs(response.cacheControl());
    }

    private void heard(OriginClient.Call begun, HttpClientResponse answer, @Nullable StoredResponse known) {
        int status = answer.statusCode();
        Found found = slot.found();
        if (status == 304 && known != null) {
            notModified(begun, answer, known);
        } else if (ORIGIN_ERRORS.contains(status) && known != null && found != null && mayStandIn(found, known)) {
            begun.cancel();
            Problem problem = new Problem(Problem.Kind.ORIGIN_FAILED, "the origin answered " + status);
            land(new Landing.Failed(problem), false);
            if (!background && !visit.isGone()) {
                standInOrFail(problem, status);
            }
        } else {
            arrived(begun, answer);
        }
    }

    private void arrived(OriginClient.Call begun, HttpClientResponse answer) {
        int status = answer.statusCode();
        MultiMap fields = Fields.fromOrigin(answer.headers(), receivedAt);
        Judgement judged = shared.rules.judge(visit.request().headers(), status, fields, requestedAt, receivedAt);
        boolean keep = lease != null && judged.storable() && !isKnownTooLong(fields);
        if (keep) {
            new Keeping(this, begun, answer, fields, judged).run();
            return;
        }
        boolean tooLong = judged.storable() && isKnownTooLong(fields);
        if (tooLong || !judged.storable() && status < 500) {
            shared.rememberUncacheable(slot.primary());
            if (stale != null) {
                // What is kept is not what the origin says now, and that is not to be kept.
                shared.cache.remove(slot.key());
            }
        }
        land(new Landing.Unshared(), status < 500);
        if (background || visit.isGone()) {
            begun.cancel();
            return;
        }
        Relay.head(visit, status, fields);
        say(status, false);
        Relay.body(visit, begun);
    }

    private boolean isKnownTooLong(MultiMap fields) {
        String length = fields.get(HttpHeaders.CONTENT_LENGTH);
        return length != null && CacheControl.parseSeconds(length) > shared.cache.maxEntryBytes();
    }

    /** Says of an answer that came for this request how it came. */
    void say(int status, boolean stored) {
        shared.cache.countMiss(visit.nanos());
        shared.figures.count(RouteFigures.Result.MISS);
        visit.say("MISS", "weir; fwd=" + reason + "; fwd-status=" + status + (stored ? "; stored" : ""));
    }

    long maxBytes() {
        return shared.cache.maxEntryBytes();
    }

    boolean isBackground() {
        return background;
    }

    /** The answer broke off. */
    void broken(OriginClient.Call begun, Throwable cause) {
        land(new Landing.Unshared(), false);
        if (!background && !visit.isGone()) {
            Relay.broken(visit, begun, cause);
        }
    }

    /** The answer is longer than a cache may keep. */
    void overflown() {
        shared.rememberUncacheable(slot.primary());
        land(new Landing.Unshared(), true);
    }

    private void notModified(OriginClient.Call begun, HttpClientResponse answer, StoredResponse known) {
        begun.read(ignored -> {}, () -> {}, e -> {});
        MultiMap news = Fields.fromOrigin(answer.headers(), receivedAt);
        String etag = news.get(HttpHeaders.ETAG);
        if (etag != null && known.etag() != null && !weak(etag).equals(weak(known.etag()))) {
            // It speaks of an answer that is not kept here.
            ask(null);
            return;
        }
        MultiMap merged = Merging.merge(known, news);
        Judgement judged =
                shared.rules.judge(visit.request().headers(), known.status(), merged, requestedAt, receivedAt);
        if (lease == null || !judged.storable()) {
            StoredResponse fresh = new StoredResponse(known.status(), merged, known.body());
            if (!judged.storable()) {
                shared.cache.remove(slot.key());
            }
            land(new Landing.Unshared(), true);
            validated(fresh, judged.ageMs(), false);
            return;
        }
        StoredResponse fresh = kept(known.status(), merged, known.body(), judged);
        store(fresh, judged).onComplete(stored -> {
            finish(stored.result());
            validated(fresh, judged.ageMs(), !(stored.result() instanceof Landing.Unshared));
        });
    }

    private static String weak(String etag) {
        return etag.startsWith("W/") ? etag.substring(2) : etag;
    }

    private void validated(StoredResponse fresh, long ageMs, boolean stored) {
        if (background || visit.isGone()) {
            return;
        }
        shared.cache.countMiss(visit.nanos());
        shared.figures.count(RouteFigures.Result.VALIDATED);
        StoredAnswers.write(
                visit, fresh, ageMs, "HIT", "weir; fwd=" + reason + "; fwd-status=304" + (stored ? "; stored" : ""));
    }

    /** An answer as it is kept: without what is not for others, and with its age. */
    StoredResponse kept(int status, MultiMap fields, Buffer body, Judgement judged) {
        MultiMap headers = HttpHeaders.headers().addAll(fields);
        judged.withheld().forEach(headers::remove);
        headers.remove(HttpHeaders.AGE);
        if (judged.ageMs() >= 1000) {
            headers.set(HttpHeaders.AGE, Long.toString(judged.ageMs() / 1000));
        }
        return new StoredResponse(status, headers, body);
    }

    /** Stores an answer where it belongs; never fails. */
    Future<Landing> store(StoredResponse response, Judgement judged) {
        CacheAccess.Lease held = lease;
        if (held == null) {
            return Future.succeededFuture(new Landing.Unshared());
        }
        Content content = new Content(
                response.encode(),
                StoredResponse.CONTENT_TYPE,
                judged.freshMs(),
                judged.staleMs(),
                judged.keepMs(),
                shared.tagsOf(visit.target()));
        List<String> vary = StoredResponse.varyOf(response.headers());
        Variants variants = slot.variants();
        if (variants != null && !variants.names().containsAll(vary)) {
            // The next answer makes a beginning with all of them.
            shared.variedBy(slot.primary(), Variants.union(variants.names(), vary));
            return shared.cache
                    .remove(slot.primary())
                    .<Landing>map(new Landing.Unshared())
                    .otherwise(new Landing.Unshared());
        }
        Future<Landing> stored = variants != null || vary.isEmpty()
                ? shared.cache.fill(held, content).map(found -> landing(found, response))
                : storeVariant(held, vary, content, judged);
        return stored.otherwise(new Landing.Unshared());
    }

    private static Landing landing(@Nullable Found found, StoredResponse response) {
        if (found == null) {
            return new Landing.Unshared();
        }
        found.keepView(response);
        return new Landing.Kept(found, response);
    }

    private Future<Landing> storeVariant(CacheAccess.Lease held, List<String> vary, Content content, Judgement judged) {
        Variants variants = Variants.of(shared.variedBy(slot.primary(), vary));
        String key = variants.keyOf(slot.primary(), visit.request().headers());
        long live = Math.max(VARIANTS_LIVE_MS, 2 * (judged.freshMs() + judged.keepMs()));
        Content names = new Content(variants.encode(), Variants.CONTENT_TYPE, live, 0, 0, content.tags());
        // The variant first: nobody can reach it before its generation is known.
        return shared.cache
                .put(key, held.scope(), content)
                .compose(put -> shared.cache.fill(held, names))
                .map(found -> found == null ? new Landing.Unshared() : new Landing.LookAgain());
    }

    /** Lands with what storing came to. */
    void finish(Landing landing) {
        land(landing, true);
    }
}
