package dev.weir.redis;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/**
 * Where Redis is, from {@code REDIS_URL}, or {@code REDIS_HOST}, {@code REDIS_PORT}, {@code REDIS_PASSWORD} and
 * {@code REDIS_DB}. None of them set: there is no Redis.
 */
final class RedisEnvironment {

    private RedisEnvironment() {}

    /** @throws IllegalArgumentException that names the variable */
    static Optional<RedisTarget> target(Config config) {
        String mode = get(config, "redis.mode").orElse("standalone");
        if (!mode.equals("standalone")) {
            throw new IllegalArgumentException(
                    mode.equals("sentinel") || mode.equals("cluster")
                            ? "REDIS_MODE: this version of Weir knows no mode but standalone"
                            : "REDIS_MODE: '" + mode + "' is none of standalone, sentinel, cluster");
        }
        Optional<String> url = get(config, "redis.url");
        if (url.isPresent()) {
            if (url.get().contains(",")) {
                throw new IllegalArgumentException("REDIS_URL: several hosts need a REDIS_MODE other than standalone");
            }
            try {
                return Optional.of(RedisTarget.parse(url.get()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("REDIS_URL: " + e.getMessage(), e);
            }
        }
        Optional<String> host = get(config, "redis.host");
        // A Kubernetes service named redis puts its URL into REDIS_PORT, which is nobody's setting.
        Optional<String> port = get(config, "redis.port").filter(text -> !text.startsWith("tcp://"));
        Optional<String> password = get(config, "redis.password");
        Optional<String> database = get(config, "redis.db");
        return Stream.of(host, port, password, database).anyMatch(Optional::isPresent)
                ? Optional.of(target(host.orElse("localhost"), port, password, database))
                : Optional.empty();
    }

    private static RedisTarget target(
            String host, Optional<String> port, Optional<String> password, Optional<String> database) {
        String user = password.map(secret ->
                        ":" + URLEncoder.encode(secret, StandardCharsets.UTF_8).replace("+", "%20") + "@")
                .orElse("");
        int portNumber = port.map(text -> number("REDIS_PORT", text, 1, 65_535)).orElse(6379);
        int databaseNumber =
                database.map(text -> number("REDIS_DB", text, 0, 999_999)).orElse(0);
        String address = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        try {
            return RedisTarget.parse("redis://" + user + address + ":" + portNumber + "/" + databaseNumber);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("REDIS_HOST: '" + host + "' is no name of a host", e);
        }
    }

    private static Optional<String> get(Config config, String name) {
        return config.getOptionalValue(name, String.class).filter(text -> !text.isBlank());
    }

    private static int number(String name, String text, int min, int max) {
        try {
            int number = Integer.parseInt(text.strip());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + ": '" + text + "' is no number from " + min + " to " + max, e);
        }
        throw new IllegalArgumentException(name + ": '" + text + "' is no number from " + min + " to " + max);
    }
}
