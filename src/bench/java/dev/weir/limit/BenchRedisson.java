package dev.weir.limit;

import java.util.List;
import java.util.stream.IntStream;
import org.redisson.Redisson;
import org.redisson.api.RFuture;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.redisson.config.TransportMode;

/** Redisson's limiter, asynchronously, its objects made and its rates set beforehand. */
final class BenchRedisson {

    private final RedissonClient redisson;

    BenchRedisson(int port) {
        Config config = new Config();
        config.setTransportMode(TransportMode.EPOLL).setUseScriptCache(true);
        config.useSingleServer().setAddress("redis://127.0.0.1:" + port);
        this.redisson = Redisson.create(config);
    }

    BenchLimiter limiter(BenchLimiter.Load load) {
        List<RRateLimiter> limiters = IntStream.range(0, load.keys())
                .mapToObj(key -> redisson.getRateLimiter("redisson:" + load.name() + ':' + BenchLimiter.subject(key)))
                .toList();
        List<RFuture<Void>> set = limiters.stream()
                .map(limiter -> limiter.setRateAsync(RateType.OVERALL, load.limit(), load.window()))
                .toList();
        set.forEach(rate -> rate.toCompletableFuture().join());
        return (key, answer) -> limiters.get(key).tryAcquireAsync().whenComplete(answer::answered);
    }
}
