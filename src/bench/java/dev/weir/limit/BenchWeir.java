package dev.weir.limit;

import dev.weir.redis.ChangeBus;
import dev.weir.redis.Command;
import dev.weir.redis.Keys;
import dev.weir.redis.PipelinedGateway;
import dev.weir.redis.Recovery;
import dev.weir.redis.RedisTarget;
import dev.weir.redis.Reply;
import dev.weir.store.Availability;
import dev.weir.store.Failover;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.NetClientOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Weir's limiter without HTTP: an event loop per core, each with its pipelined connection. */
final class BenchWeir {

    private static final String PREFIX = "weir:";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final long START_S = 10;

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final List<Context> loops;
    private final Availability availability = Availability.of(true, registry);
    private final ChangeBus bus;
    private final PipelinedGateway gateway;
    private final LimitStore store;

    BenchWeir(int port) throws Exception {
        int cores = Runtime.getRuntime().availableProcessors();
        Vertx vertx =
                Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(cores));
        this.loops = Stream.<Context>generate(() -> ((VertxInternal) vertx).createEventLoopContext())
                .limit(cores)
                .toList();
        Keys keys = new Keys(PREFIX);
        this.bus = new ChangeBus(keys.changes());
        this.gateway = new PipelinedGateway(
                vertx,
                vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true)),
                RedisTarget.parse("redis://127.0.0.1:" + port),
                availability,
                TIMEOUT,
                TIMEOUT);
        this.store = new RedisLimitStore(gateway, keys, bus);
        Recovery recovery = new Recovery(vertx, gateway, availability, bus, TIMEOUT);
        recovery.start().toCompletionStage().toCompletableFuture().get(START_S, TimeUnit.SECONDS);
        if (!availability.isUp()) {
            throw new IllegalStateException("Redis does not answer on port " + port);
        }
    }

    private static Policy policy(String name, Algorithm algorithm, BenchLimiter.Load load) {
        return new Policy(name, algorithm, Quota.of(load.limit(), load.window()), WhenUnavailable.DENY, false);
    }

    private static List<List<Check>> checks(Policy policy, int keys) {
        return IntStream.range(0, keys)
                .mapToObj(key -> List.of(new Check(policy, BenchLimiter.subject(key), 1)))
                .toList();
    }

    /** The store alone: each check goes to Redis. */
    BenchLimiter store(Algorithm algorithm, BenchLimiter.Load load) {
        List<List<Check>> checks =
                checks(policy(load.name() + '-' + algorithm.wireName(), algorithm, load), load.keys());
        return limiter(key -> store.decide(checks.get(key), true).map(LimitStore.Decision::spent));
    }

    /** All of it: a refusal is remembered until it could be otherwise. */
    BenchLimiter limits(BenchLimiter.Load load) {
        Policy policy = policy(load.name() + "-limits", Algorithm.SLIDING_LOG, load);
        List<List<Check>> checks = checks(policy, load.keys());
        MemoryLimitStore memory = new MemoryLimitStore(1 << 20, bus, () -> System.nanoTime() / 1000, () -> {});
        Refusals refusals = new Refusals(100_000, System::nanoTime);
        // It was subscribed before these refusals could hear of it.
        refusals.onRestored();
        bus.addListener(refusals);
        Limits limits = new Limits(
                List.of(policy),
                one -> new LimitFigures(one, registry),
                new Failover<>(store, memory, Failover.Policy.REFUSE, availability),
                memory,
                refusals,
                true);
        return limiter(key -> limits.spend(checks.get(key)).map(Ruling::isAllowed));
    }

    private interface Asked {
        Future<Boolean> ask(int key);
    }

    private BenchLimiter limiter(Asked asked) {
        return new BenchLimiter() {
            @Override
            public void ask(int key, Answer answer) {
                asked.ask(key).onComplete(result -> answer.answered(result.result(), result.cause()));
            }

            @Override
            public Executor home(int caller) {
                Context loop = loops.get(caller % loops.size());
                return task -> loop.runOnContext(go -> task.run());
            }
        };
    }

    /** How many commands Redis has executed, those of scripts included. */
    long commandsOfRedis() throws Exception {
        String field = "total_commands_processed:";
        return String.valueOf(now("INFO", "stats").text())
                .lines()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.substring(field.length()).strip()))
                .findFirst()
                .orElseThrow();
    }

    /** The bytes of all keys that match a glob, as Redis reckons them. */
    long memoryOf(String glob) throws Exception {
        String sum = "local sum = 0 for _, key in ipairs(redis.call('KEYS', ARGV[1])) do"
                + " sum = sum + redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0) end return sum";
        return now("EVAL", sum, 0, glob).integer();
    }

    private Reply now(String command, Object... arguments) throws Exception {
        return gateway.send(Command.of(command, arguments))
                .toCompletionStage()
                .toCompletableFuture()
                .get(START_S, TimeUnit.SECONDS);
    }
}
