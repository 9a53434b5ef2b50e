package dev.weir.it.teams;

import dev.weir.testkit.Load;
import dev.weir.testkit.Origin;
import dev.weir.testkit.Origin.Received;
import dev.weir.testkit.OriginRoute.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The API behind a dashboard: profiles, inquiries, the workload, each with its delay and without a word on caching. One
 * profile cannot be had, one only at the second attempt.
 */
final class SlowDashboard {

    static final String ME = "/api/users/me";
    static final String INQUIRIES = "/api/inquiries";
    static final String WORKLOAD = "/api/analytics/workload";
    static final int USERS = 40;
    static final String BAD = "u13";
    static final String SHY = "u7";
    static final List<String> RANGES = List.of("7d", "30d", "90d");

    private final Origin origin;
    private final AtomicInteger count = new AtomicInteger(1);
    private final AtomicInteger shy = new AtomicInteger();
    private final List<String> answered = new CopyOnWriteArrayList<>();

    private SlowDashboard(Origin origin) {
        this.origin = origin;
    }

    static SlowDashboard open() {
        SlowDashboard dashboard = new SlowDashboard(Origin.open());
        Origin origin = dashboard.origin;
        origin.on("/api/user-ids")
                .reply(request -> Reply.of(
                        200,
                        users().map(user -> "{\"id\":\"" + user + "\"}")
                                .collect(Collectors.joining(",", "{\"data\":[", "]}"))));
        origin.on("/api/users/").delay(Duration.ofMillis(50)).reply(dashboard::profile);
        origin.on(WORKLOAD).reply(dashboard::workload);
        origin.on(ME).reply(request -> Reply.of(200, "I am " + request.header("X-User")));
        origin.on(INQUIRIES).reply(dashboard::inquiries);
        dashboard.anew();
        return dashboard;
    }

    static Stream<String> users() {
        return IntStream.range(0, USERS).mapToObj(number -> "u" + number);
    }

    /** The number-th request of some users of the dashboard. */
    static Load.Request request(int number) {
        String user = "X-User: u" + number % 20;
        return switch (number % 3) {
            case 0 -> Load.Request.get(ME, user);
            case 1 -> Load.Request.get(INQUIRIES + "?page=" + number % 5, "X-Role: clerk", user);
            default -> Load.Request.get(WORKLOAD + "?range=" + number % 7 + "d");
        };
    }

    Origin origin() {
        return origin;
    }

    /** How many inquiries there are. */
    int count() {
        return count.get();
    }

    /** The users whose profiles were given, and the workload for each time that it was. */
    List<String> answered() {
        return List.copyOf(answered);
    }

    /** One inquiry, nothing counted, and as slow as ever. */
    void anew() {
        count.set(1);
        origin.reset();
        origin.on(ME).delay(Duration.ofMillis(200));
        origin.on(INQUIRIES).delay(Duration.ofMillis(150));
        origin.on(WORKLOAD).delay(Duration.ofMillis(300));
    }

    /** From now on it takes no longer than this. */
    void quick(Duration delay) {
        for (String path : List.of(ME, INQUIRIES, WORKLOAD)) {
            origin.on(path).delay(delay);
        }
    }

    private Reply profile(Received request) {
        String user = request.path().substring("/api/users/".length());
        if (user.equals(BAD) || user.equals(SHY) && shy.incrementAndGet() == 1) {
            return Reply.of(500, "not now");
        }
        answered.add(user);
        return Reply.of(200, "I am " + user);
    }

    private Reply workload(Received request) {
        answered.add("workload");
        return Reply.of(200, "workload of " + request.query());
    }

    private Reply inquiries(Received request) {
        if (request.method().equals("POST")) {
            return request.text().isEmpty()
                    ? Reply.of(422, "an inquiry has a text")
                    : Reply.of(201, "number " + count.incrementAndGet());
        }
        return Reply.of(
                200,
                count + " inquiries, " + request.query() + ", for " + request.header("X-Role") + " "
                        + request.header("X-User"));
    }
}
