package dev.weir.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which route a request is of; what it then does is seen from outside. */
class RoutesTest {

    private final Routes routes = new Routes();

    /** A route that is only ever looked for; returns the cache by which it is known. */
    private SharedCache add(String name, String path, String... methods) {
        SharedCache cache =
                new SharedCache(null, null, null, null, null, null, null, Duration.ofSeconds(1), null, null);
        Route route = new Route(name, new PathPattern(path), Set.of(methods), null, null, null, null, null);
        route.cache(cache);
        routes.add(route);
        return cache;
    }

    @Test
    void aRequestOfNoRouteIsLeftToOthers() {
        add("a", "/a/*", "GET");
        assertThat(routes.handle(FakeRequest.get("/b").build())).isFalse();
        assertThat(routes.handle(FakeRequest.get("/a").method(HttpMethod.POST).build()))
                .isFalse();
        assertThat(routes.handle(FakeRequest.get("*").build())).isFalse();
    }

    @Test
    void twoRoutesOfOnePathAreRefused() {
        add("a", "/a/*");
        assertThatThrownBy(() -> add("b", "/a/*"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.routes.b.path")
                .hasMessageContaining("'a'");
    }

    @Test
    void twoRoutesOfOnePathAndMethodAreRefused() {
        add("a", "/a/*", "GET", "HEAD");
        add("b", "/a/*", "POST");
        assertThatThrownBy(() -> add("c", "/a/*", "HEAD")).hasMessageContaining("weir.routes.c.path");
    }

    @Test
    void theMostSpecificRouteTakesARequestInWhateverOrderTheyCome() {
        SharedCache all = add("all", "/*");
        SharedCache me = add("me", "/users/me");
        SharedCache users = add("users", "/users/*");
        SharedCache any = add("any", "/*/me");
        assertThat(routes.cacheOf("/users/me")).isSameAs(me);
        assertThat(routes.cacheOf("/users/42")).isSameAs(users);
        assertThat(routes.cacheOf("/groups/me")).isSameAs(any);
        assertThat(routes.cacheOf("/groups/42")).isSameAs(all);
    }

    @Test
    void oneThatNamesItsMethodsGoesBeforeOneThatTakesTheRest() {
        SharedCache rest = add("rest", "/a/*");
        SharedCache reads = add("reads", "/a/*", "GET");
        SharedCache writes = add("writes", "/a/*", "POST");
        assertThat(routes.cacheOf("/a/x")).isSameAs(reads).isNotSameAs(rest).isNotSameAs(writes);
    }

    @Test
    void aRouteThatDoesNotTakeGetAnswersNone() {
        add("writes", "/a/*", "POST");
        assertThat(routes.cacheOf("/a/x")).isNull();
        assertThat(routes.cacheOf("/b")).isNull();
    }
}
