package dev.weir.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cache.CacheStore.Selection;
import dev.weir.http.Json;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.store.Glob;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What happened outside and makes entries stale: by configuration, so that who reports it needs to know no cache. */
final class Events {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

    private enum Kind {
        KEY,
        ALIAS,
        PATTERN,
        TAG
    }

    private record Removal(String cache, Kind kind, String template) {}

    private final Caches caches;
    private final Map<String, List<Removal>> events = new HashMap<>();

    /** @throws IllegalArgumentException that names the setting */
    Events(EventsConfig config, Caches caches) {
        this.caches = caches;
        config.byName().forEach((name, settings) -> {
            String where = "weir.events." + name + ".removes";
            if (!Names.isName(name)) {
                throw new IllegalArgumentException(where + ": '" + name + "' is no name");
            }
            events.put(
                    name,
                    settings.removes().stream()
                            .map(item -> parse(where, item.strip(), caches))
                            .toList());
        });
    }

    private static Removal parse(String where, String item, Caches caches) {
        int colon = item.indexOf(':');
        if (colon <= 0 || colon == item.length() - 1) {
            throw new IllegalArgumentException(
                    where + ": '" + item + "' is none of cache:key, cache:@alias, cache:pattern*, cache:#tag");
        }
        String cache = item.substring(0, colon);
        if (caches.find(cache) == null) {
            throw new IllegalArgumentException(
                    where + ": '" + item + "' names the cache '" + cache + "', which is not declared");
        }
        String rest = item.substring(colon + 1);
        return switch (rest.charAt(0)) {
            case '@' -> new Removal(cache, Kind.ALIAS, rest.substring(1));
            case '#' -> new Removal(cache, Kind.TAG, rest.substring(1));
            default ->
                new Removal(cache, rest.chars().anyMatch(c -> "*?[".indexOf(c) >= 0) ? Kind.PATTERN : Kind.KEY, rest);
        };
    }

    /**
     * Removes what the event makes stale.
     *
     * @throws Problem if there is no such event, or a value for one of its placeholders is missing
     */
    Future<Scoped<Long>> happened(String event, ObjectNode values) {
        List<Removal> removals = events.get(event);
        if (removals == null) {
            throw new Problem(
                    Problem.Kind.NOT_FOUND,
                    "no event has the name '" + Names.shorten(event) + "': declare weir.events." + Names.shorten(event)
                            + ".removes");
        }
        // Everything is filled in before anything is removed: half an event would be worse than none.
        List<Future<Scoped<Long>>> running = new ArrayList<>();
        List<Runnable> starts = new ArrayList<>();
        for (Removal removal : removals) {
            String subject = check(removal.kind, fill(removal, values));
            starts.add(() -> running.add(remove(removal, subject)));
        }
        starts.forEach(Runnable::run);
        return Future.all(running).map(done -> {
            long removed =
                    running.stream().mapToLong(each -> each.result().value()).sum();
            Scope scope = running.stream()
                    .map(each -> each.result().scope())
                    .max(Scope::compareTo)
                    .orElse(Scope.LOCAL);
            return new Scoped<>(removed, scope);
        });
    }

    private static String check(Kind kind, String subject) {
        return kind == Kind.TAG
                ? CacheInput.requireTag("tag", subject)
                : Names.requireKey(kind == Kind.ALIAS ? "alias" : "key", subject);
    }

    private static String fill(Removal removal, ObjectNode values) {
        // A value is a literal, also inside a pattern: an id of * must not clear the cache.
        UnaryOperator<String> literal = removal.kind == Kind.PATTERN ? Glob::quote : UnaryOperator.identity();
        Matcher matcher = PLACEHOLDER.matcher(removal.template);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            String value = literal.apply(valueOf(matcher.group(1), values));
            matcher.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(filled).toString();
    }

    private static String valueOf(String name, ObjectNode values) {
        JsonNode value = values.get(name);
        if (value == null || value.isNull()) {
            throw Problem.badRequest(name, name + " is missing: this event needs it");
        }
        if (!value.isTextual() && !value.isIntegralNumber()) {
            throw Json.wrongType(name, "a string or a whole number", value);
        }
        return Names.requireKey(name, value.asText());
    }

    private Future<Scoped<Long>> remove(Removal removal, String subject) {
        NamedCache cache = caches.require(removal.cache);
        return switch (removal.kind) {
            case KEY -> cache.remove(new Selection.Key(cache.name(), subject));
            case TAG -> cache.remove(new Selection.Tag(cache.name(), subject));
            case PATTERN -> cache.remove(new Selection.Pattern(cache.name(), subject));
            case ALIAS ->
                cache.resolve(subject).compose(found -> {
                    String key = found.value();
                    return key == null
                            ? Future.succeededFuture(new Scoped<>(0L, found.scope()))
                            : cache.remove(new Selection.Key(cache.name(), key));
                });
        };
    }
}
