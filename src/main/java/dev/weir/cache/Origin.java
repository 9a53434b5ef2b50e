package dev.weir.cache;

import dev.weir.http.Correlation;
import dev.weir.http.Problem;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** Where a cache's values come from. Failures are {@link Problem}s: {@code origin-failed} and {@code origin-timeout}. */
interface Origin {

    /** What the origin has under a key. */
    sealed interface Answer {
        record Found(Buffer body, String contentType) implements Answer {}

        record Missing() implements Answer {}
    }

    /**
     * Refuses keys that would mean another resource of the origin than the one of that key.
     *
     * @throws Problem that says why
     */
    void check(String key);

    /** @param cause what the origin is told the call is part of */
    Future<Answer> load(String key, Correlation cause);

    /** Hands a value to the origin; succeeds if the origin accepts it. */
    Future<Void> write(String key, Buffer body, String contentType);
}
