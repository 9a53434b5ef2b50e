package dev.weir.it.rfc;

import dev.weir.testkit.Ports;
import dev.weir.testkit.RedisServer;
import dev.weir.testkit.ScriptedOrigin;
import dev.weir.testkit.WeirProcess;
import java.util.List;
import java.util.function.UnaryOperator;

/** One Weir before one origin: all cases share them, and each has paths of its own. */
record RouteRig(ScriptedOrigin origin, WeirProcess weir) implements AutoCloseable {

    private static final List<String> CACHES =
            List.of("rfc", "brief", "lenient", "asides", "inv", "ends", "small", "keyed");

    /** Storage in Redis. A busy machine must not make Weir take it for gone: where it is kept is part of each case. */
    static UnaryOperator<WeirProcess.Builder> on(RedisServer redis) {
        return builder -> builder.redis(redis).property("weir.redis.timeout", "5s");
    }

    /** The only place that configures Weir; {@code further} adds what the storage needs. */
    static RouteRig start(boolean near, UnaryOperator<WeirProcess.Builder> further) {
        ScriptedOrigin origin = ScriptedOrigin.open();
        WeirProcess.Builder builder = WeirProcess.builder()
                // An hour, so that what is fresh by it cannot be mistaken for what the origin's headers make fresh.
                .property("weir.caches.rfc.ttl", "1h")
                .property("weir.caches.brief.ttl", "1s")
                .property("weir.caches.lenient.ttl", "1h")
                .property("weir.caches.lenient.stale-while-revalidate", "1m")
                .property("weir.caches.lenient.stale-if-error", "1m")
                .property("weir.caches.asides.ttl", "1h")
                .property("weir.caches.inv.ttl", "1h")
                .property("weir.caches.ends.ttl", "1h")
                .property("weir.caches.small.ttl", "1h")
                .property("weir.caches.small.max-entry-size", "1KiB")
                .property("weir.caches.keyed.ttl", "1h");
        route(builder, "rfc", origin.url(), "rfc");
        route(builder, "brief", origin.url(), "brief");
        route(builder, "lenient", origin.url(), "lenient");
        route(builder, "aside", origin.url(), "asides").property("weir.routes.aside.override-ttl", "5m");
        route(builder, "inv", origin.url(), "inv").property("weir.routes.inv.invalidates", "inv:*");
        route(builder, "ends", origin.url(), "ends")
                .property(
                        "weir.routes.ends.invalidates",
                        "ends:{query.id},ends:#{query.tag},ends:{query.also},ends:{query.prefix}*");
        route(builder, "small", origin.url(), "small");
        route(builder, "by-user", origin.url(), "keyed")
                .property("weir.routes.by-user.key", "{header.X-Role}:{header.X-User}:{path}");
        route(builder, "by-query", origin.url(), "keyed").property("weir.routes.by-query.key", "{path}:{query.id}");
        route(builder, "by-cookie", origin.url(), "keyed")
                .property("weir.routes.by-cookie.key", "{path}:{cookie.session}");
        route(builder, "by-ip", origin.url(), "keyed").property("weir.routes.by-ip.key", "{client-ip}:{path}");
        route(builder, "slow", origin.url(), "rfc").property("weir.routes.slow.timeout", "1s");
        route(builder, "dead", "http://127.0.0.1:" + Ports.free(), "rfc");
        // Without a cache: it only passes through.
        builder.property("weir.routes.plain.path", "/plain/*").property("weir.routes.plain.origin", origin.url());
        if (!near) {
            CACHES.forEach(cache -> builder.property("weir.caches." + cache + ".near.max-entries", "0"));
        }
        try {
            return new RouteRig(origin, further.apply(builder).start());
        } catch (RuntimeException e) {
            origin.close();
            throw e;
        }
    }

    private static WeirProcess.Builder route(WeirProcess.Builder builder, String name, String origin, String cache) {
        return builder.property("weir.routes." + name + ".path", "/" + name + "/*")
                .property("weir.routes." + name + ".origin", origin)
                .property("weir.routes." + name + ".cache", cache);
    }

    @Override
    public void close() {
        weir.close();
        origin.close();
    }
}
