package dev.weir.it;

import static dev.weir.it.Seen.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.testkit.Http;
import dev.weir.testkit.WeirProcess;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Checks of limits, as several tests make them. */
public final class Checks {

    private Checks() {}

    /** The path of a subject. */
    public static String path(String policy, String key) {
        return "/v1/limits/" + policy + '/' + Http.encode(key);
    }

    /** Spends one. */
    public static HttpResponse<byte[]> spend(WeirProcess weir, String policy, String key) {
        return Http.post(weir.url(path(policy, key)));
    }

    public static HttpResponse<byte[]> spend(WeirProcess weir, String policy, String key, long cost) {
        return Http.post(weir.url(path(policy, key) + "?cost=" + cost));
    }

    /** Whether one could be spent; an answer that is neither 200 nor 429 fails the test. */
    public static boolean admits(WeirProcess weir, String policy, String key) {
        return isAdmitted(spend(weir, policy, key));
    }

    public static boolean isAdmitted(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).as(Http.text(answer)).isIn(200, 429);
        return answer.statusCode() == 200;
    }

    /** What the limit says without being spent. */
    public static JsonNode peek(WeirProcess weir, String policy, String key) {
        return json(Http.get(weir.url(path(policy, key))), 200);
    }

    /** A policy's settings and figures. */
    public static JsonNode figures(WeirProcess weir, String policy) {
        return json(Http.get(weir.url("/v1/limits/" + policy)), 200);
    }

    /** Runs so many calls at the same time; their answers in the order of their numbers. */
    public static <T> List<T> atOnce(int count, IntFunction<T> call) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> running = IntStream.range(0, count)
                    .mapToObj(number -> threads.submit((Callable<T>) () -> call.apply(number)))
                    .toList();
            return running.stream().map(Checks::result).toList();
        }
    }

    private static <T> T result(Future<T> running) {
        try {
            return running.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    /** How many of so many calls, made at the same time, were admitted. */
    public static long admitted(int count, IntFunction<HttpResponse<byte[]>> call) {
        return atOnce(count, call).stream().filter(Checks::isAdmitted).count();
    }
}
