package dev.weir.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of W3C Trace Context, section 3.2. */
class TraceParentTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00-" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "-00",
                "00-" + TRACE + "-" + SPAN + "-ff",
                // A later version may have more to say, behind a dash.
                "01-" + TRACE + "-" + SPAN + "-01",
                "cc-" + TRACE + "-" + SPAN + "-01-what-the-future-brings",
                "fe-" + TRACE + "-" + SPAN + "-01-"
            })
    void isRead(String text) {
        assertThat(TraceParent.of(List.of(text))).isEqualTo(new TraceParent(text, TRACE, SPAN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "ff-" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "-01-more",
                "00-" + TRACE + "-" + SPAN + "-01-",
                "cc-" + TRACE + "-" + SPAN + "-01.more",
                "cc-" + TRACE + "-" + SPAN + "-012",
                "00-" + TRACE + "-" + SPAN + "-1",
                "00-" + TRACE + "-" + SPAN + "-0g",
                "00-" + TRACE + "-" + SPAN,
                "00-00000000000000000000000000000000-" + SPAN + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
                "00-" + TRACE + "-B7AD6B7169203331-01",
                "00-" + TRACE + "0-" + SPAN + "-01",
                "0-" + TRACE + "-" + SPAN + "-01",
                " 00-" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "-01\n",
                "00_" + TRACE + "_" + SPAN + "_01"
            })
    void isNoTrace(String text) {
        assertThat(TraceParent.of(List.of(text))).isNull();
    }

    @Test
    void isNoneIfThereIsNoneOrMoreThanOne() {
        String one = "00-" + TRACE + "-" + SPAN + "-01";
        assertThat(TraceParent.of(List.of())).isNull();
        assertThat(TraceParent.of(List.of(one, one))).isNull();
    }
}
