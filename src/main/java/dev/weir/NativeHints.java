package dev.weir;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** What the native image could not find out by itself: the transport that META-INF/services names. */
@RegisterForReflection(classNames = "io.vertx.core.impl.transports.EpollTransport", fields = false)
final class NativeHints {

    private NativeHints() {}
}
