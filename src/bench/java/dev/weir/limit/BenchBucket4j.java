package dev.weir.limit;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.Optimization;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Bucket4j on Lettuce: one connection, asynchronously, its proxies made beforehand. */
final class BenchBucket4j {

    /** How long a full bucket is kept: without it, every key ever seen would stay. */
    private static final Duration KEPT = Duration.ofSeconds(10);

    private final AsyncProxyManager<String> manager;

    BenchBucket4j(int port) {
        var connection = RedisClient.create("redis://127.0.0.1:" + port)
                .connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE));
        this.manager = Bucket4jLettuce.casBasedBuilder(connection)
                .expirationAfterWrite(ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEPT))
                .build()
                .asAsync();
    }

    BenchLimiter limiter(String name, Optimization optimization, BenchLimiter.Load load) {
        BucketConfiguration configuration = BucketConfiguration.builder()
                .addLimit(limit -> limit.capacity(load.limit()).refillGreedy(load.limit(), load.window()))
                .build();
        List<AsyncBucketProxy> buckets = IntStream.range(0, load.keys())
                .mapToObj(key -> manager.builder()
                        .withOptimization(optimization)
                        .build(
                                name + ':' + load.name() + ':' + BenchLimiter.subject(key),
                                () -> CompletableFuture.completedFuture(configuration)))
                .toList();
        return (key, answer) -> {
            var _ = buckets.get(key).tryConsume(1).whenComplete(answer::answered);
        };
    }
}
