package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.store.Glob;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class KeysTest {

    private final Keys keys = new Keys("weir:");

    @Test
    void namesAreThoseThatTheDocumentationShows() {
        assertThat(keys.entry("users", "42")).isEqualTo("weir:c:{users:42}");
        assertThat(keys.tag("users", "t")).isEqualTo("weir:t:{users:t}");
        assertThat(keys.alias("users", "a")).isEqualTo("weir:a:{users:a}");
        assertThat(keys.instances()).isEqualTo("weir:o:{instances}");
        assertThat(keys.instancesSeen()).isEqualTo("weir:o:{instances}:seen");
        assertThat(keys.changes()).isEqualTo("weir:changes");
        assertThat(new Keys("my.").entry("c", "k")).isEqualTo("my.c:{c:k}");
    }

    @Property(tries = 300)
    void anEntrysNameLeadsBackToItsKey(@ForAll @StringLength(min = 1, max = 40) String key) {
        assertThat(keys.keyOf("users", keys.entry("users", key))).isEqualTo(key);
    }

    @Property(tries = 300)
    void aCachesGlobMatchesItsEntriesAndNoOthers(@ForAll @StringLength(min = 1, max = 40) String key) {
        Glob users = Glob.of(keys.entries("users", "*"));
        assertThat(users.matches(keys.entry("users", key))).isTrue();
        assertThat(users.matches(keys.entry("users.x", key))).isFalse();
        assertThat(users.matches(keys.entry("user", key))).isFalse();
        assertThat(users.matches(keys.tag("users", key))).isFalse();
        assertThat(Glob.of(keys.allEntries()).matches(keys.entry("any", key))).isTrue();
        assertThat(Glob.of(keys.allEntries()).matches(keys.alias("any", key))).isFalse();
    }

    @Test
    void aPrefixIsALiteral() {
        Glob all = Glob.of(new Keys("a.*").allEntries());
        assertThat(all.matches("a.*c:{x:y}")).isTrue();
        assertThat(all.matches("a.bc:{x:y}")).isFalse();
    }

    @Test
    void everyScriptIsThereAndKnownByTheShaOfItsText() {
        for (String name : Set.of("get", "put", "lease", "fill", "remove", "tag", "untag", "describe")) {
            LuaScript script = LuaScript.load("cache/" + name);
            assertThat(script.sha()).matches("[0-9a-f]{40}");
            assertThat(script.source()).contains("-- returns");
        }
    }
}
