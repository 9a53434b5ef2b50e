package dev.weir.cache;

import dev.weir.cache.CacheStore.Selection;
import dev.weir.http.Names;
import dev.weir.http.Problem;
import dev.weir.store.Glob;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is to be removed when something happens: a list of {@code cache:key}, {@code cache:@alias},
 * {@code cache:pattern*} and {@code cache:#tag}, with placeholders in braces.
 */
public final class Removals {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

    private static final Pattern ALL = Pattern.compile("[*?]*");

    private enum Kind {
        KEY,
        ALIAS,
        PATTERN,
        TAG
    }

    private record Removal(NamedCache cache, Kind kind, String template) {}

    private final List<Removal> removals;

    private Removals(List<Removal> removals) {
        this.removals = removals;
    }

    /**
     * @param where the setting, for what is said of an item that makes no sense
     * @throws IllegalArgumentException that names the setting
     */
    public static Removals parse(String where, List<String> items, Caches caches) {
        return new Removals(
                items.stream().map(item -> parse(where, item.strip(), caches)).toList());
    }

    private static Removal parse(String where, String item, Caches caches) {
        int colon = item.indexOf(':');
        if (colon <= 0 || colon == item.length() - 1) {
            throw new IllegalArgumentException(
                    where + ": '" + item + "' is none of cache:key, cache:@alias, cache:pattern*, cache:#tag");
        }
        NamedCache cache = caches.find(item.substring(0, colon));
        if (cache == null) {
            throw new IllegalArgumentException(where + ": '" + item + "' names the cache '" + item.substring(0, colon)
                    + "', which is not declared");
        }
        String rest = item.substring(colon + 1);
        return switch (rest.charAt(0)) {
            case '@' -> new Removal(cache, Kind.ALIAS, rest.substring(1));
            case '#' -> new Removal(cache, Kind.TAG, rest.substring(1));
            default ->
                new Removal(cache, rest.chars().anyMatch(c -> "*?[".indexOf(c) >= 0) ? Kind.PATTERN : Kind.KEY, rest);
        };
    }

    /** The names of all placeholders. */
    public List<String> placeholders() {
        return removals.stream()
                .flatMap(removal -> PLACEHOLDER.matcher(removal.template).results())
                .map(result -> result.group(1))
                .distinct()
                .toList();
    }

    /**
     * Removes all of it, and returns how many values a caller would have seen. Everything is filled in before anything
     * is removed: half of it would be worse than nothing.
     *
     * @param values of the placeholders; where it returns null, what needs that value is left out
     * @throws Problem if a value makes no sense where it stands
     */
    public Future<Scoped<Long>> run(Function<String, @Nullable String> values) {
        return run(values, Removals::check);
    }

    /**
     * The same for values that come by the way, from whoever cannot be told that they make no sense: what cannot be a key
     * or a tag names no entry, and is left out.
     */
    public Future<Scoped<Long>> runWhatNamesEntries(Function<String, @Nullable String> values) {
        return run(values, Removals::canBe);
    }

    private Future<Scoped<Long>> run(
            Function<String, @Nullable String> values, BiPredicate<Kind, String> namesEntries) {
        List<Runnable> starts = new ArrayList<>();
        List<Future<Scoped<Long>>> running = new ArrayList<>();
        for (Removal removal : removals) {
            String subject = fill(removal, values);
            if (subject != null && namesEntries.test(removal.kind, subject)) {
                starts.add(() -> running.add(remove(removal, subject)));
            }
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

    private static boolean canBe(Kind kind, String subject) {
        try {
            return check(kind, subject);
        } catch (Problem nonsense) {
            return false;
        }
    }

    private static boolean check(Kind kind, String subject) {
        if (kind == Kind.TAG) {
            CacheInput.requireTag("tag", subject);
        } else {
            Names.requireKey(kind == Kind.ALIAS ? "alias" : "key", subject);
        }
        return true;
    }

    private static @Nullable String fill(Removal removal, Function<String, @Nullable String> values) {
        // A value is a literal, also inside a pattern: an id of * must not clear the cache.
        UnaryOperator<String> literal = removal.kind == Kind.PATTERN ? Glob::quote : UnaryOperator.identity();
        Matcher matcher = PLACEHOLDER.matcher(removal.template);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            String value = values.apply(matcher.group(1));
            if (value == null) {
                return null;
            }
            matcher.appendReplacement(filled, Matcher.quoteReplacement(literal.apply(value)));
        }
        String subject = matcher.appendTail(filled).toString();
        // Nor must no id at all.
        boolean matchesAll =
                removal.kind == Kind.PATTERN && ALL.matcher(subject).matches();
        return matchesAll && !subject.equals(removal.template) ? null : subject;
    }

    private static Future<Scoped<Long>> remove(Removal removal, String subject) {
        NamedCache cache = removal.cache;
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
