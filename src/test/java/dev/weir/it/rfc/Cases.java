package dev.weir.it.rfc;

import dev.weir.testkit.Answer;
import dev.weir.testkit.ScriptedOrigin.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A chapter of cases, and what several chapters have their origins say. */
final class Cases {

    private static final Pattern ONE_RANGE = Pattern.compile("bytes=(\\d*)-(\\d*)");

    /** One rule of a section, and what has to be seen of it. */
    record Case(String name, Body body) {}

    /** What a case does; it fails by what it throws. */
    @FunctionalInterface
    interface Body {
        void run(Probe probe) throws Exception;
    }

    private final List<Case> all = new ArrayList<>();

    /** Adds a case: its section, the rule in words, and the judgement. */
    void of(String section, String rule, Body body) {
        all.add(new Case(section + " " + rule, body));
    }

    List<Case> all() {
        return List.copyOf(all);
    }

    // What origins say

    static Answer ok(String... headers) {
        return Answer.of(200, headers);
    }

    /** 200 with this Cache-Control. */
    static Answer cc(String cacheControl, String... headers) {
        Answer answer = ok("Cache-Control", cacheControl);
        for (int i = 0; i < headers.length; i += 2) {
            answer.header(headers[i], headers[i + 1]);
        }
        return answer;
    }

    /** 200, fresh for an hour. */
    static Answer fresh(String... headers) {
        return cc("max-age=3600", headers);
    }

    /** 200, fresh for a second. */
    static Answer brief(String... headers) {
        return cc("max-age=1", headers);
    }

    /** So many seconds from now, in HTTP's format. */
    static String date(long seconds) {
        return Answer.httpDate(Instant.now().plusSeconds(seconds));
    }

    /**
     * An origin as it should be: its ETag and body are those of the current version, and it heeds If-None-Match.
     *
     * @param cacheControl of each answer
     */
    static Function<Request, Answer> versioned(IntSupplier version, String cacheControl) {
        return request -> {
            String tag = "\"v" + version.getAsInt() + "\"";
            Answer answer = request.header("If-None-Match").contains(tag)
                    ? Answer.of(304)
                    : ok().body("version " + version.getAsInt());
            return answer.header("ETag", tag).header("Cache-Control", cacheControl);
        };
    }

    /** An origin that heeds single byte ranges and If-Range, for a body of ten or more letters. */
    static Function<Request, Answer> ranged(String body, String tag) {
        return request -> {
            Matcher range = ONE_RANGE.matcher(request.header("Range"));
            String condition = request.header("If-Range");
            if (!range.matches() || !(condition.isEmpty() || condition.equals(tag))) {
                return fresh("ETag", tag).body(body);
            }
            int last = body.length() - 1;
            int from = range.group(1).isEmpty()
                    ? body.length() - Integer.parseInt(range.group(2))
                    : Integer.parseInt(range.group(1));
            int to = range.group(1).isEmpty() || range.group(2).isEmpty()
                    ? last
                    : Math.min(last, Integer.parseInt(range.group(2)));
            return Answer.of(206, "Cache-Control", "max-age=3600", "ETag", tag)
                    .header("Content-Range", "bytes " + from + "-" + to + "/" + body.length())
                    .body(body.substring(from, to + 1));
        };
    }
}
