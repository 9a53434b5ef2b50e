package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StoredKeyTest {

    @Test
    void upTo64BytesAreKeptAsTheyAreAndMoreAreHashed() {
        assertThat(StoredKey.of("")).isEmpty();
        assertThat(StoredKey.of("x".repeat(64))).isEqualTo("x".repeat(64));
        assertThat(StoredKey.of("é".repeat(32))).isEqualTo("é".repeat(32));
        for (String key : new String[] {"x".repeat(65), "é".repeat(33), "x".repeat(100_000), "#", "#x"}) {
            assertThat(StoredKey.of(key)).hasSize(44).startsWith("#").isNotEqualTo(key);
        }
    }

    @Test
    void aKeyThatLooksHashedIsNotAnothers() {
        String hashed = StoredKey.of("x".repeat(65));
        assertThat(StoredKey.of(hashed)).isNotEqualTo(hashed);
    }
}
