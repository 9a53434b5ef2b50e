package dev.weir.limit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.redis.LuaScript;
import dev.weir.testkit.RedisServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The limiter's scripts on a real Redis, by a clock of the test's: many steps in one call, each at a moment of its own.
 * Redis' time and its expiry of keys are replaced within the script, everything else is Redis' own.
 */
final class ClockedScripts {

    /** One run of a script. */
    private record Step(String script, String clock, List<String> keys, List<String> args) {}

    /**
     * A key's end is kept beside it, rounded as Redis rounds. What reads an ended key finds nothing, and what writes it
     * finds nothing to begin with.
     */
    private static final String FRAME = """
            local real, clock = redis, 0
            local WRITES = { SET = true, DEL = true, APPEND = true, PEXPIRE = true, ZADD = true, ZREM = true,
              ZREMRANGEBYSCORE = true }
            local function ends(key, ttl)
              if ON_TIME and string.sub(key, -2) ~= ':o' then
                ttl = ttl - 1000
              end
              real.call('SET', '!' .. key, string.format('%.0f', math.floor(clock / 1000) + ttl))
            end
            local redis = { call = function(verb, key, ...)
              if verb == 'TIME' then
                local seconds = math.floor(clock / 1000000)
                return { string.format('%.0f', seconds), string.format('%.0f', clock - seconds * 1000000) }
              elseif verb == 'PUBLISH' then
                return 0
              end
              local args = { ... }
              local till = tonumber(real.call('GET', '!' .. key) or 'inf')
              local ms = math.floor(clock / 1000)
              if ms > till or ON_TIME and ms == till then
                if WRITES[verb] then
                  real.call('DEL', key, '!' .. key)
                else
                  key = '!!absent'
                end
              end
              if verb == 'SET' then
                assert(args[2] == 'PX' and tonumber(args[3]) > 0)
                ends(key, tonumber(args[3]))
                return real.call('SET', key, args[1])
              elseif verb == 'PEXPIRE' then
                assert(args[1] > 0)
                ends(key, args[1])
                return 1
              elseif verb == 'PTTL' then
                return till - ms
              elseif verb == 'DEL' then
                real.call('DEL', '!' .. key)
              end
              return real.call(verb, key, ...)
            end }
            """;

    private final RedisServer redis;
    private final String source;
    private final List<Step> steps = new ArrayList<>();

    /**
     * @param endsOnTime whether a state is gone at the very millisecond up to which it counts; the scripts have Redis keep it
     *     a second longer, which a longer window of an override that comes meanwhile would notice
     */
    ClockedScripts(RedisServer redis, boolean endsOnTime) {
        this.redis = redis;
        StringBuilder text = new StringBuilder(FRAME.replace("ON_TIME", Boolean.toString(endsOnTime)));
        text.append("local scripts = {}\n");
        LuaScript check = LuaScript.assemble(
                "algorithms",
                Stream.of(Algorithm.values())
                        .map(each -> "limit/" + each.wireName())
                        .toList(),
                "limit/check");
        add(text, "check", check);
        add(text, "change", LuaScript.load("limit/change"));
        add(text, "slot", LuaScript.load("limit/slot"));
        text.append("""
                local answers = {}
                for i, step in ipairs(cjson.decode(ARGV[1])) do
                  clock = tonumber(step.clock)
                  answers[i] = scripts[step.script](step.keys, step.args)
                end
                return answers
                """);
        this.source = text.toString();
    }

    private static void add(StringBuilder text, String name, LuaScript script) {
        text.append("scripts['")
                .append(name)
                .append("'] = function(KEYS, ARGV)\n")
                .append(script.source())
                .append("\nend\n");
    }

    void check(long clock, List<Check> checks, boolean spend, String slot) {
        List<String> keys = new ArrayList<>();
        List<String> args = new ArrayList<>(List.of(spend ? "1" : "0", slot));
        for (Check check : checks) {
            Policy policy = check.policy();
            keys.addAll(keys(policy, check.key()));
            args.add(policy.algorithm().wireName());
            Stream.of(policy.quota().limit(), policy.quota().windowMicros(), policy.ownBurst(), check.cost())
                    .map(String::valueOf)
                    .forEach(args::add);
            args.add(policy.shadow() ? "1" : "0");
        }
        steps.add(new Step("check", Long.toString(clock), keys, args));
    }

    void reset(long clock, Policy policy, String key) {
        change(clock, policy, key, "reset", "", 0);
    }

    /** The numbers must be small: their bytes travel as text. */
    void override(long clock, Policy policy, String key, long limit, long windowMicros, long ttlMs) {
        change(clock, policy, key, "override", packed(limit) + packed(windowMicros), ttlMs);
    }

    private static String packed(long number) {
        StringBuilder text = new StringBuilder();
        for (int shift = 56; shift >= 0; shift -= 8) {
            int octet = (int) (number >>> shift) & 0xff;
            text.append((char) octet);
        }
        if (text.chars().anyMatch(octet -> octet > 0x7f)) {
            throw new IllegalArgumentException(number + " has a byte that is not ASCII");
        }
        return text.toString();
    }

    void dropOverride(long clock, Policy policy, String key) {
        change(clock, policy, key, "drop", "", 0);
    }

    private void change(long clock, Policy policy, String key, String what, String value, long ttlMs) {
        steps.add(new Step(
                "change",
                Long.toString(clock),
                keys(policy, key),
                List.of("channel", "message", what, value, Long.toString(ttlMs))));
    }

    void slot(long clock, Policy policy, String key, String id, long cost, long leaseMicros) {
        steps.add(new Step(
                "slot",
                Long.toString(clock),
                keys(policy, key).subList(0, 1),
                List.of(id, Long.toString(cost), leaseMicros == 0 ? "" : Long.toString(leaseMicros))));
    }

    private static List<String> keys(Policy policy, String key) {
        String name = policy.name() + ':' + key;
        return List.of(name, name + ":o");
    }

    int size() {
        return steps.size();
    }

    /** Runs all that was asked since the last run; each step's answer, a number or the numbers of its list. */
    List<List<Long>> run() {
        try {
            Object answer = redis.command("EVAL", source, "0", new ObjectMapper().writeValueAsString(steps));
            steps.clear();
            return ((List<?>) Objects.requireNonNull(answer))
                    .stream().map(ClockedScripts::numbers).toList();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Long> numbers(Object answer) {
        return answer instanceof List<?> list
                ? list.stream().map(Long.class::cast).toList()
                : Collections.singletonList((Long) answer);
    }
}
