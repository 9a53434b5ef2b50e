package dev.weir.cache;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Entries as tests need them. */
final class Entries {

    static final Lifetimes LONG = new Lifetimes(60_000, 0, 0);

    private Entries() {}

    static Entry of(String text, Lifetimes lifetimes, long now, List<String> tags, List<String> aliases) {
        return Entry.of(content(text, tags, aliases), lifetimes, now);
    }

    static Entry of(String text, Lifetimes lifetimes, long now) {
        return of(text, lifetimes, now, List.of(), List.of());
    }

    static Entry.Content content(String text, List<String> tags, List<String> aliases) {
        Buffer body = Buffer.buffer(text);
        return new Entry.Content(
                Entry.digest("text/plain", body), false, body.length(), "text/plain", tags, aliases, body);
    }

    static String text(Entry entry) {
        return entry.body().toString();
    }
}
