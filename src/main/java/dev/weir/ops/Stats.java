package dev.weir.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.http.Json;
import dev.weir.ops.InstanceStore.Listing;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/** Puts together what {@code GET /v1/stats} shows: the figures of all live instances, how Redis does, and what to change. */
final class Stats {

    /** Who has not been heard of for so long has gone, or cannot reach Redis; what it counted is not known any more. */
    static final Duration LOST = Duration.ofSeconds(5);

    /** An instance and what is known of it. */
    private record Member(Report report, Instant seenAt, boolean self, boolean live) {}

    /** This instance first, then the others by their names; those that bear one name always in the same order. */
    private static final Comparator<Member> ORDER = Comparator.comparing((Member member) -> !member.self)
            .thenComparing(member -> member.report.id())
            .thenComparing(member -> member.report.startedAt());

    private static final BinaryOperator<Member> LATER = BinaryOperator.maxBy(Comparator.comparing(Member::seenAt));

    private final Vertx vertx;
    private final Instances instances;
    private final RedisHealth health;

    Stats(Vertx vertx, Instances instances, RedisHealth health) {
        this.vertx = vertx;
        this.instances = instances;
        this.health = health;
    }

    /** All of it as it is now; on the caller's own context. */
    Future<Scoped<ObjectNode>> now() {
        Future<RedisState> redis = health.state();
        return instances
                .list()
                .compose(listed -> redis.compose(state -> vertx.executeBlocking(
                        () -> new Scoped<>(render(listed.value(), listed.scope().headerValue(), state), listed.scope()),
                        false)));
    }

    private ObjectNode render(Listing listing, String scope, RedisState redis) {
        List<Member> members = members(listing);
        Figures total = Figures.NONE;
        Figures recent = Figures.NONE;
        Instant since = Instant.MAX;
        for (Member member : members) {
            if (member.live) {
                total = total.plus(member.report.total());
                recent = recent.plus(member.report.recent());
                since = member.report.since().isBefore(since) ? member.report.since() : since;
            }
        }
        List<Advice> advice = Advisor.advise(recent, redis);
        ObjectNode json = Json.object().put("since", since.toString()).put("scope", scope);
        features(json, total);
        ObjectNode lately = json.putObject("recent");
        lately.set("cache", caches(recent));
        lately.set("requests", requests(recent));
        json.set("redis", redis.toJson());
        json.set("performance", performance(advice));
        ArrayNode pieces = json.putArray("advice");
        advice.forEach(piece -> pieces.add(piece.toJson()));
        ArrayNode listed = json.putArray("instances");
        members.forEach(member -> listed.add(instance(member, Instant.ofEpochMilli(listing.nowMs()))));
        return json;
    }

    /** All that are live, and those that were lost and have not been replaced, each name once. */
    private List<Member> members(Listing listing) {
        Instances.Identity self = instances.identity();
        List<Member> members = new ArrayList<>();
        members.add(new Member(instances.own(), Instant.ofEpochMilli(listing.nowMs()), true, true));
        Map<String, Member> lost = new HashMap<>();
        for (InstanceStore.Seen seen : listing.instances()) {
            if (!seen.process().equals(self.process())) {
                boolean live = listing.nowMs() - seen.seenMs() < LOST.toMillis();
                Report.decode(seen.report())
                        .map(report -> report.epoch() < listing.epoch()
                                ? report.emptied(Instant.ofEpochMilli(listing.epoch()))
                                : report)
                        .map(report -> new Member(report, Instant.ofEpochMilli(seen.seenMs()), false, live))
                        .ifPresent(member -> {
                            if (live) {
                                members.add(member);
                            } else {
                                lost.merge(member.report.id(), member, LATER);
                            }
                        });
            }
        }
        // Under a name that is configured, who was lost may have been replaced, and more than once.
        members.forEach(member -> lost.remove(member.report.id()));
        members.addAll(lost.values());
        members.sort(ORDER);
        return members;
    }

    private static void features(ObjectNode json, Figures total) {
        json.set("cache", caches(total));
        ArrayNode caches = json.putArray("caches");
        for (String name : total.subjects(Meters.CACHE)) {
            CacheSums.of(total, List.of(name)).into(caches.addObject().put("name", name));
        }
        json.set("requests", requests(total));
        ArrayNode limits = json.putArray("limits");
        for (String policy : total.subjects(Meters.LIMIT)) {
            put(
                    limits.addObject().put("policy", policy),
                    total,
                    Meters.LIMIT,
                    policy,
                    "allowed",
                    "denied",
                    "shadow",
                    "nearRefusals",
                    "fallbacks");
        }
        put(json.putObject("locks"), total, Meters.LOCK, "", "granted", "refused", "lost")
                .put("waiting", total.level(Meters.LOCK, List.of(""), "waiting"));
        ArrayNode warmers = json.putArray("warmers");
        for (String name : total.subjects(Meters.WARMER)) {
            ObjectNode warmer = warmers.addObject().put("name", name);
            ObjectNode runs =
                    put(warmer, total, Meters.WARMER, name, "warmed", "failed").putObject("runs");
            runs.put("succeeded", total.count(Meters.WARMER, name, Meters.RUN + "done"));
            for (String state : List.of("failed", "skipped", "aborted")) {
                runs.put(state, total.count(Meters.WARMER, name, Meters.RUN + state));
            }
        }
        ArrayNode routes = json.putArray("routes");
        for (String name : total.subjects(Meters.ROUTE)) {
            put(
                    routes.addObject().put("name", name),
                    total,
                    Meters.ROUTE,
                    name,
                    "hit",
                    "stale",
                    "validated",
                    "miss",
                    "pass",
                    "error");
        }
    }

    private static ObjectNode caches(Figures figures) {
        return CacheSums.of(figures, figures.subjects(Meters.CACHE)).toJson();
    }

    private static ObjectNode requests(Figures figures) {
        return RequestSums.of(figures, figures.subjects(Meters.REQUESTS)).toJson();
    }

    private static ObjectNode put(ObjectNode json, Figures total, String kind, String subject, String... members) {
        for (String member : members) {
            json.put(member, total.count(kind, subject, member));
        }
        return json;
    }

    private static ObjectNode performance(List<Advice> advice) {
        if (advice.isEmpty()) {
            return Json.object().put("status", "good").put("recommendation", "nothing to change");
        }
        Advice first = advice.getFirst();
        return Json.object()
                .put("status", first.severity() == Advice.Severity.CRITICAL ? "poor" : "fair")
                .put("recommendation", first.sentence());
    }

    private static ObjectNode instance(Member member, Instant now) {
        Report report = member.report;
        Instant until = member.live ? now : member.seenAt;
        ObjectNode json = Json.object()
                .put("id", report.id())
                .put("self", member.self)
                .put("state", member.live ? "live" : "lost")
                .put("version", report.version())
                .put("startedAt", report.startedAt().toString())
                .put("seenAt", member.seenAt.toString())
                .put(
                        "uptimeMs",
                        Math.max(0, Duration.between(report.startedAt(), until).toMillis()))
                .put("mode", report.mode());
        json.set("cache", caches(report.total()));
        json.set("requests", requests(report.total()));
        return json;
    }
}
