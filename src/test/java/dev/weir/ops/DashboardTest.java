package dev.weir.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class DashboardTest {

    private static final String TAG = "\"abc\"";

    @Test
    void everyFileOfThePageIsServedAndNoOther() throws IOException, URISyntaxException {
        URL page = Dashboard.class.getResource("/META-INF/resources/q/dashboard/");
        assertThat(page).isNotNull();
        try (Stream<Path> files = Files.list(Path.of(page.toURI()))) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).toList();
            assertThat(DashboardFiles.NAMES).containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @Test
    void tagsTellContentsAndEncodingsApart() {
        DashboardFiles files = DashboardFiles.load();

        List<String> tags = Stream.concat(DashboardFiles.NAMES.stream(), Stream.of(DashboardFiles.CHART))
                .map(files::find)
                .flatMap(file -> Stream.of(file.tag(), file.gzipTag()))
                .toList();

        assertThat(tags).doesNotHaveDuplicates().allMatch(tag -> tag.matches("\"[0-9a-z-]+\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZIP", "br, gzip", "gzip;q=0.5", "gzip ; q=1.0 , br", "deflate,gzip;q=0.01"})
    void gzipIsSentToWhoeverNamesIt(String accepted) {
        assertThat(Dashboard.takesGzip(accepted)).isTrue();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip-like", "identity"})
    void nobodyElseGetsIt(String accepted) {
        assertThat(Dashboard.takesGzip(accepted)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "\"abc\"        | true",
                "W/\"abc\"      | true",
                "\"x\", \"abc\" | true",
                "*              | true",
                "\"abcd\"       | false",
                "abc            | false",
                "\"abc-gzip\"   | false",
            })
    void tagsAreCompared(String tags, boolean same) {
        assertThat(Dashboard.holds(tags, TAG)).isEqualTo(same);
    }

    @Test
    void noTagIsNone() {
        assertThat(Dashboard.holds(null, TAG)).isFalse();
    }
}
