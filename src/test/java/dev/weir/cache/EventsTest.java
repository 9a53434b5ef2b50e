package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cache.CacheStore.Condition;
import dev.weir.http.Json;
import dev.weir.http.Problem;
import dev.weir.store.Scope;
import dev.weir.store.Scoped;
import dev.weir.store.Settled;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsTest {

    private static Vertx vertx;

    private final CacheRig rig = new CacheRig(vertx, CacheRig.POLICY, false, false, own -> own);

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        Settled.value(vertx.close());
    }

    private Events events(String... removes) {
        EventsConfig.EventSettings settings = () -> List.of(removes);
        return new Events(() -> Map.of("user-updated", settings), rig.caches);
    }

    private void put(String key, List<String> tags, List<String> aliases) {
        Settled.value(rig.cache.put(
                new NamedCache.Put(key, Buffer.buffer("x"), "text/plain", Entries.LONG, tags, aliases),
                new Condition.Always()));
    }

    private void put(String... keys) {
        for (String key : keys) {
            put(key, List.of(), List.of());
        }
    }

    private List<String> left() {
        return Settled.value(rig.cache.list("*", null, 100)).value().entries().stream()
                .map(CacheStore.Listed::key)
                .toList();
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) Json.parse(Buffer.buffer(text.replace('\'', '"')));
    }

    private static long happened(Events events, String values) {
        Scoped<Long> removed = Settled.value(events.happened("user-updated", json(values)));
        assertThat(removed.scope()).isEqualTo(Scope.LOCAL);
        return removed.value();
    }

    @Test
    void everyKindOfRemovalIsCarriedOutAndCounted() {
        put("42", "43", "list:1", "list:2", "other");
        put("by-mail", List.of(), List.of("a@b"));
        put("tagged", List.of("user-42"), List.of());
        Events events = events(
                "users:{id}", " users:@{email} ", "users:list:*", "users:#user-{id}", "users:fixed", "default:x");
        assertThat(happened(events, "{'id':'42','email':'a@b','more':1}")).isEqualTo(5);
        assertThat(left()).containsExactlyInAnyOrder("43", "other");
        assertThat(happened(events, "{'id':42,'email':'nobody'}")).isZero();
    }

    @Test
    void aWholeNumberIsAsGoodAsItsText() {
        put("42", "12345678901234567890");
        assertThat(happened(events("users:{id}"), "{'id':42}")).isEqualTo(1);
        assertThat(happened(events("users:{id}"), "{'id':12345678901234567890}"))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "?", "[a-z]", "a\\\\", "^", "-"})
    void aValueIsALiteralAlsoInsideAPattern(String id) {
        put("user:a:1", "user:b:2");
        String literal = id.replace("\\\\", "\\");
        put("user:" + literal + ":1");
        assertThat(happened(events("users:user:{id}:*"), "{'id':'" + id + "'}")).isEqualTo(1);
        assertThat(left()).containsExactlyInAnyOrder("user:a:1", "user:b:2");
    }

    @Test
    void aValueThatLooksLikeAPatternOrAPlaceholderIsALiteralAsAKeyToo() {
        put("*", "a", "{id}", "$1");
        assertThat(happened(events("users:{id}"), "{'id':'*'}")).isEqualTo(1);
        assertThat(happened(events("users:{id}"), "{'id':'{id}'}")).isEqualTo(1);
        assertThat(happened(events("users:{id}"), "{'id':'$1'}")).isEqualTo(1);
        assertThat(left()).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'id':null}",
                "{'id':''}",
                "{'id':1.5}",
                "{'id':true}",
                "{'id':['a']}",
                "{'id':{}}",
                "{'id':'a\\u0000b'}"
            })
    void aMissingOrWrongValueIsNamedAndRemovesNothing(String values) {
        put("fixed");
        Events events = events("users:fixed", "users:{id}");
        assertThatThrownBy(() -> events.happened("user-updated", json(values)))
                .isInstanceOfSatisfying(Problem.class, e -> {
                    assertThat(e.kind()).isEqualTo(Problem.Kind.BAD_REQUEST);
                    assertThat(e.toJson().path("field").asText()).isEqualTo("id");
                });
        assertThat(left()).containsExactly("fixed");
    }

    @Test
    void aKeyThatBecomesTooLongRemovesNothingEither() {
        put("fixed");
        Events events = events("users:fixed", "users:prefix-{id}");
        String id = "x".repeat(510);
        assertThatThrownBy(() -> events.happened("user-updated", json("{'id':'" + id + "'}")))
                .isInstanceOf(Problem.class);
        assertThat(left()).as("half an event is worse than none").containsExactly("fixed");
    }

    @Test
    void anUnknownEventIsNotFound() {
        assertThatThrownBy(() -> events("users:x").happened("nonsense", json("{}")))
                .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.kind()).isEqualTo(Problem.Kind.NOT_FOUND));
    }

    @ParameterizedTest
    @ValueSource(strings = {"users", "users:", ":x", "nobody:x", "", "#tag"})
    void anItemThatMakesNoSenseStopsTheStartByItsName(String item) {
        assertThatThrownBy(() -> events("users:good", item))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("weir.events.user-updated.removes: ");
    }
}
