package dev.weir.bench;

import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** A constant out of Quarkus REST: what an endpoint costs that does nothing. */
@Path("/bench/rest")
@Produces(MediaType.APPLICATION_OCTET_STREAM)
public class BenchRest {

    private static final byte[] SMALL = BenchValues.ofSize(256);
    private static final byte[] LARGE = BenchValues.ofSize(16384);

    @GET
    @Path("/256")
    public Uni<byte[]> small() {
        return Uni.createFrom().item(SMALL);
    }

    @GET
    @Path("/16384")
    public Uni<byte[]> large() {
        return Uni.createFrom().item(LARGE);
    }
}
