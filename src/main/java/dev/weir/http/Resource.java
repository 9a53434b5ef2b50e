package dev.weir.http;

/** A feature's HTTP side. */
public interface Resource {

    /** Registers its endpoints. */
    void register(Api api);
}
