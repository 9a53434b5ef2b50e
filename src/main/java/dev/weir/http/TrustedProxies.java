package dev.weir.http;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whose word is taken for where a request comes from: {@code weir.trusted-proxies}, addresses and CIDR ranges. */
public final class TrustedProxies {

    private record Range(byte[] network, int bits) {

        boolean contains(byte[] address) {
            if (address.length != network.length) {
                return false;
            }
            int whole = bits / 8;
            if (!Arrays.equals(network, 0, whole, address, 0, whole)) {
                return false;
            }
            int rest = bits % 8;
            return rest == 0 || ((network[whole] ^ address[whole]) & 0xFF) >> 8 - rest == 0;
        }
    }

    private final List<Range> ranges;

    /** @throws IllegalArgumentException that names the range that is none */
    public TrustedProxies(List<String> ranges) {
        this.ranges = ranges.stream().map(TrustedProxies::parse).toList();
    }

    private static Range parse(String text) {
        String[] parts = text.strip().split("/", 2);
        byte[] network = bytes(parts[0]);
        try {
            int bits = parts.length == 2 ? Integer.parseInt(parts[1]) : network == null ? 0 : network.length * 8;
            if (network != null && bits >= 0 && bits <= network.length * 8) {
                return new Range(network, bits);
            }
        } catch (NumberFormatException e) {
            throw none(text);
        }
        throw none(text);
    }

    private static IllegalArgumentException none(String text) {
        return new IllegalArgumentException(
                "weir.trusted-proxies: '" + text + "' is no IP address and no range such as 10.0.0.0/8");
    }

    private static byte @Nullable [] bytes(String address) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        // An IPv4 address that came in by an IPv6 socket is the IPv4 address.
        boolean mapped = bytes != null
                && bytes.length == 16
                && bytes[10] == -1
                && bytes[11] == -1
                && Arrays.equals(bytes, 0, 10, new byte[10], 0, 10);
        return mapped ? Arrays.copyOfRange(bytes, 12, 16) : bytes;
    }

    public boolean trust(String address) {
        byte[] bytes = ranges.isEmpty() ? null : bytes(address);
        return bytes != null && ranges.stream().anyMatch(range -> range.contains(bytes));
    }

    /** The address of the connection's other end. */
    public static String peer(HttpServerRequest request) {
        SocketAddress address = request.connection().remoteAddress();
        String host = address == null ? null : address.hostAddress();
        return host == null ? "unknown" : canonical(host);
    }

    /** One spelling for each address, whoever spells it: it is part of keys. */
    private static String canonical(String address) {
        byte[] bytes = address.indexOf(':') < 0 ? null : bytes(address);
        try {
            return bytes == null ? address : NetUtil.toAddressString(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            return address;
        }
    }

    /**
     * Where the request comes from: the last address in {@code X-Forwarded-For} that no trusted proxy has, if the peer
     * is one; else the peer. What stands before that address anybody may have written.
     */
    public String clientIp(HttpServerRequest request) {
        String client = peer(request);
        if (!trust(client)) {
            return client;
        }
        String[] hops =
                String.join(",", request.headers().getAll("x-forwarded-for")).split(",", -1);
        for (int i = hops.length - 1; i >= 0; i--) {
            String hop = withoutPort(hops[i].strip());
            if (bytes(hop) == null) {
                return client;
            }
            client = canonical(hop);
            if (!trust(hop)) {
                return client;
            }
        }
        return client;
    }

    private static String withoutPort(String hop) {
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            return end < 0 ? hop : hop.substring(1, end);
        }
        int colon = hop.indexOf(':');
        return colon > 0 && hop.indexOf(':', colon + 1) < 0 ? hop.substring(0, colon) : hop;
    }
}
