package dev.weir.limit;

import dev.weir.redis.ChangeBus;
import dev.weir.redis.Keys;
import dev.weir.redis.LuaScript;
import dev.weir.redis.RedisGateway;
import dev.weir.redis.Reply;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Limits on Redis, by Redis' clock: each decision is one script. */
final class RedisLimitStore implements LimitStore {

    private static final String DRIVER = "limit/check";
    private static final String TABLE = "algorithms";

    /** One algorithm and no other, as nearly every check needs it. */
    private static final Map<Algorithm, LuaScript> ONE = new EnumMap<>(Algorithm.class);

    private static final LuaScript MANY;
    private static final LuaScript CHANGE = LuaScript.load("limit/change");
    private static final LuaScript OVERRIDE = LuaScript.load("limit/override");
    private static final LuaScript SLOT = LuaScript.load("limit/slot");

    private static final int FIELDS = 6;

    static {
        for (Algorithm algorithm : Algorithm.values()) {
            ONE.put(algorithm, LuaScript.assemble(TABLE, List.of(file(algorithm)), DRIVER));
        }
        MANY = LuaScript.assemble(
                TABLE, Stream.of(Algorithm.values()).map(RedisLimitStore::file).toList(), DRIVER);
    }

    private final RedisGateway redis;
    private final Keys keys;
    private final ChangeBus bus;
    private final Crowds crowds = new Crowds(this::ask);

    RedisLimitStore(RedisGateway redis, Keys keys, ChangeBus bus) {
        this.redis = redis;
        this.keys = keys;
        this.bus = bus;
    }

    private static String file(Algorithm algorithm) {
        return "limit/" + algorithm.wireName();
    }

    @Override
    public Future<Decision> decide(List<Check> checks, boolean spend) {
        Check first = checks.getFirst();
        return spend && checks.size() == 1 && first.policy().algorithm() != Algorithm.CONCURRENCY
                ? crowds.decide(first)
                : ask(checks, spend);
    }

    private Future<Decision> ask(List<Check> checks, boolean spend) {
        String slot = checks.stream().anyMatch(check -> check.policy().algorithm() == Algorithm.CONCURRENCY)
                ? SlotName.newId()
                : "";
        return run(checks, spend, slot, 1).map(reply -> decision(checks, slot, reply.items()));
    }

    /** Asks for the same check several times, in one step; the decisions are as if they had been asked for in turn. */
    private Future<List<Decision>> ask(Check check, int times) {
        List<Check> checks = List.of(check);
        return run(checks, true, "", times).map(reply -> {
            List<Reply> items = reply.items();
            Decision all = decision(checks, "", items);
            Verdict verdict = all.verdicts().getFirst();
            if (!all.spent() || !verdict.allowed()) {
                return Collections.nCopies(times, all);
            }
            int granted = times == 1 ? 1 : (int) items.get(1 + FIELDS).integer();
            List<Decision> decisions = new ArrayList<>(times);
            for (int i = 1; i <= granted; i++) {
                long remaining = verdict.remaining() + (granted - i) * check.cost();
                decisions.add(new Decision(
                        true, List.of(new Verdict(verdict.quota(), remaining, verdict.resetMicros(), 0, null))));
            }
            if (granted < times) {
                long retry = items.get(2 + FIELDS).integer();
                Verdict refused = new Verdict(verdict.quota(), verdict.remaining(), verdict.resetMicros(), retry, null);
                boolean spent = check.policy().shadow();
                decisions.addAll(Collections.nCopies(times - granted, new Decision(spent, List.of(refused))));
            }
            return decisions;
        });
    }

    private Future<Reply> run(List<Check> checks, boolean spend, String slot, int times) {
        List<String> names = new ArrayList<>(checks.size() * 2);
        Object[] arguments = new Object[2 + checks.size() * FIELDS + (times > 1 ? 1 : 0)];
        arguments[0] = spend ? "1" : "0";
        arguments[1] = slot;
        int at = 2;
        for (Check check : checks) {
            Policy policy = check.policy();
            String key = StoredKey.of(check.key());
            names.add(keys.limit(policy.name(), key));
            names.add(keys.limitOverride(policy.name(), key));
            arguments[at++] = policy.algorithm().wireName();
            arguments[at++] = policy.quota().limit();
            arguments[at++] = policy.quota().windowMicros();
            arguments[at++] = policy.ownBurst();
            arguments[at++] = check.cost();
            arguments[at++] = policy.shadow() ? "1" : "0";
        }
        if (times > 1) {
            arguments[at] = times;
        }
        LuaScript script = checks.size() == 1
                ? Objects.requireNonNull(ONE.get(checks.getFirst().policy().algorithm()))
                : MANY;
        return redis.run(script, names, arguments);
    }

    private static Decision decision(List<Check> checks, String slot, List<Reply> items) {
        boolean spent = items.getFirst().integer() == 1;
        List<Verdict> verdicts = new ArrayList<>(checks.size());
        for (int i = 0; i < checks.size(); i++) {
            int at = 1 + i * FIELDS;
            Quota quota = new Quota(
                    items.get(at).integer(),
                    items.get(at + 1).integer(),
                    items.get(at + 2).integer());
            long retry = items.get(at + 5).integer();
            Check check = checks.get(i);
            boolean taken = spent && retry == 0 && check.policy().algorithm() == Algorithm.CONCURRENCY;
            verdicts.add(new Verdict(
                    quota,
                    items.get(at + 3).integer(),
                    items.get(at + 4).integer(),
                    retry,
                    taken ? new SlotName(slot, check.cost()).toString() : null));
        }
        return new Decision(spent, verdicts);
    }

    @Override
    public Future<Void> reset(Policy policy, String key) {
        return change(policy, key, "reset", "", 0).mapEmpty();
    }

    @Override
    public Future<Void> override(Policy policy, String key, long limit, Duration window, Duration ttl) {
        byte[] value = ByteBuffer.allocate(16)
                .putLong(limit)
                .putLong(window.toMillis() * 1000)
                .array();
        return change(policy, key, "override", value, ttl.toMillis()).mapEmpty();
    }

    @Override
    public Future<Boolean> dropOverride(Policy policy, String key) {
        return change(policy, key, "drop", "", 0).map(reply -> reply.integer() == 1);
    }

    private Future<Reply> change(Policy policy, String key, String what, Object value, long ttlMs) {
        String stored = StoredKey.of(key);
        return redis.run(
                CHANGE,
                List.of(keys.limit(policy.name(), stored), keys.limitOverride(policy.name(), stored)),
                bus.channel(),
                bus.encode(Refusals.TOPIC, Refusals.message(policy.name(), stored)),
                what,
                value,
                ttlMs);
    }

    @Override
    public Future<@Nullable OwnLimit> overrideOf(Policy policy, String key) {
        return redis.run(OVERRIDE, keys.limitOverride(policy.name(), StoredKey.of(key)))
                .map(reply -> {
                    if (reply.isNil()) {
                        return null;
                    }
                    ByteBuffer value = ByteBuffer.wrap(
                            Objects.requireNonNull(reply.items().getFirst().bytes()));
                    return new OwnLimit(
                            value.getLong(),
                            value.getLong(),
                            reply.items().get(1).integer());
                });
    }

    @Override
    public Future<Boolean> giveBack(Policy policy, String key, String slot) {
        return slot(policy, key, slot, "");
    }

    @Override
    public Future<Boolean> renew(Policy policy, String key, String slot) {
        return slot(policy, key, slot, policy.quota().windowMicros());
    }

    private Future<Boolean> slot(Policy policy, String key, String slot, Object lease) {
        SlotName name = SlotName.parse(slot);
        return name == null
                ? Future.succeededFuture(false)
                : redis.run(SLOT, keys.limit(policy.name(), StoredKey.of(key)), name.id(), name.cost(), lease)
                        .map(reply -> reply.integer() == 1);
    }
}
