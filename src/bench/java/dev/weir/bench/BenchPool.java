package dev.weir.bench;

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

    BenchPool(ReactiveRedisDataSource redis) {
        values = redis.value(byte[].class);
    }

    @GET
    @Path("/{key}")
    public Uni<byte[]> get(String key) {
        return values.get(key);
    }
}
