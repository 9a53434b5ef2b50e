package dev.weir.lock;

import dev.weir.lock.Locks.Answer;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What one instance has of locks, without HTTP: an event loop per core, each with its pipelined connection. */
final class BenchWeir implements BenchLock {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final long START_S = 10;

    /** As long as the tokens that the endpoints make. */
    private static final AtomicLong TOKENS = new AtomicLong(100_000_000_000_000_000L);

    private final List<Context> loops;
    private final PipelinedGateway gateway;
    private final Locks locks;

    BenchWeir(int port) throws Exception {
        int cores = Runtime.getRuntime().availableProcessors();
        Vertx vertx =
                Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(cores));
        this.loops = Stream.<Context>generate(() -> ((VertxInternal) vertx).createEventLoopContext())
                .limit(cores)
                .toList();
        MeterRegistry registry = new SimpleMeterRegistry();
        Availability availability = Availability.of(true, registry);
        Keys keys = new Keys("weir:");
        ChangeBus bus = new ChangeBus(keys.changes());
        this.gateway = new PipelinedGateway(
                vertx,
                vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true)),
                RedisTarget.parse("redis://127.0.0.1:" + port),
                availability,
                TIMEOUT,
                TIMEOUT);
        Failover<LockStore> store = new Failover<>(
                new RedisLockStore(gateway, keys, bus, null),
                new MemoryLockStore(bus, System::currentTimeMillis),
                Failover.Policy.REFUSE,
                availability);
        this.locks = new Locks(vertx, store, name -> 1, bus.instance(), new LockFigures(registry));
        bus.addListener(locks);
        availability.addListener(locks);
        Recovery recovery = new Recovery(vertx, gateway, availability, bus, TIMEOUT);
        recovery.start().toCompletionStage().toCompletableFuture().get(START_S, TimeUnit.SECONDS);
        if (!availability.isUp()) {
            throw new IllegalStateException("Redis does not answer on port " + port);
        }
    }

    @Override
    public CompletionStage<Held> acquire(int caller, String name, long waitMs) {
        String token = "bench-" + TOKENS.incrementAndGet();
        return locks.acquire(name, token, "", Duration.ofMillis(TTL_MS), Duration.ofMillis(waitMs))
                .answer()
                .<Held>map(answer -> {
                    if (answer instanceof Answer.Granted) {
                        return () -> release(name, token);
                    }
                    throw new IllegalStateException("the lock is another's");
                })
                .toCompletionStage();
    }

    private CompletionStage<?> release(String name, String token) {
        Future<Boolean> released = locks.release(name, token).map(answer -> {
            if (!answer.value()) {
                throw new IllegalStateException("the lock was lost");
            }
            return true;
        });
        return released.toCompletionStage();
    }

    @Override
    public Executor home(int caller) {
        Context loop = loops.get(caller % loops.size());
        return task -> loop.runOnContext(go -> task.run());
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

    /** What locks that were given back leave behind for a while must not fill Redis. */
    void flush() throws Exception {
        now("FLUSHALL");
    }

    private Reply now(String command, Object... arguments) throws Exception {
        return gateway.send(Command.of(command, arguments))
                .toCompletionStage()
                .toCompletableFuture()
                .get(START_S, TimeUnit.SECONDS);
    }
}
