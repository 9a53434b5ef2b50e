package dev.weir.redis;

import dev.weir.store.Availability;
import dev.weir.store.Settled;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetClientOptions;
import java.time.Duration;

/** The way to a real Redis, put together as Weir does it, with a Vert.x of its own. */
public final class TestGateway implements AutoCloseable {

    public static final Duration TIMEOUT = Duration.ofMillis(500);

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    private final Availability availability = Availability.of(true, new SimpleMeterRegistry());
    private final ChangeBus bus = new ChangeBus("weir:changes");
    private final PipelinedGateway gateway;
    private final Recovery recovery;

    private TestGateway(RedisTarget target, Duration timeout) {
        gateway = new PipelinedGateway(
                vertx,
                vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true).setConnectTimeout(1000)),
                target,
                availability,
                timeout,
                Duration.ofSeconds(1));
        recovery = new Recovery(vertx, gateway, availability, bus, timeout);
    }

    /** A gateway that nobody has started yet. */
    public static TestGateway to(String url, Duration timeout) {
        return new TestGateway(RedisTarget.parse(url), timeout);
    }

    /** A gateway whose first attempt to reach Redis is over. */
    public static TestGateway started(String url) {
        return to(url, TIMEOUT).start();
    }

    public TestGateway start() {
        Settled.value(recovery.start());
        return this;
    }

    public Vertx vertx() {
        return vertx;
    }

    public Availability availability() {
        return availability;
    }

    public ChangeBus bus() {
        return bus;
    }

    public PipelinedGateway gateway() {
        return gateway;
    }

    public Recovery recovery() {
        return recovery;
    }

    @Override
    public void close() {
        recovery.close();
        Settled.value(vertx.close());
    }
}
