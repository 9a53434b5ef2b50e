package dev.weir.lock;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.auth.Role;
import dev.weir.http.Api;
import dev.weir.http.Durations;
import dev.weir.http.Exchange;
import dev.weir.http.Json;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.http.Resource;
import dev.weir.lock.Locks.Answer;
import dev.weir.lock.Locks.Holding;
import dev.weir.store.Scope;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /v1/locks}. */
@Singleton
final class LockResource implements Resource {

    private static final String LOCK = "/v1/locks/{name...}";
    private static final String TOKEN = "Weir-Lock-Token";
    private static final CharSequence SCOPE = HttpHeaders.createOptimized("Weir-Scope");
    private static final int MAX_BODY = 16 * 1024;
    private static final int MAX_OWNER = 256;
    private static final int TOKEN_BYTES = 18;
    private static final int DESCRIBED_AT_ONCE = 64;
    private static final Pattern TOKEN_SYNTAX = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Duration DEFAULT_TTL = Duration.ofSeconds(30);
    private static final Duration MAX_TTL = Duration.ofDays(1);
    private static final Duration MAX_WAIT = Duration.ofHours(1);

    private final Locks locks;
    private final SecureRandom random = new SecureRandom();

    LockResource(Locks locks) {
        this.locks = locks;
    }

    @Override
    public void register(Api api) {
        api.on(HttpMethod.GET, "/v1/locks", Role.READ, this::list)
                .on(HttpMethod.POST, LOCK, Role.WRITE, this::acquire)
                .on(HttpMethod.PATCH, LOCK, Role.WRITE, this::extend)
                .on(HttpMethod.DELETE, LOCK, Role.WRITE, this::release)
                .on(HttpMethod.GET, LOCK, Role.READ, this::show);
    }

    private Future<?> acquire(Exchange exchange) {
        exchange.allowQuery(Set.of());
        String name = exchange.key("name", 0);
        String key = exchange.header("Idempotency-Key");
        String token = token(name, key);
        return exchange.body(MAX_BODY).compose(body -> {
            ObjectNode wanted = body.length() == 0 ? Json.object() : Json.parseObject(body, "ttl", "wait", "owner");
            Duration ttl = duration(wanted, "ttl", DEFAULT_TTL, MAX_TTL);
            Duration wait = waiting(wanted);
            if (wait.isPositive()) {
                exchange.waitsOnPurpose();
            }
            String owner = owner(wanted);
            Locks.Attempt attempt = locks.acquire(name, token, owner, ttl, wait);
            HttpServerResponse response = exchange.response();
            boolean[] answered = new boolean[1];
            response.closeHandler(closed -> {
                if (!answered[0]) {
                    attempt.abandon().run();
                }
            });
            return attempt.answer().compose(answer -> {
                if (response.closed()) {
                    // Who can ask again by its key may just do so: what it was given ends with its time.
                    return answer instanceof Answer.Granted && key == null
                            ? locks.release(name, token).mapEmpty()
                            : Exchange.DONE;
                }
                answered[0] = true;
                return answer(exchange, name, answer);
            });
        });
    }

    private static Future<Void> answer(Exchange exchange, String name, Answer answer) {
        return switch (answer) {
            case Answer.Granted(Holding holding) -> {
                scope(exchange, holding.scope());
                yield exchange.json(201, describe(name, holding));
            }
            case Answer.Refused refused -> throw locked(exchange, name, refused);
        };
    }

    /** A request that is repeated by its key is the same one: it holds by the same token. */
    private String token(String name, @Nullable String idempotencyKey) {
        byte[] bytes = new byte[TOKEN_BYTES];
        if (idempotencyKey == null) {
            random.nextBytes(bytes);
        } else {
            Names.requireKey("Idempotency-Key", idempotencyKey);
            bytes = digest(name + '\0' + idempotencyKey);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Duration duration(ObjectNode body, String field, Duration fallback, Duration max) {
        String text = Json.optionalText(field, body, field);
        Duration duration = text == null ? fallback : Durations.require(field, text);
        if (duration.toMillis() < 1 || duration.compareTo(max) > 0) {
            throw Problem.badRequest(field, field + " is not within 1ms and " + max.toHours() + "h");
        }
        return duration;
    }

    private static Duration waiting(ObjectNode body) {
        String text = Json.optionalText("wait", body, "wait");
        // Not to wait is a wait of nothing, in whatever unit.
        return text != null && text.matches("0+(ms|s|m|h|d)") || text == null
                ? Duration.ZERO
                : duration(body, "wait", Duration.ZERO, MAX_WAIT);
    }

    private static String owner(ObjectNode body) {
        String owner = Json.optionalText("owner", body, "owner");
        if (owner == null) {
            return "";
        }
        if (owner.getBytes(StandardCharsets.UTF_8).length > MAX_OWNER
                || owner.chars().anyMatch(c -> c < ' ')) {
            throw Problem.badRequest(
                    "owner", "owner has more than " + MAX_OWNER + " bytes, or holds a control character");
        }
        return owner;
    }

    private static ObjectNode describe(String name, Holding holding) {
        return Json.object()
                .put("name", name)
                .put("token", holding.token())
                .put("fence", holding.fence())
                .put("expiresInMs", holding.expiresInMs());
    }

    private static Problem locked(Exchange exchange, String name, Answer.Refused refused) {
        scope(exchange, refused.scope());
        String whose = refused.owner().isEmpty() ? "another" : "'" + refused.owner() + "'";
        Problem problem = new Problem(
                        Problem.Kind.LOCKED,
                        "the lock '" + Names.shorten(name) + "' is held by " + whose
                                + ": wait for it with a longer wait, or try again")
                .with("name", name)
                .with("expiresInMs", refused.expiresInMs())
                .withHeader("Retry-After", Long.toString(Math.max(1, Math.ceilDiv(refused.expiresInMs(), 1000))));
        return refused.owner().isEmpty() ? problem : problem.with("owner", refused.owner());
    }

    private Future<?> extend(Exchange exchange) {
        exchange.allowQuery(Set.of());
        String name = exchange.key("name", 0);
        return exchange.body(MAX_BODY).compose(body -> extend(exchange, name, body));
    }

    private Future<?> extend(Exchange exchange, String name, Buffer body) {
        ObjectNode wanted = Json.parseObject(body, "token", "ttl");
        String token = requireToken("token", Json.optionalText("token", wanted, "token"));
        Duration ttl = duration(wanted, "ttl", DEFAULT_TTL, MAX_TTL);
        return locks.extend(name, token, ttl).compose(holding -> {
            if (holding == null) {
                throw lost(name);
            }
            scope(exchange, holding.scope());
            return exchange.json(200, describe(name, holding));
        });
    }

    private static String requireToken(String field, @Nullable String token) {
        if (token == null || !TOKEN_SYNTAX.matcher(token).matches()) {
            throw Problem.badRequest(field, field + " is missing, or not a token that a lock was answered with");
        }
        return token;
    }

    private static Problem lost(String name) {
        return new Problem(
                        Problem.Kind.LOCK_LOST,
                        "the lock '" + Names.shorten(name)
                                + "' is not held by this token: its time was over, or it is another's")
                .with("name", name);
    }

    private Future<?> release(Exchange exchange) {
        exchange.allowQuery(Set.of());
        String name = exchange.key("name", 0);
        String token = requireToken(TOKEN, exchange.header(TOKEN));
        return locks.release(name, token).compose(released -> {
            scope(exchange, released.scope());
            if (!released.value()) {
                throw lost(name);
            }
            return exchange.empty(204);
        });
    }

    private Future<?> show(Exchange exchange) {
        exchange.allowQuery(Set.of());
        String name = exchange.key("name", 0);
        return locks.describe(name).compose(state -> {
            scope(exchange, state.scope());
            return exchange.json(200, describe(name, state.value()));
        });
    }

    private static ObjectNode describe(String name, LockStore.State state) {
        List<LockStore.Holder> holders = state.holders();
        ObjectNode json = Json.object().put("name", name).put("held", !holders.isEmpty());
        if (!holders.isEmpty()) {
            put(json, holders.getFirst());
        }
        json.put("waiting", state.waiting());
        if (holders.size() > 1) {
            ArrayNode all = json.putArray("holders");
            holders.forEach(holder -> put(all.addObject(), holder));
        }
        return json;
    }

    private static void put(ObjectNode json, LockStore.Holder holder) {
        json.put("owner", holder.owner().isEmpty() ? null : holder.owner())
                .put("fence", holder.fence())
                .put("expiresInMs", holder.expiresInMs());
    }

    private Future<?> list(Exchange exchange) {
        exchange.allowQuery(Set.of());
        return locks.names()
                .compose(names -> describe(names.value(), 0, new ArrayList<>()).compose(all -> {
                    ObjectNode body = Json.object();
                    ArrayNode array = body.putArray("locks");
                    all.stream().filter(lock -> lock.path("held").asBoolean()).forEach(array::add);
                    scope(exchange, names.scope());
                    return exchange.json(200, body);
                }));
    }

    /** A few at a time: thousands asked of Redis at once would keep whoever comes next waiting beyond its deadline. */
    private Future<List<ObjectNode>> describe(List<String> names, int from, List<ObjectNode> described) {
        if (from >= names.size()) {
            return Future.succeededFuture(described);
        }
        int to = Math.min(names.size(), from + DESCRIBED_AT_ONCE);
        return Future.join(names.subList(from, to).stream()
                        .map(name -> locks.describe(name).map(state -> describe(name, state.value())))
                        .toList())
                .compose(some -> {
                    described.addAll(some.list());
                    return describe(names, to, described);
                });
    }

    private static void scope(Exchange exchange, Scope scope) {
        exchange.response().headers().set(SCOPE, scope.headerValue());
    }
}
