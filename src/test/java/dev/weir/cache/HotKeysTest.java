package dev.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HotKeysTest {

    /** What lossy counting promises, against exact counts, for few keys and many, read evenly or some much more than others. */
    @Property(tries = 60)
    void noCountIsTooLowByMoreThanItsShareOfTheReads(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60_000) int reads,
            @ForAll @IntRange(min = 1, max = 50_000) int keys,
            @ForAll @DoubleRange(min = 1, max = 6) double skew) {
        Random random = new Random(seed);
        HotKeys hot = new HotKeys();
        Map<String, Long> exact = new HashMap<>();
        for (int i = 0; i < reads; i++) {
            String key = "k" + (int) (keys * Math.pow(random.nextDouble(), skew));
            hot.count(key);
            exact.merge(key, 1L, Long::sum);
        }
        Map<String, Long> counted = hot.take();

        double share = (double) reads / HotKeys.WIDTH;
        exact.forEach((key, count) -> {
            long seen = counted.getOrDefault(key, 0L);
            assertThat(seen).as(key).isBetween((long) Math.ceil(count - share), count);
            if (count > share) {
                assertThat(counted).containsKey(key);
            }
        });
        assertThat(exact.keySet()).containsAll(counted.keySet());
        double bound = HotKeys.WIDTH * (2 + Math.log(Math.max(1, share)));
        assertThat((double) counted.size()).isLessThanOrEqualTo(bound);
    }

    @Test
    void aKeyThatIsAlwaysReadOutlastsAnyNumberOfRareOnes() {
        HotKeys hot = new HotKeys();
        for (int i = 0; i < 1_000_000; i++) {
            hot.count(i % 100 == 0 ? "hot" : "rare" + i);
        }
        Map<String, Long> counted = hot.take();
        assertThat(counted.get("hot")).isBetween(10_000L - 1_000_000 / HotKeys.WIDTH, 10_000L);
        assertThat(counted).hasSizeLessThanOrEqualTo(HotKeys.WIDTH + 1);
    }

    @Test
    void aTakingBeginsAnew() {
        HotKeys hot = new HotKeys();
        for (int i = 0; i < 10_000; i++) {
            hot.count("old");
        }
        assertThat(hot.take()).containsExactly(Map.entry("old", 10_000L));
        assertThat(hot.take()).isEmpty();
        hot.count("new");
        assertThat(hot.take()).containsExactly(Map.entry("new", 1L));
    }
}
