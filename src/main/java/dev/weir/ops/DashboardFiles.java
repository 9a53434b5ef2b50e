package dev.weir.ops;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** The files of the dashboard, in memory. They are few and small, and what cannot be found among them does not exist. */
final class DashboardFiles {

    static final String INDEX = "index.html";

    /** Every file of the page but {@link #CHART}; a test compares this with the directory. */
    static final List<String> NAMES = List.of(
            INDEX,
            "weir.svg",
            "theme.css",
            "layout.css",
            "parts.css",
            "main.js",
            "api.js",
            "charts.js",
            "dialogs.js",
            "dom.js",
            "format.js",
            "history.js",
            "overview.js",
            "panels.js",
            "poll.js",
            "stream.js",
            "table.js",
            "tables.js",
            "theme.js");

    static final String CHART = "chart.js";

    private static final String PAGE = "/META-INF/resources/q/dashboard/";
    private static final String CHART_PLACE = "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private final Map<String, File> files;

    private DashboardFiles(Map<String, File> files) {
        this.files = files;
    }

    /**
     * A file as it is sent.
     *
     * @param tag of the plain content; that of the compressed one is {@link #gzipTag}
     */
    record File(String type, Buffer plain, Buffer gzip, String tag) {

        String gzipTag() {
            return tag.substring(0, tag.length() - 1) + "-gzip\"";
        }
    }

    /** Reads and compresses all files: blocks for some milliseconds. A file that is missing is a broken build. */
    static DashboardFiles load() {
        Map<String, File> page =
                NAMES.stream().collect(Collectors.toMap(Function.identity(), name -> file(name, PAGE + name)));
        page.put(CHART, file(CHART, CHART_PLACE));
        return new DashboardFiles(Map.copyOf(page));
    }

    @Nullable
    File find(String name) {
        return files.get(name);
    }

    private static File file(String name, String place) {
        try (InputStream in = DashboardFiles.class.getResourceAsStream(place)) {
            if (in == null) {
                throw new IllegalStateException("the file " + place + " is not part of this build");
            }
            byte[] content = in.readAllBytes();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            String tag = '"' + HexFormat.of().formatHex(digest, 0, 12) + '"';
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            if (type == null) {
                throw new IllegalStateException("the file " + name + " is of no known type");
            }
            return new File(type, Buffer.buffer(content), Buffer.buffer(compressed(content)), tag);
        } catch (IOException e) {
            throw new UncheckedIOException(place, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] compressed(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(content.length / 2);
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }
}
