package dev.weir.bench;

import io.quarkus.arc.InjectableInstance;
import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.redis.datasource.value.ReactiveValueCommands;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** A value out of Redis the obvious way: Quarkus REST, and Quarkus' Redis client with its pool. */
@Path("/bench/pool")
@Produces(MediaType.APPLICATION_OCTET_STREAM)
@Singleton
public class BenchPool {

    private final ReactiveValueCommands<String, byte[]> values;

    /** With the first request, and by an instance: without {@code quarkus.redis.hosts} the rest is to start as ever. */
    BenchPool(InjectableInstance<ReactiveRedisDataSource> redis) {
        values = redis.getActive().value(byte[].class);
    }

    @GET
    @Path("/{key}")
    public Uni<byte[]> get(String key) {
        return values.get(key);
    }
}
