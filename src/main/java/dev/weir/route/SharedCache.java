package dev.weir.route;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.weir.cache.CacheAccess;
import dev.weir.cache.CacheAccess.Claim;
import dev.weir.cache.CacheAccess.Found;
import dev.weir.http.Problem;
import dev.weir.http.TrustedProxies;
import dev.weir.route.Flights.Flight;
import dev.weir.route.Flights.Landing;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A shared HTTP cache (RFC 9111) before one route's origin: finds what is kept, decides whether it will do, and has the
 * origin asked where it will not.
 *
 * <p>Of requests that miss the same answer at the same time, on any instance, one goes to the origin and the others wait,
 * unless the answer turns out not to be for them. An answer that was asked for before an invalidation is not kept after
 * it.
 */
final class SharedCache {

    /** For so long after an answer was for one client only, nobody waits for another's. */
    private static final Duration UNCACHEABLE_FOR = Duration.ofSeconds(10);

    private static final int MAX_REMEMBERED = 10_000;
    private static final int MAX_LOOKS = 3;
    private static final long REST_AFTER_FAILED_REFRESH_MS = 1_000;
    private static final Duration MARGIN = Duration.ofSeconds(1);

    /** What others wait for at most if an instance dies that was loading an answer. One that lives extends it. */
    static final Duration LEASE = Duration.ofSeconds(5);

    final Vertx vertx;
    final OriginClient origin;
    final CacheAccess cache;
    final CachingRules rules;
    final KeyTemplate template;
    final TrustedProxies proxies;
    final RouteFigures figures;
    private final Flights flights;
    private final Duration patience;
    private final Consumer<Pass> pass;
    private final Cache<String, Boolean> uncacheable = remembering();
    private final Cache<String, List<String>> varied = remembering();
    private final Set<String> refreshing = ConcurrentHashMap.newKeySet();

    /** A request that goes to the origin for itself alone, and why (RFC 9211). */
    record Pass(Visit visit, String reason) {}

    SharedCache(
            Vertx vertx,
            OriginClient origin,
            CacheAccess cache,
            Flights flights,
            CachingRules rules,
            KeyTemplate template,
            TrustedProxies proxies,
            Duration timeout,
            RouteFigures figures,
            Consumer<Pass> pass) {
        this.vertx = vertx;
        this.origin = origin;
        this.cache = cache;
        this.flights = flights;
        this.rules = rules;
        this.template = template;
        this.proxies = proxies;
        this.patience = timeout.plus(MARGIN);
        this.figures = figures;
        this.pass = pass;
    }

    private static <V> Cache<String, V> remembering() {
        return Caffeine.newBuilder()
                .maximumSize(MAX_REMEMBERED)
                .expireAfterWrite(UNCACHEABLE_FOR)
                .executor(Runnable::run)
                .build();
    }

    /** Answers a GET or HEAD. */
    void serve(Visit visit) {
        if (visit.directives().noStore()) {
            pass.accept(new Pass(visit, "request"));
            return;
        }
        look(visit, Slot.of(template.key(visit.request(), visit.target(), visit.clientIp())));
    }

    private void look(Visit visit, Slot slot) {
        Found near = cache.near(slot.key());
        if (near != null) {
            visit.asked(near.scope());
            open(visit, slot.with(near, near.scope()), near);
            return;
        }
        cache.look(slot.key()).onComplete(looked -> {
            if (looked.failed()) {
                visit.fail(looked.cause());
                return;
            }
            Found found = looked.result().found();
            visit.asked(looked.result().scope());
            Slot seen = slot.with(found, looked.result().scope());
            if (found == null) {
                absent(visit, seen);
            } else {
                open(visit, seen, found);
            }
        });
    }

    private void open(Visit visit, Slot slot, Found found) {
        Object view = found.view();
        if (view != null) {
            viewed(visit, slot, found, view);
        } else {
            view(found).onComplete(made -> {
                if (made.succeeded()) {
                    viewed(visit, slot, found, made.result());
                } else {
                    visit.fail(made.cause());
                }
            });
        }
    }

    /** What an entry holds: an answer, variants, or something that nobody here has put there. */
    private Future<Object> view(Found found) {
        return cache.content(found).map(content -> {
            Object made = decode(found.contentType(), content);
            Object view = made == null ? content : made;
            found.keepView(view);
            return view;
        });
    }

    private static @Nullable Object decode(String type, Buffer content) {
        return switch (type) {
            case StoredResponse.CONTENT_TYPE -> StoredResponse.decode(content);
            case Variants.CONTENT_TYPE -> Variants.decode(content);
            default -> null;
        };
    }

    private void viewed(Visit visit, Slot slot, Found found, Object view) {
        if (view instanceof StoredResponse response) {
            decide(visit, slot, found, response);
        } else if (view instanceof Variants variants && slot.variants() == null) {
            look(visit, slot.variant(variants, visit.request().headers()));
        } else {
            absent(visit, slot);
        }
    }

    private RequestDirectives directives(Visit visit) {
        return rules.isOverridden() ? RequestDirectives.NONE : visit.directives();
    }

    private void decide(Visit visit, Slot slot, Found found, StoredResponse response) {
        if (!isFor(visit, response)) {
            pass.accept(new Pass(visit, "bypass"));
            return;
        }
        RequestDirectives asked = directives(visit);
        long left = found.freshUntilMs() - found.nowMs();
        long age = ageOf(found, response);
        if (asked.acceptsFresh(age, left)) {
            hit(visit, found, response, false);
            if (cache.isToBeRefreshed(found)) {
                refresh(visit, slot, response);
            }
        } else if (left <= 0 && asked.leavesItToTheCache() && found.nowMs() < found.staleUntilMs()) {
            hit(visit, found, response, true);
            refresh(visit, slot, response);
        } else if (left <= 0 && CachingRules.mayBeStale(response.cacheControl()) && asked.acceptsStale(age, -left)) {
            hit(visit, found, response, true);
        } else {
            validate(visit, slot, response, left > 0 ? "request" : "stale");
        }
    }

    /** False if the request bears credentials and the answer may not be used for whoever has some (section 3.5). */
    private boolean isFor(Visit visit, StoredResponse response) {
        return !visit.request().headers().contains(HttpHeaders.AUTHORIZATION)
                || rules.isOverridden()
                || template.hasHeader("authorization")
                || CachingRules.permitsCredentials(response.cacheControl());
    }

    static long ageOf(Found found, StoredResponse response) {
        return response.ageAtStoreMs() + Math.max(0, found.nowMs() - found.createdMs());
    }

    private void hit(Visit visit, Found found, StoredResponse response, boolean stale) {
        long ttl = Math.floorDiv(found.freshUntilMs() - found.nowMs(), 1000L);
        cache.countHit(found, stale, visit.nanos());
        figures.count(stale ? RouteFigures.Result.STALE : RouteFigures.Result.HIT);
        StoredAnswers.write(
                visit,
                response,
                ageOf(found, response),
                stale ? "STALE" : "HIT",
                "weir; hit; ttl=" + ttl + "; detail=" + found.detail());
    }

    private void absent(Visit visit, Slot slot) {
        if (!mustStayHere(visit)) {
            MultiMap headers = visit.request().headers();
            boolean alone = visit.isHead()
                    || headers.contains(Fields.RANGE)
                    || Preconditions.needOrigin(headers)
                    // What is not kept anyway need not be sent to a client that has it.
                    || isUncacheable(slot) && Preconditions.areThere(headers);
            if (alone) {
                pass.accept(new Pass(visit, slot.missReason()));
            } else {
                load(new Load(this, visit, slot, null, slot.missReason()));
            }
        }
    }

    private void validate(Visit visit, Slot slot, StoredResponse response, String reason) {
        if (!mustStayHere(visit)) {
            if (Preconditions.needOrigin(visit.request().headers())) {
                pass.accept(new Pass(visit, reason));
            } else if (visit.isHead()) {
                visit.whenAnswered((status, fields) -> compare(slot, response, status, fields));
                pass.accept(new Pass(visit, reason));
            } else {
                load(new Load(this, visit, slot, response, reason));
            }
        }
    }

    /** A HEAD that shows that the kept answer is another than the origin's makes it useless (section 4.3.5). */
    private Future<?> compare(Slot slot, StoredResponse response, int status, MultiMap fields) {
        boolean other = status == 200
                && (differs(response.etag(), fields.get(HttpHeaders.ETAG))
                        || differs(response.lastModified(), fields.get(HttpHeaders.LAST_MODIFIED))
                        || differs(Integer.toString(response.body().length()), fields.get(HttpHeaders.CONTENT_LENGTH)));
        return other ? cache.remove(slot.key()) : Future.succeededFuture();
    }

    private static boolean differs(@Nullable String kept, @Nullable String now) {
        return kept != null && now != null && !kept.equals(now);
    }

    /** Answers 504 to a client that wants nothing but what is kept (section 5.2.1.7). */
    private boolean mustStayHere(Visit visit) {
        if (!directives(visit).onlyIfCached()) {
            return false;
        }
        visit.say("MISS", "weir; fwd=miss; detail=only-if-cached");
        visit.fail(new Problem(
                Problem.Kind.ORIGIN_TIMEOUT,
                "nothing fresh enough is kept, and only-if-cached keeps Weir from asking"));
        return true;
    }

    private void load(Load load) {
        String key = load.slot().key();
        boolean joins = joins(load);
        while (true) {
            Flight flight = flights.begin(key);
            if (flight == null && !joins) {
                flight = flights.alone(key);
            }
            if (flight != null) {
                load.visit().whenGone(flight::leave);
                claim(load, flight, System.nanoTime() + patience.toNanos());
                return;
            }
            Flight other = flights.underWay(key);
            if (other != null) {
                other.join(load.visit()).onSuccess(landing -> landed(load, landing));
                return;
            }
        }
    }

    /**
     * False for whoever asks for what is newer than now, since it must not be given what was asked for before; and where
     * the last answer was for one client only, since waiting for the next is likely to be in vain.
     */
    private boolean joins(Load load) {
        return directives(load.visit()).leavesItToTheCache() && !isUncacheable(load.slot());
    }

    private boolean isUncacheable(Slot slot) {
        return uncacheable.getIfPresent(slot.primary()) != null;
    }

    /** Asks for the right to load on behalf of all instances, waiting while another has it. */
    private void claim(Load load, Flight flight, long deadline) {
        Slot slot = load.slot();
        cache.claim(slot.key(), slot.found(), slot.scope(), LEASE).onComplete(claimed -> {
            if (claimed.failed()) {
                load.start(flight, null);
                return;
            }
            switch (claimed.result()) {
                case Claim.Granted(CacheAccess.Lease lease) -> load.start(flight, lease);
                case Claim.Changed(Found found) ->
                    view(found).onComplete(view -> changed(load, flight, deadline, found, view.result()));
                case Claim.Busy busy -> {
                    if (!joins(load) || System.nanoTime() - deadline > 0) {
                        load.start(flight, null);
                    } else {
                        cache.await(busy).onComplete(woken -> claim(load, flight, deadline));
                    }
                }
            }
        });
    }

    private void changed(Load load, Flight flight, long deadline, Found found, @Nullable Object view) {
        if (view instanceof StoredResponse response && found.freshUntilMs() > found.nowMs() && joins(load)) {
            Landing kept = new Landing.Kept(found, response);
            flight.land(kept);
            landed(load, kept);
        } else if (view instanceof Variants && load.slot().variants() == null) {
            Landing again = new Landing.LookAgain();
            flight.land(again);
            landed(load, again);
        } else {
            claim(load.having(found, view instanceof StoredResponse response ? response : null), flight, deadline);
        }
    }

    /** What another's load, here or on another instance, means for this request. */
    private void landed(Load load, Landing landing) {
        Visit visit = load.visit();
        if (visit.isGone()) {
            return;
        }
        switch (landing) {
            case Landing.Kept(Found found, StoredResponse response)
            when isFor(visit, response) -> {
                cache.countMiss(visit.nanos());
                figures.count(RouteFigures.Result.MISS);
                StoredAnswers.write(
                        visit,
                        response,
                        ageOf(found, response),
                        "MISS",
                        "weir; fwd=" + load.reason() + "; collapsed; ttl="
                                + Math.floorDiv(found.freshUntilMs() - found.nowMs(), 1000L));
            }
            case Landing.LookAgain again
            when visit.looks() < MAX_LOOKS -> {
                visit.countLook();
                look(visit, Slot.of(load.slot().primary()));
            }
            case Landing.Failed(Throwable cause) -> load.standInOrFail(cause, -1);
            default -> pass.accept(new Pass(visit, load.reason()));
        }
    }

    /** Loads an answer anew in the background, unless anybody anywhere does so already. */
    private void refresh(Visit visit, Slot slot, StoredResponse response) {
        String key = slot.key();
        if (!refreshing.add(key)) {
            return;
        }
        Flight flight = flights.begin(key);
        if (flight == null) {
            refreshing.remove(key);
            return;
        }
        Load load = new Load(this, visit, slot, response, "stale").inBackground();
        cache.claim(key, slot.found(), slot.scope(), LEASE).onComplete(claimed -> {
            if (claimed.succeeded() && claimed.result() instanceof Claim.Granted(CacheAccess.Lease lease)) {
                load.start(flight, lease).onComplete(done -> rested(key, done.succeeded() && done.result()));
            } else {
                flight.land(new Landing.LookAgain());
                rested(key, true);
            }
        });
    }

    private void rested(String key, boolean good) {
        if (good) {
            refreshing.remove(key);
        } else {
            vertx.setTimer(REST_AFTER_FAILED_REFRESH_MS, id -> refreshing.remove(key));
        }
    }

    void rememberUncacheable(String primary) {
        uncacheable.put(primary, true);
    }

    /** All fields by which answers under this key have been seen to vary of late, these included. */
    List<String> variedBy(String primary, List<String> names) {
        List<String> before = varied.getIfPresent(primary);
        List<String> all = before == null ? names : Variants.union(before, names);
        varied.put(primary, all);
        return all;
    }

    /** What tells the entries of one target URI, where the key alone does not. */
    List<String> tagsOf(RequestTarget target) {
        return template.isTargetUri() ? List.of() : List.of(tag(KeyTemplate.targetUri(target.path(), target.query())));
    }

    private static String tag(String uri) {
        return "uri " + KeyTemplate.shortened(uri);
    }

    /** Removes every answer of a target URI, whoever it was for. */
    Future<?> invalidate(String uri) {
        return template.isTargetUri() ? cache.remove(KeyTemplate.shortened(uri)) : cache.removeTagged(tag(uri));
    }
}
