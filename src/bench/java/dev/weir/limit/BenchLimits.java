package dev.weir.limit;

import dev.weir.limit.BenchLimiter.Load;
import dev.weir.redis.LuaScript;
import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Measures the limiter's store beside other limiters in the same JVM, on the same Redis, by turns. For {@code
 * src/bench/limits}, which makes tables of what this prints: {@code rate LOAD SUBJECT ROUND RATE SHARE COMMANDS} and {@code
 * memory SUBJECT BYTES}.
 */
public final class BenchLimits {

    private static final List<Load> LOADS = List.of(
            new Load("hot", 1, 100, Duration.ofSeconds(1)),
            new Load("open", 1, 100_000, Duration.ofMillis(50)),
            new Load("many", 10_000, 100, Duration.ofSeconds(5)));

    /** So many keys, of each of which all is spent, and nothing comes back meanwhile. */
    private static final Load FULL = new Load("full", 50, 100, Duration.ofHours(1));

    private final BenchWeir weir;
    private final BenchBucket4j bucket4j;
    private final BenchRedisson redisson;

    private BenchLimits(int port) throws Exception {
        this.weir = new BenchWeir(port);
        this.bucket4j = new BenchBucket4j(port);
        this.redisson = new BenchRedisson(port);
    }

    /** {@code script ALGORITHM}, or {@code measure PORT CALLERS ROUNDS SECONDS WARMUP LIMITER...}. */
    public static void main(String[] args) throws Exception {
        if (args[0].equals("script")) {
            System.out.print(LuaScript.assemble("algorithms", List.of("limit/" + args[1]), "limit/check")
                    .source());
            return;
        }
        int status = 0;
        try {
            BenchLimits bench = new BenchLimits(Integer.parseInt(args[1]));
            bench.memory();
            bench.rates(
                    Integer.parseInt(args[2]),
                    Integer.parseInt(args[3]),
                    Integer.parseInt(args[4]),
                    Integer.parseInt(args[5]),
                    List.of(args).subList(6, args.length));
        } catch (Exception e) {
            e.printStackTrace();
            status = 1;
        }
        // The libraries' threads would keep the process.
        System.exit(status);
    }

    private Map<String, BenchLimiter> limiters(Load load) {
        Map<String, BenchLimiter> limiters = new LinkedHashMap<>();
        limiters.put("store", weir.store(Algorithm.SLIDING_LOG, load));
        limiters.put("store-bucket", weir.store(Algorithm.TOKEN_BUCKET, load));
        limiters.put("limits", weir.limits(load));
        limiters.put("bucket4j", bucket4j.limiter("bucket4j", Optimization.NONE_OPTIMIZED, load));
        limiters.put("bucket4j-batching", bucket4j.limiter("batching", Optimizations.batching(), load));
        limiters.put("redisson", redisson.limiter(load));
        return limiters;
    }

    private void rates(int callers, int rounds, int seconds, int warmup, List<String> names) throws Exception {
        Map<Load, Map<String, BenchLimiter>> all = new LinkedHashMap<>();
        for (Load load : LOADS) {
            Map<String, BenchLimiter> limiters = limiters(load);
            limiters.keySet().retainAll(names);
            all.put(load, limiters);
        }
        for (int round = 0; round <= rounds; round++) {
            for (Load load : LOADS) {
                for (Map.Entry<String, BenchLimiter> limiter :
                        all.getOrDefault(load, Map.of()).entrySet()) {
                    rate(load, limiter.getKey(), limiter.getValue(), callers, round, round == 0 ? warmup : seconds);
                }
            }
        }
    }

    private void rate(Load load, String name, BenchLimiter limiter, int callers, int round, int seconds)
            throws Exception {
        long before = weir.commandsOfRedis();
        BenchCallers.Outcome outcome = BenchCallers.run(limiter, load.keys(), callers, seconds);
        double commands = (double) (weir.commandsOfRedis() - before - 1) / outcome.checks();
        System.err.printf(
                Locale.ROOT,
                "%s: %s, %s: %.0f checks/s%n",
                round == 0 ? "Warming up" : "Round " + round,
                load.name(),
                name,
                outcome.rate());
        if (round > 0) {
            System.out.printf(
                    Locale.ROOT,
                    "rate %s %s %d %.1f %.6f %.3f%n",
                    load.name(),
                    name,
                    round,
                    outcome.rate(),
                    outcome.share(),
                    commands);
        }
    }

    private void memory() throws Exception {
        for (Algorithm algorithm : Algorithm.values()) {
            String name = algorithm.wireName();
            memory(name, weir.store(algorithm, FULL), "weir:l:{" + FULL.name() + '-' + name + ":*");
        }
        memory(
                "bucket4j",
                bucket4j.limiter("bucket4j", Optimization.NONE_OPTIMIZED, FULL),
                "bucket4j:" + FULL.name() + ":*");
        memory("redisson", redisson.limiter(FULL), "*redisson:" + FULL.name() + ":*");
    }

    private void memory(String name, BenchLimiter limiter, String glob) throws Exception {
        for (int key = 0; key < FULL.keys(); key++) {
            for (int i = 0; i < FULL.limit(); i++) {
                CompletableFuture<Boolean> verdict = new CompletableFuture<>();
                limiter.ask(key, (admitted, failure) -> {
                    if (admitted == null) {
                        verdict.completeExceptionally(
                                failure == null ? new IllegalStateException("no verdict") : failure);
                    } else {
                        verdict.complete(admitted);
                    }
                });
                if (!verdict.get(10, TimeUnit.SECONDS)) {
                    throw new IllegalStateException(name + " refuses check " + (i + 1) + " of " + FULL.limit());
                }
            }
        }
        System.out.printf(Locale.ROOT, "memory %s %.1f%n", name, (double) weir.memoryOf(glob) / FULL.keys());
    }
}
