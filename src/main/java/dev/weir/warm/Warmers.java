package dev.weir.warm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cache.CacheWarmth;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.store.Failover;
import dev.weir.store.Loop;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** All warmers: what is due, in what order, and what became of it. */
final class Warmers {

    private static final Logger LOG = Logger.getLogger(Warmers.class);

    /** Of how many keys an instance tells the others how often they were read. */
    private static final int TOLD = 1000;

    private static final long TOLD_EACH_MS = 10_000;

    /** A warmer, and those that are to be done before. */
    record Member(Warmer warmer, Set<String> after, boolean atStart) {}

    /** How many of a warmer's latest runs are looked at to see whether one is under way. */
    private static final int LOOKED_AT = 20;

    private static final long LOOKED_EACH_MS = 500;

    private final Vertx vertx;
    private final Map<String, Member> members = new TreeMap<>();
    private final Map<String, CacheWarmth> counted = new LinkedHashMap<>();
    private final Failover<WarmStore> store;
    private volatile boolean stopping;

    Warmers(Vertx vertx, Failover<WarmStore> store) {
        this.vertx = vertx;
        this.store = store;
    }

    void add(Member member) {
        members.put(member.warmer.settings().name(), member);
    }

    /** Has the reads of a cache be counted, for the warmers that want its hot keys. */
    void count(String cache, CacheWarmth warmth) {
        if (counted.put(cache, warmth) == null) {
            warmth.countReads();
        }
    }

    /** @throws IllegalArgumentException if warmers wait for each other, or for one that there is not */
    void checkOrder() {
        members.forEach((name, member) -> {
            for (String other : member.after) {
                if (!members.containsKey(other)) {
                    throw new IllegalArgumentException(
                            "weir.warmers." + name + ".order-after: there is no warmer '" + other + "'");
                }
                if (reaches(other, name, new HashSet<>())) {
                    throw new IllegalArgumentException(
                            "weir.warmers." + name + ".order-after: '" + other + "' is itself to be done after it");
                }
            }
        });
    }

    private boolean reaches(String from, String to, Set<String> seen) {
        Member member = members.get(from);
        return from.equals(to)
                || seen.add(from) && member != null && member.after.stream().anyMatch(next -> reaches(next, to, seen));
    }

    Collection<Warmer> all() {
        return members.values().stream().map(Member::warmer).toList();
    }

    /** @throws Problem {@code not-found} if there is none of that name */
    Warmer require(String name) {
        Member member = members.get(name);
        if (member == null) {
            throw new Problem(
                    Problem.Kind.NOT_FOUND,
                    "no warmer '" + Names.shorten(name) + "' is declared: declare weir.warmers." + Names.shorten(name)
                            + ".cache and where its keys come from");
        }
        return member.warmer;
    }

    /** The schedules that there are, each with the warmers that have it. */
    Map<String, List<Warmer>> bySchedule() {
        return all().stream()
                .filter(warmer -> !warmer.settings().schedule().isEmpty())
                .collect(Collectors.groupingBy(
                        warmer -> warmer.settings().schedule(), TreeMap::new, Collectors.toList()));
    }

    /** Runs those that are to run at the start. What another instance has just loaded is left as it is. */
    void start() {
        List<Warmer> due = members.values().stream()
                .filter(Member::atStart)
                .map(Member::warmer)
                .toList();
        inOrder(due, warmer -> warmer.begin("start", Duration.ZERO));
        if (!counted.isEmpty()) {
            vertx.setPeriodic(TOLD_EACH_MS, id -> tellReads());
        }
    }

    /**
     * Runs those whose schedule says so. Of several instances the first to ask does all of it, so that the order holds.
     *
     * @param warmers that have this schedule
     * @param fired when it was due
     * @param period of a schedule with one: how long it is until the next time
     */
    void due(List<Warmer> warmers, Instant fired, @Nullable Duration period) {
        if (stopping) {
            return;
        }
        String tick = period == null ? Long.toString(fired.getEpochSecond()) : "every";
        // A little less than the period: the next one's turn may come a little early.
        Duration within =
                period == null ? Duration.ofHours(1) : period.multipliedBy(9).dividedBy(10);
        String first = warmers.getFirst().settings().name();
        store.call(each -> each.claim(first, tick, within))
                .onSuccess(claimed -> {
                    if (claimed.value()) {
                        inOrder(
                                warmers,
                                warmer -> warmer.begin(
                                        "schedule", warmer.settings().loadBefore()));
                    }
                })
                .onFailure(e -> LOG.warnf("What is to be warmed now is not: %s", e.getMessage()));
    }

    /** Each begins when those before it have ended, wherever they are under way. */
    private void inOrder(List<Warmer> due, Function<Warmer, Warmer.Begun> beginning) {
        Map<String, Future<?>> ended = new HashMap<>();
        List<Warmer> left = new ArrayList<>(due);
        Set<String> names = due.stream().map(warmer -> warmer.settings().name()).collect(Collectors.toSet());
        while (!left.isEmpty()) {
            Warmer next = left.stream()
                    .filter(warmer -> after(warmer).stream()
                            .noneMatch(other -> names.contains(other) && !ended.containsKey(other)))
                    .findFirst()
                    .orElseThrow();
            left.remove(next);
            List<Future<?>> before = new ArrayList<>();
            for (String other : after(next)) {
                Future<?> same = ended.getOrDefault(other, Future.succeededFuture());
                before.add(same.transform(over -> idle(require(other))));
            }
            ended.put(
                    next.settings().name(),
                    Future.join(before)
                            .transform(over -> beginning.apply(next).done())
                            .onFailure(e -> LOG.warnf(
                                    "Warmer %s was not run: %s", next.settings().name(), e.getMessage())));
        }
    }

    /** Completes when a warmer is at work neither here nor at another instance. */
    private Future<?> idle(Warmer warmer) {
        return warmer.idle()
                .transform(over -> Loop.until(false, idle -> idle, idle -> runs(warmer, LOOKED_AT)
                        .map(runs -> runs.value().stream().noneMatch(Warmers::isUnderWay))
                        .otherwise(true)
                        .compose(now -> now ? Future.succeededFuture(true) : pause())));
    }

    private Future<Boolean> pause() {
        Promise<Boolean> over = Promise.promise();
        vertx.setTimer(LOOKED_EACH_MS, id -> over.complete(stopping));
        return over.future();
    }

    private Set<String> after(Warmer warmer) {
        Member member = members.get(warmer.settings().name());
        return member == null ? Set.of() : member.after;
    }

    private void tellReads() {
        counted.forEach((cache, warmth) -> {
            Map<String, Long> reads = warmth.takeReads();
            if (!reads.isEmpty()) {
                Map<String, Long> most = reads.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .limit(TOLD)
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
                store.call(each -> each.countReads(cache, most))
                        .onFailure(e -> LOG.debugf(e, "the reads of %s could not be counted", cache));
            }
        });
    }

    /** A run, wherever it is or was; null if there is none of that id. */
    Future<Scoped<@Nullable ObjectNode>> find(Warmer warmer, String id) {
        Run here = warmer.running(id);
        return store.<@Nullable ObjectNode>call(
                        each -> each.find(warmer.settings().name(), id))
                .map(found -> {
                    ObjectNode run = found.value();
                    return new Scoped<@Nullable ObjectNode>(
                            here != null ? here.record().shown() : run == null ? null : settled(run), found.scope());
                });
    }

    /** The latest runs, so many at most. */
    Future<Scoped<List<ObjectNode>>> runs(Warmer warmer, int most) {
        return store.call(each -> each.list(warmer.settings().name(), most))
                .map(runs ->
                        new Scoped<>(runs.value().stream().map(Warmers::settled).toList(), runs.scope()));
    }

    private static boolean isUnderWay(ObjectNode run) {
        return run.path("state").asText().equals("running");
    }

    /** A run of which nothing was heard for longer than its lock lasts is over: its instance has died. */
    private static ObjectNode settled(ObjectNode run) {
        if (!isUnderWay(run)) {
            return run;
        }
        Instant heard = Instant.parse(run.path("started").asText())
                .plusMillis(run.path("tookMs").asLong());
        return heard.plus(Warmer.LOCK_TTL).isAfter(Instant.now())
                ? run
                : run.deepCopy().put("state", "aborted").put("reason", "its instance was not heard of any more");
    }

    /** Ends what is under way; the locks are given back when it completes. */
    Future<?> stop() {
        stopping = true;
        return Future.join(all().stream().map(Warmer::stop).toList());
    }
}
