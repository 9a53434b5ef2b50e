package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class DistributionTest {

    private static final long MS = 1_000_000;
    private static final Offset<Double> EXACT = within(1e-9);

    /** Pairs of an upper bound in milliseconds, 0 for none, and a count. */
    static Distribution of(long totalMs, long... pairs) {
        NavigableMap<Long, Long> buckets = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            buckets.put(pairs[i] == 0 ? Distribution.OVERFLOW : pairs[i] * MS, pairs[i + 1]);
        }
        return new Distribution(buckets, totalMs * MS);
    }

    @Test
    void ofNothingNothingIsKnown() {
        for (Distribution none : new Distribution[] {Distribution.NONE, of(0, 10, 0, 0, 0)}) {
            assertThat(none.count()).isZero();
            assertThat(none.meanMs()).isNull();
            assertThat(none.percentileMs(0.5)).isNull();
        }
    }

    /** A hundred of each tenth of a second up to a second: as even as it can be. */
    @Test
    void percentilesOfAnEvenDistributionAreWhereTheyBelong() {
        Distribution even = of(
                500_000, 100, 100, 200, 100, 300, 100, 400, 100, 500, 100, 600, 100, 700, 100, 800, 100, 900, 100, 1000,
                100, 0, 0);
        assertThat(even.count()).isEqualTo(1000);
        assertThat(even.meanMs()).isEqualTo(500, EXACT);
        assertThat(even.percentileMs(0.50)).isEqualTo(500, EXACT);
        assertThat(even.percentileMs(0.95)).isEqualTo(950, EXACT);
        assertThat(even.percentileMs(0.99)).isEqualTo(990, EXACT);
        assertThat(even.percentileMs(0.123)).isEqualTo(123, EXACT);
        assertThat(even.percentileMs(1)).isEqualTo(1000, EXACT);
        assertThat(even.percentileMs(0)).isZero();
    }

    @Test
    void withinABucketItIsInterpolatedFromItsLowerBound() {
        Distribution skewed = of(0, 1, 90, 10, 0, 100, 10, 0, 0);
        assertThat(skewed.percentileMs(0.45)).isEqualTo(0.5, EXACT);
        assertThat(skewed.percentileMs(0.90)).isEqualTo(1, EXACT);
        // The empty bucket holds nobody: the tenth of a hundred above it begins at its end.
        assertThat(skewed.percentileMs(0.95)).isEqualTo(55, EXACT);
        assertThat(skewed.percentileMs(0.99)).isEqualTo(91, EXACT);
    }

    @Test
    void ofWhatTookLongerThanTheLastBoundNoMoreIsKnown() {
        Distribution slow = of(0, 10, 50, 100, 40, 0, 10);
        assertThat(slow.percentileMs(0.50)).isEqualTo(10, EXACT);
        assertThat(slow.percentileMs(0.90)).isEqualTo(100, EXACT);
        assertThat(slow.percentileMs(0.95)).isEqualTo(100, EXACT);
        assertThat(of(0, 10, 0, 0, 7).percentileMs(0.5)).isEqualTo(10, EXACT);
    }

    @Test
    void aHundredthAboveABoundIsAtTheBound() {
        assertThat(of(0, 100, 99, 1000, 1).percentileMs(0.99)).isEqualTo(100, EXACT);
        assertThat(of(0, 100, 98, 1000, 2).percentileMs(0.99)).isGreaterThan(100);
    }

    @Test
    void sumsAndDifferencesAreOfEachBucket() {
        Distribution one = of(10, 1, 2, 10, 3, 0, 1);
        Distribution other = of(5, 1, 1, 10, 1, 0, 1);
        assertThat(one.plus(other)).isEqualTo(of(15, 1, 3, 10, 4, 0, 2));
        assertThat(one.plus(other).minus(other)).isEqualTo(one);
        assertThat(other.minus(one)).as("never less than nothing").isEqualTo(of(0, 1, 0, 10, 0, 0, 0));
        assertThat(one.plus(Distribution.NONE)).isEqualTo(one);
    }

    /** While versions are exchanged their bounds may differ. */
    @Test
    void boundsOfBothAreKeptAndNobodyIsLost() {
        Distribution sum = of(1, 10, 4).plus(of(2, 5, 6, 0, 1));
        assertThat(sum).isEqualTo(of(3, 5, 6, 10, 4, 0, 1));
        assertThat(sum.count()).isEqualTo(11);
    }

    @Property(tries = 200)
    void whatIsWrittenIsReadAndPercentilesGrow(
            @ForAll @IntRange(max = 1000) int first,
            @ForAll @IntRange(max = 1000) int second,
            @ForAll @IntRange(max = 1000) int third,
            @ForAll @IntRange(max = 1000) int beyond) {
        Distribution some = of(7, 1, first, 5, second, 25, third, 0, beyond);
        assertThat(Distribution.fromJson(some.toJson())).isEqualTo(some);
        double before = 0;
        for (double p = 0; p <= 1 && some.count() > 0; p += 0.05) {
            double now = Objects.requireNonNull(some.percentileMs(p));
            assertThat(now).isBetween(before, 25.0);
            before = now;
        }
    }
}
