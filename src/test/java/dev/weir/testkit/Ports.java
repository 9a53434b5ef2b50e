package dev.weir.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Loopback ports for servers that cannot choose one themselves, or that come back on the one they had. */
public final class Ports {

    /**
     * Below those that Linux gives to outgoing connections: none of these can take a killed server's port, and no client that tries
     * to reach it connects to itself.
     */
    private static final int FROM = 12_000;

    private static final int TO = 32_000;
    private static final int ATTEMPTS = 1_000;

    private Ports() {}

    /** A port that nobody listens on now. */
    public static int free() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FROM, TO);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // The next one may be free.
            }
        }
        throw new IllegalStateException("no port between " + FROM + " and " + TO + " is free");
    }
}
